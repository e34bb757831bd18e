package io.lightstroke.protocol;

import static io.lightstroke.protocol.Bytes.text;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Any bytes come back exactly as they were, or are refused by the one checked exception; any value comes back. */
class AnyBytesTest {
    private static final long U32 = 0xFFFF_FFFFL;

    @FunctionalInterface
    interface Decoder<T> {
        T decode(byte[] bytes) throws MalformedFrameException;
    }

    /** Whether the bytes were taken. */
    private static <T> boolean exactOrRefused(byte[] bytes, Decoder<T> decoder, Function<T, byte[]> encoder) {
        T value;
        try {
            value = decoder.decode(bytes);
        } catch (MalformedFrameException refused) {
            return false;
        }
        assertEquals(text(bytes), text(encoder.apply(value)));
        return true;
    }

    @Property(tries = 5000)
    void anyBytes(@ForAll @Size(max = 300) byte[] bytes) {
        exactOrRefused(bytes, ForceFrame::decode, ForceFrame::encode);
        exactOrRefused(bytes, EventFrame::decode, EventFrame::encode);
        exactOrRefused(bytes, ToolInfo::decode, ToolInfo::encode);
        exactOrRefused(bytes, ToolLimits::decode, ToolLimits::encode);
        exactOrRefused(bytes, ControlRequest::decode, ControlRequest::encode);
        exactOrRefused(bytes, ControlAnswer::decode, ControlAnswer::encode);
        exactOrRefused(bytes, Cue::decode, Cue::encode);
        exactOrRefused(bytes, BatteryLevel::decode, BatteryLevel::encode);
        exactOrRefused(bytes, TimeSync::decode, TimeSync::encode);
        exactOrRefused(bytes, TimeSync::nonceOfRequest, TimeSync::request);
        exactOrRefused(bytes, StoredBoots::decode, StoredBoots::encode);
        exactOrRefused(bytes, RecordRequest::decode, RecordRequest::encode);
        exactOrRefused(bytes, RecordAnswer::decode, RecordAnswer::encode);
    }

    /** Random bodies behind a right head, length and CRC: all but a period of 0 must be taken. */
    @Property(tries = 3000)
    void anyForceFrameBody(
            @ForAll @IntRange(min = 1, max = 100) int count, @ForAll @Size(min = 230, max = 230) byte[] body) {
        byte[] bytes = Arrays.copyOf(body, 30 + 2 * count);
        bytes[0] = 1;
        bytes[1] = 1;
        bytes[22] = (byte) count;
        LittleEndian.putCrc(bytes);
        boolean taken = exactOrRefused(bytes, ForceFrame::decode, ForceFrame::encode);
        assertEquals(bytes[20] != 0 || bytes[21] != 0, taken);
    }

    @Property(tries = 3000)
    void anyEventFrameBody(@ForAll @Size(40) byte[] bytes) {
        bytes[0] = 2;
        bytes[1] = 1;
        LittleEndian.putCrc(bytes);
        assertEquals(true, exactOrRefused(bytes, EventFrame::decode, EventFrame::encode));
    }

    @Property
    void anyFixedLayoutBody(
            @ForAll @Size(22) byte[] info,
            @ForAll @Size(16) byte[] limits,
            @ForAll @Size(10) byte[] cue,
            @ForAll @Size(24) byte[] sync) {
        info[0] = 1;
        assertEquals(true, exactOrRefused(info, ToolInfo::decode, ToolInfo::encode));
        assertEquals(true, exactOrRefused(limits, ToolLimits::decode, ToolLimits::encode));
        assertEquals(true, exactOrRefused(cue, Cue::decode, Cue::encode));
        assertEquals(true, exactOrRefused(sync, TimeSync::decode, TimeSync::encode));
    }

    /** Random indices behind a right head; only a range that runs backwards is refused. */
    @Property(tries = 3000)
    void anyRecordRequestBody(
            @ForAll @IntRange(min = 1, max = 4) int op,
            @ForAll @IntRange(min = 1, max = 6) int operator,
            @ForAll @Size(15) byte[] body)
            throws MalformedFrameException {
        byte[] bytes = Arrays.copyOf(body, operator == 4 ? 15 : operator == 2 || operator == 3 ? 11 : 7);
        bytes[0] = (byte) op;
        bytes[1] = (byte) operator;
        bytes[2] = (byte) 0x80;
        boolean backwards = operator == 4 && LittleEndian.u32(bytes, 7) > LittleEndian.u32(bytes, 11);
        boolean taken = exactOrRefused(bytes, RecordRequest::decode, RecordRequest::encode);
        assertEquals(op != 3 && !backwards, taken);
        assertEquals(taken && op != 2, RecordRequest.refusal(bytes).isEmpty());
    }

    @Property
    void anyRecordAnswerBody(@ForAll @Size(6) byte[] bytes) {
        bytes[0] = 5;
        bytes[1] = 0;
        assertEquals(true, exactOrRefused(bytes, RecordAnswer::decode, RecordAnswer::encode));
        byte[] response = Arrays.copyOf(bytes, 4);
        response[0] = 6;
        assertEquals(true, exactOrRefused(response, RecordAnswer::decode, RecordAnswer::encode));
    }

