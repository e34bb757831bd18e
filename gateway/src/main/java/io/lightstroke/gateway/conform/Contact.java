package io.lightstroke.gateway.conform;

import static java.util.stream.Collectors.joining;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.StoredBoots;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One connection to the tool: asks, and notes all that arrives, which is judged at the end. */
final class Contact implements AutoCloseable {
    private static final Duration RESOLVE_LIMIT = Duration.ofSeconds(10);
    /** Later than a rule asks for, so that a slow answer is an answer. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    /** Of what has not happened yet, by the subject's clock. */
    static final long NEVER = Long.MAX_VALUE;

    static final long PROMPT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);
    /** Whether the link is still there shows only when something is asked. */
    private static final Duration ASK_EVERY = Duration.ofSeconds(5);

    private static final List<UUID> NOTIFYING = List.of(
            Gatt.CONTROL_POINT,
            Gatt.TIME_SYNC,
            Gatt.RECORD_ACCESS,
            Gatt.RECORD_DATA,
            Gatt.TOOL_INFO,
            Gatt.EVENTS,
            Gatt.FORCE_STREAM);
    /** What says how many bytes of data an op has; the others have none. */
    private static final Map<Integer, Integer> DATA =
            Map.of(ControlRequest.TARE, 2, ControlRequest.READ_LIMITS, ToolLimits.LENGTH);

    /** @param nanos when it arrived, by the subject's clock */
    record Arrived(UUID characteristic, byte[] value, long nanos) {}

    /** Of time, by the subject's clock. */
    record Span(long fromNanos, long toNanos) {}

    /** One exchange of times, the times of the host in µs of the subject's clock. */
    record Synced(TimeSync tool, long askedUs, long answeredUs) {
        /** Tool time at the most, at this time of the host. */
        long latestUs(long nanos) {
            return tool.sentUs() + nanos / 1000 - askedUs;
        }

        long roundTripUs() {
            return answeredUs - askedUs;
        }
    }

    private final Run run;
    private final Subject subject;
    private final Findings findings;
    private final ToolConnection connection;
    private final Queue<Arrived> incoming = new ConcurrentLinkedQueue<>();
    private final List<Arrived> arrived = new ArrayList<>();
    /** Those that answer something. */
    private final Set<Arrived> claimed = Collections.newSetFromMap(new IdentityHashMap<>());

    private final int mtu;
    private final long beganNanos;
    private final long boot;
    /** When sampling was begun or changed. */
    private final List<Long> startedNanos = new ArrayList<>();

    private final List<Span> sampling = new ArrayList<>();
    private long samplingNanos = NEVER;
    private @Nullable ToolLimits cuesBy;
    private @Nullable Integer batteryPercent;

    private long taredNanos = NEVER;
    private final boolean neverTared;
    private int txn = 0x20;
    private long endedNanos = NEVER;

    /** @param mtu that is offered, or {@link Subject#ANY_MTU} */
    Contact(Run run, int mtu) throws LinkException, InterruptedException, StoppedException {
        this.run = run;
        subject = run.subject();
        findings = run.findings();
        connection = subject.connect(mtu);
        beganNanos = subject.nanoTime();
        boolean whole = false;
        try {
            connection.resolve(RESOLVE_LIMIT);
            this.mtu = connection.mtu().orElse(0);
            sameTool();
            for (UUID each : NOTIFYING) {
                subscribe(each);
            }
            subscribe(Gatt.BATTERY_LEVEL);
            batteryPercent = battery();
            ToolInfo info = info();
            boot = info.boot();
            neverTared = info.tareAgeS() == ToolInfo.NEVER_TARED;
            run.metBoot(boot);
            whole = true;
        } finally {
            if (!whole) {
                connection.close();
            }
        }
    }

    private void subscribe(UUID characteristic) throws LinkException, InterruptedException {
        connection.subscribe(characteristic, (value, nanos) -> incoming.add(new Arrived(characteristic, value, nanos)));
    }

    private void sameTool() throws LinkException, InterruptedException, StoppedException {
        String serial;
        try {
            serial = DeviceInformation.decode("serial number", connection.read(Gatt.SERIAL_NUMBER));
        } catch (MalformedFrameException e) {
            return; // judged by itself
        }
        String first = run.metSerial(serial);
        if (!findings.check(
                Rule.SAME_TOOL,
                serial.equals(first),
                () -> "serial number %s, and before it was %s".formatted(serial, first))) {
            throw new StoppedException("%s failed before: another tool answers".formatted(Rule.SAME_TOOL.id()), true);
        }
    }

    ToolConnection connection() {
        return connection;
    }

    /** 0 where the host does not tell. */
    int mtu() {
        return mtu;
    }

    long boot() {
        return boot;
    }

    boolean neverTared() {
        return neverTared;
    }

    long taredNanos() {
        return taredNanos;
    }

    List<Long> startedNanos() {
        return startedNanos;
    }

    /** What has arrived so far, in order. */
    List<Arrived> arrived() {
        for (Arrived next = incoming.poll(); next != null; next = incoming.poll()) {
            arrived.add(next);
        }
        return arrived;
    }

    List<Arrived> arrived(UUID characteristic) {
        return arrived().stream()
                .filter(each -> each.characteristic().equals(characteristic))
                .toList();
    }

    /** How much has arrived so far: what comes later stands from this place on. */
    int mark() {
        return arrived().size();
    }

    List<Arrived> since(int mark, UUID characteristic) {
        List<Arrived> all = arrived();
        return all.subList(mark, all.size()).stream()
                .filter(each -> each.characteristic().equals(characteristic))
                .toList();
    }

    /** An event must have come. One that cannot be read may have been it. */
    void expectEvent(Rule rule, boolean came, String what) {
        if (came || arrived(Gatt.EVENTS).stream().allMatch(each -> Frames.crcIsRight(each.value()))) {
            findings.check(rule, came, () -> "no event " + what);
        } else {
            findings.leaveOut(rule, "%s failed before".formatted(Rule.EVENT_CRC.id()));
        }
    }

    /** Lets time pass. */
    void pass(Duration time) throws LinkException, InterruptedException {
        long endNanos = subject.nanoTime() + time.toNanos();
        while (subject.nanoTime() < endNanos) {
            long leftNanos = endNanos - subject.nanoTime();
            subject.pass(Duration.ofNanos(Math.min(leftNanos, ASK_EVERY.toNanos())));
            connection.read(Gatt.TOOL_INFO);
        }
        arrived();
    }

    /** The first that arrived from this place on, or arrives until the limit. */
    Optional<Arrived> await(int mark, Duration limit, Predicate<Arrived> wanted) throws InterruptedException {
        long endNanos = subject.nanoTime() + limit.toNanos();
        int looked = mark;
        while (true) {
            for (List<Arrived> all = arrived(); looked < all.size(); looked++) {
                if (wanted.test(all.get(looked))) {
                    return Optional.of(all.get(looked));
                }
            }
            if (subject.nanoTime() >= endNanos) {
                return Optional.empty();
            }
            subject.pass(LOOK_EVERY);
        }
    }

    /** Null: what is read makes no sense. */
    private @Nullable Integer battery() throws LinkException, InterruptedException {
        byte[] value = connection.read(Gatt.BATTERY_LEVEL);
        return level(value) ? (int) value[0] : null;
    }

    private boolean level(byte[] value) {
        return findings.check(
                Rule.BATT_LEVEL,
                value.length == 1 && value[0] >= 0 && value[0] <= 100,
                () -> "read or notified: " + Frames.hex(value));
    }

    /** Whether it told of the battery what is read now. */
    void checkBattery() throws LinkException, InterruptedException {
        Integer before = batteryPercent;
        Integer now = battery();
        if (before == null || now == null || before.equals(now)) {
            return;
        }
        Optional<Arrived> told = await(
                0,
                Duration.ofSeconds(1),
                each -> each.characteristic().equals(Gatt.BATTERY_LEVEL)
                        && each.value().length == 1
                        && each.value()[0] == now);
        if (told.isEmpty() && findings.isBroken(Rule.FORCE_GAP)) {
            findings.leaveOut(Rule.BATT_NOTIFIED, "notifications get lost");
            return;
        }
        findings.check(
                Rule.BATT_NOTIFIED,
                told.isPresent(),
                () -> "%d %% at first, %d %% now, and nothing was notified of it".formatted(before, now));
    }

    ToolInfo info() throws LinkException, InterruptedException, StoppedException {
        byte[] value = connection.read(Gatt.TOOL_INFO);
        try {
            return ToolInfo.decode(value);
        } catch (MalformedFrameException e) {
            findings.check(Rule.INFO_LAYOUT, false, () -> "%s: %s".formatted(e.getMessage(), Frames.hex(value)));
            throw new StoppedException("%s failed before: Tool Info cannot be read".formatted(Rule.INFO_LAYOUT.id()));
        }
    }

    /** Asks the Control Point, and judges the answer by its form. */
    ControlAnswer ask(int op, int... params) throws LinkException, InterruptedException, StoppedException {
        byte[] bytes = new byte[params.length];
        for (int i = 0; i < params.length; i++) {
            bytes[i] = (byte) params[i];
        }
        return ask(new ControlRequest(op, 0, bytes));
    }

    /** @param request whose txn is chosen here */
    ControlAnswer ask(ControlRequest request) throws LinkException, InterruptedException, StoppedException {
        return ask(request, txn++ & 0xFF);
    }

    ControlAnswer ask(ControlRequest template, int asTxn) throws LinkException, InterruptedException, StoppedException {
        ControlRequest request = new ControlRequest(template.op(), asTxn, template.params());
        int mark = mark();
        long askedNanos = subject.nanoTime();
        connection.write(Gatt.CONTROL_POINT, request.encode());
        Predicate<Arrived> unclaimed =
                each -> each.characteristic().equals(Gatt.CONTROL_POINT) && !claimed.contains(each);
        Optional<Arrived> first = await(mark, ANSWER_LIMIT, unclaimed);
        Optional<Arrived> came = await(mark, Duration.ZERO, unclaimed.and(each -> isFor(request, each)))
                .or(() -> first);
        Arrived answer = came.orElse(null);
        findings.check(
                Rule.CTRL_PROMPT,
                answer != null && answer.nanos() - askedNanos <= PROMPT_NANOS,
                () -> answer == null
                        ? "op %d: no answer within %d s".formatted(request.op(), ANSWER_LIMIT.toSeconds())
                        : "op %d: answered after %d ms"
                                .formatted(request.op(), (answer.nanos() - askedNanos) / 1_000_000));
        if (answer == null) {
            throw new StoppedException(
                    "%s failed before: no answer to op %d".formatted(Rule.CTRL_PROMPT.id(), request.op()));
        }
        claimed.add(answer);
        return formed(request, answer.value());
    }

    private static boolean isFor(ControlRequest request, Arrived answer) {
        byte[] value = answer.value();
        return value.length >= 3 && (value[1] & 0xFF) == request.op() && (value[2] & 0xFF) == request.txn();
    }

    private ControlAnswer formed(ControlRequest request, byte[] value) throws StoppedException {
        boolean readable = value.length >= 4;
        boolean ok = readable && value[3] == Result.OK.code();
        boolean right = readable
                && (value[0] & 0xFF) == ControlAnswer.TYPE
                && (value[1] & 0xFF) == request.op()
                && (value[2] & 0xFF) == request.txn()
                && (ok ? hasData(request, value.length - 4) : value.length == 4);
        findings.check(
                Rule.CTRL_ANSWER,
                right,
                () -> "op %d, txn %d: %s".formatted(request.op(), request.txn(), Frames.hex(value)));
        if (!readable) {
            throw new StoppedException("%s failed before: the answer to op %d cannot be read"
                    .formatted(Rule.CTRL_ANSWER.id(), request.op()));
        }
        return new ControlAnswer(
                request.op(), request.txn(), value[3] & 0xFF, Arrays.copyOfRange(value, 4, value.length));
    }

    /** How long that of pages is, they say themselves. */
    private static boolean hasData(ControlRequest request, int length) {
        return switch (request.op()) {
            case ControlRequest.STORED_BOOTS, Run.READ_FAULTS -> length >= 2;
            case ControlRequest.CALIBRATE -> true;
            default -> length == DATA.getOrDefault(request.op(), 0);
        };
    }

    /** @throws StoppedException if it is not done, which breaks the rule */
    ControlAnswer need(Rule rule, ControlRequest request) throws LinkException, InterruptedException, StoppedException {
        ControlAnswer answer = ask(request);
        if (!expect(rule, answer, Result.OK)) {
            throw new StoppedException(
                    "%s failed before: op %d was answered %s".formatted(rule.id(), request.op(), words(answer)));
        }
        return answer;
    }

    /** Judges a result. */
    boolean expect(Rule rule, ControlAnswer answer, Result wanted) {
        return findings.check(
                rule,
                answer.result() == wanted,
                () -> "op %d: %s in place of %d, %s".formatted(answer.op(), words(answer), wanted.code(), wanted));
    }

    static String words(ControlAnswer answer) {
        return "%d, %s".formatted(answer.resultCode(), answer.result());
    }

    /** The fields that differ. */
    static String words(ToolLimits wanted, ToolLimits got) {
        List<String> names = List.of(
                "light", "moderate", "too_deep", "ceiling", "enter_ms", "exit_ms", "exit_percent", "repeat_ms", "keep");
        List<Integer> want = values(wanted);
        List<Integer> have = values(got);
        return IntStream.range(0, names.size())
                .filter(i -> !have.get(i).equals(want.get(i)))
                .mapToObj(i -> "%s %d in place of %d".formatted(names.get(i), have.get(i), want.get(i)))
                .collect(joining(", "));
    }

    private static List<Integer> values(ToolLimits of) {
        return List.of(
                of.lightCn(),
                of.moderateCn(),
                of.tooDeepCn(),
                of.ceilingCn(),
                of.enterMs(),
                of.exitMs(),
                of.exitPercent(),
                of.repeatMs(),
                of.keep());
    }

    void start(int rateHz) throws LinkException, InterruptedException, StoppedException {
        startedNanos.add(subject.nanoTime());
        ControlAnswer unused = need(Rule.CTRL_START, ControlRequest.start(0, rateHz));
        startedNanos.add(subject.nanoTime());
        samples(true);
    }

    /** As far as is known here. */
    private void samples(boolean now) {
        if (samplingNanos != NEVER) {
            sampling.add(new Span(samplingNanos, subject.nanoTime()));
        }
        samplingNanos = now ? subject.nanoTime() : NEVER;
    }

    private long lastNanos() {
        long nowNanos = subject.nanoTime();
        try {
            connection.read(Gatt.TOOL_INFO);
            return nowNanos;
        } catch (LinkException e) {
            List<Arrived> all = arrived();
            return all.isEmpty() ? beganNanos : all.get(all.size() - 1).nanos();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return beganNanos;
        }
    }

    /** Until when the link was there for certain, once it is closed. */
    long endedNanos() {
        return endedNanos;
    }

    /** When it sampled for certain. */
    List<Span> sampling() {
        return sampling;
    }

    /** The tool cues by these on its own, all the time from now on. */
    void cuesBy(ToolLimits limits) {
        cuesBy = limits;
    }

    /** Null: they changed meanwhile. */
    @Nullable
    ToolLimits cuesBy() {
        return cuesBy;
    }

    void stop() throws LinkException, InterruptedException, StoppedException {
        samples(false);
        ControlAnswer unused = need(Rule.CTRL_STOP, ControlRequest.stop(0));
    }

    /** From now on no frame may say untared. */
    void tared() {
        taredNanos = Math.min(taredNanos, subject.nanoTime());
    }

    ToolLimits limits() throws LinkException, InterruptedException, StoppedException {
        ControlAnswer answer = need(Rule.CTRL_LIMITS, ControlRequest.readLimits(0));
        try {
            return ToolLimits.decode(answer.data());
        } catch (MalformedFrameException e) {
            throw new StoppedException("%s failed before: limits cannot be read".formatted(Rule.CTRL_ANSWER.id()));
        }
    }

    StoredBoots storedBoots(int page) throws LinkException, InterruptedException, StoppedException {
        ControlAnswer answer = need(Rule.BOOTS_PAGE, ControlRequest.storedBoots(0, page));
        try {
            StoredBoots boots = StoredBoots.decode(answer.data());
            findings.check(
                    Rule.BOOTS_PAGE,
                    boots.boots().size() <= StoredBoots.PAGE,
                    () -> "page %d: %d boots".formatted(page, boots.boots().size()));
            return boots;
        } catch (MalformedFrameException e) {
            findings.check(Rule.BOOTS_PAGE, false, () -> "%s: %s".formatted(e.getMessage(), Frames.hex(answer.data())));
            throw new StoppedException("%s failed before: the page cannot be read".formatted(Rule.BOOTS_PAGE.id()));
        }
    }

    /** All pages. */
    List<StoredBoots.StoredBoot> storedBoots() throws LinkException, InterruptedException, StoppedException {
        List<StoredBoots.StoredBoot> all = new ArrayList<>();
        for (int page = 0; page <= 0xFF; page++) {
            StoredBoots next = storedBoots(page);
            all.addAll(next.boots());
            if (!next.more()) {
                break;
            }
        }
        return all;
    }

    /** The quickest of some exchanges of times; empty if none makes sense. */
    Optional<Synced> sync(int times) throws LinkException, InterruptedException {
        Synced best = null;
        for (int i = 0; i < times; i++) {
            Synced next = sync();
            if (next != null && (best == null || next.roundTripUs() < best.roundTripUs())) {
                best = next;
            }
        }
        return Optional.ofNullable(best);
    }

    private @Nullable Synced sync() throws LinkException, InterruptedException {
        long nonce = run.nextNonce();
        int mark = mark();
        long askedNanos = subject.nanoTime();
        connection.write(Gatt.TIME_SYNC, TimeSync.request(nonce));
        Arrived answer = await(mark, ANSWER_LIMIT, each -> each.characteristic().equals(Gatt.TIME_SYNC))
                .orElse(null);
        TimeSync decoded = null;
        try {
            decoded = answer == null ? null : TimeSync.decode(answer.value());
        } catch (MalformedFrameException e) {
            decoded = null;
        }
        TimeSync got = decoded;
        boolean right = findings.check(
                Rule.SYNC_ANSWER,
                answer != null && got != null && got.nonce() == nonce && answer.nanos() - askedNanos <= PROMPT_NANOS,
                () -> answer == null
                        ? "no answer within %d s".formatted(ANSWER_LIMIT.toSeconds())
                        : "nonce %08x, after %d ms: %s"
                                .formatted(
                                        nonce, (answer.nanos() - askedNanos) / 1_000_000, Frames.hex(answer.value())));
        if (answer == null || got == null || (!right && got.nonce() != nonce)) {
            return null;
        }
        findings.check(
                Rule.SYNC_BOOT,
                got.boot() == boot,
                () -> "boot %08x, and Tool Info says %08x".formatted(got.boot(), boot));
        findings.check(
                Rule.SYNC_FORWARD,
                Long.compareUnsigned(got.receivedUs(), got.sentUs()) <= 0,
                () -> "received %d, sent %d us".formatted(got.receivedUs(), got.sentUs()));
        return new Synced(got, askedNanos / 1000, answer.nanos() / 1000);
    }

    /** Judges what has arrived; the connection is no more. */
    @Override
    public void close() {
        if (endedNanos != NEVER) {
            return;
        }
        endedNanos = lastNanos();
        if (samplingNanos != NEVER) {
            sampling.add(new Span(samplingNanos, endedNanos));
        }
        connection.close();
        List<Arrived> all = arrived();
        for (Arrived each : all) {
            if (mtu > 0) {
                findings.check(
                        Rule.FITS,
                        each.value().length <= mtu - 3,
                        () -> "%d bytes at an MTU of %d: %s"
                                .formatted(each.value().length, mtu, Frames.hex(each.value())));
            }
        }
        arrived(Gatt.BATTERY_LEVEL).forEach(each -> level(each.value()));
        List<Arrived> answers = arrived(Gatt.CONTROL_POINT);
        if (!answers.isEmpty()) {
            findings.check(
                    Rule.CTRL_ONCE,
                    answers.size() == claimed.size(),
                    () -> "%d requests, %d answers".formatted(claimed.size(), answers.size()));
        }
        new StreamJudge(run, this).judge();
    }
}
