package io.lightstroke.dashboard.live;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.LongSupplier;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One browser. {@link #offer} never blocks: what cannot be sent yet waits in a bounded queue, from which the oldest live
 * frames go first. A browser that takes nothing for {@value #STALL_MS} ms is cut off. Thread-safe.
 */
final class Viewer {
    static final int QUEUE_CHARS = 256 * 1024;
    static final long STALL_MS = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(Viewer.class);

    private record Outgoing(String text, boolean live) {}

    private final Session session;
    private final LongSupplier nanoClock;
    private final Deque<Outgoing> queue = new ArrayDeque<>();
    private final Sending sending = new Sending();
    private final int limitChars;
    private int queuedChars;
    private boolean inFlight;
    private boolean cutOff;
    private long sentNs;
    private long dropped;

    /** @param first what it gets before all that is offered; its size is not counted against the viewer */
    Viewer(Session session, LongSupplier nanoClock, Collection<String> first) {
        this.session = session;
        this.nanoClock = nanoClock;
        first.forEach(text -> queue.addLast(new Outgoing(text, false)));
        queuedChars = first.stream().mapToInt(String::length).sum();
        limitChars = QUEUE_CHARS + queuedChars;
    }

    /** @param live a frame that is worth nothing once a newer one is there */
    void offer(String text, boolean live) {
        synchronized (this) {
            if (cutOff) {
                return;
            }
            if (inFlight && nanoClock.getAsLong() - sentNs > STALL_MS * 1_000_000) {
                cutOff("took nothing for %d ms, %d live frames dropped".formatted(STALL_MS, dropped));
                return;
            }
            queue.addLast(new Outgoing(text, live));
            queuedChars += text.length();
            dropOldestLive();
            if (queuedChars > limitChars) {
                cutOff("%d characters of state wait for it".formatted(queuedChars));
                return;
            }
        }
        sending.iterate();
    }

    private void dropOldestLive() {
        for (Iterator<Outgoing> oldest = queue.iterator(); queuedChars > limitChars && oldest.hasNext(); ) {
            Outgoing candidate = oldest.next();
            if (candidate.live()) {
                oldest.remove();
                queuedChars -= candidate.text().length();
                dropped++;
            }
        }
    }

    private void cutOff(String why) {
        LOG.info("viewer {} is cut off: {}", session.getRemoteSocketAddress(), why);
        cutOff = true;
        queue.clear();
        queuedChars = 0;
        session.disconnect();
    }

    /** Sends one text after the other, each when the one before has left, without recursion and without a thread. */
    private final class Sending extends IteratingCallback {
        @Override
        protected Action process() {
            Outgoing next;
            synchronized (Viewer.this) {
                next = queue.pollFirst();
                inFlight = next != null;
                if (next == null) {
                    return Action.IDLE;
                }
                queuedChars -= next.text().length();
                sentNs = nanoClock.getAsLong();
            }
            session.sendText(next.text(), Callback.from(this::succeeded, this::failed));
            return Action.SCHEDULED;
        }

        @Override
        protected void onCompleteFailure(Throwable cause) {
            LOG.debug("viewer {} is gone", session.getRemoteSocketAddress(), cause);
            session.disconnect();
        }
    }
}
