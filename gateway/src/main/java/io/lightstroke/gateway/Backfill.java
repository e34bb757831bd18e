package io.lightstroke.gateway;

import io.lightstroke.gateway.journal.BootState;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.StoredBoots.StoredBoot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets from a tool's store what has not come live, also of earlier boots, and lets the tool erase what is on disk here.
 * What the store does not have is lost from then on. Used by the tool's thread; the live stream goes on meanwhile.
 */
final class Backfill {
    private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);
    /** While something is awaited. */
    private static final Duration AGAIN = Duration.ofSeconds(5);
    /** So often the tool may erase. */
    private static final Duration ERASE_EVERY = Duration.ofSeconds(60);
    /** Records before and after a gap are asked for too: the events at its edges have gone with it. */
    private static final long MARGIN = 50;
    /** Of more gaps all that lies between them is asked for at once. */
    private static final int MOST_REQUESTS = 20;

    private static final int MOST_TRIES = 5;
    private static final long HIGHEST_INDEX = 0xFFFF_FFFFL;
    /** So long the disk may take before the tool may erase. */
    private static final Duration DISK_LIMIT = Duration.ofSeconds(2);
    /** The newest samples of a boot that goes on are not erased: their events may still be on the way. */
    private static final long TAIL = 500;

    private final String tool;
    private final ToolPipeline pipeline;
    private final Journal journal;
    private final LongSupplier nanoTime;

    private boolean stores;
    private boolean ranYet;
    /** The last run came to its end. */
    private boolean done;

    private long ranNanos;

    /** @param nanoTime as {@link System#nanoTime()} */
    Backfill(String tool, ToolPipeline pipeline, Journal journal, LongSupplier nanoTime) {
        this.tool = tool;
        this.pipeline = pipeline;
        this.journal = journal;
        this.nanoTime = nanoTime;
    }

    /** @param toolStores whether it has a store */
    void connected(boolean toolStores) {
        stores = toolStores;
        ranYet = false;
    }

    /**
     * Whether {@link #run} has something to do: once a connection, again while samples are awaited or after it has failed, and
     * to erase. Not while the disk takes nothing: what would come could not be kept.
     */
    boolean due() {
        if (!journal.takes()) {
            return false;
        }
        Duration since = Duration.ofNanos(nanoTime.getAsLong() - ranNanos);
        return !ranYet
                || since.compareTo(ERASE_EVERY) > 0
                || (since.compareTo(AGAIN) > 0 && (!done || pipeline.boots().pending() > 0));
    }

    void run(ServedTool.StoredRecords records) throws LinkException, MalformedFrameException, InterruptedException {
        ranYet = true;
        done = false;
        ranNanos = nanoTime.getAsLong();
        ToolBoots boots = pipeline.boots();
        if (!stores) {
            boots.all().forEach(boot -> boot.samples().giveUp(0, Long.MAX_VALUE, IndexLedger.Loss.NOT_STORED));
            boots.account();
            done = true;
            return;
        }
        List<StoredBoot> stored = records.boots();
        place(records, stored);
        for (StoredBoot each : stored) {
            fill(records, each);
        }
        for (ToolBoots.Boot boot : boots.all()) {
            if (stored.stream().noneMatch(each -> each.boot() == boot.number)) {
                boot.samples().giveUp(0, Long.MAX_VALUE, IndexLedger.Loss.OVERWRITTEN);
            }
        }
        boots.account();
        if (records.meanwhile("writing the journal", () -> journal.flush(DISK_LIMIT))) {
            for (StoredBoot each : stored) {
                erase(records, each);
            }
        }
        done = true;
        ranNanos = nanoTime.getAsLong();
    }

    /** Boots of which nothing is known get their place in time, the newest first: each ended when the next one began. */
    private void place(ServedTool.StoredRecords records, List<StoredBoot> stored)
            throws LinkException, MalformedFrameException, InterruptedException {
        ToolBoots boots = pipeline.boots();
        ToolBoots.Boot current = boots.current();
        if (current == null) {
            return;
        }
        long nextBeganUtcUs = current.clock().utcUs(0);
        for (int i = stored.size() - 1; i >= 0; i--) {
            StoredBoot each = stored.get(i);
            ToolBoots.Boot known = known(records, each.boot());
            if (known == null) {
                byte[] last = records.last(each.boot());
                if (last == null) {
                    continue;
                }
                try {
                    known = place(each.boot(), last, nextBeganUtcUs);
                } finally {
                    pipeline.record(last, nanoTime.getAsLong()); // accounts for it, whatever it is
                }
            }
            nextBeganUtcUs = known.clock().utcUs(0);
        }
    }

    /** @param last its newest record */
    private ToolBoots.Boot place(long boot, byte[] last, long endUtcUs) throws MalformedFrameException {
        LOG.info("{}: boot {} was never seen live; its time is an estimate", tool, hex(boot));
        if (last.length > 0 && last[0] == EventFrame.TYPE) {
            return pipeline.boots().place(boot, EventFrame.decode(last).timeUs(), 1, endUtcUs);
        }
        ForceFrame frame = ForceFrame.decode(last);
        return pipeline.boots().place(boot, frame.lastTimeUs(), frame.periodUs(), endUtcUs);
    }

    /** What has come of a boot so far, by memory or by the journal; null when nothing has. */
    private ToolBoots.@Nullable Boot known(ServedTool.StoredRecords records, long number)
            throws LinkException, InterruptedException {
        ToolBoots.Boot known = pipeline.boots().known(number);
        if (known != null) {
            return known;
        }
        // It may have been known, and forgotten for newer ones, while what came of it still waits for the disk.
        if (!records.meanwhile("writing the journal", () -> journal.flush(DISK_LIMIT))) {
            throw new LinkException("stored records: want those that came on disk within %d s, got none"
                    .formatted(DISK_LIMIT.toSeconds()));
        }
        Optional<BootState> state = records.meanwhile("reading the journal", () -> journal.boot(tool, number));
        return state.map(each -> pipeline.boots().takeUp(number, each)).orElse(null);
    }

    private void fill(ServedTool.StoredRecords records, StoredBoot stored)
            throws LinkException, MalformedFrameException, InterruptedException {
        ToolBoots.Boot boot = known(records, stored.boot());
        if (boot == null) {
            return;
        }
        IndexLedger samples = boot.samples();
        long lastEvent = stored.events() - 1;
        if (lastEvent >= 0) {
            boot.events.expect(0, lastEvent);
            boot.events.expectUpTo(lastEvent);
        }
        if (stored.oldestIndex() <= stored.newestIndex()) {
            samples.expect(stored.oldestIndex(), stored.newestIndex());
            if (boot != pipeline.boots().current()) {
                samples.expectUpTo(stored.newestIndex()); // of the current one the stream brings them
            }
            samples.giveUp(0, stored.oldestIndex() - 1, IndexLedger.Loss.OVERWRITTEN);
        }
        List<IndexLedger.Range> wanted = samples.awaitedIn(stored.oldestIndex(), stored.newestIndex());
        boolean eventsMissing = !boot.events.awaitedIn(0, lastEvent).isEmpty();
        if (wanted.isEmpty() && !eventsMissing) {
            return;
        }
        long began = nanoTime.getAsLong();
        long before = samples.came();
        long notKept = pipeline.notKept();
        for (IndexLedger.Range each : requests(wanted, eventsMissing, stored)) {
            boolean complete = false;
            for (int tries = 0; tries < MOST_TRIES && !complete; tries++) {
                report(records, stored.boot(), each, eventsMissing);
                // The answer may overtake the last records, and some may get lost.
                complete = records.await(
                        () -> samples.awaitedIn(each.first(), each.last()).isEmpty()
                                && boot.events.awaitedIn(0, lastEvent).isEmpty());
            }
            if (pipeline.notKept() > notKept) {
                throw new LinkException(
                        "stored records of boot %s: want them kept, got a journal that takes no more; they stay in the tool and are asked for again"
                                .formatted(hex(stored.boot())));
            }
            samples.giveUp(each.first(), each.last(), IndexLedger.Loss.NOT_RECORDED);
        }
        boot.events.giveUp(0, lastEvent, IndexLedger.Loss.NOT_RECORDED);
        pipeline.boots().account();
        LOG.info(
                "{}: boot {}: {} samples from the tool's store in {} ms, lost {}",
                tool,
                hex(stored.boot()),
                samples.came() - before,
                (nanoTime.getAsLong() - began) / 1_000_000,
                samples.lost());
    }

    /** @param events also those that happened at other samples */
    private static void report(ServedTool.StoredRecords records, long boot, IndexLedger.Range range, boolean events)
            throws LinkException, MalformedFrameException, InterruptedException {
        RecordAnswer.Result result = records.report(RecordRequest.reportRange(
                boot,
                events ? 0 : Math.max(0, range.first() - MARGIN),
                events ? HIGHEST_INDEX : Math.min(HIGHEST_INDEX, range.last() + MARGIN)));
        if (result != RecordAnswer.Result.SUCCESS && result != RecordAnswer.Result.NO_RECORDS_FOUND) {
            throw new LinkException("record access, samples %d..%d of boot %s: want success, got %s"
                    .formatted(range.first(), range.last(), hex(boot), result));
        }
    }

    private static List<IndexLedger.Range> requests(
            List<IndexLedger.Range> wanted, boolean eventsMissing, StoredBoot stored) {
        if (eventsMissing) {
            return List.of(new IndexLedger.Range(stored.oldestIndex(), stored.newestIndex()));
        }
        List<IndexLedger.Range> requests = new ArrayList<>();
        for (IndexLedger.Range each : wanted) {
            int last = requests.size() - 1;
            if (last >= 0 && each.first() - requests.get(last).last() <= 2 * MARGIN) {
                requests.set(last, new IndexLedger.Range(requests.get(last).first(), each.last()));
            } else {
                requests.add(each);
            }
        }
        return requests.size() <= MOST_REQUESTS
                ? requests
                : List.of(new IndexLedger.Range(
                        requests.get(0).first(),
                        requests.get(requests.size() - 1).last()));
    }

    /** Up to the first sample that is awaited, or is not on disk. */
    private void erase(ServedTool.StoredRecords records, StoredBoot stored) throws LinkException, InterruptedException {
        ToolBoots.Boot boot = known(records, stored.boot());
        if (boot == null || boot.events.awaited() > 0 || stored.oldestIndex() > stored.newestIndex()) {
            return;
        }
        Optional<BootState> onDisk =
                records.meanwhile("reading the journal", () -> journal.boot(tool, stored.boot(), stored.oldestIndex()));
        if (onDisk.isEmpty()) {
            return;
        }
        // What came after the list of the stored boots may have had events that did not come.
        long upTo = Math.min(onDisk.get().lastIndex(), stored.newestIndex())
                - (boot == pipeline.boots().current() ? TAIL : 0);
        for (BootState.Gap gap : onDisk.get().gaps()) {
            // What the tool has of it and the journal has not: refused by the disk, or on its way there.
            boolean lost = boot.samples().awaitedIn(gap.first(), gap.last()).isEmpty()
                    && !boot.samples().came(gap.first(), gap.last());
            upTo = lost ? upTo : Math.min(upTo, gap.first() - 1);
        }
        if (upTo >= stored.oldestIndex()) {
            records.erase(stored.boot(), upTo);
        }
    }

    private static String hex(long boot) {
        return "%08x".formatted(boot);
    }
}
