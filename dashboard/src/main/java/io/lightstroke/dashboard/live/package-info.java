/** MQTT in, browsers out. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.dashboard.live;
