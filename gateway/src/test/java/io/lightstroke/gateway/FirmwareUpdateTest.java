package io.lightstroke.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.update.UpdateException;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool.UpdateFault;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.FirmwareFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Updates of a simulated tool that go well, and that do not. */
class FirmwareUpdateTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String UPDATE = "{\"file\":\"new.bin\"}";
    /** Of the image; 218 bytes or so fit a chunk, which makes about 140. */
    private static final int BODY = 30_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** SMP writes of all connections. */
    private final AtomicInteger writes = new AtomicInteger();

    /** Counts, and lets the link be lost with the write of a number, or writes vanish. */
    private final class Counted extends ChangedLink.Connection {
        private final int lostAt;
        private final int vanishing;

        Counted(ToolConnection connection, int lostAt, int vanishing) {
            super(connection);
            this.lostAt = lostAt;
            this.vanishing = vanishing;
        }

        @Override
        public void writeWithoutResponse(UUID characteristic, byte[] value) throws LinkException, InterruptedException {
            if (!characteristic.equals(Gatt.SMP)) {
                super.writeWithoutResponse(characteristic, value);
                return;
            }
            int number = writes.incrementAndGet();
            if (number == lostAt) {
                super.close();
                throw new LinkException("the link is lost");
            } else if (vanishing == 0 || number % vanishing != 0) {
                super.writeWithoutResponse(characteristic, value);
            }
        }
    }

    private Workbench bench() throws Exception {
        return bench(Scenario.builtIn("calm"), 0, 0);
    }

    private Workbench bench(Scenario scenario, int lostAt, int vanishing) throws Exception {
        return filled(new Workbench(folder, scenario, 1, connection -> new Counted(connection, lostAt, vanishing)));
    }

    private static Workbench filled(Workbench bench) throws Exception {
        Files.createDirectories(bench.firmware);
        Files.write(bench.firmware.resolve("new.bin"), FirmwareFiles.image(1, 2, 0, BODY));
        return bench.streaming();
    }

    private static String firmware(Workbench bench) {
        return new String(bench.tools.get(0).read(Gatt.FIRMWARE_REVISION), StandardCharsets.UTF_8);
    }

    private static void assertUpdated(Workbench bench, CommandAnswer answer) {
        assertTrue(answer.ok(), answer.toString());
        assertEquals("1.2.0", answer.firmware());
        assertEquals("1.2.0", firmware(bench));
        assertNull(bench.sessions.get(0).occupied());
        bench.tools.get(0).reboot();
        assertEquals("1.2.0", firmware(bench), "confirmed, it stays");
    }

    /** The old firmware runs, and the tool streams. */
    private static void assertUnchanged(Workbench bench) {
        bench.streaming();
        assertNull(bench.sessions.get(0).occupied());
        long before = bench.sessions.get(0).accounting().samples().decoded();
        await().atMost(LONG)
                .until(() -> bench.sessions.get(0).accounting().samples().decoded() > before + 50);
        assertEquals("1.0.0", firmware(bench));
        bench.tools.get(0).reboot();
        assertEquals("1.0.0", firmware(bench));
    }

    @Test
    void anUpdateGoesWellAndTheToolStreamsAgain() throws Exception {
        try (Workbench bench = bench()) {
            CommandAnswer answer = bench.ask("tool-1", "update", UPDATE);
            assertEquals(ToolStatus.Link.STREAMING, bench.sessions.get(0).state());
            String again = bench.error("tool-1", "update", UPDATE);
            assertEquals("update of tool-1: want another image than the one that runs, got 1.2.0 again", again);
            assertUpdated(bench, answer);
        }
    }

    @Test
    void aLinkLostInTheUploadGoesOnWhereItWas() throws Exception {
        try (Workbench bench = bench(Scenario.builtIn("calm"), 100, 0)) {
            assertUpdated(bench, bench.ask("tool-1", "update", UPDATE));
            assertTrue(writes.get() < 140 + 30, writes + " writes");
        }
    }

    @Test
    void writesThatVanishAreSentAgain() throws Exception {
        try (Workbench bench = bench(Scenario.builtIn("calm"), 0, 20)) {
            assertUpdated(bench, bench.ask("tool-1", "update", UPDATE));
        }
    }

    @Test
    void anImageThatDoesNotComeUpIsPutBack() throws Exception {
        try (Workbench bench = bench()) {
            bench.tools.get(0).failUpdates(UpdateFault.DOES_NOT_START);
            assertEquals(
                    "update of tool-1: want 1.2.0 running after the restart, got 1.0.0: the new image did not come up, and"
                            + " the tool's bootloader has put the old one back",
                    bench.error("tool-1", "update", UPDATE));
            assertUnchanged(bench);
        }
    }

    @Test
    void aToolThatRefusesRunsOn() throws Exception {
        try (Workbench bench = bench()) {
            bench.tools.get(0).failUpdates(UpdateFault.REFUSED);
            assertEquals(
                    "image upload: want it done by the tool, got its error 6, no free slot",
                    bench.error("tool-1", "update", UPDATE));
            assertUnchanged(bench);
        }
    }

    @Test
    void anImageThatArrivesOtherwiseIsNotTried() throws Exception {
        try (Workbench bench = bench()) {
            bench.tools.get(0).failUpdates(UpdateFault.CORRUPTED);
            assertEquals(
                    "image upload: want the tool to hold what was sent, got another SHA-256",
                    bench.error("tool-1", "update", UPDATE));
            assertUnchanged(bench);
        }
    }

    @Test
    void aToolThatDoesNotComeBackIsSaid() throws Exception {
        try (Workbench bench = bench(Scenario.builtIn("calm"), 60, 0)) {
            bench.link.hangConnect(SimulatedTools.address(1), true);
            FirmwareImage image = FirmwareImage.decode(FirmwareFiles.image(1, 2, 0, BODY));
            FirmwareUpdate update = new FirmwareUpdate(bench.sessions.get(0), "new.bin", image, Duration.ofSeconds(2));
            String message = assertThrows(UpdateException.class, update::run).getMessage();
            assertTrue(
                    String.valueOf(message)
                            .matches("update of tool-1: want it streaming within 2 s, got \\w+ after: the link is lost;"
                                    + " nothing was changed"),
                    message);
            bench.link.hangConnect(SimulatedTools.address(1), false);
            assertUnchanged(bench);
        }
    }

    /** The upload is whole, and the tool's answer to what comes then is lost. */
    @Test
    void nobodySaysThatNothingWasChangedOnceTheImageIsToBeTried() throws Exception {
        AtomicReference<Workbench> running = new AtomicReference<>();
        Workbench made = new Workbench(
                folder, Scenario.builtIn("calm"), 1, connection -> new ChangedLink.Connection(connection) {
                    @Override
                    public void writeWithoutResponse(UUID characteristic, byte[] value)
                            throws LinkException, InterruptedException {
                        super.writeWithoutResponse(characteristic, value);
                        if (characteristic.equals(Gatt.SMP)
                                && new String(value, StandardCharsets.ISO_8859_1).contains("confirm")) {
                            running.get().link.hangConnect(SimulatedTools.address(1), true);
                            super.close();
                            throw new LinkException("the link is lost");
                        }
                    }
                });
        running.set(made);
        try (Workbench bench = filled(made)) {
            FirmwareImage image = FirmwareImage.decode(FirmwareFiles.image(1, 2, 0, BODY));
            FirmwareUpdate update = new FirmwareUpdate(bench.sessions.get(0), "new.bin", image, Duration.ofSeconds(2));
            String message = assertThrows(UpdateException.class, update::run).getMessage();
            assertTrue(
                    String.valueOf(message).endsWith("; the tool may try the new image, once, at its next restart"),
                    message);
            bench.link.hangConnect(SimulatedTools.address(1), false);
        }
    }

    @Test
    void meanwhileNothingElseIsDone() throws Exception {
        try (Workbench bench = bench()) {
            Future<CommandAnswer> update = CompletableFuture.supplyAsync(() -> {
                try {
                    return bench.ask("tool-1", "update", UPDATE);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().atMost(LONG).until(() -> writes.get() > 20);
            for (String name : List.of("update", "tare", "identify", "pause")) {
                String json = name.equals("update") ? UPDATE : "{}";
                if (!update.isDone()) {
                    assertEquals(
                            "tool tool-1: want it free, got an update with new.bin that runs",
                            bench.error("tool-1", name, json));
                }
            }
            assertUpdated(bench, update.get());
        }
    }

    private void assertRefused(Workbench bench, String json, String error) throws Exception {
        List<Workbench.State> before = bench.state();
        String came = bench.error("tool-1", "update", json);
        assertTrue(came.startsWith(error), came);
        assertEquals(before, bench.state());
        assertEquals(0, writes.get(), "nothing was sent");
    }

    @Test
    void whatIsNoWholeImageIsNotSent() throws Exception {
        try (Workbench bench = bench()) {
            byte[] image = Files.readAllBytes(bench.firmware.resolve("new.bin"));
            String sha256 = HexFormat.of().formatHex(FirmwareImage.sha256(image));
            Files.writeString(bench.firmware.resolve("text.bin"), "no image at all, but text of some length");
            image[1000] ^= 1;
            Files.write(bench.firmware.resolve("bent.bin"), image);
            Files.createDirectory(bench.firmware.resolve("folder.bin"));
            assertRefused(
                    bench,
                    "{\"file\":\"none.bin\"}",
                    "file: want one that is in %s, which has bent.bin, folder.bin, new.bin, text.bin, got none.bin"
                            .formatted(bench.firmware));
            assertRefused(bench, "{\"file\":\"folder.bin\"}", "file: want one that is in ");
            assertRefused(
                    bench,
                    "{\"file\":\"text.bin\"}",
                    "file text.bin: firmware image: want the magic 0x96f3b83d of MCUboot, got 0x");
            assertRefused(
                    bench, "{\"file\":\"bent.bin\"}", "file bent.bin: firmware image: want content with the SHA-256 ");
            assertRefused(
                    bench,
                    "{\"file\":\"bent.bin\",\"sha256\":\"%s\"}".formatted(sha256),
                    "file bent.bin: want the SHA-256 %s, got ".formatted(sha256));
            String session = bench.ok(
                            "session-start",
                            "{\"person\":\"p-7\",\"region\":\"calf\",\"checklist\":{\"emollient\":true,\"screening\":true}}")
                    .session();
            assertRefused(bench, UPDATE, "session of tool-1: want none that runs, got " + session);
            bench.ok("session-end", "{}");
            bench.streaming();
            assertTrue(bench.ok("update", "{\"file\":\"new.bin\",\"sha256\":\"%s\"}".formatted(sha256.toUpperCase()))
                    .ok());
        }
    }

    @Test
    void anEmptyBatteryIsAsked() throws Exception {
        Scenario calm = Scenario.builtIn("calm");
        Scenario low = new Scenario(
                calm.name(),
                calm.description(),
                calm.seed(),
                calm.sensor(),
                new Scenario.Battery(29, 0),
                calm.person(),
                calm.steps());
        try (Workbench bench = bench(low, 0, 0)) {
            assertRefused(bench, UPDATE, "battery of tool-1: want 30 % or more for an update, got 29 %");
        }
    }

    private Workbench changed(ToolConnection.Bond bond, Set<Integer> featureBits) throws Exception {
        return filled(new Workbench(
                folder, Scenario.builtIn("calm"), 1, connection -> new ChangedLink.Connection(connection) {
                    @Override
                    public Bond bond() {
                        return bond;
                    }

                    @Override
                    public byte[] read(UUID characteristic) throws LinkException, InterruptedException {
                        byte[] value = super.read(characteristic);
                        if (characteristic.equals(Gatt.TOOL_INFO)) {
                            featureBits.forEach(bit -> value[1] &= (byte) ~(1 << bit));
                        }
                        return value;
                    }
                }));
    }

    @Test
    void aToolWithoutTheFeatureOrABondIsNotUpdated() throws Exception {
        try (Workbench bench = changed(ToolConnection.Bond.PROVEN, Set.of(4))) {
            assertRefused(
                    bench, UPDATE, "tool tool-1: want the feature firmware-update, got [haptic, led, stores-records]");
        }
        try (Workbench bench = changed(ToolConnection.Bond.UNPROVEN, Set.of())) {
            assertRefused(
                    bench, UPDATE, "tool tool-1: want a bonded link for an update, got none; pair it by: lightstroke");
        }
    }

    @Test
    void theEndOfTheGatewayEndsItAndTheToolRunsOn() throws Exception {
        Thread updating;
        try (Workbench bench = bench()) {
            updating = new Thread(() -> {
                try {
                    CommandAnswer unused = bench.ask("tool-1", "update", UPDATE);
                } catch (InterruptedException e) {
                    // as meant
                }
            });
            updating.start();
            await().atMost(LONG).until(() -> writes.get() > 20);
            bench.sessions.forEach(ToolSession::end);
            updating.interrupt();
            updating.join(LONG.toMillis());
            assertTrue(!updating.isAlive());
            assertEquals("1.0.0", firmware(bench));
        }
    }
}
