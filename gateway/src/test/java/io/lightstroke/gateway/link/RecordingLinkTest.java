package io.lightstroke.gateway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.recording.Passed;
import io.lightstroke.recording.RecordingWriter;
import io.lightstroke.recording.ToolRecording;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingLinkTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    private final SimulatedTool tool = SimulatedTools.tool(1, SimulatedTools.address(1), Scenario.builtIn("calm"), 1);
    private final String address = tool.identity().address();
    private final SimulatedLink simulated = new SimulatedLink(List.of(tool));

    @Test
    void allThatPassesIsWrittenInItsOrder() throws Exception {
        Path file = folder.resolve("a.jsonl");
        CountDownLatch answered = new CountDownLatch(1);
        byte[] battery;
        try (ToolLink link = new RecordingLink(
                simulated,
                (of, over) -> new RecordingWriter(file, new ToolRecording.Header(of, null, over, Instant.EPOCH)))) {
            try (ToolConnection connection = link.connect(address, LIMIT)) {
                connection.resolve(LIMIT);
                connection.subscribe(Gatt.CONTROL_POINT, (value, atNanos) -> answered.countDown());
                battery = connection.read(Gatt.BATTERY_LEVEL);
                connection.write(
                        Gatt.CONTROL_POINT, ControlRequest.readLimits(7).encode());
                assertTrue(answered.await(5, TimeUnit.SECONDS));
                simulated.drop(address);
                assertThrows(LinkException.class, () -> connection.read(Gatt.BATTERY_LEVEL));
            }
        }

        ToolRecording recording = ToolRecording.read(file);
        assertEquals(new ToolRecording.Header(address, null, "simulated", Instant.EPOCH), recording.header());
        assertEquals(
                List.of(
                        Passed.What.LINKED,
                        Passed.What.READ,
                        Passed.What.WRITTEN,
                        Passed.What.INDICATED,
                        Passed.What.FAILED,
                        Passed.What.UNLINKED),
                recording.passed().stream().map(Passed::what).toList());
        assertEquals(
                BatteryLevel.decode(battery),
                BatteryLevel.decode(recording.passed().get(1).value()));
        assertEquals(
                "read of battery-level: the link to 02:4C:53:00:00:01 is lost",
                recording.passed().get(4).why());
    }

    @Test
    void aRecordingThatCannotBeWrittenHoldsUpNobody() throws Exception {
        try (ToolLink link = new RecordingLink(simulated, (of, over) -> {
                    throw new IOException("no space left");
                });
                ToolConnection connection = link.connect(address, LIMIT)) {
            connection.resolve(LIMIT);

            assertEquals(1, connection.read(Gatt.BATTERY_LEVEL).length);
        }
    }
}
