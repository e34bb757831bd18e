package io.lightstroke.gateway.journal;

/**
 * Something a sink refuses for good.
 *
 * @param seq of the entry
 * @param samples how many of its samples; 0 for a finding
 * @param reason the other side's words
 */
public record SetAside(long seq, int samples, String reason) {}
