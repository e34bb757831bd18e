package io.lightstroke.firmware;

import io.lightstroke.protocol.MalformedFrameException;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/** Puts the fragments of SMP messages together that come over one link, in their order. Not thread-safe. */
public final class SmpAssembly {
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    /**
     * Takes the next fragment.
     *
     * @return the message that is complete with it
     * @throws MalformedFrameException what came is none; the next fragment is taken for the beginning of another message
     */
    public Optional<SmpMessage> add(byte[] fragment) throws MalformedFrameException {
        pending.writeBytes(fragment);
        if (pending.size() < SmpMessage.HEADER) {
            return Optional.empty();
        }
        byte[] bytes = pending.toByteArray();
        boolean goesOn = false;
        try {
            goesOn = bytes.length < SmpMessage.lengthOf(bytes);
            return goesOn ? Optional.empty() : Optional.of(SmpMessage.decode(bytes));
        } finally {
            if (!goesOn) {
                pending.reset();
            }
        }
    }

    /** What has come of a message is forgotten. */
    public void reset() {
        pending.reset();
    }
}
