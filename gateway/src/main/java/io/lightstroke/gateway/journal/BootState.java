package io.lightstroke.gateway.journal;

/**
 * What the journal knows of one boot of a tool.
 *
 * @param utcOffsetUs added to tool time gives UTC, microseconds
 * @param lastIndex highest index of its samples, -1 when there are none
 */
public record BootState(long utcOffsetUs, long lastIndex) {}
