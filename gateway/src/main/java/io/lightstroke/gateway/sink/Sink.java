package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import java.util.List;
import java.util.function.Predicate;

/** Where a pump delivers the journal to. Used by one thread, but that {@link #close} may come from another. */
public interface Sink extends AutoCloseable {
    /** The name of its cursor, for example {@code mqtt}. */
    String name();

    /** Entries for one delivery, at most. By default at 25 samples a row the 5000 lines of one InfluxDB request. */
    default int maxEntries() {
        return 200;
    }

    /**
     * Delivers in order and returns when the other side has accepted every entry that was not set aside.
     *
     * @throws SinkException when it did not; the pump comes again with the same entries
     */
    Delivery deliver(List<Journal.Numbered> entries) throws SinkException, InterruptedException;

    /**
     * Called about each second while there is nothing to deliver.
     *
     * @throws SinkException when the other side could not take anything now
     */
    default void idle() throws SinkException, InterruptedException {}

    /** Does not send that again of what it was given before; not while it delivers. */
    default void forget(Predicate<JournalEntry> gone) {}

    @Override
    void close();
}
