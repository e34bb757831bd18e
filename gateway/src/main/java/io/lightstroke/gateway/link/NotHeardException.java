package io.lightstroke.gateway.link;

/** The tool is not in range, or switched off: nothing is wrong with the link. */
public final class NotHeardException extends LinkException {
    private static final long serialVersionUID = 1L;

    public NotHeardException(String message) {
        super(message);
    }
}
