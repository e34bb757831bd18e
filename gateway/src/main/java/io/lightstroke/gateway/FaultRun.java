package io.lightstroke.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.journal.JournalEntry.ToolEvent;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.sink.LiveView;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.CueMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.MalformedFrameException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One tool's part of a gateway through some minutes of virtual time in which everything fails at random, by seed: radio,
 * tool, clocks, disk, sinks, and the gateway itself, which begins again and again on the same journal. Then all is well,
 * and it must get and deliver everything. What must hold is said in docs/faults.md. Used by one thread.
 */
public final class FaultRun {
    private static final long SECOND = 1_000_000_000L;
    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(60);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(60);
    private static final String TOOL = "tool-1";
    private static final PressureLimits LIMITS = new PressureLimits("faults", 300, 650, 900, 1400);
    private static final Duration REPEATED = Duration.ofMillis(2_050);
    /** Longer than SQLite waits for a lock. */
    private static final long REFUSED_MS = 5_500;
    /** In the end, for all that is stored to come. */
    private static final long CALM_S = 60;

    /**
     * What one seed went through.
     *
     * @param lives how often the gateway began
     * @param samples that the tool sent, each counted once
     * @param notKept by the disk, though most of them came again
     * @param cues that were to be written
     * @param violations of what must hold, in words; none is what is wanted
     */
    public record Outcome(
            long seed,
            int lives,
            long samples,
            long journaled,
            long duplicate,
            long notKept,
            long malformed,
            long overflowed,
            long refused,
            long setAside,
            long cues,
            List<String> violations) {}

    private final Path folder;
    private final FaultyWorld world;
    private final Random random;
    private final List<FaultySink> sinks;
    private final List<String> violations = new ArrayList<>();

    private int lives;
    private long duplicate;
    private long notKept;
    private long malformed;
    private long overflowed;
    private long refused;
    private long cues;
    private boolean calm;
    private boolean lifeEnds;
    /** Holds the disk; nobody else can write. */
    private @Nullable Connection lock;

    private FaultRun(long seed, Path folder) {
        this.folder = folder;
        world = new FaultyWorld(seed);
        random = world.random();
        sinks = List.of(new FaultySink("mqtt", random.nextLong()), new FaultySink("influx", random.nextLong()));
    }

    /** @param folder empty; the journal's */
    public static Outcome of(long seed, Path folder) throws JournalException, SQLException, InterruptedException {
        return new FaultRun(seed, folder).run(seed);
    }

    private Outcome run(long seed) throws JournalException, SQLException, InterruptedException {
        boolean refuses = random.nextInt(12) == 0;
        boolean poison = random.nextInt(10) == 0;
        for (int faulty = random.nextInt(1, 4); faulty > 0; faulty--) {
            plan(random.nextLong(10, 45) * SECOND, refuses);
            live(poison && lives > 0);
        }
        calm = true;
        world.calm();
        if (poison) {
            onDisk("drop trigger if exists poison");
        }
        sinks.forEach(FaultySink::calm);
        world.in(CALM_S * SECOND, () -> {
            lifeEnds = true;
            world.noteNoMore();
        });
        live(false);
        long journaled = atTheEnd();
        return new Outcome(
                seed,
                lives,
                world.sent().values().stream().mapToLong(Map::size).sum(),
                journaled,
                duplicate,
                notKept,
                malformed,
                overflowed,
                refused,
                sinks.stream().mapToLong(sink -> sink.aside().size()).sum(),
                cues,
                List.copyOf(violations));
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private void must(boolean holds, String what, @Nullable Object... details) {
        if (!holds) {
            violations.add("life %d: %s".formatted(lives, what.formatted(details)));
        }
    }

    /** What goes wrong in the gateway's next life, which lasts so long. */
    private void plan(long lifeNanos, boolean refuses) {
        world.in(lifeNanos, () -> lifeEnds = true);
        often(lifeNanos, 15, world::drop);
        often(lifeNanos, 40, world::reboot);
        often(lifeNanos, 90, () -> world.setHostClock(random.nextLong(-3_600_000_000L, 3_600_000_000L)));
        // The gateway's own thread stands still.
        often(lifeNanos, 90, () -> world.pass(random.nextLong(1, 40) * SECOND));
        often(lifeNanos, 40, () -> {
            lockDisk();
            world.in(random.nextLong(1, 20) * SECOND, () -> {
                if (refuses && lock != null) {
                    sleep(REFUSED_MS);
                }
                unlockDisk();
            });
        });
    }

    /** Once in so many seconds, in the mean. */
    private void often(long lifeNanos, int everyS, Runnable what) {
        for (long at = next(everyS); at < lifeNanos; at += next(everyS)) {
            world.in(at, () -> {
                if (!calm) {
                    what.run();
                }
            });
        }
    }

    private long next(int everyS) {
        return Math.round(-Math.log(1 - random.nextDouble()) * everyS * SECOND);
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // The disk.

    private Connection connection() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("journal.db"));
    }

