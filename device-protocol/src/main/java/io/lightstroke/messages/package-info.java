/**
 * What crosses MQTT: topics and one record per JSON message, and for other programs {@code asyncapi.yaml} with its schemas;
 * and how a document is read and checked as a whole.
 */
@org.jspecify.annotations.NullMarked
package io.lightstroke.messages;
