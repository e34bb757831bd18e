package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lightstroke.gateway.link.BlueZLink;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.bluez.BlueZStandIn;
import io.lightstroke.simulator.bluez.Pairing;
import io.lightstroke.simulator.bluez.PrivateBus;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands scan and pair against the stand-in for BlueZ, over a real dbus-daemon. */
@Needs(Program.DBUS_DAEMON)
class OverBlueZTest {
    @TempDir
    private Path folder;

    private final List<SimulatedTool> tools = SimulatedTools.fleet(2, Scenario.builtIn("calm"), 1);
    private final SimulatedTool tool = tools.get(0);
    private final String address = tool.identity().address();
    private PrivateBus privateBus;
    private String bus;
    private BlueZStandIn bluez;

    @BeforeEach
    void startBlueZ() throws Exception {
        privateBus = PrivateBus.start();
        bus = privateBus.address();
        bluez = new BlueZStandIn(bus, tools);
    }

    @AfterEach
    void stopBlueZ() throws Exception {
        bluez.close();
        privateBus.close();
    }

    /** In a process of its own, for its system bus is to be this one. */
    private CommandRun command(String... args) throws Exception {
        return commandWithInput("", args);
    }

    private CommandRun commandWithInput(String in, String... args) throws Exception {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Lightstroke.class.getName()));
        line.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectError(folder.resolve("err").toFile());
        builder.environment().put("DBUS_SYSTEM_BUS_ADDRESS", bus);
        Process process = builder.start();
        try (OutputStream input = process.getOutputStream()) {
            input.write(in.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new CommandRun(process.waitFor(), out, Files.readString(folder.resolve("err")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bluez", "tinyb"})
    void scanReadsBatteryAndFirmwareOfEachTool(String link) throws Exception {
        CommandRun run = command("scan", "--json", "--for", "1s", "--link", link);

        assertEquals(0, run.exitCode(), run.err());
        assertEquals(2, run.outLines().size(), run.out());
        JsonNode found = find(run, address);
        assertEquals(tool.identity().name(), found.path("name").asText());
        assertEquals(-50, found.path("rssi_dBm").asInt());
        assertEquals(
                tool.read(Gatt.BATTERY_LEVEL)[0], found.path("battery_percent").asInt());
        assertEquals(
                new String(tool.read(Gatt.FIRMWARE_REVISION), StandardCharsets.UTF_8),
                found.path("firmware").asText());
        assertEquals(link, found.path("link").asText());
    }

    @Test
    void aQuickScanConnectsToNoTool() throws Exception {
        CommandRun run = command("scan", "--json", "--for", "1s", "--link", "bluez", "--quick");

        JsonNode found = find(run, address);
        assertTrue(found.has("battery_percent") && found.get("battery_percent").isNull(), run.out());
        assertTrue(found.has("firmware") && found.get("firmware").isNull(), run.out());
    }

    @Test
    void aScanTakesNoToolFromWhoUsesIt() throws Exception {
        try (BlueZLink user = new BlueZLink(bus, null, BlueZLink.Notify.BEST);
                ToolConnection connection = user.connect(address, Duration.ofSeconds(10))) {
            connection.resolve(Duration.ofSeconds(10));
            CommandRun run = command("scan", "--for", "1s", "--link", "bluez");

            assertEquals(0, run.exitCode(), run.err());
            assertTrue(
                    run.outLines().stream().anyMatch(line -> line.startsWith(address) && line.contains("in use")),
                    run.out());
            connection.read(Gatt.MODEL_NUMBER);
        }
    }

    @Test
    void aToolWithoutABondIsHeardAllTheSame() throws Exception {
        bluez.demandBond(address, new Pairing(Pairing.Way.ENTER, 123456));
        CommandRun run = command("scan", "--json", "--for", "1s", "--link", "bluez");

        assertEquals(0, run.exitCode(), run.err());
        assertEquals(tool.identity().name(), find(run, address).path("name").asText());
    }

    @Test
    void anAdapterThatIsNotThereIsNamed() throws Exception {
        CommandRun run = command("scan", "--link", "bluez", "--adapter", "hci7");

        assertEquals(1, run.exitCode());
        assertTrue(run.err().startsWith("lightstroke scan: Bluetooth adapter: want hci7, there is hci0"), run.err());
    }

    @ParameterizedTest
    @CsvSource({"ENTER, '004217\n'", "COMPARE, 'y\n'", "SHOW, ''"})
    void pairsWithWhatThePersonAnswers(Pairing.Way way, String answers) throws Exception {
        bluez.demandBond(address, new Pairing(way, 4217));
        CommandRun run = commandWithInput(answers, "pair", address);

        assertEquals(0, run.exitCode(), run.err());
        assertEquals(
                "Paired with %s by passkey.".formatted(address), run.outLines().get(0));
        assertTrue(run.err().contains(tool.identity().name()), run.err());

        CommandRun again = command("pair", address);
        assertEquals(1, again.exitCode());
        assertTrue(again.err().contains("is paired already"), again.err());

        assertEquals(0, command("pair", address, "--remove").exitCode());
        assertEquals(1, command("pair", address, "--remove").exitCode());
    }

    @Test
    void pairsByOptionAndChoosesByNumber() throws Exception {
        for (SimulatedTool each : tools) {
            bluez.demandBond(each.identity().address(), new Pairing(Pairing.Way.ENTER, 123456));
        }
        CommandRun run = commandWithInput("2\n", "pair", "--passkey", "123456");

        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.err().contains(" 2  "), run.err());

        CommandRun last = command("pair", "--passkey", "123456"); // the one that is left
        assertEquals(0, last.exitCode(), last.err());
        assertFalse(last.out().lines().findFirst().equals(run.out().lines().findFirst()), last.out());

        CommandRun none = command("pair", "--passkey", "123456");
        assertEquals(1, none.exitCode());
        assertTrue(none.err().contains("no tool heard that is not paired yet"), none.err());
    }

    @Test
    void pairsNotWithAnotherPasskey() throws Exception {
        bluez.demandBond(address, new Pairing(Pairing.Way.ENTER, 123456));
        CommandRun run = command("pair", address, "--passkey", "123457");

        assertEquals(1, run.exitCode());
        assertEquals("", run.out());
        assertTrue(run.err().contains("AuthenticationFailed"), run.err());
    }

    @Test
    void undoesAPairingThatProvesNothing() throws Exception {
        bluez.demandBond(address, new Pairing(Pairing.Way.JUST_WORKS, 0));
        CommandRun refused = command("pair", address, "--passkey", "123456");

        assertEquals(1, refused.exitCode());
        assertTrue(refused.err().contains("the pairing is undone"), refused.err());
        assertEquals(1, command("pair", address, "--remove").exitCode(), "no bond is left");

        CommandRun accepted = command("pair", address, "--just-works");
        assertEquals(0, accepted.exitCode(), accepted.err());
        assertTrue(accepted.out().contains("nothing has shown that it is this tool"), accepted.out());
    }

    @ParameterizedTest
    @CsvSource({
        "pair 02:4C, 'lightstroke pair: ADDRESS: want one like 02:4C:53:00:00:01, got 02:4C'",
        "pair --remove, 'lightstroke pair: --remove: want an ADDRESS, got none'",
        "pair --passkey 1234567, 'lightstroke pair: --passkey: want 0 to 999999, got 1234567'"
    })
    void wrongUseIsSaidBeforeAnythingIsTried(String args, String line) throws Exception {
        CommandRun run = command(args.split(" "));

        assertEquals(2, run.exitCode());
        assertTrue(run.err().startsWith(line), run.err());
    }

    private static JsonNode find(CommandRun run, String address) throws Exception {
        for (String line : run.outLines()) {
            JsonNode tool = new ObjectMapper().readTree(line);
            if (tool.path("address").asText().equals(address)) {
                return tool;
            }
        }
        throw new AssertionError("no %s in:%n%s%s".formatted(address, run.out(), run.err()));
    }
}
