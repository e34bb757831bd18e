/** The embedded MQTT broker. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.broker;
