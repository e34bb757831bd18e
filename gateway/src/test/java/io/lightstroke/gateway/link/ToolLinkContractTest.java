package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.link.ToolLink.HeardTool;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every link does, tried on two simulated tools in real time. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ToolLinkContractTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int HZ = 100;

    final List<SimulatedTool> tools = SimulatedTools.fleet(2, Scenario.builtIn("calm"), 1);
    final SimulatedTool tool = tools.get(0);
    final String address = tool.identity().address();
    private final RealTime time = new RealTime();
    ToolLink link;

    abstract ToolLink open() throws Exception;

    abstract void drop(String address);

    abstract void silence(String address, boolean silent);

    @BeforeAll
    void live() {
        tools.forEach(time::add);
    }

    @AfterAll
    void stop() {
        time.close();
    }

    @BeforeEach
    void openLink() throws Exception {
        link = open();
    }

    @AfterEach
    void closeLink() {
        silence(address, false);
        link.close();
    }

    @Test
    void hearsTheTools() throws Exception {
        List<HeardTool> heard = link.scan(Duration.ofSeconds(1));
        assertEquals(
                tools.stream()
                        .collect(Collectors.toMap(
                                each -> each.identity().address(),
                                each -> each.identity().name())),
                heard.stream().collect(Collectors.toMap(HeardTool::address, HeardTool::name)));
    }

    @Test
    void hearsAToolThatIsConnected() throws Exception {
        try (ToolConnection connection = connect()) {
            assertTrue(link.scan(Duration.ofMillis(500)).stream()
                    .anyMatch(heard -> heard.address().equals(address)));
            assertEquals(tool.identity().model(), text(connection.read(Gatt.MODEL_NUMBER)));
        }
    }

    @Test
    void failsToConnectToWhatIsNotThereWithinTheLimit() {
        long began = System.nanoTime();
        LinkException failure =
                assertThrows(LinkException.class, () -> link.connect("02:00:00:00:00:99", Duration.ofMillis(700)));
        assertTrue(System.nanoTime() - began < Duration.ofSeconds(4).toNanos(), failure.getMessage());
        assertTrue(failure.getMessage().contains("02:00:00:00:00:99"), failure.getMessage());
    }

    @Test
    void readsWhatTheToolSaysOfItself() throws Exception {
        try (ToolConnection connection = connect()) {
            ToolInfo info = ToolInfo.decode(connection.read(Gatt.TOOL_INFO));
            assertEquals(ToolInfo.decode(tool.read(Gatt.TOOL_INFO)).boot(), info.boot());
            assertEquals(HZ, info.rateHz());
            assertEquals(tool.identity().manufacturer(), text(connection.read(Gatt.MANUFACTURER_NAME)));
            assertEquals(tool.identity().model(), text(connection.read(Gatt.MODEL_NUMBER)));
            assertEquals(tool.identity().serial(), text(connection.read(Gatt.SERIAL_NUMBER)));
            assertEquals(tool.identity().firmware(), text(connection.read(Gatt.FIRMWARE_REVISION)));
            assertArrayEquals(tool.read(Gatt.BATTERY_LEVEL), connection.read(Gatt.BATTERY_LEVEL));
        }
    }

    @Test
    void refusesWhatTheCharacteristicDoesNotHave() throws Exception {
        try (ToolConnection connection = connect()) {
            assertThrows(LinkException.class, () -> connection.read(Gatt.FORCE_STREAM));
            assertThrows(LinkException.class, () -> connection.write(Gatt.MODEL_NUMBER, new byte[1]));
            assertThrows(LinkException.class, () -> connection.subscribe(Gatt.CUE, (value, arrivedNanos) -> {}));
            assertThrows(LinkException.class, () -> connection.read(new UUID(0, 1)));
        }
    }

    @Test
    void passesFramesInOrderNoneLostNoneTwice() throws Exception {
        try (ToolConnection connection = connect()) {
            Received frames = stream(connection);
            frames.awaitSamples(3 * HZ);
            frames.assertWithoutGap();
            frames.assertArrivalsAscend();
        }
    }

    @Test
    void losesNothingToGarbageCollection() throws Exception {
        try (ToolConnection connection = connect()) {
            Received frames = stream(connection);
            for (int half = 1; half <= 6; half++) {
                System.gc();
                frames.awaitSamples(half * HZ / 2);
            }
            frames.assertWithoutGap();
        }
    }

    @Test
    void keepsToolsApart() throws Exception {
        try (ToolConnection one = connect();
                ToolConnection other = connect(tools.get(1).identity().address())) {
            Received ones = stream(one);
            Received others = stream(other);
            ones.awaitSamples(HZ);
            others.awaitSamples(HZ);
            ones.assertWithoutGap();
            others.assertWithoutGap();
        }
    }

    @Test
    void passesTheControlPointsAnswer() throws Exception {
        try (ToolConnection connection = connect()) {
            Received answers = new Received();
            connection.subscribe(Gatt.CONTROL_POINT, answers);
            connection.write(Gatt.CONTROL_POINT, ControlRequest.readLimits(7).encode());
            connection.write(Gatt.CONTROL_POINT, new ControlRequest(200, 8, new byte[0]).encode());
            await().atMost(LIMIT).until(() -> answers.values.size() == 2);
            ControlAnswer limits = ControlAnswer.decode(answers.values.get(0));
            assertEquals(ControlRequest.READ_LIMITS, limits.op());
            assertEquals(7, limits.txn());
            assertEquals(ControlAnswer.Result.OK, limits.result());
            ControlAnswer unknown = ControlAnswer.decode(answers.values.get(1));
            assertEquals(8, unknown.txn());
            assertEquals(ControlAnswer.Result.UNKNOWN_OP, unknown.result());
        }
    }

    @Test
    void bringsACueToTheTool() throws Exception {
        try (ToolConnection connection = connect()) {
            Received events = new Received();
            connection.subscribe(Gatt.EVENTS, events);
            Cue cue = new Cue(Cue.Pattern.MOVE_ON, 42, tool.nowUs() + 10_000_000);
            connection.writeWithoutResponse(Gatt.CUE, cue.encode());
            await().atMost(LIMIT)
                    .until(() -> events.values.stream().anyMatch(value -> {
                        EventFrame event = decodeEvent(value);
                        return event.kind() == EventFrame.Kind.CUE_BEGAN && event.code() == 42;
                    }));
        }
    }

    @Test
    void passesEachValueOnceAfterReconnecting() throws Exception {
        for (int round = 0; round < 3; round++) {
            try (ToolConnection connection = connect()) {
                Received frames = stream(connection);
                frames.awaitSamples(HZ / 2);
                frames.assertWithoutGap();
            }
        }
    }

    @Test
    void passesNothingAfterClosing() throws Exception {
        ToolConnection connection = connect();
        Received frames = stream(connection);
        frames.awaitSamples(HZ / 2);
        connection.close();
        int atClosing = frames.values.size();
        assertThrows(LinkException.class, () -> connection.read(Gatt.TOOL_INFO));
        try (ToolConnection next = connect()) {
            stream(next).awaitSamples(HZ / 2);
        }
        assertEquals(atClosing, frames.values.size());
    }

    @Test
    void saysThatALostLinkIsLostAndConnectsAgain() throws Exception {
        try (ToolConnection connection = connect()) {
            Received frames = stream(connection);
            frames.awaitSamples(HZ / 2);
            drop(address);
            assertThrows(LinkException.class, () -> connection.read(Gatt.TOOL_INFO));
            assertThrows(
                    LinkException.class,
                    () -> connection.write(
                            Gatt.CONTROL_POINT, ControlRequest.readLimits(1).encode()));
            try (ToolConnection next = connect()) {
                int before = frames.values.size();
                Received nextFrames = stream(next);
                nextFrames.awaitSamples(HZ / 2);
                nextFrames.assertWithoutGap();
                assertEquals(before, frames.values.size());
            }
        }
    }

    @Test
    void staysConnectedToASilentTool() throws Exception {
        try (ToolConnection connection = connect()) {
            Received frames = stream(connection);
            frames.awaitSamples(HZ / 2);
            silence(address, true);
            await().atMost(LIMIT).until(frames::isQuiet);
            assertEquals(tool.identity().model(), text(connection.read(Gatt.MODEL_NUMBER)));
            int before = frames.values.size();
            silence(address, false);
            await().atMost(LIMIT).until(() -> frames.values.size() > before);
        }
    }

    @Test
    void leavesNothingBehind() throws Exception {
        connect().close();
        int threadsBefore = Thread.getAllStackTraces().size();
        for (int round = 0; round < 10; round++) {
            try (ToolConnection connection = connect()) {
                stream(connection).awaitSamples(1);
            }
        }
        int threads = Thread.getAllStackTraces().size();
        assertTrue(threads <= threadsBefore + 3, threadsBefore + " threads became " + threads);
    }

    private ToolConnection connect() throws LinkException, InterruptedException {
        return connect(address);
    }

    /** Connected and resolved. */
    ToolConnection connect(String to) throws LinkException, InterruptedException {
        ToolConnection connection = link.connect(to, LIMIT);
        try {
            connection.resolve(LIMIT);
            return connection;
        } catch (LinkException | InterruptedException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static Received stream(ToolConnection connection) throws LinkException, InterruptedException {
        Received frames = new Received();
        connection.subscribe(Gatt.FORCE_STREAM, frames);
        connection.write(Gatt.CONTROL_POINT, ControlRequest.start(1, HZ).encode());
        return frames;
    }

    private static String text(byte[] value) throws MalformedFrameException {
        return DeviceInformation.decode("text", value);
    }

    private static EventFrame decodeEvent(byte[] value) {
        try {
            return EventFrame.decode(value);
        } catch (MalformedFrameException e) {
            throw new AssertionError(e);
        }
    }

    /** What came, in order. */
    private static final class Received implements ToolConnection.Notifications {
        private final List<byte[]> values = new CopyOnWriteArrayList<>();
        private final List<Long> arrivalsNanos = new CopyOnWriteArrayList<>();

        @Override
        public void arrived(byte[] value, long arrivedNanos) {
            values.add(value);
            arrivalsNanos.add(arrivedNanos);
        }

        boolean isQuiet() throws InterruptedException {
            int before = values.size();
            Thread.sleep(300);
            return values.size() == before;
        }

        void awaitSamples(int count) {
            await().atMost(LIMIT)
                    .until(() -> frames().stream().mapToInt(ForceFrame::count).sum() >= count);
        }

        List<ForceFrame> frames() throws MalformedFrameException {
            List<ForceFrame> frames = new ArrayList<>();
            for (byte[] value : values) {
                frames.add(ForceFrame.decode(value));
            }
            return frames;
        }

        void assertWithoutGap() throws MalformedFrameException {
            List<ForceFrame> frames = frames();
            for (int i = 1; i < frames.size(); i++) {
                assertEquals(frames.get(i - 1).lastIndex() + 1, frames.get(i).first(), "frame " + i);
            }
        }

        void assertArrivalsAscend() {
            for (int i = 1; i < arrivalsNanos.size(); i++) {
                assertTrue(arrivalsNanos.get(i) >= arrivalsNanos.get(i - 1), "arrival " + i);
            }
        }
    }
}
