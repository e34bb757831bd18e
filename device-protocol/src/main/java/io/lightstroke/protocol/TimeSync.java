package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U32_MAX;
import static io.lightstroke.protocol.LittleEndian.put32;
import static io.lightstroke.protocol.LittleEndian.put64;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u32;
import static io.lightstroke.protocol.LittleEndian.u64;

/**
 * The tool's answer to a nonce written to Time Sync. 24 bytes, little-endian:
 * {@code nonce u32, boot u32, received_us u64, sent_us u64}.
 *
 * @param nonce chosen by the asker; brought back
 * @param boot random number of the tool's start, u32
 * @param receivedUs tool time at which the request came, microseconds since boot, u64 (unsigned)
 * @param sentUs tool time at which this was sent, microseconds since boot, u64 (unsigned)
 */
public record TimeSync(long nonce, long boot, long receivedUs, long sentUs) {
    public static final int LENGTH = 24;

    private static final int REQUEST_LENGTH = 4;

    public TimeSync {
        require("time sync nonce", nonce, 0, U32_MAX);
        require("time sync boot", boot, 0, U32_MAX);
    }

    /** What is written: {@code nonce u32}. */
    public static byte[] request(long nonce) {
        require("time sync nonce", nonce, 0, U32_MAX);
        byte[] bytes = new byte[REQUEST_LENGTH];
        put32(bytes, 0, nonce);
        return bytes;
    }

    public static long nonceOfRequest(byte[] bytes) throws MalformedFrameException {
        LittleEndian.requireLength("time sync request", bytes, REQUEST_LENGTH);
        return u32(bytes, 0);
    }

    public static TimeSync decode(byte[] bytes) throws MalformedFrameException {
        LittleEndian.requireLength("time sync", bytes, LENGTH);
        return new TimeSync(u32(bytes, 0), u32(bytes, 4), u64(bytes, 8), u64(bytes, 16));
    }

    public byte[] encode() {
        byte[] bytes = new byte[LENGTH];
        put32(bytes, 0, nonce);
        put32(bytes, 4, boot);
        put64(bytes, 8, receivedUs);
        put64(bytes, 16, sentUs);
        return bytes;
    }
}
