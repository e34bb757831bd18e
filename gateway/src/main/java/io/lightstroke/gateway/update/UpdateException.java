package io.lightstroke.gateway.update;

/** An update cannot be, or the tool refuses it: trying again would not help. The message is for people. */
public final class UpdateException extends Exception {
    private static final long serialVersionUID = 1L;

    public UpdateException(String message) {
        super(message);
    }
}
