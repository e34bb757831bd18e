package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.conform.Contact.Arrived;
import io.lightstroke.gateway.conform.Contact.Synced;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.EventFrame.Kind;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeSet;

/** What a tool does while it samples and someone presses. */
final class Streaming {
    /** Low, so that every stroke is too deep. */
    static final ToolLimits LOW = new ToolLimits(30, 60, 100, 1400, 150, 200, 80, 600, 0);

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration TARE_LIMIT = Duration.ofSeconds(60);
    private static final Duration TARE_EVERY = Duration.ofMillis(500);
    private static final int EXCHANGES = 8;
    private static final double MOST_PPM = 500;
    private static final long SECOND_US = 1_000_000;
    private static final double RATE_TOLERANCE = 0.01;
    private static final int STILL_CN = 30;
    private static final int MOVING_CN = 200;
    /** A tool may take the mean of so long, for its sensor's noise is no movement. */
    private static final Duration AVERAGED = Duration.ofMillis(250);

    private final Run run;
    private final Findings findings;
    private final Subject subject;

    Streaming(Run run) {
        this.run = run;
        findings = run.findings();
        subject = run.subject();
    }

    /** What is wrong with a frame by itself is judged once, at the end. */
    private static Frames lenient() {
        return new Frames(new Findings(), false);
    }

    private static Optional<EventFrame> event(Arrived each) {
        return each.characteristic().equals(Gatt.EVENTS) ? lenient().event(each.value()) : Optional.empty();
    }

    static boolean isEvent(Arrived each, Kind kind) {
        return event(each).filter(what -> what.kind() == kind).isPresent();
    }

    private static Optional<ForceFrame> frame(Arrived each) {
        return each.characteristic().equals(Gatt.FORCE_STREAM) ? lenient().force(each.value()) : Optional.empty();
    }

    private static List<ForceFrame> frames(Contact contact, int mark) {
        return contact.since(mark, Gatt.FORCE_STREAM).stream()
                .map(Streaming::frame)
                .flatMap(Optional::stream)
                .toList();
    }

    void stream() throws LinkException, InterruptedException, StoppedException {
        try (Contact contact = run.connect()) {
            contact.need(Rule.CTRL_LIMITS, ControlRequest.writeLimits(0, LOW));
            contact.start(run.usualHz());
            contact.pass(SECOND);
            tare(contact);
            contact.cuesBy(LOW);
            if (!subject.simulated()) {
                run.progress()
                        .ask("Press a few times, light and hard, until it goes on: about %d s."
                                .formatted(run.options().stream().toSeconds()));
            }
            Duration half = run.options().stream().dividedBy(2);
            List<Synced> synced = new ArrayList<>();
            sync(contact, synced);
            contact.pass(half);
            sync(contact, synced);
            tareWhileMoving(contact);
            contact.pass(half);
            sync(contact, synced);
            drift(synced);
            contact.checkBattery();
            contact.stop();
        }
    }

    /** Once the force is still. */
    private void tare(Contact contact) throws LinkException, InterruptedException, StoppedException {
        if (!subject.simulated()) {
            run.progress().ask("Lay the tool down.");
        }
        long endNanos = subject.nanoTime() + TARE_LIMIT.toNanos();
        boolean told = false;
        int tared = 0;
        while (!told && tared < 3 && subject.nanoTime() < endNanos) {
            int mark = contact.mark();
            ControlAnswer answer = contact.ask(ControlRequest.TARE);
            if (answer.result() == Result.BUSY_OR_WRONG_STATE) {
                contact.pass(TARE_EVERY);
            } else if (contact.expect(Rule.CTRL_TARE, answer, Result.OK)) {
                told = tared(contact, mark);
                tared++;
            } else {
                return;
            }
        }
        if (tared == 0) {
            findings.leaveOut(Rule.CTRL_TARE, "the force did not lie still for 60 s");
        } else {
            contact.expectEvent(Rule.CTRL_TARE, told, "tared within 1 s");
        }
    }

