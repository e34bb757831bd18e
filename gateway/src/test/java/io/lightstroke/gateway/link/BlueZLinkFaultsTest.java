package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.link.BlueZLink.Notify;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.Pairing;
import io.lightstroke.simulator.bluez.PrivateBus;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is particular to BlueZ, over a bus that each test may end. */
@Needs(Program.DBUS_DAEMON)
class BlueZLinkFaultsTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final List<SimulatedTool> tools = SimulatedTools.fleet(2, Scenario.builtIn("calm"), 1);
    private final SimulatedTool tool = tools.get(0);
    private final String address = tool.identity().address();
    private final RealTime time = new RealTime();
    private PrivateBus bus;
    private BlueZStandIn bluez;
    private ToolLink link;

    @BeforeEach
    void start() throws Exception {
        tools.forEach(time::add);
        bus = PrivateBus.start("unix:path=" + folder.resolve("bus"));
        bluez = new BlueZStandIn(bus.address(), tools);
    }

    @AfterEach
    void stop() {
        if (link != null) {
            link.close();
        }
        bluez.close();
        bus.close();
        time.close();
    }

    @Test
    void knowsTheMtuAndTheBond() throws Exception {
        open(Notify.BEST);
        try (ToolConnection connection = connect(address)) {
            assertEquals(BlueZStandIn.MTU, connection.mtu().orElseThrow());
            assertEquals(ToolConnection.Bond.NONE, connection.bond());
        }
    }

    @Test
    void saysThatTheToolWantsABond() throws Exception {
        bluez.demandBond(address, new Pairing(Pairing.Way.ENTER, 123456));
        open(Notify.BEST);
        try (ToolConnection connection = connect(address)) {
            LinkException failure = assertThrows(LinkException.class, () -> connection.read(Gatt.TOOL_INFO));
            assertTrue(
                    failure.getMessage().endsWith("org.bluez.Error.NotPermitted (Not paired)"), failure.getMessage());
            assertThrows(LinkException.class, () -> connection.subscribe(Gatt.FORCE_STREAM, (value, atNanos) -> {}));
            assertThrows(LinkException.class, () -> connection.subscribe(Gatt.CONTROL_POINT, (value, atNanos) -> {}));
        }
    }

    @Test
    void takesTheBatteryFromBlueZWhereItKeepsTheService() throws Exception {
        bluez.keepBattery(address);
        open(Notify.BEST);
        try (ToolConnection connection = connect(address)) {
            assertArrayEquals(tool.read(Gatt.BATTERY_LEVEL), connection.read(Gatt.BATTERY_LEVEL));
            connection.subscribe(Gatt.BATTERY_LEVEL, (value, atNanos) -> {});
            connection.unsubscribe(Gatt.BATTERY_LEVEL);
        }
    }

    @Test
    void findsTheAdapterByItsAddress() throws Exception {
        String adapter;
        try (BlueZ plain = new BlueZ(bus.address())) {
            adapter = plain.adapter(null).address();
        }
        link = new BlueZLink(bus.address(), adapter, Notify.BEST);
        connect(address).close();
        LinkException failure =
                assertThrows(LinkException.class, () -> new BlueZLink(bus.address(), "00:00:00:00:00:00", Notify.BEST));
        assertTrue(failure.getMessage().contains("hci0 (" + adapter + ")"), failure.getMessage());
    }

    @Test
    void passesBySocketWhatIsNotifiedPastTheBus() throws Exception {
        open(Notify.SOCKET);
        try (ToolConnection connection = connect(address)) {
            Frames frames = stream(connection);
            frames.awaitMore(2);
            assertTrue(openDescriptors("socket:") > 0);
            connection.unsubscribe(Gatt.FORCE_STREAM);
            int before = frames.count.get();
            connection.subscribe(Gatt.FORCE_STREAM, frames);
            await().atMost(LIMIT).until(() -> frames.count.get() > before);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIGNAL", "SOCKET"})
    void aSlowOrFailingReceiverHarmsNobodyElse(Notify notify) throws Exception {
        open(notify);
        CountDownLatch slow = new CountDownLatch(1);
        try (ToolConnection one = connect(address);
                ToolConnection other = connect(tools.get(1).identity().address())) {
            AtomicInteger failed = new AtomicInteger();
            one.subscribe(Gatt.FORCE_STREAM, (value, atNanos) -> {
                if (failed.incrementAndGet() < 3) {
                    throw new IllegalStateException("a receiver's mistake");
                }
                try {
                    slow.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            one.write(Gatt.CONTROL_POINT, ControlRequest.start(1, 100).encode());
            await().atMost(LIMIT).until(() -> failed.get() == 3);
            stream(other).awaitMore(5);
            slow.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIGNAL", "SOCKET"})
    void aHundredConnectionsLeaveNothing(Notify notify) throws Exception {
        open(notify);
        for (int round = 0; round < 3; round++) { // all is loaded and every pool full
            streamShortly();
        }
        int threadsBefore = Thread.activeCount();
        long descriptorsBefore = openDescriptors("");
        for (int round = 0; round < 100; round++) {
            streamShortly();
        }
        await().atMost(LIMIT).untilAsserted(() -> {
            assertTrue(Thread.activeCount() <= threadsBefore + 2, threadsBefore + " threads before");
            assertTrue(openDescriptors("") <= descriptorsBefore + 2, descriptorsBefore + " descriptors before");
        });
    }

    private void streamShortly() throws LinkException, InterruptedException {
        try (ToolConnection connection = connect(address)) {
            stream(connection);
        }
    }

    @Test
    void endsWhatSomeoneLeftConnected() throws Exception {
        open(Notify.BEST);
        try (BlueZLink other = new BlueZLink(bus.address(), null, Notify.BEST)) {
            ToolConnection left = other.connect(address, LIMIT);
            left.resolve(LIMIT);
            try (ToolConnection connection = connect(address)) {
                stream(connection).awaitMore(2);
            }
        }
    }

    @Test
    void leavesNothingOfAConnectThatIsNotAnswered() throws Exception {
        open(Notify.BEST);
        connect(address).close();
        synchronized (tool) { // holds BlueZ up
            LinkException failure =
                    assertThrows(LinkException.class, () -> link.connect(address, Duration.ofMillis(500)));
            assertTrue(failure.getMessage().contains(address), failure.getMessage());
        }
        try (BlueZ plain = new BlueZ(bus.address())) {
            await().atMost(LIMIT)
                    .until(() -> plain.device(plain.adapter(null), address)
                            .filter(BlueZ.Device::connected)
                            .isEmpty());
        }
        connect(address).close();
    }

    @Test
    void closesWhileConnecting() throws Exception {
        open(Notify.BEST);
        connect(address).close();
        AtomicInteger failures = new AtomicInteger();
        Thread thread = new Thread(() -> {
            try {
                link.connect(address, Duration.ofSeconds(60)).resolve(LIMIT);
            } catch (LinkException e) {
                failures.incrementAndGet();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        synchronized (tool) { // holds BlueZ up
            thread.start();
            await().atMost(LIMIT)
                    .until(() -> Arrays.stream(thread.getStackTrace())
                            .anyMatch(frame -> frame.getClassName().equals(BlueZ.class.getName())
                                    && frame.getMethodName().equals("connect")));
            link.close();
        }
        thread.join(LIMIT.toMillis());
        assertFalse(thread.isAlive());
        assertEquals(1, failures.get());
    }

    @Test
    void fallsAtOnceAndRisesWhenBluetoothdRestarts() throws Exception {
        open(Notify.BEST);
        ToolConnection before = connect(address);
        stream(before).awaitMore(1);
        bluez.close();
        await().atMost(LIMIT).until(() -> fails(before));
        bluez = new BlueZStandIn(bus.address(), tools);
        assertThrows(LinkException.class, () -> before.read(Gatt.MODEL_NUMBER), "it is of another run");
        try (ToolConnection after = connect(address)) {
            stream(after).awaitMore(2);
            before.close();
            stream(after).awaitMore(2);
        }
    }

    @Test
    void fallsAtOnceAndRisesWhenTheBusRestarts() throws Exception {
        open(Notify.BEST);
        ToolConnection before = connect(address);
        stream(before).awaitMore(1);
        bluez.close();
        bus.close();
        await().atMost(LIMIT).until(() -> fails(before));
        bus = PrivateBus.start(bus.address());
        bluez = new BlueZStandIn(bus.address(), tools);
        try (ToolConnection after = connect(address)) {
            stream(after).awaitMore(2);
        }
        before.close();
    }

    private static boolean fails(ToolConnection connection) throws InterruptedException {
        try {
            connection.read(Gatt.MODEL_NUMBER);
            return false;
        } catch (LinkException e) {
            return true;
        }
    }

    private void open(Notify notify) throws LinkException, InterruptedException {
        link = new BlueZLink(bus.address(), null, notify);
    }

    private ToolConnection connect(String to) throws LinkException, InterruptedException {
        ToolConnection connection = link.connect(to, LIMIT);
        connection.resolve(LIMIT);
        return connection;
    }

    private static Frames stream(ToolConnection connection) throws LinkException, InterruptedException {
        Frames frames = new Frames();
        connection.subscribe(Gatt.FORCE_STREAM, frames);
        connection.write(Gatt.CONTROL_POINT, ControlRequest.start(1, 100).encode());
        return frames;
    }

    /** How many came. */
    private static final class Frames implements ToolConnection.Notifications {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void arrived(byte[] value, long arrivedNanos) {
            count.incrementAndGet();
        }

        void awaitMore(int more) {
            int wanted = count.get() + more;
            await().atMost(LIMIT).until(() -> count.get() >= wanted);
        }
    }

    private static long openDescriptors(String kind) throws IOException {
        long count = 0;
        for (File each : new File("/proc/self/fd").listFiles()) {
            try {
                if (Files.readSymbolicLink(each.toPath()).toString().startsWith(kind)) {
                    count++;
                }
            } catch (NoSuchFileException e) {
                // the one that lists
            }
        }
        return count;
    }
}
