package io.lightstroke.gateway.doctor;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a private bus of the real dbus-daemon. */
@Needs(Program.DBUS_DAEMON)
class BluetoothBusTest {
    private static final String ANYTHING = """
            <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
            """;

    @TempDir
    Path folder;

    private Program.Running daemon;

    /** One adapter, as bluetoothd shows it. */
    private record Adapters(boolean powered) implements ObjectManager {
        @Override
        public Map<DBusPath, Map<String, Map<String, Variant<?>>>> GetManagedObjects() {
            return Map.of(
                    new DBusPath("/org/bluez"),
                    Map.of("org.bluez.AgentManager1", Map.of()),
                    new DBusPath("/org/bluez/hci3"),
                    Map.of(
                            "org.bluez.Adapter1",
                            Map.of(
                                    "Address", new Variant<>("C0:FF:EE:00:00:01"),
                                    "Powered", new Variant<>(powered))));
        }

        @Override
        public String getObjectPath() {
            return "/";
        }
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void aBusWithoutBluetoothd() throws IOException {
        Map<String, Finding> findings = check(startBus(ANYTHING));

        assertEquals(Finding.Level.OK, findings.get("D-Bus system bus").level());
        assertEquals(Finding.Level.FIX, findings.get("bluetoothd").level());
        assertEquals("sudo apt-get install bluez", findings.get("bluetoothd").run());
    }

    @Test
    void anAdapterThatIsReady() throws Exception {
        String address = startBus(ANYTHING);
        try (DBusConnection bluez = bluez(address, true)) {
            Map<String, Finding> findings = check(address);

            assertEquals(Finding.Level.OK, findings.get("bluetoothd").level());
            assertEquals(Finding.ok("adapter hci3", "C0:FF:EE:00:00:01, powered"), findings.get("adapter hci3"));
            assertEquals(Finding.ok("permission", "bluetoothd answers ann"), findings.get("permission"));
        }
    }

    @Test
    void anAdapterThatIsSwitchedOff() throws Exception {
        String address = startBus(ANYTHING);
        try (DBusConnection bluez = bluez(address, false)) {
            Finding adapter = check(address).get("adapter hci3");

            assertEquals(Finding.Level.FIX, adapter.level());
            assertTrue(adapter.run().endsWith("bluetoothctl power on"), adapter.run());
        }
    }

    @Test
    void aBusThatKeepsTheUserOut() throws Exception {
        String address = startBus(ANYTHING
                + "<policy context=\"mandatory\"><deny send_destination=\"org.bluez\""
                + " send_interface=\"org.freedesktop.DBus.ObjectManager\"/></policy>");
        try (DBusConnection bluez = bluez(address, true)) {
            Finding permission = check(address).get("permission");

            assertEquals(Finding.Level.FIX, permission.level());
            assertTrue(permission.run().startsWith("sudo usermod -aG bluetooth ann"), permission.run());
        }
    }

    private String startBus(String policies) throws IOException {
        Path socket = folder.resolve("bus");
        Path conf = Files.writeString(folder.resolve("bus.conf"), """
                <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
                 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
                <busconfig><listen>unix:path=%s</listen><auth>EXTERNAL</auth>%s</busconfig>
                """.formatted(socket, policies));
        daemon = Program.DBUS_DAEMON.start(folder, "--nofork", "--config-file=" + conf);
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(socket));
        return "unix:path=" + socket;
    }

    private static DBusConnection bluez(String address, boolean powered) throws DBusException {
        DBusConnection connection =
                DBusConnectionBuilder.forAddress(address).withShared(false).build();
        connection.exportObject("/", new Adapters(powered));
        connection.requestBusName("org.bluez");
        return connection;
    }

    private Map<String, Finding> check(String address) {
        List<Finding> findings = new BluetoothCheck(folder, address, "Linux", "amd64", "ann").run();
        return findings.stream().collect(Collectors.toMap(Finding::what, finding -> finding));
    }
}