    /** Whether the event came. */
    private boolean tared(Contact contact, int mark) throws LinkException, InterruptedException, StoppedException {
        contact.tared();
        long taredNanos = subject.nanoTime();
        boolean told =
                contact.await(mark, SECOND, each -> isEvent(each, Kind.TARED)).isPresent();
        contact.pass(Duration.ofMillis(200));
        frames(contact, mark).stream().reduce((one, other) -> other).ifPresent(newest -> {
            int restCn = newest.forceCn()[newest.count() - 1];
            int movedCn = Live.spreadCn(samplesOf(contact, mark), 0, Contact.NEVER);
            findings.check(
                    Rule.CTRL_TARE,
                    movedCn > 2 * STILL_CN || Math.abs(restCn) <= STILL_CN + movedCn,
                    () -> "%d cN right after the tare".formatted(restCn));
        });
        long ageS = contact.info().tareAgeS();
        long passedS = (subject.nanoTime() - taredNanos) / 1_000_000_000;
        findings.check(
                Rule.INFO_TARE,
                ageS >= Math.max(0, passedS - 1) && ageS <= passedS + 2,
                () -> "tare_age_s %d, %d s after the tare".formatted(ageS, passedS));
        return told;
    }

    private static NavigableMap<Long, Live.Sample> samplesOf(Contact contact, int mark) {
        Live live = new Live();
        frames(contact, mark).forEach(live::add);
        return live.samples;
    }

    /** In the middle of a press, if one comes within 20 s. */
    private void tareWhileMoving(Contact contact) throws LinkException, InterruptedException, StoppedException {
        int mark = contact.mark();
        for (int i = 0; i < 1000; i++) {
            subject.pass(Duration.ofMillis(20));
            var samples = samplesOf(contact, mark);
            if (samples.isEmpty()) {
                continue;
            }
            long nowUs = samples.lastEntry().getValue().timeUs();
            if (Live.spreadCn(samples, nowUs - SECOND_US / 2, nowUs) > MOVING_CN) {
                subject.pass(AVERAGED);
                ControlAnswer answer = contact.ask(ControlRequest.TARE);
                contact.expect(Rule.CTRL_TARE_MOVING, answer, Result.BUSY_OR_WRONG_STATE);
                if (answer.result() == Result.OK) {
                    contact.tared();
                }
                return;
            }
        }
        findings.leaveOut(Rule.CTRL_TARE_MOVING, "nobody pressed by more than 2 N within 20 s");
    }

    private void sync(Contact contact, List<Synced> synced)
            throws LinkException, InterruptedException, StoppedException {
        Optional<Synced> best = contact.sync(EXCHANGES);
        if (best.isEmpty()) {
            return;
        }
        Synced now = best.get();
        if (!synced.isEmpty()) {
            Synced before = synced.get(synced.size() - 1);
            findings.check(
                    Rule.SYNC_FORWARD,
                    Long.compareUnsigned(now.tool().receivedUs(), before.tool().sentUs()) > 0,
                    () -> "sent %d us, and later received %d us"
                            .formatted(before.tool().sentUs(), now.tool().receivedUs()));
        }
        synced.add(now);
        contact.arrived(Gatt.FORCE_STREAM).stream()
                .filter(each -> each.nanos() / 1000 <= now.askedUs())
                .reduce((one, other) -> other)
                .flatMap(each -> frame(each).map(what -> Map.entry(each, what)))
                .ifPresent(each -> {
                    long lastUs = each.getValue().lastTimeUs();
                    long receivedUs = now.tool().receivedUs();
                    long arrivedUs = each.getKey().nanos() / 1000;
                    long mostUs = now.answeredUs() - arrivedUs + SECOND_US;
                    findings.check(
                            Rule.SYNC_FRAMES,
                            receivedUs >= lastUs && receivedUs - lastUs <= mostUs,
                            () -> "received_us %d, and a sample that had come before it was of %d us"
                                    .formatted(receivedUs, lastUs));
                });
    }

    /** A drift shows in both halves, a jump in one. */
    private void drift(List<Synced> synced) {
        if (synced.size() < 3) {
            findings.leaveOut(Rule.SYNC_DRIFT, "too few exchanges of times");
            return;
        }
        double one = certainPpm(synced.get(0), synced.get(1));
        double other = certainPpm(synced.get(1), synced.get(2));
        double ppm = Math.abs(one) < Math.abs(other) ? one : other;
        findings.check(
                Rule.SYNC_DRIFT,
                Math.abs(ppm) <= MOST_PPM,
                () -> "%.0f ppm against this machine's clock, at least".formatted(ppm));
    }

    /** What the time on the way may have added is taken away. */
    private static double certainPpm(Synced from, Synced to) {
        double hostUs = (to.askedUs() + to.answeredUs() - from.askedUs() - from.answeredUs()) / 2.0;
        double toolUs = (to.tool().receivedUs()
                        + to.tool().sentUs()
                        - from.tool().receivedUs()
                        - from.tool().sentUs())
                / 2.0;
        double uncertainUs = (to.roundTripUs() + from.roundTripUs()) / 2.0;
        double offUs = toolUs - hostUs;
        return Math.signum(offUs) * Math.max(0, Math.abs(offUs) - uncertainUs) / hostUs * 1e6;
    }

