package io.lightstroke.gateway;

import io.lightstroke.gateway.doctor.MachineCheck;
import io.lightstroke.gateway.health.Backlog;
import io.lightstroke.gateway.health.Health;
import io.lightstroke.gateway.health.Progress;
import io.lightstroke.gateway.health.Reasons;
import io.lightstroke.gateway.health.SinkWatch;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.sink.CommandListener;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every part of a gateway once a second, on a thread of its own, so that nobody who asks how it stands holds up
 * the journal. Takes no lock of a cue's path.
 */
final class Watch implements AutoCloseable {
    /** No journal takes longer to open. */
    private static final Duration OPENED_BEFORE = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private static final Duration EVERY = Duration.ofSeconds(1);
    /** A look at a long backlog takes time: it is done so seldom that it costs no more than this part of it. */
    private static final int REST_PER_LOOK = 10;

    private static final Duration LONGEST_REST = Duration.ofSeconds(15);

    /** Some are not for sinks, and have no time. */
    private static final int NEXT_ENTRIES = 10;

    private static final Duration CLOCK_EVERY = Duration.ofMinutes(1);
    /** What was seen before is not known any more. */
    private static final Duration STALE = Duration.ofSeconds(30);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private final Identity identity;
    private final Path data;
    private final List<ToolSession> sessions;
    private final Journal journal;
    private final LivePublisher live;
    private final CommandListener commands;
    private final Supplier<Health.Link> link;
    private final Supplier<Optional<String>> broker;
    private final Clock clock;
    private final long startedNanos = System.nanoTime();
    private final Instant startedAt = Instant.now();
    private final Thread thread;

    // Of the watching thread:
    private final Map<Pump, SinkWatch> sinkWatches = new LinkedHashMap<>();
    private final Map<String, Backlog> backfills = new HashMap<>();
    private long journaledBefore = -1;
    private long committedNanos = startedNanos;
    private @Nullable Boolean clockSynchronised;
    private long clockNanos = startedNanos - CLOCK_EVERY.toNanos();

    private volatile @Nullable Look last;
    private volatile boolean closing;

    /** @param instance drawn at each start */
    record Identity(String instance, String software, String topics) {}

    /** What takes a while to see. */
    private record Look(
            long atNanos,
            List<Health.Sink> sinks,
            Health.Journal journal,
            Map<String, Progress> backfills,
            @Nullable Boolean clockSynchronised) {}

