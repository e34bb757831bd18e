package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.i16;
import static io.lightstroke.protocol.LittleEndian.put16;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u16;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.Optional;

/**
 * The limits by which the tool cues on its own: parameters of control op "write limits", data of "read limits".
 * 16 bytes, little-endian:
 *
 * <pre>
 *  0      2         4         6        8         10       12            13         15
 *  +------+---------+---------+--------+---------+--------+-------------+----------+-----+
 *  | light| moderate| too_deep| ceiling| enter_ms| exit_ms| exit_percent| repeat_ms| keep|
 *  | i16 cN         | i16 cN           | u16     | u16    | u8          | u16      | u8  |
 *  +------+---------+---------+--------+---------+--------+-------------+----------+-----+
 * </pre>
 *
 * Any values can be written down; {@link #problem()} says what a tool refuses.
 *
 * @param enterMs at or above {@code tooDeepCn} for this long begins an over-pressure
 * @param exitMs below {@code exitPercent} of {@code tooDeepCn} for this long ends it
 * @param repeatMs the cue is repeated at most this often
 * @param keep 1: the tool keeps them over reboots
 */
public record ToolLimits(
        int lightCn,
        int moderateCn,
        int tooDeepCn,
        int ceilingCn,
        int enterMs,
        int exitMs,
        int exitPercent,
        int repeatMs,
        int keep) {
    public static final int LENGTH = 16;
    /** No tool takes limits above this, 0.01 N. */
    public static final int MAX_CN = 1400;

    public ToolLimits {
        require("limits light", lightCn, Short.MIN_VALUE, Short.MAX_VALUE);
        require("limits moderate", moderateCn, Short.MIN_VALUE, Short.MAX_VALUE);
        require("limits too_deep", tooDeepCn, Short.MIN_VALUE, Short.MAX_VALUE);
        require("limits ceiling", ceilingCn, Short.MIN_VALUE, Short.MAX_VALUE);
        require("limits enter_ms", enterMs, 0, LittleEndian.U16_MAX);
        require("limits exit_ms", exitMs, 0, LittleEndian.U16_MAX);
        require("limits exit_percent", exitPercent, 0, LittleEndian.U8_MAX);
        require("limits repeat_ms", repeatMs, 0, LittleEndian.U16_MAX);
        require("limits keep", keep, 0, LittleEndian.U8_MAX);
    }

    /** Why a tool answers "bad parameter", or empty. */
    public Optional<String> problem() {
        boolean ascending = 0 < lightCn && lightCn < moderateCn && moderateCn < tooDeepCn && tooDeepCn < ceilingCn;
        return ascending && ceilingCn <= MAX_CN && exitPercent <= 100
                ? Optional.empty()
                : Optional.of(
                        "limits: want 0 < light < moderate < too_deep < ceiling <= %d cN and exit_percent <= 100, got %d %d %d %d cN and %d"
                                .formatted(MAX_CN, lightCn, moderateCn, tooDeepCn, ceilingCn, exitPercent));
    }

    public static ToolLimits decode(byte[] bytes) throws MalformedFrameException {
        LittleEndian.requireLength("limits", bytes, LENGTH);
        return new ToolLimits(
                i16(bytes, 0),
                i16(bytes, 2),
                i16(bytes, 4),
                i16(bytes, 6),
                u16(bytes, 8),
                u16(bytes, 10),
                u8(bytes, 12),
                u16(bytes, 13),
                u8(bytes, 15));
    }

    public byte[] encode() {
        byte[] bytes = new byte[LENGTH];
        put16(bytes, 0, lightCn);
        put16(bytes, 2, moderateCn);
        put16(bytes, 4, tooDeepCn);
        put16(bytes, 6, ceilingCn);
        put16(bytes, 8, enterMs);
        put16(bytes, 10, exitMs);
        bytes[12] = (byte) exitPercent;
        put16(bytes, 13, repeatMs);
        bytes[15] = (byte) keep;
        return bytes;
    }
}
