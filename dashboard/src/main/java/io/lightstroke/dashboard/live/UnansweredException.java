package io.lightstroke.dashboard.live;

/** A command that no gateway has answered. */
public final class UnansweredException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why; of all but the last it is known that nothing was done. */
    public enum Reason {
        /** There is no connection to the message broker. */
        BROKER,
        /** The broker does not let the dashboard send it. */
        FORBIDDEN,
        /** Nobody has subscribed to it. */
        UNHEARD,
        SILENT
    }

    private final Reason reason;

    UnansweredException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
