package io.lightstroke.dashboard.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where history is kept. Times are microseconds of UTC since 1970; {@code from} is included, {@code to} is not. */
interface HistorySource extends AutoCloseable {
    /** A message as it was published. */
    record Found(ToolName tool, String json) {}

    /**
     * Every revision that is kept, in any order.
     *
     * @param tool null: of all
     * @param kind as in the topics: {@code session}, {@code stroke}, {@code spot}, {@code alert}
     */
    List<Found> messages(@Nullable ToolName tool, String kind, long fromUs, long toUs) throws HistoryException;

    /** The summaries of that session, of all its tools. */
    List<Found> summaries(String session) throws HistoryException;

    /** By time; only those of which samples are kept. */
    List<Trace.Point> force(ToolName tool, long fromUs, long toUs, long stepUs) throws HistoryException;

    /** Samples of which no two neighbours are that far apart or farther, from the first to the last. */
    record Run(long firstUs, long lastUs) {}

    /** By time. */
    List<Run> runs(ToolName tool, long fromUs, long toUs, long apartUs) throws HistoryException;

    @Override
    void close();
}