    private void onDisk(String sql) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void lockDisk() {
        if (lock == null) {
            try {
                lock = connection();
                try (Statement statement = lock.createStatement()) {
                    statement.execute("begin immediate");
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void unlockDisk() {
        if (lock != null) {
            try {
                lock.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            lock = null;
        }
    }

    // The gateway's lives.

    /** @param poison some rows can never be stored */
    private void live(boolean poison) throws JournalException, SQLException, InterruptedException {
        lives++;
        lifeEnds = false;
        Journal journal = Journal.open(folder);
        try {
            for (FaultySink sink : sinks) {
                journal.enable(sink.name());
            }
            if (poison) {
                onDisk("create trigger if not exists poison before insert on samples when new.first % 997 < 20"
                        + " begin select raise(abort, 'poison'); end");
            }
            Life life = new Life(journal);
            try (JournalReader reader = JournalReader.open(folder)) {
                life.pipeline.keeper().takeUp(reader);
            }
            life.untilItEnds();
            if (calm || random.nextBoolean()) {
                life.pipeline.keeper().end();
            }
            if (lock == null || random.nextBoolean()) {
                unlockDisk();
                must(journal.flush(FLUSH_LIMIT), "the journal takes what waits");
                life.lawsWithItsJournal();
                deliver(journal);
            }
            journal.close();
            life.lawsAfterwards();
        } finally {
            journal.close();
            unlockDisk();
        }
    }

    private void deliver(Journal journal) throws JournalException, InterruptedException {
        for (FaultySink sink : sinks) {
            int calls = sink.calls() + random.nextInt(1, 20);
            try (Pump pump = new Pump(journal, sink)) {
                if (calm) {
                    must(pump.drain(DRAIN_LIMIT), "%s takes everything", sink.name());
                } else {
                    while (sink.calls() < calls && !pump.drain(Duration.ofMillis(20))) {
                        // goes on
                    }
                }
            }
            SinkAccount account = journal.account(sink.name());
            must(account.lawful(), "%s: %s adds up", sink.name(), account);
        }
    }

    /** From the gateway's begin to its end. */
    private final class Life implements LiveView, ServedTool.Asked {
        private final FaultyWorld.Air air = world.new Air();
        private final ToolHealth health = new ToolHealth(TOOL, () -> {}, world::nanoTime);
        private final RecoveryLadder ladder = new RecoveryLadder(TOOL);
        private final Map<Long, NavigableMap<Long, Double>> seen = new HashMap<>();
        private final Journal journal;
        private final long fromSeq;
        private final ToolPipeline pipeline;
        private final Backfill backfill;

        private long seenSamples;
        /** Cues of over-pressure since the last live frame. */
        private int cuesSince;
        /** The frame to which the last of them belongs. */
        private Instant cued = Instant.EPOCH;

        private long uncued;
        private @Nullable LiveFrame last;
        private long lastNanos;

        Life(Journal journal) {
            this.journal = journal;
            fromSeq = journal.lastSeq();
            pipeline = new ToolPipeline(
                    TOOL,
                    LIMITS,
                    null,
                    journal,
                    this,
                    new CueLatency(),
                    world.hostClock(),
                    session -> {},
                    world::nanoTime);
            backfill = new Backfill(TOOL, pipeline, journal, world::nanoTime);
        }

        void untilItEnds() throws InterruptedException {
            while (!lifeEnds) {
                try (FaultyWorld.Radio radio = world.connect()) {
                    radio.resolve(Duration.ofSeconds(1));
                    serve(radio);
                } catch (LinkException | MalformedFrameException e) {
                    health.become(ToolStatus.Link.LOST);
                }
                world.pass(random.nextLong(2, 30) * SECOND / 10);
                pipeline.keeper().tick(world.nanoTime());
            }
        }

        private void serve(FaultyWorld.Radio radio)
                throws LinkException, MalformedFrameException, InterruptedException {
            ServedTool served = new ServedTool(
                    new GatewayConfig.Tool(TOOL, world.address()),
                    GatewayConfig.Trust.BONDED,
                    100,
                    "virtual",
                    radio,
                    air,
                    pipeline,
                    health,
                    ladder,
                    this,
                    backfill,
                    Runnable::run,
                    this,
                    (tool, connection) -> world.new Lane(connection, this::cued),
                    world::nanoTime);
            try {
                served.serve();
            } finally {
                radio.close();
                served.takeAll();
                pipeline.disconnected();
                last = null;
            }
        }

        private void cued(Cue cue) {
            cues++;
            cuesSince += CueGiver.overPressure(cue.pattern()) ? 1 : 0;
        }

        @Override
        public boolean closing() {
            return lifeEnds;
        }

        @Override
        public void run() {
            // nobody asks for anything
        }

        @Override
        public void live(String tool, LiveFrame frame) {
            LiveFrame before = last;
            boolean goesOn = before != null
                    && before.boot() == frame.boot()
                    && before.first() + before.forceN().length == frame.first()
                    && world.nanoTime() - lastNanos < SECOND / 2;
            boolean latchedBefore = goesOn && before != null && before.overPressure() != null;
            cued = cuesSince > 0 ? frame.time() : cued;
            cuesSince = 0;
            // What goes on after a gap belongs to the cue before it, which is repeated after 2 s.
            if (frame.overPressure() != null
                    && !latchedBefore
                    && Duration.between(cued, frame.time()).compareTo(REPEATED) > 0) {
                uncued++;
            }
            last = frame;
            lastNanos = world.nanoTime();
            seenSamples += frame.forceN().length;
            NavigableMap<Long, Double> ofBoot = seen.computeIfAbsent(frame.boot(), boot -> new TreeMap<>());
            for (int i = 0; i < frame.forceN().length; i++) {
                must(
                        ofBoot.put(frame.first() + i, frame.forceN()[i]) == null,
                        "sample %d of boot %d is seen live once",
                        frame.first() + i,
                        frame.boot());
            }
        }

        @Override
        public void info(String tool, ToolInfoMessage info) {}

        @Override
        public void sessionState(String tool, @Nullable SessionStateMessage state) {}

        /** While the journal is open and has taken everything, and no sink has had what is of this life. */
        void lawsWithItsJournal() throws JournalException {
            boolean allKept = journal.samplesNotKept(TOOL) == 0;
            long cuesNotWritten = 0;
            for (Numbered each : entries(journal, fromSeq)) {
                if (each.entry() instanceof Samples samples) {
                    seenAsJournaled(samples);
                } else if (each.entry() instanceof Finding finding) {
                    cuesNotWritten += notWritten(finding) ? 1 : 0;
                }
            }
            Map<Long, NavigableMap<Long, Sample>> journaled = journaled();
            must(uncued <= cuesNotWritten, "%d over-pressures have no cue, %d say why", uncued, cuesNotWritten);
            if (allKept) {
                pipeline.boots()
                        .all()
                        .forEach(boot -> ledger(boot, journaled.getOrDefault(boot.number, new TreeMap<>())));
            }
        }

        private boolean notWritten(Finding finding) {
            if (!finding.kind().equals("cue")) {
                return false;
            }
            try {
                JsonNode cue = Json.MAPPER.readTree(finding.json());
                return cue.path("by").asText().equals(CueMessage.BY_GATEWAY) && !cue.hasNonNull("latency_ms");
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }

        /** What has a zone was judged, and so seen. */
        private void seenAsJournaled(Samples samples) {
            NavigableMap<Long, Double> ofBoot = seen.getOrDefault(samples.boot(), new TreeMap<>());
            for (int i = 0; i < samples.zones().length; i++) {
                Double seenN = ofBoot.get(samples.first() + i);
                must(
                        samples.zones()[i] < 0 || (seenN != null && Math.round(seenN * 100) == samples.forceCn()[i]),
                        "sample %d of boot %d is seen as it is judged: %s, %d",
                        samples.first() + i,
                        samples.boot(),
                        seenN,
                        samples.forceCn()[i]);
            }
        }

        /** Each index from the first journaled to the last has come or has not, by the ledger as by the journal. */
        private void ledger(ToolBoots.Boot boot, NavigableMap<Long, Sample> journaled) {
            long next = journaled.isEmpty() ? 0 : journaled.firstKey();
            for (long index : journaled.keySet()) {
                must(
                        index == next || !boot.samples().came(next, index - 1),
                        "samples %d..%d of boot %d came, and are not in the journal",
                        next,
                        index - 1,
                        boot.number);
                next = index + 1;
            }
            must(
                    journaled.isEmpty() || boot.samples().highest() >= journaled.lastKey(),
                    "boot %d: the ledger ends at %d, the journal at %s",
                    boot.number,
                    boot.samples().highest(),
                    journaled.isEmpty() ? null : journaled.lastKey());
            if (calm) {
                must(
                        boot.samples().awaited() == 0,
                        "%d of boot %d awaited",
                        boot.samples().awaited(),
                        boot.number);
                must(
                        boot.samples().lost().values().stream().allMatch(count -> count == 0),
                        "of boot %d lost: %s",
                        boot.number,
                        boot.samples().lost());
            }
        }

        /** Once the journal is closed, and nothing is on its way. */
        void lawsAfterwards() {
            Accounting account = pipeline.accounting(air.received(), air.overflowed(), air.untrusted());
            Accounting.Frames frames = account.frames();
            Accounting.Samples samples = account.samples();
            must(
                    frames.received() == frames.decoded() + frames.malformed() + frames.overflowed() + frames.refused(),
                    "%s adds up",
                    frames);
            must(
                    samples.decoded() == samples.journaled() + samples.duplicate() + samples.notKept(),
                    "%s adds up",
                    samples);
            must(
                    seenSamples == samples.decoded() - samples.duplicate() - pipeline.lateSamples(),
                    "%d seen live of %s, %d late",
                    seenSamples,
                    samples,
                    pipeline.lateSamples());
            duplicate += samples.duplicate();
            notKept += samples.notKept();
            malformed += frames.malformed();
            overflowed += frames.overflowed();
            refused += frames.refused();
        }
    }

    // What must hold in the end.

    private static List<Numbered> entries(Journal journal, long afterSeq) {
        List<Numbered> all = new ArrayList<>();
        long seq = afterSeq;
        for (List<Numbered> page = journal.read(seq, 2000); !page.isEmpty(); page = journal.read(seq, 2000)) {
            all.addAll(page);
            seq = page.get(page.size() - 1).seq();
        }
        return all;
    }

    private record Sample(long utcUs, short forceCn) {}

    /** By boot and index, also what is in blocks by now. */
    private Map<Long, NavigableMap<Long, Sample>> journaled() throws JournalException {
        Map<Long, NavigableMap<Long, Sample>> journaled = new HashMap<>();
        try (JournalReader reader = JournalReader.open(folder)) {
            reader.replay(TOOL, 0, Long.MAX_VALUE / 2, entry -> {
                if (entry instanceof Samples samples) {
                    NavigableMap<Long, Sample> ofBoot =
                            journaled.computeIfAbsent(samples.boot(), boot -> new TreeMap<>());
                    for (int i = 0; i < samples.forceCn().length; i++) {
                        ofBoot.put(
                                samples.first() + i,
                                new Sample(samples.utcUs() + (long) i * samples.periodUs(), samples.forceCn()[i]));
                    }
                }
            });
            // A replay leaves out what is there twice.
            for (JournalReader.KeptBoot kept : reader.boots()) {
                int once = journaled.getOrDefault(kept.boot(), new TreeMap<>()).size();
                must(
                        kept.samples() == once,
                        "each sample of boot %d is in the journal once: %d, and with doubles %d",
                        kept.boot(),
                        once,
                        kept.samples());
            }
        }
        return journaled;
    }

    /** @return samples in the journal */
    private long atTheEnd() throws JournalException {
        Map<Long, NavigableMap<Long, Sample>> journaled = journaled();
        Map<Long, Set<Long>> events = new HashMap<>();
        Set<Long> estimated = new HashSet<>();
        try (Journal journal = Journal.open(folder)) {
            for (Numbered each : entries(journal, 0)) {
                if (each.entry() instanceof Boot boot && boot.estimated()) {
                    estimated.add(boot.boot());
                } else if (each.entry() instanceof ToolEvent event) {
                    events.computeIfAbsent(event.boot(), boot -> new HashSet<>())
                            .add(event.sequence());
                }
            }
            for (FaultySink sink : sinks) {
                SinkAccount account = journal.account(sink.name());
                must(account.lawful() && account.pending() == 0, "%s in the end: %s", sink.name(), account);
            }
        }
        delivered(journaled);
        whole(journaled, events);
        long samples = journaled.values().stream().mapToLong(Map::size).sum();
        if (world.hostClockSet()) {
            // Where the host's clock was set, the time of a boot that was not seen live is squeezed, or overlaps.
            journaled.keySet().removeAll(estimated);
        }
        ascending(journaled);
        return samples;
    }

    private void delivered(Map<Long, NavigableMap<Long, Sample>> journaled) {
        for (FaultySink sink : sinks) {
            Map<FaultySink.Key, Short> left = new HashMap<>(sink.got());
            Set<FaultySink.Key> aside = sink.aside();
            journaled.forEach((boot, samples) -> samples.forEach((index, sample) -> {
                FaultySink.Key key = new FaultySink.Key(boot, index);
                Short got = left.remove(key);
                must(
                        got == null ? aside.contains(key) : got == sample.forceCn,
                        "%s: %s is %s, got %s",
                        sink.name(),
                        key,
                        sample.forceCn,
                        got);
            }));
            must(left.isEmpty(), "%s got what is not in the journal: %s", sink.name(), left.keySet());
            must(sink.contradictions().isEmpty(), "%s: %s", sink.name(), sink.contradictions());
        }
    }

    /** All that the tool ever sent is there, as it was. */
    private void whole(Map<Long, NavigableMap<Long, Sample>> journaled, Map<Long, Set<Long>> events) {
        world.sent().forEach((boot, samples) -> {
            NavigableMap<Long, Sample> there = journaled.getOrDefault(boot, new TreeMap<>());
            long missing = samples.keySet().stream()
                    .filter(index -> !there.containsKey(index))
                    .count();
            long wrong = samples.entrySet().stream()
                    .filter(each -> {
                        Sample as = there.get(each.getKey());
                        return as != null && as.forceCn != each.getValue();
                    })
                    .count();
            must(
                    missing == 0 && wrong == 0,
                    "boot %d: of %d samples missing %d, wrong %d; first %s",
                    boot,
                    samples.size(),
                    missing,
                    wrong,
                    samples.keySet().stream()
                            .filter(index -> !there.containsKey(index))
                            .findFirst());
        });
        world.events().forEach((boot, sequences) -> {
            Set<Long> missing = new HashSet<>(sequences);
            missing.removeAll(events.getOrDefault(boot, Set.of()));
            must(missing.isEmpty(), "boot %d: events missing %s of %d", boot, missing, sequences.size());
        });
    }

    private void ascending(Map<Long, NavigableMap<Long, Sample>> journaled) {
        List<NavigableMap<Long, Sample>> boots = new ArrayList<>(journaled.values());
        boots.sort(Comparator.comparingLong(boot -> boot.firstEntry().getValue().utcUs));
        long before = Long.MIN_VALUE;
        for (NavigableMap<Long, Sample> boot : boots) {
            before = world.hostClockSet() ? Long.MIN_VALUE : before;
            for (Map.Entry<Long, Sample> sample : boot.entrySet()) {
                long utcUs = sample.getValue().utcUs;
                must(utcUs > before, "sample %d is at %d, the one before it at %d", sample.getKey(), utcUs, before);
                before = utcUs;
            }
        }
    }
}
