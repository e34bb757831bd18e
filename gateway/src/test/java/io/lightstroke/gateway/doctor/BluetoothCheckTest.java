package io.lightstroke.gateway.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On a made-up file system, with nothing at the bus's address. */
class BluetoothCheckTest {
    @TempDir
    Path root;

    private Path mainConf;

    @BeforeEach
    void aFileSystem() throws IOException {
        mainConf = Files.createDirectories(root.resolve("etc/bluetooth")).resolve("main.conf");
    }

    @Test
    void bluetoothWantsLinux() {
        List<Finding> findings = new BluetoothCheck(root, bus(), "Mac OS X", "aarch64", "ann").run();

        assertEquals(1, findings.size());
        assertEquals(Finding.Level.FIX, findings.get(0).level());
        assertTrue(
                findings.get(0).seen().startsWith("Mac OS X; want Linux"),
                findings.get(0).seen());
    }

    @ParameterizedTest
    @CsvSource({"amd64, OK", "x86_64, OK", "i386, OK", "arm, OK", "aarch64, OK", "riscv64, OK"})
    void nativesAreThereForSomeProcessors(String osArch, Finding.Level level) {
        Finding finding = find(new BluetoothCheck(root, bus(), "Linux", osArch, "ann"), "TinyB natives");

        assertEquals(level, finding.level());
        assertTrue(finding.seen().contains(osArch), finding.seen());
    }

    @ParameterizedTest
    @ValueSource(strings = {"usr/lib64/libgio-2.0.so.0", "usr/lib/x86_64-linux-gnu/libgio-2.0.so.0"})
    void glibIsFoundWhereSystemsKeepIt(String file) throws IOException {
        assertEquals(Finding.Level.WARN, find("GLib").level());

        Files.createDirectories(root.resolve(file).getParent());
        Files.createFile(root.resolve(file));

        assertEquals(Finding.ok("GLib", root.resolve(file).toString()), find("GLib"));
    }

    @Test
    void aMissingBusIsInstalledOrStarted() throws IOException {
        assertEquals(Finding.Level.FIX, find("D-Bus system bus").level());
        assertEquals(
                "no socket " + root.resolve("no-bus"), find("D-Bus system bus").seen());
        assertEquals("sudo apt-get install dbus", find("D-Bus system bus").run());

        Files.createDirectories(root.resolve("usr/bin"));
        Files.createFile(root.resolve("usr/bin/dbus-daemon"));

        assertEquals("sudo systemctl start dbus", find("D-Bus system bus").run());
    }

    @Test
    void adaptersAreThoseOfTheKernelWhenNobodyElseCanBeAsked() throws IOException {
        assertEquals(Finding.Level.FIX, find("adapter").level());

        Path devices = Files.createDirectories(root.resolve("sys/class/bluetooth"));
        assertEquals("the kernel has none", find("adapter").seen());

        Files.createDirectory(devices.resolve("hci1"));
        Files.createDirectory(devices.resolve("hci0"));
        Files.createDirectory(devices.resolve("hci0:64"));
        assertEquals(Finding.ok("adapter", "the kernel has hci0, hci1"), find("adapter"));
    }

