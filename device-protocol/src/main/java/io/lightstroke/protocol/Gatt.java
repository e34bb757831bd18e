package io.lightstroke.protocol;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The GATT table of a tool: UUIDs of its services and characteristics, and what one may do with them. */
public final class Gatt {
    public static final UUID LIGHTSTROKE_SERVICE = own(0x0001);
    /** Notify: {@link ForceFrame}. */
    public static final UUID FORCE_STREAM = own(0x0002);
    /** Notify: {@link EventFrame}. */
    public static final UUID EVENTS = own(0x0003);
    /** Write: {@link ControlRequest}; indicate: {@link ControlAnswer}. */
    public static final UUID CONTROL_POINT = own(0x0004);
    /** Write: a nonce; indicate: {@link TimeSync}. */
    public static final UUID TIME_SYNC = own(0x0005);
    /** Read, notify on change: {@link ToolInfo}. */
    public static final UUID TOOL_INFO = own(0x0006);
    /** Notify: stored {@link ForceFrame}s and {@link EventFrame}s, flag historical set. */
    public static final UUID RECORD_DATA = own(0x0007);
    /** Write without response only: {@link Cue}. */
    public static final UUID CUE = own(0x0008);
    /** Write: {@link RecordRequest}; indicate: {@link RecordAnswer}. */
    public static final UUID RECORD_ACCESS = sig(0x2A52);

    public static final UUID DEVICE_INFORMATION_SERVICE = sig(0x180A);
    public static final UUID MODEL_NUMBER = sig(0x2A24);
    public static final UUID SERIAL_NUMBER = sig(0x2A25);
    public static final UUID FIRMWARE_REVISION = sig(0x2A26);
    public static final UUID MANUFACTURER_NAME = sig(0x2A29);

    public static final UUID BATTERY_SERVICE = sig(0x180F);
    /** Read, notify: {@link BatteryLevel}. */
    public static final UUID BATTERY_LEVEL = sig(0x2A19);

    /** Only of a tool with the feature firmware update. */
    public static final UUID SMP_SERVICE = UUID.fromString("8d53dc1d-1db7-4cd3-868b-8a527460aa84");
    /** Write without response, notify: MCUmgr's SMP. */
    public static final UUID SMP = UUID.fromString("da2e7828-fbce-4e01-ae9e-261174997c48");

    /** The smallest ATT MTU the gateway works with; a tool fits its frames to MTU − 3. */
    public static final int MIN_MTU = 64;

    /** What may be done with a characteristic, by the words BlueZ uses. */
    public enum Property {
        READ("read"),
        WRITE("write"),
        WRITE_WITHOUT_RESPONSE("write-without-response"),
        NOTIFY("notify"),
        INDICATE("indicate");

        private final String word;

        Property(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        /** Those that are named; words for anything else are left out. */
        public static Set<Property> named(Collection<?> words) {
            return Arrays.stream(values())
                    .filter(each -> words.contains(each.word))
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /** @param name its word in files and on pipes */
    public record Characteristic(UUID service, UUID uuid, String name, List<Property> properties) {}

    /** All characteristics that a tool may have, services in order. */
    public static final List<Characteristic> TABLE = List.of(
            of(LIGHTSTROKE_SERVICE, FORCE_STREAM, "force-stream", Property.NOTIFY),
            of(LIGHTSTROKE_SERVICE, EVENTS, "events", Property.NOTIFY),
            of(LIGHTSTROKE_SERVICE, CONTROL_POINT, "control-point", Property.WRITE, Property.INDICATE),
            of(LIGHTSTROKE_SERVICE, TIME_SYNC, "time-sync", Property.WRITE, Property.INDICATE),
            of(LIGHTSTROKE_SERVICE, TOOL_INFO, "tool-info", Property.READ, Property.NOTIFY),
            of(LIGHTSTROKE_SERVICE, RECORD_DATA, "record-data", Property.NOTIFY),
            of(LIGHTSTROKE_SERVICE, CUE, "cue", Property.WRITE_WITHOUT_RESPONSE),
            of(LIGHTSTROKE_SERVICE, RECORD_ACCESS, "record-access", Property.WRITE, Property.INDICATE),
            of(DEVICE_INFORMATION_SERVICE, MODEL_NUMBER, "model-number", Property.READ),
            of(DEVICE_INFORMATION_SERVICE, SERIAL_NUMBER, "serial-number", Property.READ),
            of(DEVICE_INFORMATION_SERVICE, FIRMWARE_REVISION, "firmware-revision", Property.READ),
            of(DEVICE_INFORMATION_SERVICE, MANUFACTURER_NAME, "manufacturer-name", Property.READ),
            of(BATTERY_SERVICE, BATTERY_LEVEL, "battery-level", Property.READ, Property.NOTIFY),
            of(SMP_SERVICE, SMP, "smp", Property.WRITE_WITHOUT_RESPONSE, Property.NOTIFY));

    /** Those without which a tool is not complete: BlueZ may keep the battery service for itself, and SMP is a feature. */
    public static final Set<UUID> REQUIRED = TABLE.stream()
            .filter(row ->
                    !row.service().equals(BATTERY_SERVICE) && !row.service().equals(SMP_SERVICE))
            .map(Characteristic::uuid)
            .collect(Collectors.toUnmodifiableSet());

    private Gatt() {}

    /** The row of {@link #TABLE} that has this name. */
    public static Optional<Characteristic> named(String name) {
        return TABLE.stream().filter(row -> row.name().equals(name)).findFirst();
    }

    /** The row of {@link #TABLE} of this UUID. */
    public static Optional<Characteristic> of(UUID uuid) {
        return TABLE.stream().filter(row -> row.uuid().equals(uuid)).findFirst();
    }

    private static Characteristic of(UUID service, UUID uuid, String name, Property... properties) {
        return new Characteristic(service, uuid, name, List.of(properties));
    }

    private static UUID own(int number) {
        return UUID.fromString("e7c9%04x-a63a-4263-9c72-1d8589a5f02d".formatted(number));
    }

    private static UUID sig(int number) {
        return UUID.fromString("0000%04x-0000-1000-8000-00805f9b34fb".formatted(number));
    }
}
