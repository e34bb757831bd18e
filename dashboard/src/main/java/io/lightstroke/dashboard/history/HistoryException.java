package io.lightstroke.dashboard.history;

/** What was done is not known now; the message says why, in words for people. */
public final class HistoryException extends Exception {
    private static final long serialVersionUID = 1;

    HistoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
