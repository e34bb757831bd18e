package io.lightstroke.gateway.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tool's stroke that is the gateway's: its last sample lies within, or 100 ms after, for the tool's filter
 * lags. Whichever is found first waits for the other; the last 64 of each do. One thread.
 */
final class ToolStrokes {
    private static final int WAITING = 64;
    private static final long LAG_US = 100_000;

    /** By indices, the last one with the lag. */
    private record Span(long first, long last) {
        boolean holds(ToolStroke stroke) {
            return first <= stroke.lastIndex() && stroke.lastIndex() <= last;
        }
    }

    private final Deque<ToolStroke> ofTool = new ArrayDeque<>(WAITING);
    private final Deque<Span> ofGateway = new ArrayDeque<>(WAITING);
    private long boot = -1;
    private long both;
    private long onlyTool;
    private long onlyGateway;

    /** Strokes of {@code boot} follow. */
    void restart(long boot) {
        this.boot = boot;
        ofGateway.clear();
        ofTool.removeIf(stroke -> stroke.boot() != boot);
        both = 0;
        onlyTool = ofTool.size();
        onlyGateway = 0;
    }

    void tool(ToolStroke stroke) {
        if (stroke.boot() == boot) {
            for (Iterator<Span> spans = ofGateway.iterator(); spans.hasNext(); ) {
                if (spans.next().holds(stroke)) {
                    spans.remove();
                    onlyGateway--;
                    both++;
                    return;
                }
            }
            onlyTool++;
        }
        if (ofTool.size() == WAITING) {
            ofTool.removeFirst();
        }
        ofTool.addLast(stroke);
    }

    /** A stroke of the gateway, from its first sample to its last; the tool's, if it came before. */
    @Nullable
    ToolStroke gateway(long first, long last, int periodUs) {
        Span span = new Span(first, last + LAG_US / periodUs);
        for (Iterator<ToolStroke> strokes = ofTool.iterator(); strokes.hasNext(); ) {
            ToolStroke stroke = strokes.next();
            if (stroke.boot() == boot && span.holds(stroke)) {
                strokes.remove();
                onlyTool--;
                both++;
                return stroke;
            }
        }
        if (ofGateway.size() == WAITING) {
            ofGateway.removeFirst();
        }
        ofGateway.addLast(span);
        onlyGateway++;
        return null;
    }

    StrokeAgreement agreement() {
        return new StrokeAgreement(both, onlyTool, onlyGateway);
    }
}
