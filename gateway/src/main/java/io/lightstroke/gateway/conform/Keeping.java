package io.lightstroke.gateway.conform;

import static io.lightstroke.protocol.RecordRequest.ABORT;
import static io.lightstroke.protocol.RecordRequest.ALL;
import static io.lightstroke.protocol.RecordRequest.COUNT;
import static io.lightstroke.protocol.RecordRequest.DELETE;
import static io.lightstroke.protocol.RecordRequest.FIRST;
import static io.lightstroke.protocol.RecordRequest.GREATER_OR_EQUAL;
import static io.lightstroke.protocol.RecordRequest.LAST;
import static io.lightstroke.protocol.RecordRequest.LESS_OR_EQUAL;
import static io.lightstroke.protocol.RecordRequest.NONE;
import static io.lightstroke.protocol.RecordRequest.REPORT;
import static io.lightstroke.protocol.RecordRequest.WITHIN_RANGE;

import io.lightstroke.gateway.conform.Contact.Arrived;
import io.lightstroke.gateway.conform.Contact.Synced;
import io.lightstroke.gateway.conform.Live.Sample;
import io.lightstroke.gateway.conform.Records.Report;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ControlRequest.CalibrationStep;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.StoredBoots;
import io.lightstroke.protocol.StoredBoots.StoredBoot;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a tool keeps: records, and limits, over lost links and restarts. */
final class Keeping {
    private static final Duration ALONE = Duration.ofSeconds(20);
    /** A little more than the time after which it may forget. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(305);

    private static final Duration RESTS = Duration.ofSeconds(390);
    /** Nobody can be asked to let go of it: until its person rests by itself. */
    private static final Duration RESTS_SIMULATED = Duration.ofMinutes(25);

    private static final Duration RESTED = Duration.ofSeconds(310);
    private static final long UNTOUCHED_US = 295_000_000;
    private static final Duration ROOM = Duration.ofMinutes(31);
    private static final long ROOM_SAMPLES = 30 * 60 * 100;
    private static final Duration FILL_STEP = Duration.ofSeconds(20);
    private static final int FILL_STEPS = 60;
    private static final Duration RESTARTED = Duration.ofSeconds(5);
    private static final Duration UNDONE = Duration.ofMillis(500);
    private static final int PRESSED_CN = 100;
    private static final int FREE_CN = 30;
    private static final long LATE_US = 500_000;

    private final Run run;
    private final Looking looking;
    private final Findings findings;
    private final Subject subject;
    /** What was erased here, by boot: up to and with this index. */
    private final Map<Long, Long> erased = new HashMap<>();

    Keeping(Run run, Looking looking) {
        this.looking = looking;
        this.run = run;
        findings = run.findings();
        subject = run.subject();
    }

    void records() throws LinkException, InterruptedException, StoppedException {
        run.requireStore();
        sample(Duration.ofSeconds(8));
        try (Contact contact = run.connect()) {
            Records records = new Records(run, contact);
            long boot = contact.boot();
            StoredBoot entry = entry(contact, boot);
            Report all = records.report(ALL, boot);
            StoredBoot after = entry(contact, boot);
            if (all.stored().samples.isEmpty() && findings.isBroken(Rule.REC_FRAMES)) {
                throw new StoppedException("%s failed before".formatted(Rule.REC_FRAMES.id()));
            } else if (all.stored().samples.isEmpty()) {
                findings.check(Rule.REC_WHOLE, false, () -> "nothing of boot %08x is sent".formatted(boot));
                throw new StoppedException("%s failed before".formatted(Rule.REC_WHOLE.id()));
            }
            compare(all, boot, entry, after);
            operators(records, all, boot);
            refusals(records, boot);
            nothing(contact, records, boot);
            abort(contact, records, boot);
            busy(contact, records, boot);
            meanwhile(contact, records, boot);
            erase(contact, records, boot);
        }
    }

    /** For so long, and then the connection is ended, so that it is known what came. */
    private void sample(Duration time) throws LinkException, InterruptedException, StoppedException {
        try (Contact contact = run.connect()) {
            contact.start(run.usualHz());
            contact.pass(time);
            contact.stop();
            contact.pass(UNDONE);
        }
    }