    @ParameterizedTest
    @CsvSource({"ann, OK", "bob, OK", "ob, WARN", "root, OK"})
    void permissionIsAGroupWhenItCannotBeTried(String user, Finding.Level level) throws IOException {
        Files.writeString(root.resolve("etc/group"), "ob:x:1:ob\nbluetooth:x:112:ann,bob\nnobluetooth:x:2:ob\n");
        Finding finding = find(new BluetoothCheck(root, bus(), "Linux", "amd64", user), "permission");

        assertEquals(level, finding.level());
        if (level == Finding.Level.WARN) {
            assertTrue(String.valueOf(finding.run()).startsWith("sudo usermod -aG bluetooth " + user), finding.run());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[GATT]\nChannels = 1\n", "[General]\n[GATT]\n#Channels = 3\n Channels=1 \n[AVDTP]\n"})
    void oneChannelIsWanted(String conf) throws IOException {
        Files.writeString(mainConf, conf);

        assertEquals(Finding.Level.OK, find("ATT channels").level());
    }

    /** What the finding says to run, run on this file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[General]\nName = x\n",
                "[GATT]\n#Channels = 3\n",
                "[GATT]\nCache = no\nChannels = 3\n[AVDTP]\nChannels = 1\n",
                "[AVDTP]\nChannels = 1\n\n[GATT]\n\n[Policy]\n"
            })
    void theCommandMendsTheChannels(String conf) throws IOException, InterruptedException {
        Files.writeString(mainConf, conf);
        Finding finding = find("ATT channels");
        assertEquals(Finding.Level.WARN, finding.level());
        mend(finding);

        assertEquals(Finding.Level.OK, find("ATT channels").level(), Files.readString(mainConf));
    }

    /** Runs what the finding says to run, on this file. */
    private void mend(Finding finding) throws IOException, InterruptedException {
        assertNotNull(finding.run());
        assertTrue(finding.run().endsWith(" && sudo systemctl restart bluetooth"), finding.run());
        String edit = finding.run()
                .replace(" && sudo systemctl restart bluetooth", "")
                .replace("sudo ", "")
                .replace("/etc/bluetooth/main.conf", mainConf.toString());
        Process shell = new ProcessBuilder("sh", "-c", edit)
                .inheritIO()
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals(0, shell.waitFor(), edit);
    }

    @ParameterizedTest
    @CsvSource({"'', OK", "64, OK", "517, OK", "63, FIX", "23, FIX", "many, OK"})
    void framesMustFitTheMtu(String bytes, Finding.Level level) throws IOException, InterruptedException {
        Files.writeString(
                mainConf,
                bytes.isEmpty()
                        ? "[GATT]\n#ExchangeMTU = 23\n"
                        : "[LE]\nExchangeMTU = 1\n[GATT]\nExchangeMTU = %s\n[Policy]\n".formatted(bytes));
        Finding finding = find("MTU");

        assertEquals(level, finding.level(), finding.seen());
        if (level == Finding.Level.FIX) {
            mend(finding);
            assertEquals(
                    "ExchangeMTU = 517 in /etc/bluetooth/main.conf", find("MTU").seen());
            assertTrue(Files.readString(mainConf).contains("[LE]\nExchangeMTU = 1\n"), "another section's stays");
        }
    }

    @ParameterizedTest
    @CsvSource({"'', 420", "42, 420", "399, 3990", "soon, 420"})
    void aShortSupervisionTimeoutIsMended(String timeout, int ms) throws IOException, InterruptedException {
        Files.writeString(
                mainConf, timeout.isEmpty() ? "[LE]\n" : "[LE]\nConnectionSupervisionTimeout=%s\n".formatted(timeout));
        Finding finding = find("LE supervision timeout");

        assertEquals(Finding.Level.WARN, finding.level());
        assertTrue(finding.seen().contains("after %d ms".formatted(ms)), finding.seen());
        mend(finding);
        assertEquals(
                Finding.ok("LE supervision timeout", "ConnectionSupervisionTimeout = 400 in /etc/bluetooth/main.conf"),
                find("LE supervision timeout"));
    }

    @Test
    void theKernelsSupervisionTimeoutTellsWhetherBluetoothdHasReadIt() throws IOException {
        Files.writeString(mainConf, "[LE]\nConnectionSupervisionTimeout = 400\n");
        Path adapter = Files.createDirectories(root.resolve("sys/kernel/debug/bluetooth/hci1"));
        Files.writeString(adapter.resolve("supervision_timeout"), "42\n");
        Finding finding = find("LE supervision timeout hci1");

        assertEquals(Finding.Level.WARN, finding.level());
        assertEquals("sudo systemctl restart bluetooth", finding.run());

        Files.writeString(adapter.resolve("supervision_timeout"), "400\n");
        assertEquals(Finding.Level.OK, find("LE supervision timeout hci1").level());
    }

    @Test
    void aMissingSettingsFileIsSaid() {
        Finding finding = find("ATT channels");

        assertEquals(Finding.Level.WARN, finding.level());
        assertTrue(finding.seen().startsWith("/etc/bluetooth/main.conf cannot be read"), finding.seen());
    }

    private String bus() {
        return "unix:path=" + root.resolve("no-bus");
    }

    private Finding find(String what) {
        return find(new BluetoothCheck(root, bus(), "Linux", "amd64", "ann"), what);
    }

    private static Finding find(BluetoothCheck check, String what) {
        return check.run().stream()
                .filter(finding -> finding.what().equals(what))
                .findFirst()
                .orElseThrow();
    }
}
