package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Unmodified TinyB over a real dbus-daemon, against the stand-in for BlueZ. */
@Needs(Program.DBUS_DAEMON)
class TinyBLinkTest extends ToolLinkContractTest {
    private BlueZStandIn bluez;

    @BeforeAll
    void startBlueZ() throws IOException {
        bluez = new BlueZStandIn(SharedBus.address(), tools);
    }

    @AfterAll
    void stopBlueZ() {
        bluez.close();
    }

    @Override
    ToolLink open() throws LinkException, InterruptedException {
        return new TinyBLink(null);
    }

    @Override
    void drop(String address) {
        bluez.drop(address);
    }

    @Override
    void silence(String address, boolean silent) {
        bluez.silence(address, silent);
    }

    @Test
    void findsTheToolsAgainWhenBlueZHasRestarted() throws Exception {
        ToolConnection before = connect(address);
        bluez.close();
        assertThrows(LinkException.class, () -> before.read(Gatt.MODEL_NUMBER));
        bluez = new BlueZStandIn(SharedBus.address(), tools);
        await().atMost(Duration.ofSeconds(10))
                .ignoreException(LinkException.class)
                .untilAsserted(() -> {
                    try (ToolConnection after = connect(address)) {
                        assertEquals(
                                tool.identity().model(),
                                new String(after.read(Gatt.MODEL_NUMBER), java.nio.charset.StandardCharsets.UTF_8));
                    }
                });
    }

    @Test
    void givesUpOnACallThatIsNotAnswered() throws Exception {
        try (ToolConnection connection = connect(address)) {
            synchronized (tool) { // holds BlueZ up
                LinkException failure = assertThrows(LinkException.class, () -> connection.read(Gatt.MODEL_NUMBER));
                assertTrue(failure.getMessage().contains("no answer within"), failure.getMessage());
            }
        }
        try (ToolConnection next = connect(address)) {
            assertEquals(tool.identity().model(), DeviceInformation.decode("model", next.read(Gatt.MODEL_NUMBER)));
        }
    }

    @Test
    void doesNothingOnceClosed() throws Exception {
        ToolConnection connection = connect(address);
        link.close();
        assertThrows(LinkException.class, () -> connection.read(Gatt.MODEL_NUMBER));
        assertThrows(LinkException.class, () -> link.connect(address, Duration.ofSeconds(1)));
        assertThrows(LinkException.class, () -> link.scan(Duration.ofMillis(100)));
    }

    /** In a JVM of its own, as TinyB stays with the first bus that it has reached. */
    @Test
    void saysThatTheBusCannotBeReached() throws Exception {
        ProcessBuilder other = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Unreachable.class.getName());
        other.environment().put("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/a.bus");
        Process process = other.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("the bus at unix:path=/nowhere/a.bus"), said);
        assertFalse(said.contains("Native code library failed to load"), said);
    }

    /** Exits 0 when the link says that it cannot be. */
    static final class Unreachable {
        public static void main(String[] arguments) throws InterruptedException {
            try {
                new TinyBLink(null);
                System.exit(1);
            } catch (LinkException e) {
                System.out.println(e.getMessage());
                System.exit(0);
            }
        }
    }

    @Test
    void namesTheAdaptersThereAreWhenTheWantedOneIsNot() {
        LinkException failure = assertThrows(LinkException.class, () -> new TinyBLink("hci7"));
        assertTrue(
                failure.getMessage().contains("hci7") && failure.getMessage().contains("hci0"), failure.getMessage());
    }

    @Test
    void saysWhichMachinesTinyBIsFor() throws LinkException {
        assertEquals("/native/linux/x86_64", TinyBNatives.folder("Linux", "amd64"));
        assertEquals("/native/arm/armv6", TinyBNatives.folder("Linux", "arm"));
        for (String machine : new String[] {"aarch64", "riscv64"}) {
            LinkException failure = assertThrows(LinkException.class, () -> TinyBNatives.folder("Linux", machine));
            assertTrue(failure.getMessage().contains(machine), failure.getMessage());
        }
        assertThrows(LinkException.class, () -> TinyBNatives.folder("Mac OS X", "x86_64"));
    }
}