    private StoredBoot entry(Contact contact, long boot) throws LinkException, InterruptedException, StoppedException {
        StoredBoots none = contact.storedBoots(0xFF);
        findings.check(
                Rule.BOOTS_PAGE,
                none.boots().isEmpty() && !none.more(),
                () -> "page 255: %d boots, more %s".formatted(none.boots().size(), none.more()));
        List<StoredBoot> boots = contact.storedBoots();
        Optional<StoredBoot> entry =
                boots.stream().filter(each -> each.boot() == boot).findFirst();
        if (!findings.check(
                Rule.BOOTS_ENTRY, entry.isPresent(), () -> "the present boot %08x is not listed".formatted(boot))) {
            throw new StoppedException("%s failed before".formatted(Rule.BOOTS_ENTRY.id()));
        }
        return entry.orElseThrow();
    }

    /** @param after events may have come since {@code entry} */
    private void compare(Report all, long boot, StoredBoot entry, StoredBoot after) {
        Live live = run.live(boot);
        all.stored().samples.forEach((index, stored) -> {
            Sample was = live.samples.get(index);
            if (was != null) {
                findings.check(
                        Rule.REC_SAMPLES,
                        was.forceCn() == stored.forceCn() && was.timeUs() == stored.timeUs(),
                        () -> "sample %d: %d cN at %d us live, %d cN at %d us stored"
                                .formatted(index, was.forceCn(), was.timeUs(), stored.forceCn(), stored.timeUs()));
            }
        });
        all.stored().events.forEach((sequence, stored) -> {
            EventFrame was = live.events.get(sequence);
            if (was != null) {
                findings.check(
                        Rule.REC_EVENTS,
                        was.historical().equals(stored.historical()),
                        () -> "%s live, %s stored".formatted(was, stored));
            }
        });
        if (!all.hasSaturated()) {
            findings.leaveOut(Rule.REC_SATURATED, "the sensor never stood at its limit");
        }
        if (!all.whole()) {
            String why = "%s failed before".formatted(brokenOne());
            findings.leaveOut(Rule.REC_WHOLE, why);
            findings.leaveOut(Rule.BOOTS_ENTRY, why);
            return;
        }
        kept(Rule.REC_WHOLE, live, all, erased.getOrDefault(boot, -1L) + 1);
        NavigableMap<Long, Sample> samples = all.stored().samples;
        NavigableMap<Long, EventFrame> events = all.stored().events;
        findings.check(
                Rule.BOOTS_ENTRY,
                entry.oldestIndex() == samples.firstKey()
                        && entry.newestIndex() == samples.lastKey()
                        && (events.isEmpty()
                                || (entry.events() <= events.lastKey() + 1 && events.lastKey() < after.events())),
                () -> "samples %d to %d and %d events are listed, %d to %d are sent, the last event is %s"
                        .formatted(
                                entry.oldestIndex(),
                                entry.newestIndex(),
                                entry.events(),
                                samples.firstKey(),
                                samples.lastKey(),
                                events.isEmpty() ? "none" : events.lastKey()));
    }

    private String brokenOne() {
        return (findings.isBroken(Rule.REC_FRAMES) ? Rule.REC_FRAMES : Rule.RACP_COUNT).id();
    }

    /** Whether all that came live, from this index on, is stored. */
    private void kept(Rule rule, Live live, Report all, long from) {
        List<Long> samples = live.samples.tailMap(from).keySet().stream()
                .filter(each -> !all.stored().samples.containsKey(each))
                .toList();
        findings.check(
                rule,
                samples.isEmpty(),
                () -> "%d samples that came live are not stored, the first is %d"
                        .formatted(samples.size(), samples.get(0)));
        List<Long> events = live.events.values().stream()
                .filter(each -> each.index() >= from && !all.stored().events.containsKey(each.sequence()))
                .map(EventFrame::sequence)
                .toList();
        findings.check(
                rule,
                events.isEmpty(),
                () -> "%d events that came live are not stored, the first is %d"
                        .formatted(events.size(), events.get(0)));
    }

