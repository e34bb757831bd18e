/** Ways to reach a tool over Bluetooth LE, or in software. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.link;
