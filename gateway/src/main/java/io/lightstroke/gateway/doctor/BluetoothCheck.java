package io.lightstroke.gateway.doctor;

import io.lightstroke.gateway.link.BlueZ;
import io.lightstroke.protocol.Gatt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.errors.AccessDenied;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.interfaces.DBus;
import org.freedesktop.dbus.interfaces.ObjectManager;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;

/**
 * What reaching a real tool needs, beside the tool: the TinyB natives, D-Bus, bluetoothd, an adapter, the right to use
 * them. Blocks for half a minute at most, when a bus or a daemon does not answer.
 *
 * @param root the file system's root, {@code /} but in tests
 * @param busAddress of the D-Bus system bus
 * @param osName as {@code os.name}
 * @param osArch as {@code os.arch}
 * @param user as {@code user.name}
 */
public record BluetoothCheck(Path root, String busAddress, String osName, String osArch, String user) {
    private static final Pattern UNIX_SOCKET = Pattern.compile("unix:path=([^,;]+).*");
    private static final String BUS = "D-Bus system bus";
    private static final int CONNECT_MS = 1000;
    private static final String BLUEZ = "org.bluez";
    private static final String ADAPTER = "org.bluez.Adapter1";
    private static final List<String> DAEMONS = List.of(
            "usr/libexec/bluetooth/bluetoothd",
            "usr/lib/bluetooth/bluetoothd",
            "usr/sbin/bluetoothd",
            "usr/bin/bluetoothd");
    private static final List<String> LIBRARIES = List.of("lib", "usr/lib", "lib64", "usr/lib64");
    private static final int BLUEZ_MTU = 517;
    private static final int KERNEL_SUPERVISION_10MS = 42;
    private static final int WANTED_SUPERVISION_10MS = 400;

