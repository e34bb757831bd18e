package io.lightstroke.protocol;

import static io.lightstroke.protocol.LittleEndian.U32_MAX;
import static io.lightstroke.protocol.LittleEndian.U8_MAX;
import static io.lightstroke.protocol.LittleEndian.put32;
import static io.lightstroke.protocol.LittleEndian.require;
import static io.lightstroke.protocol.LittleEndian.u32;
import static io.lightstroke.protocol.LittleEndian.u8;

import java.util.ArrayList;
import java.util.List;

/**
 * A page of the boots of which a tool still holds something: answer data of control op "stored boots". Little-endian:
 * {@code more u8, count u8, {boot u32, oldest u32, newest u32, events u32}…}.
 *
 * @param more 1: there is a further page
 * @param boots the oldest first
 */
public record StoredBoots(boolean more, List<StoredBoot> boots) {
    /** As many boots as fit the answer at {@link Gatt#MIN_MTU}: a tool's pages are no longer. */
    public static final int PAGE = 3;

    private static final int HEAD = 2;
    private static final int ENTRY = 16;

    /**
     * What is stored of one boot.
     *
     * @param oldestIndex of the stored samples; greater than {@code newestIndex} when there are none, only events
     * @param newestIndex of the stored samples
     * @param events all that the boot has had since it started, also those no longer stored: their sequences are
     *     0 to {@code events} − 1
     */
    public record StoredBoot(long boot, long oldestIndex, long newestIndex, long events) {
        public StoredBoot {
            require("stored boot", boot, 0, U32_MAX);
            require("stored boot oldest", oldestIndex, 0, U32_MAX);
            require("stored boot newest", newestIndex, 0, U32_MAX);
            require("stored boot events", events, 0, U32_MAX);
        }
    }

    public StoredBoots {
        require("stored boots count", boots.size(), 0, U8_MAX);
        boots = List.copyOf(boots);
    }

    public static StoredBoots decode(byte[] bytes) throws MalformedFrameException {
        if (bytes.length < HEAD) {
            throw new MalformedFrameException(
                    "stored boots: want at least %d bytes, got %d".formatted(HEAD, bytes.length));
        }
        int more = u8(bytes, 0);
        if (more > 1) {
            throw new MalformedFrameException("stored boots more: want 0 or 1, got " + more);
        }
        int count = u8(bytes, 1);
        LittleEndian.requireLength("stored boots, %d of them".formatted(count), bytes, HEAD + ENTRY * count);
        List<StoredBoot> boots = new ArrayList<>(count);
        for (int at = HEAD; at < bytes.length; at += ENTRY) {
            boots.add(new StoredBoot(u32(bytes, at), u32(bytes, at + 4), u32(bytes, at + 8), u32(bytes, at + 12)));
        }
        return new StoredBoots(more == 1, boots);
    }

    public byte[] encode() {
        byte[] bytes = new byte[HEAD + ENTRY * boots.size()];
        bytes[0] = (byte) (more ? 1 : 0);
        bytes[1] = (byte) boots.size();
        int at = HEAD;
        for (StoredBoot boot : boots) {
            put32(bytes, at, boot.boot());
            put32(bytes, at + 4, boot.oldestIndex());
            put32(bytes, at + 8, boot.newestIndex());
            put32(bytes, at + 12, boot.events());
            at += ENTRY;
        }
        return bytes;
    }
}
