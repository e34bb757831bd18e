package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.link.BlueZ;
import io.lightstroke.gateway.link.BlueZLink;
import io.lightstroke.gateway.link.PasskeyPrompt;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.Pairing;
import io.lightstroke.simulator.bluez.PrivateBus;
import io.lightstroke.testing.FirmwareFiles;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An update through D-Bus: only with a bond, and whole. */
@Needs(Program.DBUS_DAEMON)
class UpdateOverBlueZTest {
    private static final int PASSKEY = 123_456;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static final class Person implements PasskeyPrompt {
        @Override
        public OptionalInt enter(String tool) {
            return OptionalInt.of(PASSKEY);
        }

        @Override
        public boolean compare(String tool, int passkey) {
            return passkey == PASSKEY;
        }

        @Override
        public void show(String tool, int passkey) {}
    }

    private CommandAnswer update(String data, List<SimulatedTool> tools, BlueZLink link) throws Exception {
        try (Workbench bench = new Workbench(folder.resolve(data), tools, unused -> link)) {
            Files.createDirectories(bench.firmware);
            Files.write(bench.firmware.resolve("new.bin"), FirmwareFiles.image(1, 2, 0, 20_000));
            return bench.streaming().ask("tool-1", "update", "{\"file\":\"new.bin\"}");
        }
    }

    @Test
    void onlyABondedToolIsUpdated() throws Exception {
        List<SimulatedTool> tools = SimulatedTools.fleet(1, Scenario.builtIn("calm"), 1);
        String address = tools.get(0).identity().address();
        try (PrivateBus bus = PrivateBus.start("unix:path=" + folder.resolve("bus"));
                BlueZStandIn standIn = new BlueZStandIn(bus.address(), tools)) {
            CommandAnswer stranger = update("open", tools, new BlueZLink(bus.address(), null, BlueZLink.Notify.BEST));
            assertEquals(
                    "tool tool-1: want a bonded link for an update, got none; pair it by: lightstroke pair " + address,
                    stranger.error());
            standIn.demandBond(address, new Pairing(Pairing.Way.ENTER, PASSKEY));
            try (BlueZ bluez = new BlueZ(bus.address())) {
                assertTrue(bluez.pair(bluez.adapter(null), address, new Person(), Duration.ofSeconds(20)));
            }
            CommandAnswer bonded = update("bonded", tools, new BlueZLink(bus.address(), null, BlueZLink.Notify.BEST));
            assertTrue(bonded.ok(), bonded.toString());
            assertEquals("1.2.0", bonded.firmware());
        }
    }
}
