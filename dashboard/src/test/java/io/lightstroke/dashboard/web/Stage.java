package io.lightstroke.dashboard.web;

import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** A real broker, a feeder and a dashboard on free ports; each can be taken away and brought back. */
final class Stage implements AutoCloseable {
    private final Path folder;
    private final int brokerPort;
    private final int pagePort;
    private Program.Running broker;
    private Dashboard dashboard;
    final Feeder feeder;

    Stage(Path folder) throws Exception {
        this.folder = folder;
        brokerPort = Program.freePort();
        pagePort = Program.freePort();
        broker = startedBroker();
        feeder = new Feeder(brokerPort);
        dashboard = startedDashboard();
    }

    /** A gateway's own broker, as a dashboard reaches it. */
    static MqttServer access(Gateway gateway) {
        EmbeddedBroker broker = Objects.requireNonNull(gateway.broker());
        return new MqttServer(
                broker.url(), broker.dashboard().user(), broker.dashboard().password(), null);
    }

    private Program.Running startedBroker() throws Exception {
        return Program.MOSQUITTO
                .start(folder, "-p", String.valueOf(brokerPort))
                .awaitPort(brokerPort, Duration.ofSeconds(10));
    }

    private Dashboard startedDashboard() throws Exception {
        return new Dashboard(
                new DashboardConfig("127.0.0.1", pagePort, false), new MqttServer("tcp://127.0.0.1:" + brokerPort));
    }

    Dashboard dashboard() {
        return dashboard;
    }

    void killBroker() throws InterruptedException {
        broker.kill();
    }

    void restartBroker() throws Exception {
        broker = startedBroker();
        feeder.connect();
    }

    void stopDashboard() {
        dashboard.close();
    }

    void restartDashboard() throws Exception {
        dashboard = startedDashboard();
    }

    @Override
    public void close() throws Exception {
        dashboard.close();
        try (Program.Running last = broker) {
            feeder.close();
        }
    }
}
