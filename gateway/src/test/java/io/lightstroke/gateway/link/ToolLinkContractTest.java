package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.firmware.SmpAssembly;
import io.lightstroke.firmware.SmpMessage;
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
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private final String neighbour = tools.get(1).identity().address();
    private final RealTime time = new RealTime();
    ToolLink link;

    abstract ToolLink open() throws Exception;

    /** Something that is no tool is in range, where there is anything else. */
    void showStranger() {}

    abstract void drop(String address);

    abstract void silence(String address, boolean silent);

    /** The host loses the tool with all it knows of it. */
    abstract void remove(String address);

    abstract void hangConnect(String address, boolean hang);

    /** Someone else connects to the tool and leaves it so. */
    abstract void leaveConnected(String address) throws Exception;

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
        tools.forEach(each -> hangConnect(each.identity().address(), false));
        link.close();
    }

    @Test
    void hearsTheToolsAndNobodyElse() throws Exception {
        showStranger();
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
    void tellsTheCharacteristicsAndWhatMayBeDoneWithThem() throws Exception {
        try (ToolConnection connection = connect()) {
            Map<UUID, Set<Gatt.Property>> found = connection.characteristics();
            for (Gatt.Characteristic row : Gatt.TABLE) {
                assertEquals(Set.copyOf(row.properties()), found.get(row.uuid()), row.toString());
            }
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
    void passesFragmentsOfFirmwareMessagesAndTheirAnswer() throws Exception {
        try (ToolConnection connection = connect()) {
            Received answers = new Received();
            connection.subscribe(Gatt.SMP, answers);
            String text = "firmware ".repeat(40);
            SmpMessage echo = new SmpMessage(
                    SmpMessage.WRITE,
                    SmpMessage.OS,
                    7,
                    SmpMessage.ECHO,
                    SmpMessage.newBody().put("d", text));
            for (byte[] fragment : echo.fragments(Gatt.MIN_MTU - 3)) {
                connection.writeWithoutResponse(Gatt.SMP, fragment);
            }
            await().atMost(LIMIT).until(() -> answers.values.size() == 2);
            SmpAssembly assembly = new SmpAssembly();
            assertTrue(assembly.add(answers.values.get(0)).isEmpty());
            assertEquals(
                    echo.answer(SmpMessage.newBody().put("r", text)),
                    assembly.add(answers.values.get(1)).orElseThrow());
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
    void saysTheMtuOrNothing() throws Exception {
        try (ToolConnection connection = connect()) {
            connection.mtu().ifPresent(bytes -> assertTrue(bytes >= 64, "MTU " + bytes));
        }
    }

    @Test
    void subscribesAgain() throws Exception {
        try (ToolConnection connection = connect()) {
            for (int round = 0; round < 3; round++) {
                Received frames = stream(connection);
                frames.awaitSamples(HZ / 2);
                connection.unsubscribe(Gatt.FORCE_STREAM);
                await().atMost(LIMIT).until(frames::isQuiet);
                frames.assertWithoutGap();
            }
        }
    }

    @Test
    void connectsAgainToARemovedTool() throws Exception {
        try (ToolConnection connection = connect()) {
            stream(connection).awaitSamples(HZ / 2);
            remove(address);
            assertThrows(LinkException.class, () -> connection.read(Gatt.TOOL_INFO));
        }
        streamsAgain();
    }

    @Test
    void letsASlowReceiverHarmOnlyItself() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        try (ToolConnection one = connect();
                ToolConnection other = connect(neighbour)) {
            Received ones = new Received();
            one.subscribe(Gatt.FORCE_STREAM, (value, arrivedNanos) -> {
                awaitUninterruptibly(slow);
                ones.arrived(value, arrivedNanos);
            });
            one.write(Gatt.CONTROL_POINT, ControlRequest.start(1, HZ).encode());
            Received others = stream(other);
            others.awaitSamples(HZ);
            others.assertWithoutGap();
            assertEquals(0, ones.values.size());
            slow.countDown();
            ones.awaitSamples(HZ);
            ones.assertWithoutGap();
        } finally {
            slow.countDown();
        }
    }

    @Test
    void goesOnAfterAReceiverHasThrown() throws Exception {
        try (ToolConnection connection = connect()) {
            Received frames = new Received();
            connection.subscribe(Gatt.FORCE_STREAM, (value, arrivedNanos) -> {
                frames.arrived(value, arrivedNanos);
                throw new IllegalStateException("thrown by a test");
            });
            connection.write(Gatt.CONTROL_POINT, ControlRequest.start(1, HZ).encode());
            frames.awaitSamples(HZ);
            frames.assertWithoutGap();
        }
    }

    @Test
    void delaysNoCueWhileANeighbourConnects() throws Exception {
        try (ToolConnection connection = connect()) {
            hangConnect(neighbour, true);
            CompletableFuture<LinkException> hanging = failureOf(() -> link.connect(neighbour, Duration.ofSeconds(3)));
            List<Long> tookMs = new ArrayList<>();
            while (!hanging.isDone()) {
                long beganNanos = System.nanoTime();
                connection.writeWithoutResponse(Gatt.CUE, new Cue(Cue.Pattern.TICK, 1, 0).encode());
                tookMs.add((System.nanoTime() - beganNanos) / 1_000_000);
            }
            assertTrue(
                    hanging.get().getMessage().contains(neighbour),
                    hanging.get().getMessage());
            Collections.sort(tookMs);
            assertTrue(tookMs.get(tookMs.size() / 2) < 200, tookMs.toString());
            assertTrue(tookMs.get(tookMs.size() - 1) < 2000, tookMs.toString());
        }
    }

    @Test
    void endsTheConnectingWithTheLink() throws Exception {
        hangConnect(address, true);
        CompletableFuture<LinkException> connecting = failureOf(() -> link.connect(address, LIMIT.multipliedBy(3)));
        await().during(Duration.ofMillis(500)).atMost(LIMIT).until(() -> !connecting.isDone());
        link.close();
        assertTrue(connecting.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS) != null);
        hangConnect(address, false);
        link = open();
        streamsAgain();
    }

    @Test
    void leavesNothingOfAConnectingThatWasInterrupted() throws Exception {
        hangConnect(address, true);
        Thread connecting = new Thread(
                () -> assertThrows(InterruptedException.class, () -> link.connect(address, LIMIT.multipliedBy(3))));
        connecting.start();
        await().during(Duration.ofMillis(500)).atMost(LIMIT).until(connecting::isAlive);
        connecting.interrupt();
        connecting.join(LIMIT.toMillis());
        assertTrue(!connecting.isAlive());
        hangConnect(address, false);
        streamsAgain();
    }

    @Test
    void endsAConnectionThatSomeoneLeft() throws Exception {
        leaveConnected(address);
        streamsAgain();
    }

    @Test
    void connectsAgainToAForgottenTool() throws Exception {
        connect().close();
        boolean unused = link.forget(address);
        streamsAgain();
        assertTrue(!link.forget("02:00:00:00:00:99"));
    }

    @Test
    void endsAllConnectionsWithThePower() throws Exception {
        try (ToolConnection connection = connect()) {
            stream(connection).awaitSamples(HZ / 2);
            link.powerCycle();
            assertThrows(LinkException.class, () -> connection.read(Gatt.TOOL_INFO));
        }
        streamsAgain();
    }

    @Test
    void doesNothingOnceClosed() throws Exception {
        ToolConnection connection = connect();
        link.close();
        assertThrows(LinkException.class, () -> connection.read(Gatt.MODEL_NUMBER));
        assertThrows(LinkException.class, () -> link.connect(address, Duration.ofSeconds(1)));
    }

    @Test
    void leaksNothing() throws Exception {
        for (int round = 0; round < 3; round++) {
            connect().close();
        }
        Holdings before = Holdings.now();
        for (int round = 0; round < 100; round++) {
            try (ToolConnection connection = connect()) {
                connection.subscribe(Gatt.FORCE_STREAM, (value, arrivedNanos) -> {});
            }
        }
        await().atMost(LIMIT).untilAsserted(() -> Holdings.now().assertHardlyMoreThan(before));
    }

    /** What a process holds. */
    private record Holdings(int threads, int files, long heapBytes) {
        static Holdings now() {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            String[] files = new File("/proc/self/fd").list();
            return new Holdings(
                    Thread.getAllStackTraces().size(),
                    files == null ? 0 : files.length,
                    runtime.totalMemory() - runtime.freeMemory());
        }

        void assertHardlyMoreThan(Holdings before) {
            String change = before + " became " + this;
            assertTrue(threads <= before.threads + 3, change);
            assertTrue(files <= before.files + 3, change);
            assertTrue(heapBytes <= before.heapBytes + 8_000_000, change);
        }
    }

    void streamsAgain() throws LinkException, InterruptedException, MalformedFrameException {
        try (ToolConnection connection = connect()) {
            Received frames = stream(connection);
            frames.awaitSamples(HZ / 2);
            frames.assertWithoutGap();
        }
    }

    private interface Step {
        void run() throws LinkException, InterruptedException;
    }

    /** On a thread of its own. */
    private static CompletableFuture<LinkException> failureOf(Step step) {
        return CompletableFuture.supplyAsync(() -> assertThrows(LinkException.class, step::run));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
