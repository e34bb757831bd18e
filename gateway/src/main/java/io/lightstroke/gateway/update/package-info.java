/** Firmware updates: the images in the gateway's folder, and a tool's SMP server that takes them. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.update;
