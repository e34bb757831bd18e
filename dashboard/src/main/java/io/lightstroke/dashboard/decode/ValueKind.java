package io.lightstroke.dashboard.decode;

import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What a value can be, by the layouts of docs/protocol.md. */
public enum ValueKind {
    FORCE("force frame", Layouts::force),
    EVENT("event frame", Layouts::event),
    CONTROL_REQUEST("control request", Layouts::controlRequest),
    CONTROL_ANSWER("control answer", Layouts::controlAnswer),
    LIMITS("limits", Layouts::limits),
    TOOL_INFO("tool info", Layouts::toolInfo),
    CUE("cue", Layouts::cue),
    TIME_SYNC_REQUEST("time sync request", Layouts::timeSyncRequest),
    TIME_SYNC_ANSWER("time sync answer", Layouts::timeSyncAnswer),
    RECORD_REQUEST("record request", Layouts::recordRequest),
    RECORD_ANSWER("record answer", Layouts::recordAnswer),
    STORED_BOOTS("stored boots", Layouts::storedBoots),
    BATTERY("battery level", Layouts::battery),
    TEXT("device information", Layouts::text),
    SMP("smp message", Layouts::smp),
    ADVERTISING("advertising data", Layouts::advertising);

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // method references
    private final Consumer<Fields> layout;

    ValueKind(String title, Consumer<Fields> layout) {
        this.title = title;
        this.layout = layout;
    }

    String title() {
        return title;
    }

    /** {@code control-request}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return word();
    }

    /** Whatever the bytes are. */
    public Decoded decode(byte[] bytes) {
        Fields fields = new Fields(bytes);
        layout.accept(fields);
        return new Decoded(this, bytes, fields.all());
    }

    /** Of a frame, by its first byte. */
    public static Optional<ValueKind> ofType(byte[] frame) {
        return frame.length == 0
                ? Optional.empty()
                : switch (frame[0]) {
                    case ForceFrame.TYPE -> Optional.of(FORCE);
                    case EventFrame.TYPE -> Optional.of(EVENT);
                    default -> Optional.empty();
                };
    }

    /**
     * Of what passes over a characteristic.
     *
     * @param written by the client, else from the tool
     */
    public static ValueKind of(UUID characteristic, boolean written, byte[] value) {
        if (characteristic.equals(Gatt.FORCE_STREAM)) {
            return FORCE;
        } else if (characteristic.equals(Gatt.EVENTS)) {
            return EVENT;
        } else if (characteristic.equals(Gatt.RECORD_DATA)) {
            return ofType(value).orElse(FORCE);
        } else if (characteristic.equals(Gatt.CONTROL_POINT)) {
            return written ? CONTROL_REQUEST : CONTROL_ANSWER;
        } else if (characteristic.equals(Gatt.TIME_SYNC)) {
            return written ? TIME_SYNC_REQUEST : TIME_SYNC_ANSWER;
        } else if (characteristic.equals(Gatt.RECORD_ACCESS)) {
            return written ? RECORD_REQUEST : RECORD_ANSWER;
        } else if (characteristic.equals(Gatt.TOOL_INFO)) {
            return TOOL_INFO;
        } else if (characteristic.equals(Gatt.CUE)) {
            return CUE;
        } else if (characteristic.equals(Gatt.BATTERY_LEVEL)) {
            return BATTERY;
        } else if (characteristic.equals(Gatt.SMP)) {
            return SMP;
        }
        return TEXT;
    }

    /** @throws IllegalArgumentException if it is the word of none */
    public static ValueKind named(String word) {
        return Arrays.stream(values())
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("want one of %s, got '%s'"
                        .formatted(
                                Arrays.stream(values()).map(ValueKind::word).collect(Collectors.joining(", ")), word)));
    }
}
