package io.lightstroke.dashboard.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import java.math.BigInteger;

/** Frames as one JSON object on one line: the fields of docs/protocol.md, by their names, as raw integers. */
final class FrameJson {
    private FrameJson() {}

    static String of(ForceFrame frame, int crc) {
        ObjectNode json = object().put("type", ForceFrame.TYPE)
                .put("version", ForceFrame.VERSION)
                .put("flags", frame.flags())
                .put("boot", frame.boot())
                .put("first", frame.first())
                .put("time_us", unsigned(frame.timeUs()))
                .put("period_us", frame.periodUs())
                .put("count", frame.count())
                .put("reserved", frame.reserved())
                .put("strokes", frame.strokes());
        ArrayNode force = json.putArray("force");
        for (short cn : frame.forceCn()) {
            if (cn == ForceFrame.NO_FORCE) {
                force.addNull();
            } else {
                force.add(cn);
            }
        }
        return json.put("crc", crc).toString();
    }

    static String of(EventFrame frame, int crc) {
        return object().put("type", EventFrame.TYPE)
                .put("version", EventFrame.VERSION)
                .put("kind", frame.kindCode())
                .put("flags", frame.flags())
                .put("boot", frame.boot())
                .put("sequence", frame.sequence())
                .put("index", frame.index())
                .put("time_us", unsigned(frame.timeUs()))
                .put("peak", frame.peakCn())
                .put("duration", frame.durationMs())
                .put("angle", frame.angleDeg())
                .put("direction", frame.direction())
                .put("strokes", frame.strokes())
                .put("code", frame.code())
                .put("crc", crc)
                .toString();
    }

    static String error(MalformedFrameException e) {
        return object().put("error", e.getMessage()).toString();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
