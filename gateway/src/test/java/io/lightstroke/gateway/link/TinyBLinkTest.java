package io.lightstroke.gateway.link;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Unmodified TinyB in its own process. */
@Needs(Program.DBUS_DAEMON)
class TinyBLinkTest extends BlueZContractTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Override
    ToolLink open() throws LinkException, InterruptedException {
        return new TinyBLink(null, bus.address());
    }

    @Test
    void startsAnotherProcessWhenItsOwnIsKilled() throws Exception {
        startsAnotherProcessAfter("KILL", "killed");
    }

    @Test
    void startsAnotherProcessWhenItsOwnHangs() throws Exception {
        startsAnotherProcessAfter("STOP", "answered nobody");
    }

    @Test
    void startsAnotherProcessWhenItsOwnCrashes() throws Exception {
        long pid = processes().get(0).pid();
        startsAnotherProcessAfter("SEGV", "native code crashed");
        Files.delete(Path.of(System.getProperty("java.io.tmpdir"), "lightstroke-tinyb-" + pid + ".log"));
    }

    private void startsAnotherProcessAfter(String signal, String word) throws Exception {
        ToolConnection connection = connect(address);
        String pid = Long.toString(processes().get(0).pid());
        new ProcessBuilder("kill", "-" + signal, pid).start().waitFor();
        AtomicReference<String> failure = new AtomicReference<>("none");
        await().atMost(LIMIT).until(() -> {
            try {
                connection.read(Gatt.MODEL_NUMBER);
                return false; // it takes a moment to crash
            } catch (LinkException e) {
                failure.set(e.getMessage());
                return true;
            }
        });
        assertTrue(failure.get().contains(word), failure.get());
        connection.close();
        awaitStreaming();
        assertEquals(1, ((TinyBLink) link).crashes());
        assertEquals(1, processes().size());
    }

    @Test
    void leavesNoProcessBehind() throws Exception {
        connect(address);
        link.close();
        assertEquals(List.of(), processes());
    }

    @Test
    void leavesNoProcessBehindWhenThisOneIsKilled() throws Exception {
        Process gateway = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Gateway.class.getName(),
                        bus.address(),
                        address)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long pid;
        try (BufferedReader said = gateway.inputReader()) {
            pid = said.lines()
                    .filter(line -> line.startsWith(Gateway.CONNECTED))
                    .map(line -> Long.valueOf(line.substring(Gateway.CONNECTED.length())))
                    .findFirst()
                    .orElseThrow();
            gateway.destroyForcibly();
        }
        await().atMost(LIMIT).until(() -> ProcessHandle.of(pid).isEmpty());
        streamsAgain();
    }

    /** Connects, says the number of TinyB's process, and waits to be killed. */
    static final class Gateway {
        static final String CONNECTED = "connected by ";

        public static void main(String[] arguments) throws Exception {
            TinyBLink link = new TinyBLink(null, arguments[0]);
            ToolConnection connection = link.connect(arguments[1], LIMIT);
            System.out.println(CONNECTED + processes().get(0).pid());
            Thread.sleep(Long.MAX_VALUE);
            connection.close();
        }
    }

    private static List<ProcessHandle> processes() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith("java"))
                .toList();
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
    void saysThatTheBusCannotBeReached() {
        String nowhere = "unix:path=/nowhere/a.bus";
        LinkException failure = assertThrows(LinkException.class, () -> new TinyBLink(null, nowhere));
        assertTrue(failure.getMessage().contains("the bus at " + nowhere), failure.getMessage());
        assertEquals(1, processes().size(), "that of the other link");
    }

    @Test
    void namesTheAdaptersThereAreWhenTheWantedOneIsNot() {
        LinkException failure = assertThrows(LinkException.class, () -> new TinyBLink("hci7", bus.address()));
        assertTrue(
                failure.getMessage().contains("hci7") && failure.getMessage().contains("hci0"), failure.getMessage());
    }

    @Test
    void takesTheAdapterByItsAddressToo() throws Exception {
        try (ToolLink other = new TinyBLink("00:00:00:51:B0:0C", bus.address())) {
            assertFalse(other.scan(Duration.ofSeconds(1)).isEmpty());
        }
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