    /** A request of two bytes or more is answered in any case. */
    @Property(tries = 3000)
    void anyRecordRequestIsRefusedOrCanBeDecoded(@ForAll @Size(min = 2, max = 20) byte[] bytes)
            throws MalformedFrameException {
        assertEquals(
                RecordRequest.refusal(bytes).isEmpty(),
                exactOrRefused(bytes, RecordRequest::decode, RecordRequest::encode) && bytes[0] != 2);
    }

    @Property
    void anyStoredBootsBody(@ForAll @IntRange(max = 15) int count, @ForAll @Size(242) byte[] body) {
        byte[] bytes = Arrays.copyOf(body, 2 + 16 * count);
        bytes[0] = (byte) (body[0] & 1);
        bytes[1] = (byte) count;
        assertEquals(true, exactOrRefused(bytes, StoredBoots::decode, StoredBoots::encode));
    }

    @Property
    void anyControlBody(@ForAll @Size(min = 4, max = 300) byte[] bytes) {
        assertEquals(true, exactOrRefused(bytes, ControlRequest::decode, ControlRequest::encode));
        bytes[0] = (byte) 0x80;
        assertEquals(true, exactOrRefused(bytes, ControlAnswer::decode, ControlAnswer::encode));
    }

    @Property
    void anyForceFrame(@ForAll("forceFrames") ForceFrame frame) throws MalformedFrameException {
        assertEquals(frame, ForceFrame.decode(frame.encode()));
        assertEquals(frame.hashCode(), ForceFrame.decode(frame.encode()).hashCode());
    }

    @Provide
    Arbitrary<ForceFrame> forceFrames() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 0xFFFF),
                        Arbitraries.longs().between(0, U32),
                        Arbitraries.longs().between(0, U32),
                        Arbitraries.longs(),
                        Arbitraries.integers().between(1, 0xFFFF),
                        Arbitraries.longs().between(0, U32),
                        Arbitraries.shorts().array(short[].class).ofMinSize(1).ofMaxSize(100))
                .as(ForceFrame::new);
    }

    @Property
    void anyEventFrame(@ForAll("eventFrames") EventFrame frame) throws MalformedFrameException {
        assertEquals(frame, EventFrame.decode(frame.encode()));
    }

    @Provide
    Arbitrary<EventFrame> eventFrames() {
        Arbitrary<Long> u32 = Arbitraries.longs().between(0, U32);
        return Combinators.combine(u32, u32, u32, u32, u32, Arbitraries.longs(), Arbitraries.integers(), u32)
                .as((boot, sequence, index, duration, strokes, time, bits, more) -> new EventFrame(
                        bits & 0xFF,
                        bits >>> 8 & 0xFF,
                        boot,
                        sequence,
                        index,
                        time,
                        (short) (bits >>> 16),
                        duration,
                        more.byteValue(),
                        (byte) (more >>> 8),
                        strokes,
                        (int) (more >>> 16)));
    }

    @Property
    void anyToolInfo(
            @ForAll @IntRange(max = 0xFFFF) int features,
            @ForAll @IntRange(max = 0xFFFF) int rateHz,
            @ForAll @LongRange(max = U32) long calibration,
            @ForAll @LongRange(max = U32) long boot,
            @ForAll @LongRange(max = U32) long tareAgeS,
            @ForAll @IntRange(max = 0xFF) int state)
            throws MalformedFrameException {
        ToolInfo info = new ToolInfo(features, rateHz, rateHz / 2, 0xFFFF - rateHz, calibration, boot, tareAgeS, state);
        assertEquals(info, ToolInfo.decode(info.encode()));
    }

    @Property
    void anyLimits(
            @ForAll short light,
            @ForAll short ceiling,
            @ForAll @IntRange(max = 0xFFFF) int enterMs,
            @ForAll @IntRange(max = 0xFF) int percent)
            throws MalformedFrameException {
        ToolLimits limits =
                new ToolLimits(light, ceiling, light, ceiling, enterMs, 0xFFFF - enterMs, percent, enterMs, percent);
        assertEquals(limits, ToolLimits.decode(limits.encode()));
    }

    @Property
    void anyControlRequestAndAnswer(
            @ForAll @IntRange(max = 0xFF) int op,
            @ForAll @IntRange(max = 0xFF) int txn,
            @ForAll @IntRange(max = 0xFF) int result,
            @ForAll @Size(max = 240) byte[] rest)
            throws MalformedFrameException {
        ControlRequest request = new ControlRequest(op, txn, rest);
        assertEquals(request, ControlRequest.decode(request.encode()));
        ControlAnswer answer = new ControlAnswer(op, txn, result, rest);
        assertEquals(answer, ControlAnswer.decode(answer.encode()));
    }

    @Property
    void anyCueAndBattery(
            @ForAll @IntRange(max = 0xFF) int pattern,
            @ForAll @IntRange(max = 0xFF) int txn,
            @ForAll long expiresUs,
            @ForAll @IntRange(max = 100) int percent)
            throws MalformedFrameException {
        Cue cue = new Cue(pattern, txn, expiresUs);
        assertEquals(cue, Cue.decode(cue.encode()));
        assertEquals(new BatteryLevel(percent), BatteryLevel.decode(new BatteryLevel(percent).encode()));
    }
}