    private void operators(Records records, Report all, long boot)
            throws LinkException, InterruptedException, StoppedException {
        long oldest = all.stored().samples.firstKey();
        long newest = all.stored().samples.lastKey();
        long from = oldest + (newest - oldest) / 3;
        long to = oldest + (newest - oldest) / 2;
        same(records.report(LESS_OR_EQUAL, boot, from), all, index -> index <= from, "≤ " + from);
        same(records.report(GREATER_OR_EQUAL, boot, to), all, index -> index >= to, "≥ " + to);
        same(
                records.report(WITHIN_RANGE, boot, from, to),
                all,
                index -> index >= from && index <= to,
                "%d to %d".formatted(from, to));
        same(records.report(WITHIN_RANGE, boot, to, to), all, index -> index == to, "%d to %d".formatted(to, to));
        Report first = records.report(FIRST, boot);
        end("first", first, all, frame -> frame.equals(all.frames().get(0)));
        Report last = records.report(LAST, boot);
        Report after = records.report(GREATER_OR_EQUAL, boot, newest);
        end("last", last, after, frame -> isLast(frame, all.frames(), after.frames()));
    }

    private void same(Report part, Report all, LongPredicate wanted, String words) {
        Optional<Long> foreign = part.stored().samples.keySet().stream()
                .filter(index -> !wanted.test(index))
                .findFirst();
        findings.check(
                Rule.RACP_OPERATORS,
                foreign.isEmpty(),
                () -> "%s: sample %d is sent, too".formatted(words, foreign.orElseThrow()));
        Optional<EventFrame> other =
                part.events().filter(event -> !wanted.test(event.index())).findFirst();
        findings.check(
                Rule.RACP_OPERATORS,
                other.isEmpty(),
                () -> "%s: sent, too, is %s".formatted(words, other.orElseThrow()));
        if (!part.whole() || !all.whole()) {
            return;
        }
        Optional<Long> missing = all.stored().samples.keySet().stream()
                .filter(index -> wanted.test(index) && !part.stored().samples.containsKey(index))
                .findFirst();
        findings.check(
                Rule.RACP_OPERATORS,
                missing.isEmpty(),
                () -> "%s: sample %d is not sent".formatted(words, missing.orElseThrow()));
        Optional<EventFrame> lacking = all.events()
                .filter(event ->
                        wanted.test(event.index()) && !part.stored().events.containsKey(event.sequence()))
                .findFirst();
        findings.check(
                Rule.RACP_OPERATORS,
                lacking.isEmpty(),
                () -> "%s: not sent is %s".formatted(words, lacking.orElseThrow()));
    }

    /** Events may come at any time: the last of before, or one that has come since. */
    private static boolean isLast(Object frame, List<Object> before, List<Object> after) {
        return frame.equals(before.get(before.size() - 1)) || (after.contains(frame) && !before.contains(frame));
    }

