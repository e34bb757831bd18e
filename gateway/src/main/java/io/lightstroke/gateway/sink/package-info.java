/** The journal out to MQTT and InfluxDB, one cursor each. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.sink;
