package io.lightstroke.gateway.journal;

import org.jspecify.annotations.Nullable;

/** The journal cannot be opened, or a step on it did not reach the disk. */
public final class JournalException extends Exception {
    private static final long serialVersionUID = 1L;

    public JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