    void rates() throws LinkException, InterruptedException, StoppedException {
        try (Contact contact = run.connect()) {
            contact.stop();
            for (int hz : new TreeSet<>(List.of(run.minHz(), run.usualHz(), run.maxHz()))) {
                rate(contact, hz);
            }
            pause(contact);
            notified(contact);
        }
    }

    private void rate(Contact contact, int hz) throws LinkException, InterruptedException, StoppedException {
        contact.start(hz);
        contact.pass(SECOND);
        int mark = contact.mark();
        contact.pass(Duration.ofSeconds(3));
        double periodUs = 1e6 / hz;
        List<ForceFrame> frames = frames(contact, mark);
        for (ForceFrame each : frames) {
            findings.check(
                    Rule.FORCE_RATE,
                    Math.abs(each.periodUs() - periodUs) <= Math.max(1, periodUs * RATE_TOLERANCE),
                    () -> "period_us %d at %d Hz".formatted(each.periodUs(), hz));
        }
        if (frames.isEmpty()) {
            return;
        }
        ForceFrame first = frames.get(0);
        ForceFrame last = frames.get(frames.size() - 1);
        if (last.first() > first.first() + 20) {
            double meanUs = (last.timeUs() - first.timeUs()) / (double) (last.first() - first.first());
            findings.check(
                    Rule.FORCE_RATE,
                    Math.abs(meanUs - periodUs) <= Math.max(1, periodUs * RATE_TOLERANCE),
                    () -> "%.1f us from sample to sample at %d Hz".formatted(meanUs, hz));
        }
    }

    private void pause(Contact contact) throws LinkException, InterruptedException, StoppedException {
        contact.start(run.usualHz());
        contact.pass(SECOND);
        contact.stop();
        contact.pass(SECOND);
        int mark = contact.mark();
        contact.pass(Duration.ofSeconds(2));
        List<Arrived> late = contact.since(mark, Gatt.FORCE_STREAM);
        findings.check(Rule.CTRL_STOP, late.isEmpty(), () -> "%d frames came 1 to 3 s after it".formatted(late.size()));
        contact.start(run.usualHz());
        contact.pass(SECOND);
        List<Arrived> all = contact.arrived(Gatt.FORCE_STREAM);
        List<Arrived> after = contact.since(mark, Gatt.FORCE_STREAM);
        int place = all.size() - after.size();
        Optional<ForceFrame> one = place == 0 ? Optional.empty() : frame(all.get(place - 1));
        Optional<ForceFrame> other = after.isEmpty() ? Optional.empty() : frame(after.get(0));
        if (one.isEmpty() || other.isEmpty()) {
            findings.leaveOut(Rule.FORCE_PAUSE, "the frame before a pause or after it is missing");
            return;
        }
        long last = one.get().lastIndex();
        long first = other.get().first();
        if (first != last + 1 && (findings.isBroken(Rule.FORCE_GAP) || findings.isBroken(Rule.FORCE_ORDER))) {
            findings.leaveOut(Rule.FORCE_PAUSE, "frames get lost or come in disorder");
            return;
        }
        findings.check(
                Rule.FORCE_PAUSE,
                first == last + 1,
                () -> "sample %d before a pause, sample %d after it".formatted(last, first));
    }

    /** What gets lost on the way is no mistake of the tool's: one time of three. */
    private void notified(Contact contact) throws LinkException, InterruptedException, StoppedException {
        boolean told = false;
        for (int tries = 0; tries < 3 && !told; tries++) {
            contact.stop();
            contact.pass(SECOND);
            int mark = contact.mark();
            contact.start(tries % 2 == 0 ? run.maxHz() : run.usualHz());
            boolean began = tells(contact, mark);
            mark = contact.mark();
            contact.stop();
            boolean ended = tells(contact, mark);
            told = began && ended;
        }
        findings.check(Rule.INFO_NOTIFIED, told, () -> "start or stop, and within 1 s no Tool Info as it is read");
    }

    /** Whether what is read now has been notified. */
    private boolean tells(Contact contact, int mark) throws LinkException, InterruptedException, StoppedException {
        ToolInfo now = contact.info();
        return contact.await(mark, SECOND, each -> {
                    if (!each.characteristic().equals(Gatt.TOOL_INFO)) {
                        return false;
                    }
                    try {
                        ToolInfo told = ToolInfo.decode(each.value());
                        return told.state() == now.state()
                                && told.rateHz() == now.rateHz()
                                && told.boot() == now.boot();
                    } catch (MalformedFrameException e) {
                        findings.check(Rule.INFO_LAYOUT, false, () -> "notified: " + Frames.hex(each.value()));
                        return false;
                    }
                })
                .isPresent();
    }

