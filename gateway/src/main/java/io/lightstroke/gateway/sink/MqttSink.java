package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.messages.Topics;
import java.util.List;

/** The journal to MQTT: samples and findings, QoS 1. */
public final class MqttSink implements Sink {
    public MqttSink(MqttServer server, Topics topics) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public Delivery deliver(List<Journal.Numbered> entries) throws SinkException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
