package io.lightstroke.simulator;

import io.lightstroke.firmware.SmpAssembly;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.StoredBoots;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** The other end of a simulated tool in virtual time: keeps all that it notifies, decoded. Not thread-safe. */
final class Central {
    static final SimulatedTool.Identity IDENTITY = new SimulatedTool.Identity(
            "02:4C:53:00:00:01", "Lightstroke 1", "Lightstroke", "Simulated tool", "SIM-00001", "1.0.0");
    static final long BOOT = 0x5EED_0003L;

    final SimulatedTool tool;
    final Set<UUID> subscribed = ConcurrentHashMap.newKeySet();
    final List<ForceFrame> frames = new ArrayList<>();
    final List<EventFrame> events = new ArrayList<>();
    final List<ControlAnswer> answers = new ArrayList<>();
    final List<ToolInfo> infos = new ArrayList<>();
    final List<BatteryLevel> batteryLevels = new ArrayList<>();
    final List<TimeSync> syncs = new ArrayList<>();
    /** What came of the store: {@link ForceFrame}s and {@link EventFrame}s. */
    final List<Object> records = new ArrayList<>();

    final List<SmpMessage> smpAnswers = new ArrayList<>();
    private final SmpAssembly smpFragments = new SmpAssembly();

    final List<RecordAnswer> recordAnswers = new ArrayList<>();
    /** Everything, in order, as it came. */
    final List<String> all = new ArrayList<>();

    Central(Scenario scenario, long seed) {
        tool = new SimulatedTool(IDENTITY, scenario, seed, BOOT);
        Gatt.TABLE.stream()
                .filter(row -> row.properties().contains(Gatt.Property.NOTIFY)
                        || row.properties().contains(Gatt.Property.INDICATE))
                .forEach(row -> subscribed.add(row.uuid()));
        connect(247);
    }

    void connect(int mtu) {
        tool.connect(mtu, subscribed, this::arrived);
    }

    private void arrived(UUID characteristic, byte[] value) {
        all.add(characteristic.toString().substring(4, 8) + " " + HexFormat.of().formatHex(value));
        try {
            if (characteristic.equals(Gatt.FORCE_STREAM)) {
                frames.add(ForceFrame.decode(value));
            } else if (characteristic.equals(Gatt.EVENTS)) {
                events.add(EventFrame.decode(value));
            } else if (characteristic.equals(Gatt.CONTROL_POINT)) {
                answers.add(ControlAnswer.decode(value));
            } else if (characteristic.equals(Gatt.TOOL_INFO)) {
                infos.add(ToolInfo.decode(value));
            } else if (characteristic.equals(Gatt.BATTERY_LEVEL)) {
                batteryLevels.add(BatteryLevel.decode(value));
            } else if (characteristic.equals(Gatt.TIME_SYNC)) {
                syncs.add(TimeSync.decode(value));
            } else if (characteristic.equals(Gatt.RECORD_DATA)) {
                records.add(value[0] == ForceFrame.TYPE ? ForceFrame.decode(value) : EventFrame.decode(value));
            } else if (characteristic.equals(Gatt.RECORD_ACCESS)) {
                recordAnswers.add(RecordAnswer.decode(value));
            } else if (characteristic.equals(Gatt.SMP)) {
                smpFragments.add(value).ifPresent(smpAnswers::add);
            } else {
                throw new AssertionError("not expected: " + characteristic);
            }
        } catch (MalformedFrameException e) {
            throw new AssertionError(e);
        }
    }

    Central goOn(double seconds) {
        tool.advanceTo(tool.ageUs() + Math.round(seconds * 1e6));
        return this;
    }

    /** Asks and returns the answer, of which there must be exactly one. */
    ControlAnswer ask(ControlRequest request) {
        return ask(request.encode());
    }

    ControlAnswer ask(byte[] request) {
        int before = answers.size();
        tool.write(Gatt.CONTROL_POINT, request);
        if (answers.size() != before + 1) {
            throw new AssertionError("want one answer, got " + answers.subList(before, answers.size()));
        }
        return answers.get(before);
    }

    /** Asks for records and lives on until the answer; what came of the store before is forgotten. */
    RecordAnswer ask(RecordRequest request) {
        records.clear();
        recordAnswers.clear();
        tool.write(Gatt.RECORD_ACCESS, request.encode());
        for (int i = 0; i < 100_000 && recordAnswers.isEmpty(); i++) {
            goOn(0.01);
        }
        if (recordAnswers.size() != 1) {
            throw new AssertionError("want one answer, got " + recordAnswers);
        }
        return recordAnswers.get(0);
    }

    /** The pages of stored boots, one after another. */
    List<StoredBoots.StoredBoot> storedBoots() {
        List<StoredBoots.StoredBoot> boots = new ArrayList<>();
        boolean more = true;
        for (int page = 0; more; page++) {
            StoredBoots read = storedBoots(page);
            boots.addAll(read.boots());
            more = read.more();
        }
        return boots;
    }

    StoredBoots storedBoots(int page) {
        try {
            return StoredBoots.decode(ask(ControlRequest.storedBoots(1, page)).data());
        } catch (MalformedFrameException e) {
            throw new AssertionError(e);
        }
    }

    ToolInfo info() {
        try {
            return ToolInfo.decode(tool.read(Gatt.TOOL_INFO));
        } catch (MalformedFrameException e) {
            throw new AssertionError(e);
        }
    }

    List<EventFrame> events(EventFrame.Kind kind) {
        return events.stream().filter(event -> event.kind() == kind).toList();
    }

    /** All samples, in the order in which they came, newtons. */
    double[] forceN() {
        return frames.stream()
                .flatMap(frame -> IntStream.range(0, frame.count()).mapToObj(i -> frame.forceCn()[i] / 100.0))
                .mapToDouble(Double::doubleValue)
                .toArray();
    }
}