    void cues() throws LinkException, InterruptedException, StoppedException {
        if (!run.has(ToolInfo.HAPTIC) && !run.has(ToolInfo.LED)) {
            throw new StoppedException("the tool has neither of the features haptic and LED");
        }
        try (Contact contact = run.connect()) {
            contact.start(run.usualHz());
            contact.pass(SECOND);
            Optional<EventFrame> began = Optional.empty();
            int at = contact.mark();
            for (int txn = 1; txn <= 3 && began.isEmpty(); txn++) {
                long expiresUs = toolUs(contact) + 30 * SECOND_US;
                at = contact.mark();
                cue(contact, Cue.Pattern.TICK.code(), txn, expiresUs);
                cue(contact, Cue.Pattern.TICK.code(), txn + 100, expiresUs);
                began = began(contact, at, txn);
                contact.pass(SECOND);
            }
            boolean begins = began.isPresent();
            contact.expectEvent(Rule.CUE_BEGINS, begins, "cue began with its txn within 1 s");
            if (!begins) {
                String why = "%s failed before".formatted(Rule.CUE_BEGINS.id());
                List.of(Rule.CUE_MERGED, Rule.CUE_EXPIRED, Rule.CUE_UNKNOWN, Rule.CUE_FLAG)
                        .forEach(rule -> findings.leaveOut(rule, why));
                contact.stop();
                return;
            }
            int mark = at;
            findings.check(
                    Rule.CUE_MERGED,
                    contact.since(mark, Gatt.EVENTS).stream()
                            .noneMatch(each -> event(each)
                                    .filter(what -> what.kind() == Kind.CUE_BEGAN && what.code() > 100)
                                    .isPresent()),
                    () -> "two ticks written at once began two cues");
            long beganUs = began.get().timeUs();
            List<ForceFrame> during = frames(contact, mark).stream()
                    .filter(each -> each.lastTimeUs() >= beganUs && each.timeUs() <= beganUs + SECOND_US / 5)
                    .toList();
            if (!during.isEmpty()) {
                findings.check(
                        Rule.CUE_FLAG,
                        during.stream().anyMatch(each -> each.has(ForceFrame.CUE_ACTIVE)),
                        () -> "no frame of 200 ms after a cue began has it");
            }
            if (findings.isBroken(Rule.SYNC_FRAMES)) {
                findings.leaveOut(Rule.CUE_EXPIRED, "%s failed before".formatted(Rule.SYNC_FRAMES.id()));
            } else {
                dropped(contact, Rule.CUE_EXPIRED, Cue.Pattern.MOVE_ON.code(), 11, toolUs(contact) - SECOND_US);
            }
            dropped(contact, Rule.CUE_UNKNOWN, 0, 12, toolUs(contact) + 30 * SECOND_US);
            dropped(contact, Rule.CUE_UNKNOWN, 200, 13, toolUs(contact) + 30 * SECOND_US);
            contact.stop();
        }
    }

    private static Optional<EventFrame> began(Contact contact, int mark, int txn) throws InterruptedException {
        return contact.await(
                        mark,
                        SECOND,
                        each -> event(each)
                                .filter(what -> what.kind() == Kind.CUE_BEGAN && what.code() == txn)
                                .isPresent())
                .flatMap(Streaming::event);
    }

    private void dropped(Contact contact, Rule rule, int pattern, int txn, long expiresUs)
            throws LinkException, InterruptedException {
        int mark = contact.mark();
        cue(contact, pattern, txn, expiresUs);
        Optional<EventFrame> began = began(contact, mark, txn);
        findings.check(rule, began.isEmpty(), () -> "a cue of pattern %d began".formatted(pattern));
    }

    private static void cue(Contact contact, int pattern, int txn, long expiresUs)
            throws LinkException, InterruptedException {
        contact.connection().writeWithoutResponse(Gatt.CUE, new Cue(pattern, txn, expiresUs).encode());
    }

    private static long toolUs(Contact contact) throws LinkException, InterruptedException, StoppedException {
        return contact.sync(3)
                .orElseThrow(() -> new StoppedException("%s failed before".formatted(Rule.SYNC_ANSWER.id())))
                .tool()
                .sentUs();
    }
}
