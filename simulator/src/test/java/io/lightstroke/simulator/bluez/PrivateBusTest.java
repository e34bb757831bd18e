package io.lightstroke.simulator.bluez;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs(Program.DBUS_DAEMON)
class PrivateBusTest {
    @TempDir
    Path folder;

    @Test
    void listensWhereItIsToldAndLeavesNothing() throws IOException {
        Path socket = folder.resolve("a.bus");
        PrivateBus bus = PrivateBus.start("unix:path=" + socket);
        assertEquals("unix:path=" + socket, bus.address());
        new BlueZStandIn(bus.address(), List.of()).close();
        bus.close();
        assertFalse(Files.exists(socket));
    }

    @Test
    void comesBackAtTheSameAddressAfterItWasKilled() throws IOException {
        try (PrivateBus bus = PrivateBus.start()) {
            String address = bus.address();
            bus.kill();
            assertThrows(IOException.class, () -> new BlueZStandIn(address, List.of()));
            bus.startAgain();
            assertEquals(address, bus.address());
            new BlueZStandIn(address, List.of()).close();
        }
    }

    @Test
    void saysWhyItDoesNotStart() {
        IOException failure = assertThrows(
                IOException.class, () -> PrivateBus.start("unix:path=" + folder.resolve("missing/folder/a.bus")));
        assertTrue(failure.getMessage().contains("missing/folder/a.bus"), failure.getMessage());
        assertTrue(failure.getMessage().contains("No such file or directory"), failure.getMessage());
    }

    @Test
    void saysThatNobodyListens() {
        String address = "unix:path=" + folder.resolve("nobody.bus");
        IOException failure = assertThrows(IOException.class, () -> new BlueZStandIn(address, List.of()));
        assertTrue(failure.getMessage().contains(address), failure.getMessage());
    }
}
