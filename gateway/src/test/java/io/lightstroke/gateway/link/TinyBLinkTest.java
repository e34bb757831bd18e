package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
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
        ToolConnection before = link.connect(address, Duration.ofSeconds(10));
        bluez.close();
        assertThrows(LinkException.class, () -> before.read(Gatt.MODEL_NUMBER));
        bluez = new BlueZStandIn(SharedBus.address(), tools);
        await().atMost(Duration.ofSeconds(10))
                .ignoreException(LinkException.class)
                .untilAsserted(() -> {
                    try (ToolConnection after = link.connect(address, Duration.ofSeconds(5))) {
                        assertEquals(
                                tool.identity().model(),
                                new String(after.read(Gatt.MODEL_NUMBER), java.nio.charset.StandardCharsets.UTF_8));
                    }
                });
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
