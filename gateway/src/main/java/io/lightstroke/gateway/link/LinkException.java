package io.lightstroke.gateway.link;

import org.jspecify.annotations.Nullable;

/** A step over a link failed. The message says the step, what was wanted and what came. */
public sealed class LinkException extends Exception permits NotHeardException {
    private static final long serialVersionUID = 1L;

    public LinkException(String message) {
        super(message);
    }

    public LinkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