    /** @param broker why the broker inside keeps nothing on disk */
    Watch(
            Identity identity,
            Path data,
            List<ToolSession> sessions,
            List<Pump> pumps,
            Journal journal,
            LivePublisher live,
            CommandListener commands,
            Supplier<Health.Link> link,
            Supplier<Optional<String>> broker,
            Clock clock) {
        this.identity = identity;
        this.data = data;
        this.sessions = List.copyOf(sessions);
        this.journal = journal;
        this.live = live;
        this.commands = commands;
        this.link = link;
        this.broker = broker;
        this.clock = clock;
        for (Pump pump : pumps) {
            sinkWatches.put(pump, new SinkWatch(pump.name(), accounts(pump.name()), startedNanos));
        }
        thread = new Thread(this::run, "watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** By kind of record. */
    private Map<String, SinkAccount> accounts(String sink) {
        return read(() -> journal.accounts(sink), Map.of());
    }

    /** How the gateway stands now. Any thread; waits for nothing. */
    Health health() {
        Look seen = last;
        long now = System.nanoTime();
        Duration uptime = Duration.ofNanos(now - startedNanos);
        boolean known = seen != null && now - seen.atNanos < STALE.toNanos();
        List<Health.Tool> tools = sessions.stream()
                .map(session -> new Health.Tool(
                        session.id(),
                        session.status(),
                        session.failure(),
                        seen == null ? null : seen.backfills.get(session.id())))
                .toList();
        List<Health.Sink> sinks = seen == null ? List.of() : seen.sinks;
        Health.Journal journalSeen = seen == null ? new Health.Journal(null, 0, 0, null) : seen.journal;
        Health.Live liveNow = new Health.Live(live.problem().orElse(null), live.dropped());
        Health.Link linkNow = link.get();
        boolean heard = commands.listening();
        Boolean synchronised = seen == null ? null : seen.clockSynchronised;
        List<Health.Reason> reasons =
                new ArrayList<>(Reasons.of(linkNow, tools, sinks, journalSeen, liveNow, heard, synchronised));
        broker.get().ifPresent(why -> reasons.add(new Health.Reason("broker", "broker-not-durable", why)));
        if (!known) {
            String since = seen == null
                    ? " yet"
                    : " for %d s".formatted(Duration.ofNanos(now - seen.atNanos).toSeconds());
            reasons.add(0, new Health.Reason("journal", "unknown", "journal and sinks were not looked at" + since));
        }
        return new Health(
                1,
                Reasons.status(reasons, uptime),
                reasons,
                clock.instant(),
                identity.instance,
                identity.software,
                identity.topics,
                uptime.toSeconds(),
                linkNow,
                tools,
                sinks,
                journalSeen,
                liveNow,
                heard,
                synchronised);
    }

    private void run() {
        boolean said = false;
        try {
            while (!closing) {
                long beganNanos = System.nanoTime();
                try {
                    last = look(beganNanos);
                    said = false;
                } catch (RuntimeException e) {
                    if (!said) {
                        LOG.error("how the gateway stands is not known", e);
                        said = true;
                    }
                }
                long restNanos = REST_PER_LOOK * (System.nanoTime() - beganNanos);
                TimeUnit.NANOSECONDS.sleep(Math.min(Math.max(EVERY.toNanos(), restNanos), LONGEST_REST.toNanos()));
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private Look look(long now) {
        List<Health.Sink> sinks = new ArrayList<>();
        for (Map.Entry<Pump, SinkWatch> each : sinkWatches.entrySet()) {
            Pump pump = each.getKey();
            sinks.add(each.getValue().look(now, seen(pump.name()), pump.problem()));
        }
        Map<String, Progress> progress = new HashMap<>();
        for (ToolSession session : sessions) {
            long awaited = session.accounting().samples().pending();
            backfills
                    .computeIfAbsent(session.id(), tool -> new Backlog(tool + " is read from its store"))
                    .look(now, session.backfilling() ? awaited : 0)
                    .ifPresent(one -> progress.put(session.id(), one));
        }
        if (now - clockNanos >= CLOCK_EVERY.toNanos()) {
            clockNanos = now;
            String synchronised = MachineCheck.clockSynchronised();
            clockSynchronised = synchronised.isEmpty() ? null : synchronised.equals("yes");
        }
        return new Look(now, sinks, journal(now), progress, clockSynchronised);
    }

    private SinkWatch.Seen seen(String sink) {
        long cursor = read(() -> journal.cursor(sink), 0L);
        return new SinkWatch.Seen(
                cursor,
                journal.lastSeq(),
                accounts(sink),
                read(() -> journal.read(cursor, NEXT_ENTRIES), List.<Journal.Numbered>of()).stream()
                        .flatMap(next -> time(next.entry()).stream())
                        .findFirst());
    }

    private static Optional<Instant> time(JournalEntry entry) {
        if (entry instanceof JournalEntry.Samples samples) {
            return Optional.of(Json.instantOfUs(samples.utcUs()));
        }
        return entry instanceof JournalEntry.Finding finding
                ? Optional.of(Json.instantOfUs(finding.utcUs()))
                : Optional.empty();
    }

    private Health.Journal journal(long now) {
        long journaled = 0;
        long inFlight = 0;
        for (ToolSession session : sessions) {
            Accounting.Samples samples = session.accounting().samples();
            journaled += samples.journaled();
            inFlight += samples.decoded() - samples.journaled() - samples.duplicate() - samples.notKept();
        }
        if (journaled != journaledBefore || inFlight <= 0) {
            journaledBefore = journaled;
            committedNanos = now;
        }
        long bytes = 0;
        for (String name : List.of("journal.db", "journal.db-wal")) {
            bytes += data.resolve(name).toFile().length();
        }
        return new Health.Journal(
                journal.problem().or(this::newestNotice).orElse(null),
                (now - committedNanos) / 1e9,
                bytes,
                diskFreeBytes());
    }

    private @Nullable Long diskFreeBytes() {
        try {
            return Files.getFileStore(data).getUsableSpace();
        } catch (IOException e) {
            LOG.debug("{}", data, e);
            return null;
        }
    }

    /** What befell the journal since the start, shortly before which it was opened. */
    private Optional<String> newestNotice() {
        return read(journal::notices, List.<Journal.Notice>of()).stream()
                .filter(notice -> notice.at().isAfter(startedAt.minus(OPENED_BEFORE)))
                .reduce((older, newer) -> newer)
                .map(Journal.Notice::text);
    }

    /** While the journal cannot be read, it says itself why. */
    private static <T> T read(Supplier<T> query, T otherwise) {
        try {
            return query.get();
        } catch (UncheckedIOException | IllegalArgumentException e) {
            return otherwise;
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.interrupt();
        thread.join(CLOSE_LIMIT.toMillis());
    }
}
