package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.Journal;
import java.util.List;

/** The journal to InfluxDB: measurements force, stroke and alert. */
public final class InfluxSink implements Sink {
    public InfluxSink(InfluxServer server, String site, String gateway) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        return "influx";
    }

    @Override
    public Delivery deliver(List<Journal.Numbered> entries) throws SinkException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