    /** Of this machine. */
    public static BluetoothCheck ofThisMachine() {
        return new BluetoothCheck(
                Path.of("/"),
                BlueZ.systemBus(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                System.getProperty("user.name"));
    }

    public List<Finding> run() {
        if (!osName.equals("Linux")) {
            return List.of(Finding.fix(
                    "operating system",
                    "%s; want Linux with BlueZ, run the gateway on such a machine".formatted(osName),
                    null));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(natives());
        findings.add(glib());
        findings.addAll(bus());
        MainConf conf = MainConf.read(root);
        findings.add(attChannels(conf));
        findings.add(mtu(conf));
        findings.addAll(supervisionTimeouts(conf));
        return findings;
    }

    private Finding natives() {
        String what = "TinyB natives";
        String folder = switch (osArch) {
            case "amd64", "x86_64" -> "native/linux/x86_64";
            case "x86", "i386", "i686" -> "native/linux/x86_32";
            case "arm" -> "native/arm/armv6";
            default -> "native/linux/" + osArch;
        };
        ClassLoader loader = BluetoothCheck.class.getClassLoader();
        return Stream.of("libtinyb.so", "libjavatinyb.so")
                        .allMatch(file -> loader.getResource(folder + "/" + file) != null)
                ? Finding.ok(what, "there for " + osArch)
                : Finding.ok(what, "none for %s; the gateway goes over D-Bus without TinyB".formatted(osArch));
    }

    /** The natives are linked against it, and minimal installations lack it. */
    private Finding glib() {
        String what = "GLib";
        String file = "libgio-2.0.so.0";
        for (String name : LIBRARIES) {
            Path folder = root.resolve(name);
            // There, or one below by the name of the machine: x86_64-linux-gnu.
            try (Stream<Path> below = Files.list(folder)) {
                Optional<Path> found = Stream.concat(Stream.of(folder), below)
                        .map(path -> path.resolve(file))
                        .filter(Files::exists)
                        .findFirst();
                if (found.isPresent()) {
                    return Finding.ok(what, found.get().toString());
                }
            } catch (IOException e) {
                // Not a folder that this system has, or lets us read: another may hold it.
            }
        }
        return Finding.warn(
                what,
                "no %s in the usual folders; TinyB's natives load it".formatted(file),
                "sudo apt-get install libglib2.0-0");
    }

    private List<Finding> bus() {
        Matcher socket = UNIX_SOCKET.matcher(busAddress);
        if (socket.matches() && !Files.exists(Path.of(socket.group(1)))) {
            return noBus("no socket " + socket.group(1));
        }
        try (DBusConnection connection = DBusConnectionBuilder.forAddress(busAddress)
                .withShared(false)
                .transportConfig()
                .withTimeout(CONNECT_MS)
                .back()
                .build()) {
            List<Finding> findings = new ArrayList<>();
            findings.add(Finding.ok(BUS, busAddress));
            DBus bus = connection.getRemoteObject("org.freedesktop.DBus", "/org/freedesktop/DBus", DBus.class);
            if (bus.NameHasOwner(BLUEZ)) {
                findings.add(Finding.ok(
                        "bluetoothd",
                        daemonVersion()
                                .map("version %s, on the bus"::formatted)
                                .orElse("on the bus; its version is not known")));
                findings.addAll(adapters(connection));
            } else {
                findings.add(Finding.fix(
                        "bluetoothd",
                        "nobody is %s on the bus; %s"
                                .formatted(
                                        BLUEZ,
                                        daemonVersion()
                                                .map("version %s is installed"::formatted)
                                                .orElse("it is not installed")),
                        daemonVersion().isPresent() ? "sudo systemctl start bluetooth" : "sudo apt-get install bluez"));
                findings.add(kernelAdapters());
                findings.add(untriedPermission());
            }
            return findings;
        } catch (DBusException | DBusExecutionException | IOException e) {
            return noBus("nothing answers at %s: %s".formatted(busAddress, e.getMessage()));
        }
    }

    private List<Finding> noBus(String seen) {
        boolean installed = Files.exists(root.resolve("usr/bin/dbus-daemon"));
        return List.of(
                Finding.fix(BUS, seen, installed ? "sudo systemctl start dbus" : "sudo apt-get install dbus"),
                kernelAdapters(),
                untriedPermission());
    }

    /** Whether bluetoothd lets this user see the adapters shows whether he may use Bluetooth. */
    private List<Finding> adapters(DBusConnection connection) throws DBusException {
        Map<?, Map<String, Map<String, Variant<?>>>> objects;
        try {
            objects =
                    connection.getRemoteObject(BLUEZ, "/", ObjectManager.class).GetManagedObjects();
        } catch (AccessDenied e) {
            return List.of(
                    kernelAdapters(),
                    Finding.fix(
                            "permission",
                            "the bus keeps %s from bluetoothd: %s".formatted(user, e.getMessage()),
                            "sudo usermod -aG bluetooth %s   # then log in again".formatted(user)));
        }
        List<Finding> findings = new ArrayList<>();
        objects.forEach((path, interfaces) -> {
            Map<String, Variant<?>> adapter = interfaces.get(ADAPTER);
            if (adapter != null) {
                findings.add(adapter(String.valueOf(path), adapter));
            }
        });
        if (findings.isEmpty()) {
            findings.add(Finding.fix(
                    "adapter",
                    "bluetoothd has none; %s".formatted(kernelAdapters().seen()),
                    "sudo dmesg | grep -i bluetooth"));
        }
        findings.add(Finding.ok("permission", "bluetoothd answers " + user));
        return findings;
    }

    private static Finding adapter(String path, Map<String, Variant<?>> properties) {
        String what = "adapter " + path.substring(path.lastIndexOf('/') + 1);
        String address = String.valueOf(value(properties.get("Address")));
        return Boolean.TRUE.equals(value(properties.get("Powered")))
                ? Finding.ok(what, address + ", powered")
                : Finding.fix(
                        what,
                        address + ", not powered",
                        "rfkill unblock bluetooth; bluetoothctl select %s; bluetoothctl power on".formatted(address));
    }

    private static @Nullable Object value(@Nullable Variant<?> variant) {
        return variant == null ? null : variant.getValue();
    }

    /** What the kernel says, when bluetoothd cannot be asked. */
    private Finding kernelAdapters() {
        String what = "adapter";
        try (Stream<Path> devices = Files.list(root.resolve("sys/class/bluetooth"))) {
            List<String> names = devices.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("hci\\d+"))
                    .sorted()
                    .toList();
            if (!names.isEmpty()) {
                return Finding.ok(what, "the kernel has " + String.join(", ", names));
            }
        } catch (IOException e) {
            return Finding.fix(
                    what,
                    "the kernel has no Bluetooth: no /sys/class/bluetooth",
                    "sudo modprobe bluetooth; sudo dmesg | grep -i bluetooth");
        }
        return Finding.fix(what, "the kernel has none", "sudo dmesg | grep -i bluetooth");
    }

    private Finding untriedPermission() {
        String what = "permission";
        if (user.equals("root")) {
            return Finding.ok(what, "root; not tried, for bluetoothd does not answer");
        }
        boolean member;
        try {
            member = Files.readAllLines(root.resolve("etc/group"), StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("bluetooth:"))
                    .anyMatch(line -> Arrays.asList(
                                    line.substring(line.lastIndexOf(':') + 1).split(","))
                            .contains(user));
        } catch (IOException e) {
            member = false;
        }
        return member
                ? Finding.ok(what, user + " is in the group bluetooth; not tried, for bluetoothd does not answer")
                : Finding.warn(
                        what,
                        user + " is not in the group bluetooth; whether it must be shows once bluetoothd runs",
                        "sudo usermod -aG bluetooth %s   # then log in again".formatted(user));
    }

    /** With more than one ATT channel BlueZ delivers notifications out of order. */
    private static Finding attChannels(MainConf conf) {
        String what = "ATT channels";
        String seen = conf.seen("GATT", "Channels");
        return conf.value("GATT", "Channels").equals(Optional.of("1"))
                ? Finding.ok(what, seen)
                : Finding.warn(
                        what,
                        seen + ", so BlueZ may deliver frames out of order; want Channels = 1 under [GATT]",
                        conf.edit("GATT", "Channels", 1));
    }

    /** A tool's frames must fit. */
    private static Finding mtu(MainConf conf) {
        String what = "MTU";
        String seen = conf.seen("GATT", "ExchangeMTU");
        Optional<Integer> bytes = conf.number("GATT", "ExchangeMTU");
        if (bytes.isEmpty()) {
            return Finding.ok(what, "%s, so BlueZ offers %d bytes".formatted(seen, BLUEZ_MTU));
        }
        return bytes.get() >= Gatt.MIN_MTU
                ? Finding.ok(what, seen)
                : Finding.fix(
                        what,
                        "%s, so a tool's frames do not fit; want %d or more".formatted(seen, Gatt.MIN_MTU),
                        conf.edit("GATT", "ExchangeMTU", BLUEZ_MTU));
    }

    /** How long the radio may hear nothing before the link counts as lost; what the kernel has, where it lets us look. */
    private List<Finding> supervisionTimeouts(MainConf conf) {
        String what = "LE supervision timeout";
        String key = "ConnectionSupervisionTimeout";
        String seen = conf.seen("LE", key);
        int configured = conf.number("LE", key).orElse(KERNEL_SUPERVISION_10MS);
        Map<String, Integer> kernel = kernelSupervisionTimeouts();
        if (kernel.isEmpty() && configured >= WANTED_SUPERVISION_10MS) {
            return List.of(Finding.ok(what, seen));
        }
        if (kernel.isEmpty() || configured < WANTED_SUPERVISION_10MS) {
            return List.of(Finding.warn(
                    what,
                    "%s, so a link may be lost after %d ms of bad radio; want %s = %d (4 s) under [LE]"
                            .formatted(seen, configured * 10, key, WANTED_SUPERVISION_10MS),
                    conf.edit("LE", key, WANTED_SUPERVISION_10MS)));
        }
        List<Finding> findings = new ArrayList<>();
        kernel.forEach((adapter, timeout) -> findings.add(
                timeout >= WANTED_SUPERVISION_10MS
                        ? Finding.ok(what + " " + adapter, "%s, the kernel has %d".formatted(seen, timeout))
                        : Finding.warn(
                                what + " " + adapter,
                                "%s, but the kernel has %d: bluetoothd has not read it".formatted(seen, timeout),
                                "sudo systemctl restart bluetooth")));
        return findings;
    }

    /** In units of 10 ms, by adapter; empty where only root may look, as is usual. */
    private Map<String, Integer> kernelSupervisionTimeouts() {
        Map<String, Integer> timeouts = new TreeMap<>();
        try (Stream<Path> adapters = Files.list(root.resolve("sys/kernel/debug/bluetooth"))) {
            for (Path adapter : adapters.toList()) {
                Path file = adapter.resolve("supervision_timeout");
                if (Files.isReadable(file)) {
                    timeouts.put(
                            adapter.getFileName().toString(),
                            Integer.valueOf(Files.readString(file).strip()));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Map.of();
        }
        return timeouts;
    }

    /** Of the installed bluetoothd, which need not be the one that runs. */
    private Optional<String> daemonVersion() {
        return DAEMONS.stream()
                .map(root::resolve)
                .filter(Files::isExecutable)
                .findFirst()
                .flatMap(BluetoothCheck::firstLineOfVersion);
    }

    private static Optional<String> firstLineOfVersion(Path program) {
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return said.lines()
                    .findFirst()
                    .map(line -> line.toLowerCase(Locale.ROOT))
                    .map(String::strip);
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