    private void end(String operator, Report one, Report others, Predicate<Object> wanted) {
        if (!one.whole() || !others.whole()) {
            findings.leaveOut(Rule.RACP_ENDS, "%s failed before".formatted(brokenOne()));
            return;
        }
        findings.check(
                Rule.RACP_ENDS,
                one.frames().size() == 1 && wanted.test(one.frames().get(0)),
                () -> "%s: %s".formatted(operator, one.frames()));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private void refusals(Records records, long boot) throws LinkException, InterruptedException, StoppedException {
        for (int op : new int[] {DELETE, 0, 5, 9, 200}) {
            records.expect(Rule.RACP_OP, RecordAnswer.Result.OP_NOT_SUPPORTED, Records.request(op, ALL, boot));
        }
        records.expect(Rule.RACP_OPERATOR, RecordAnswer.Result.INVALID_OPERATOR, bytes(REPORT, NONE));
        records.expect(Rule.RACP_OPERATOR, RecordAnswer.Result.INVALID_OPERATOR, bytes(COUNT, NONE));
        records.expect(Rule.RACP_OPERATOR, RecordAnswer.Result.INVALID_OPERATOR, bytes(ABORT, ALL));
        for (int operator : new int[] {7, 0xFF}) {
            records.expect(
                    Rule.RACP_OPERATOR,
                    RecordAnswer.Result.OPERATOR_NOT_SUPPORTED,
                    Records.request(COUNT, operator, boot));
        }
        byte[] whole = Records.request(REPORT, WITHIN_RANGE, boot, 1, 2);
        for (byte[] wrong : List.of(
                Arrays.copyOf(whole, whole.length - 1),
                Arrays.copyOf(whole, whole.length + 1),
                Records.request(REPORT, ALL, boot, 1),
                Records.request(COUNT, LESS_OR_EQUAL, boot),
                Records.request(REPORT, WITHIN_RANGE, boot, 2, 1))) {
            records.expect(Rule.RACP_OPERAND, RecordAnswer.Result.INVALID_OPERAND, wrong);
        }
        byte[] other = Records.request(COUNT, ALL, boot);
        other[2] = 1;
        records.expect(Rule.RACP_OPERAND, RecordAnswer.Result.OPERAND_NOT_SUPPORTED, other);
        records.expect(Rule.RACP_IDLE, RecordAnswer.Result.ABORT_UNSUCCESSFUL, bytes(ABORT, NONE));
    }

    private void nothing(Contact contact, Records records, long boot)
            throws LinkException, InterruptedException, StoppedException {
        long foreign = foreign(contact, boot);
        records.expect(Rule.RACP_NONE, RecordAnswer.Result.NO_RECORDS_FOUND, Records.request(REPORT, ALL, foreign));
        Optional<Long> count = records.count(ALL, foreign);
        findings.check(Rule.RACP_NONE, count.equals(Optional.of(0L)), () -> "a count of " + count);
        if (run.mayErase()) {
            contact.expect(Rule.REC_NOTHING, contact.ask(ControlRequest.eraseStored(0, foreign, 1000)), Result.OK);
        } else {
            findings.leaveOut(Rule.REC_NOTHING, "erases what is stored: only with --erase");
        }
    }

    /** A boot of which nothing is stored. */
    private static long foreign(Contact contact, long boot)
            throws LinkException, InterruptedException, StoppedException {
        List<Long> stored = contact.storedBoots().stream().map(StoredBoot::boot).toList();
        long foreign = boot ^ 0x5A5A_5A5AL;
        while (stored.contains(foreign)) {
            foreign++;
        }
        return foreign;
    }

    private void abort(Contact contact, Records records, long boot)
            throws LinkException, InterruptedException, StoppedException {
        int mark = contact.mark();
        records.write(Records.request(REPORT, ALL, boot));
        RecordAnswer answer = records.ask(bytes(ABORT, NONE));
        if (over(contact, mark) && answer.result() == RecordAnswer.Result.ABORT_UNSUCCESSFUL) {
            findings.leaveOut(Rule.RACP_ABORT, "the report was over before the abort came");
            return;
        }
        findings.check(
                Rule.RACP_ABORT,
                answer.result() == RecordAnswer.Result.SUCCESS,
                () -> "the abort of a report: " + Records.words(answer));
        contact.pass(UNDONE); // what was on its way
        int after = contact.mark();
        contact.pass(Duration.ofSeconds(2));
        int more = contact.since(after, Gatt.RECORD_DATA).size();
        findings.check(Rule.RACP_ABORT, more == 0, () -> "%d frames after it".formatted(more));
        findings.check(Rule.RACP_ABORT, !over(contact, mark), () -> "the report was answered, too");
    }

    /** Whether a report has been answered since. */
    private static boolean over(Contact contact, int mark) {
        return contact.since(mark, Gatt.RECORD_ACCESS).stream()
                .map(Arrived::value)
                .anyMatch(value -> value.length == 4 && value[0] == RecordAnswer.RESPONSE && value[2] == REPORT);
    }

    private void busy(Contact contact, Records records, long boot)
            throws LinkException, InterruptedException, StoppedException {
        int mark = contact.mark();
        records.write(Records.request(REPORT, ALL, boot));
        RecordAnswer answer = records.ask(Records.request(COUNT, ALL, boot));
        if (over(contact, mark) && answer.op() == RecordAnswer.NUMBER) {
            findings.leaveOut(Rule.RACP_BUSY, "the report was over before the other request came");
            return;
        }
        findings.check(
                Rule.RACP_BUSY,
                answer.result() == RecordAnswer.Result.PROCEDURE_NOT_COMPLETED,
                () -> "a count during a report: " + Records.words(answer));
        RecordAnswer end = records.atEnd(mark);
        findings.check(
                Rule.RACP_BUSY,
                end.result() == RecordAnswer.Result.SUCCESS,
                () -> "the report that was under way: " + Records.words(end));
        contact.pass(UNDONE);
    }

    private void meanwhile(Contact contact, Records records, long boot)
            throws LinkException, InterruptedException, StoppedException {
        contact.start(run.usualHz());
        contact.pass(Duration.ofSeconds(2));
        Optional<Synced> synced = contact.sync(1);
        int mark = contact.mark();
        long askedNanos = subject.nanoTime();
        records.write(Records.request(REPORT, ALL, boot));
        RecordAnswer answer = records.atEnd(mark);
        contact.pass(Duration.ofSeconds(1));
        int live = contact.since(mark, Gatt.FORCE_STREAM).size();
        contact.stop();
        contact.pass(UNDONE);
        findings.check(Rule.REC_MEANWHILE, live > 0, () -> "no live frame during a report, and none in 1 s after it");
        Report report = records.judge(mark, answer, boot);
        if (synced.isPresent() && !report.stored().samples.isEmpty()) {
            long lastUs = report.stored().samples.lastEntry().getValue().timeUs();
            long askedUs = synced.get().latestUs(askedNanos);
            findings.check(
                    Rule.REC_MEANWHILE,
                    lastUs <= askedUs + LATE_US,
                    () -> "asked at %d us, and sent is a sample of %d us".formatted(askedUs, lastUs));
        }
    }

    private void erase(Contact contact, Records records, long boot)
            throws LinkException, InterruptedException, StoppedException {
        if (!run.mayErase()) {
            findings.leaveOut(Rule.REC_ERASED, "erases what is stored: only with --erase");
            return;
        }
        Report before = records.report(ALL, boot);
        if (before.stored().samples.isEmpty() || run.live(boot).samples.isEmpty()) {
            findings.leaveOut(Rule.REC_ERASED, "no sample was sent before");
            return;
        }
        if (!subject.simulated()
                && before.stored().samples.firstKey() < run.live(boot).samples.firstKey()) {
            findings.leaveOut(Rule.REC_ERASED, "what was stored before would go, too: let a gateway fetch it first");
            return;
        }
        List<StoredBoot> othersBefore = others(contact, boot);
        long oldest = before.stored().samples.firstKey();
        long through = oldest + (before.stored().samples.lastKey() - oldest) / 4;
        for (int times = 0; times < 2; times++) {
            ControlAnswer answer = contact.ask(ControlRequest.eraseStored(0, boot, through));
            if (!contact.expect(times == 0 ? Rule.REC_ERASED : Rule.REC_NOTHING, answer, Result.OK)) {
                return;
            }
        }
        erased.put(boot, through);
        Report after = records.report(ALL, boot);
        long lowest = after.stored().samples.isEmpty()
                ? Long.MAX_VALUE
                : after.stored().samples.firstKey();
        findings.check(
                Rule.REC_ERASED, lowest > through, () -> "erased up to %d, and %d is sent".formatted(through, lowest));
        findings.check(
                Rule.REC_ERASED,
                after.events().noneMatch(each -> each.index() <= through),
                () -> "erased up to %d, and events before it are sent".formatted(through));
        if (before.whole() && after.whole()) {
            Optional<Long> gone = before.stored().samples.tailMap(through + 1).keySet().stream()
                    .filter(each -> !after.stored().samples.containsKey(each))
                    .findFirst();
            findings.check(
                    Rule.REC_ERASED,
                    gone.isEmpty(),
                    () -> "erased up to %d, and sample %d is gone".formatted(through, gone.orElseThrow()));
        }
        List<StoredBoot> othersAfter = others(contact, boot);
        findings.check(
                Rule.REC_ERASED,
                othersAfter.equals(othersBefore),
                () -> "other boots were %s, and are %s".formatted(othersBefore, othersAfter));
    }

    private static List<StoredBoot> others(Contact contact, long boot)
            throws LinkException, InterruptedException, StoppedException {
        return contact.storedBoots().stream()
                .filter(each -> each.boot() != boot)
                .toList();
    }

    void gone() throws LinkException, InterruptedException, StoppedException {
        long boot;
        boolean sameLimits;
        try (Contact contact = run.connect()) {
            boot = contact.boot();
            contact.need(Rule.CTRL_LIMITS, ControlRequest.writeLimits(0, Streaming.LOW));
            contact.start(run.usualHz());
            contact.expect(
                    Rule.CAL_STEPS, contact.ask(ControlRequest.calibrate(0, CalibrationStep.BEGIN, 0)), Result.OK);
            contact.pass(Duration.ofSeconds(3));
        }
        long last = run.live(boot).newest();
        if (!subject.simulated()) {
            run.progress().ask("Press hard a few times, for 20 s; the link is ended meanwhile.");
        }
        subject.pass(ALONE);
        try (Contact contact = run.connect()) {
            requireSame(boot, contact);
            findings.check(
                    Rule.REC_ALONE,
                    contact.info().state() == ToolInfo.SAMPLING,
                    () -> "sampling has ended after %d s without a link".formatted(ALONE.toSeconds()));
            ToolLimits now = contact.limits();
            sameLimits = findings.check(
                    Rule.CTRL_LIMITS_STAY,
                    now.equals(Streaming.LOW),
                    () -> "after the link: " + Contact.words(Streaming.LOW, now));
            contact.pass(Duration.ofSeconds(2));
            contact.stop();
            forgotten(contact, Rule.CAL_LINK);
            contact.ask(ControlRequest.calibrate(0, CalibrationStep.CANCEL, 0));
        }
        run.requireStore();
        try (Contact contact = run.connect()) {
            requireSame(boot, contact);
            Report report = new Records(run, contact).report(GREATER_OR_EQUAL, boot, Math.max(0, last - 100));
            NavigableMap<Long, Sample> samples = report.stored().samples;
            if (!report.whole() || samples.isEmpty()) {
                findings.leaveOut(Rule.CUE_ALONE, "%s failed before".formatted(brokenOne()));
                return;
            }
            long holes = samples.lastKey() - samples.firstKey() + 1 - samples.size();
            long aloneUs = samples.lastEntry().getValue().timeUs()
                    - samples.firstEntry().getValue().timeUs();
            findings.check(
                    Rule.REC_ALONE,
                    holes == 0 && aloneUs >= ALONE.toNanos() / 1000,
                    () -> "%d samples are missing in the store, which has %.1f s of the time without a link"
                            .formatted(holes, aloneUs / 1e6));
            if (!sameLimits) {
                findings.leaveOut(Rule.CUE_ALONE, "%s failed before".formatted(Rule.CTRL_LIMITS_STAY.id()));
                return;
            }
            findings.leaveOut(Rule.CUE_ALONE, "nobody pressed hard enough");
            new OwnCues(Streaming.LOW, Rule.CUE_ALONE, findings)
                    .judge(samples, List.copyOf(report.stored().events.values()));
        }
    }

    /** A zero is answered 6 also while the force moves: so it is asked for long enough that it lies still. */
    private void forgotten(Contact contact, Rule rule) throws LinkException, InterruptedException, StoppedException {
        ControlAnswer answer = contact.ask(ControlRequest.calibrate(0, CalibrationStep.ZERO, 0));
        for (int tries = subject.simulated() ? 120 : 20;
                tries > 0 && answer.result() == Result.BUSY_OR_WRONG_STATE;
                tries--) {
            contact.pass(Duration.ofMillis(250));
            answer = contact.ask(ControlRequest.calibrate(0, CalibrationStep.ZERO, 0));
        }
        contact.expect(rule, answer, Result.BUSY_OR_WRONG_STATE);
    }

    private static void requireSame(long boot, Contact contact) throws StoppedException {
        if (contact.boot() != boot) {
            throw new StoppedException("%s failed before: the tool has restarted".formatted(Rule.BOOT_STAYS.id()));
        }
    }

    void restart() throws LinkException, InterruptedException, StoppedException {
        boolean byRequest = !subject.restarts();
        if (byRequest && !run.options().restart()) {
            throw new StoppedException("restarts the tool: only with --restart");
        } else if (byRequest && !run.has(ToolInfo.FIRMWARE_UPDATE)) {
            throw new StoppedException("only a tool with the feature firmware update restarts by a request");
        }
        long before;
        ToolLimits kept = new ToolLimits(220, 420, 620, 1380, 150, 200, 90, 2000, 1);
        long oldest;
        sample(Duration.ofSeconds(5));
        try (Contact contact = run.connect()) {
            before = contact.boot();
            oldest = run.has(ToolInfo.STORES_RECORDS) ? entry(contact, before).oldestIndex() : 0;
            run.replacesKeptLimits();
            contact.need(Rule.CTRL_LIMITS_KEPT, ControlRequest.writeLimits(0, kept));
            contact.pass(Duration.ofSeconds(1));
            run.expectAnotherBoot();
            if (byRequest) {
                looking.reset(contact);
            }
        }
        if (!byRequest) {
            subject.restart();
        }
        subject.pass(RESTARTED);
        long now = started(before, kept);
        try (Contact contact = run.connect()) {
            run.requireStore();
            List<Long> boots =
                    contact.storedBoots().stream().map(StoredBoot::boot).toList();
            findings.check(
                    Rule.BOOTS_ORDER,
                    boots.contains(before) && boots.indexOf(before) < boots.indexOf(now),
                    () -> "boot %08x came before boot %08x, and listed are %s"
                            .formatted(
                                    before,
                                    now,
                                    boots.stream().map("%08x"::formatted).toList()));
            Report all = new Records(run, contact).report(ALL, before);
            if (all.whole()) {
                kept(Rule.REC_KEPT, run.live(before), all, oldest);
            } else {
                findings.leaveOut(Rule.REC_KEPT, "%s failed before".formatted(brokenOne()));
            }
        }
    }

    private long started(long before, ToolLimits kept) throws LinkException, InterruptedException, StoppedException {
        long now;
        long restartedNanos = subject.nanoTime() - RESTARTED.toNanos();
        try (Contact contact = run.connect()) {
            now = contact.boot();
            findings.check(
                    Rule.BOOT_DRAWN,
                    now != before && now != 0,
                    () -> "boot %08x, and before the restart it was %08x".formatted(now, before));
            ToolLimits limits = contact.limits();
            findings.check(
                    Rule.CTRL_LIMITS_KEPT,
                    limits.equals(kept),
                    () -> "after the restart: " + Contact.words(kept, limits));
            ToolInfo info = contact.info();
            findings.check(
                    Rule.BOOT_BEGINS,
                    info.tareAgeS() == ToolInfo.NEVER_TARED,
                    () -> "tare_age_s %d".formatted(info.tareAgeS()));
            contact.start(run.usualHz());
            contact.pass(Duration.ofSeconds(2));
            contact.stop();
            contact.pass(UNDONE);
        }
        Map.@Nullable Entry<Long, Sample> first = run.live(now).samples.firstEntry();
        if (first != null) {
            long mostUs = (subject.nanoTime() - restartedNanos) / 1000 + 2_000_000;
            findings.check(
                    Rule.BOOT_BEGINS,
                    first.getValue().timeUs() <= mostUs
                            && first.getKey()
                                    <= first.getValue().timeUs()
                                            / first.getValue().periodUs(),
                    () -> "the first sample that came is %d, at %d us"
                            .formatted(first.getKey(), first.getValue().timeUs()));
        }
        return now;
    }

    void rest() throws LinkException, InterruptedException, StoppedException {
        run.requireTime("12 minutes");
        try (Contact contact = run.connect()) {
            contact.expect(
                    Rule.CAL_STEPS, contact.ask(ControlRequest.calibrate(0, CalibrationStep.BEGIN, 0)), Result.OK);
            contact.pass(FORGOTTEN);
            forgotten(contact, Rule.CAL_TIME);
            contact.ask(ControlRequest.calibrate(0, CalibrationStep.CANCEL, 0));
            contact.checkBattery();
            contact.start(run.usualHz());
        }
        subject.pass(subject.simulated() ? RESTS_SIMULATED : RESTS);
        boolean sampling;
        long boot;
        try (Contact contact = run.connect()) {
            boot = contact.boot();
            sampling = contact.info().state() == ToolInfo.SAMPLING;
            contact.stop();
        }
        run.requireStore();
        try (Contact contact = run.connect()) {
            requireSame(boot, contact);
            StoredBoot entry = entry(contact, boot);
            long from = Math.max(entry.oldestIndex(), entry.newestIndex() - run.usualHz() * RESTED.toSeconds());
            Report report = new Records(run, contact).report(GREATER_OR_EQUAL, boot, from);
            rests(sampling, report);
        }
    }

    /** Where it samples on and was pressed meanwhile, nothing is judged. */
    private void rests(boolean sampling, Report report) {
        List<Sample> samples = List.copyOf(report.stored().samples.values());
        if (samples.isEmpty() || !report.whole()) {
            findings.leaveOut(Rule.REC_RESTS, "%s failed before".formatted(brokenOne()));
        } else if (sampling) {
            if (samples.stream().allMatch(each -> Math.abs(each.forceCn()) <= FREE_CN)) {
                findings.check(Rule.REC_RESTS, false, () -> "it lay untouched for more than 5 minutes, and samples on");
            } else {
                findings.leaveOut(Rule.REC_RESTS, "nobody let it lie untouched for 5 minutes");
            }
        } else {
            long untouchedUs = samples.get(samples.size() - 1).timeUs() - UNTOUCHED_US;
            List<Sample> last =
                    samples.stream().filter(each -> each.timeUs() > untouchedUs).toList();
            findings.check(
                    Rule.REC_RESTS,
                    last.stream().noneMatch(each -> each.valid() && each.forceCn() >= PRESSED_CN),
                    () -> "it was pressed within 5 minutes, and sampling has ended");
            findings.check(
                    Rule.REC_RESTS,
                    last.size() >= UNTOUCHED_US / 1_000_000 * run.usualHz() * 9 / 10,
                    () -> "sampling has ended within 5 minutes, after %d samples".formatted(last.size()));
        }
    }

    void store() throws LinkException, InterruptedException, StoppedException {
        run.requireStore();
        run.requireTime("more than half an hour");
        StoredBoot entry;
        long boot;
        try (Contact contact = run.connect()) {
            boot = contact.boot();
            contact.start(run.usualHz());
            contact.pass(ROOM);
            contact.checkBattery();
            contact.stop();
            contact.pass(UNDONE);
            entry = entry(contact, boot);
            long stored = entry.newestIndex() - entry.oldestIndex() + 1;
            findings.check(
                    Rule.REC_ROOM,
                    stored >= ROOM_SAMPLES,
                    () -> "%d samples are stored, 30 minutes are %d".formatted(stored, ROOM_SAMPLES));
            long before = entry.oldestIndex();
            contact.start(run.maxHz());
            for (int i = 0; i < FILL_STEPS && entry.oldestIndex() == before; i++) {
                contact.pass(FILL_STEP);
                entry = entry(contact, boot);
            }
            contact.stop();
            contact.pass(UNDONE);
            if (entry.oldestIndex() == before) {
                findings.leaveOut(
                        Rule.REC_OVERWRITTEN,
                        "%d samples did not fill the store".formatted(entry.newestIndex() - before + 1));
                return;
            }
        }
        try (Contact contact = run.connect()) {
            requireSame(boot, contact);
            overwritten(contact, entry(contact, boot));
        }
    }

    private void overwritten(Contact contact, StoredBoot entry)
            throws LinkException, InterruptedException, StoppedException {
        long boot = entry.boot();
        Report report = new Records(run, contact).report(LESS_OR_EQUAL, boot, entry.oldestIndex() + 3000);
        if (!report.whole() || report.stored().samples.isEmpty()) {
            findings.leaveOut(Rule.REC_OVERWRITTEN, "%s failed before".formatted(brokenOne()));
            return;
        }
        long first = report.stored().samples.firstKey();
        long holes = report.stored().samples.lastKey()
                - first
                + 1
                - report.stored().samples.size();
        findings.check(
                Rule.REC_OVERWRITTEN,
                first == entry.oldestIndex() && holes == 0,
                () -> "sample %d is listed as the oldest, the first that is sent is %d, and %d are missing after it"
                        .formatted(entry.oldestIndex(), first, holes));
        findings.check(
                Rule.REC_OVERWRITTEN,
                report.events().noneMatch(each -> each.index() < entry.oldestIndex()),
                () -> "events of overwritten samples are sent");
    }
}
