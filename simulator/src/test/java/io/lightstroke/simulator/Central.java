package io.lightstroke.simulator;

import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
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
    /** Everything, in order, as it came. */
    final List<String> all = new ArrayList<>();

    Central(Scenario scenario, long seed) {
        tool = new SimulatedTool(IDENTITY, scenario, seed, BOOT);
        subscribed.addAll(
                List.of(Gatt.FORCE_STREAM, Gatt.EVENTS, Gatt.CONTROL_POINT, Gatt.TOOL_INFO, Gatt.BATTERY_LEVEL));
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
            } else {
                throw new AssertionError("not expected: " + characteristic);
            }
        } catch (MalformedFrameException e) {
            throw new AssertionError(e);
        }
    }

    Central goOn(double seconds) {
        tool.advanceTo(tool.nowUs() + Math.round(seconds * 1e6));
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
