package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.conform.Contact.Arrived;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordAnswer.Result;
import io.lightstroke.protocol.RecordRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Asks the Record Access Control Point over one connection, and judges what it sends. */
final class Records {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    /** The indication at the end can overtake data. */
    /** The longest report, of a store that is full. */
    private static final Duration REPORT_LIMIT = Duration.ofMinutes(10);

    private static final Duration OVERTAKEN = Duration.ofMillis(500);

    private static final int AT_ONCE = 4;
    private static final long PACE_NANOS = 10_000_000;
    /** A radio may bring at once what was sent in so long. */
    private static final int HELD_UP = 60;

    private final Run run;
    private final Contact contact;
    private final Findings findings;

    /**
     * What a report has sent.
     *
     * @param values each once, in the order in which they came
     * @param frames what can be read, {@link ForceFrame}s and {@link EventFrame}s, as they ought to come
     * @param stored what is in them
     * @param whole nothing of it got lost or was spoilt
     */
    record Report(Result result, List<byte[]> values, List<Object> frames, Live stored, boolean whole) {
        Stream<EventFrame> events() {
            return frames.stream().filter(EventFrame.class::isInstance).map(EventFrame.class::cast);
        }

        boolean hasSaturated() {
            return frames.stream()
                    .anyMatch(each -> each instanceof ForceFrame frame && frame.has(ForceFrame.SATURATED));
        }
    }

    Records(Run run, Contact contact) {
        this.run = run;
        this.contact = contact;
        findings = run.findings();
    }

    static byte[] request(int op, int operator, long boot, long... indices) {
        byte[] bytes = new byte[7 + 4 * indices.length];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put((byte) op).put((byte) operator).put((byte) 0x80).putInt((int) boot);
        for (long index : indices) {
            buffer.putInt((int) index);
        }
        return bytes;
    }

    void write(byte[] request) throws LinkException, InterruptedException {
        contact.connection().write(Gatt.RECORD_ACCESS, request);
    }

    /** The next indication from this place on that answers the op; a number answers a count. */
    RecordAnswer answer(int mark, int op, Duration limit, long askedNanos)
            throws InterruptedException, StoppedException {
        Predicate<Arrived> wanted =
                each -> each.characteristic().equals(Gatt.RECORD_ACCESS) && answers(each.value(), op);
        Optional<Arrived> came = contact.await(mark, limit, wanted);
        boolean prompt = askedNanos == Contact.NEVER
                || (came.isPresent() && came.get().nanos() - askedNanos <= Contact.PROMPT_NANOS);
        findings.check(
                Rule.RACP_ANSWER,
                came.isPresent() && prompt,
                () -> came.isEmpty()
                        ? "op %d: no answer within %d s, but %s".formatted(op, limit.toSeconds(), others(mark))
                        : "op %d: answered after %d ms"
                                .formatted(op, (came.get().nanos() - askedNanos) / 1_000_000));
        try {
            return RecordAnswer.decode(came.orElseThrow(() -> new StoppedException(
                            "%s failed before: no answer to op %d".formatted(Rule.RACP_ANSWER.id(), op)))
                    .value());
        } catch (MalformedFrameException e) {
            throw new IllegalStateException(e); // it answers the op
        }
    }

    private String others(int mark) {
        List<String> values = contact.since(mark, Gatt.RECORD_ACCESS).stream()
                .map(each -> Frames.hex(each.value()))
                .toList();
        return values.isEmpty() ? "nothing" : String.join(", ", values);
    }

    private static boolean answers(byte[] value, int op) {
        try {
            RecordAnswer answer = RecordAnswer.decode(value);
            return answer.op() == RecordAnswer.NUMBER ? op == RecordRequest.COUNT : answer.requestOp() == op;
        } catch (MalformedFrameException e) {
            return false;
        }
    }

    /** Asks what is answered at once. */
    RecordAnswer ask(byte[] request) throws LinkException, InterruptedException, StoppedException {
        int mark = contact.mark();
        long askedNanos = run.subject().nanoTime();
        write(request);
        return answer(mark, request[0] & 0xFF, ANSWER_LIMIT, askedNanos);
    }

    /** Asks what is answered by a response with this result. */
    void expect(Rule rule, Result wanted, byte[] request) throws LinkException, InterruptedException, StoppedException {
        RecordAnswer answer = ask(request);
        findings.check(
                rule,
                answer.op() == RecordAnswer.RESPONSE && answer.result() == wanted,
                () -> "%s: %s in place of %d, %s".formatted(Frames.hex(request), words(answer), wanted.code(), wanted));
    }

    static String words(RecordAnswer answer) {
        return answer.op() == RecordAnswer.NUMBER
                ? "the number %d".formatted(answer.number())
                : "%d, %s".formatted(answer.resultCode(), answer.result());
    }

    /** The number; empty if it is none. */
    Optional<Long> count(int operator, long boot, long... indices)
            throws LinkException, InterruptedException, StoppedException {
        byte[] request = request(RecordRequest.COUNT, operator, boot, indices);
        RecordAnswer answer = ask(request);
        boolean number = findings.check(
                Rule.RACP_COUNT,
                answer.op() == RecordAnswer.NUMBER,
                () -> "%s: %s in place of a number".formatted(Frames.hex(request), words(answer)));
        return number ? Optional.of(answer.number()) : Optional.empty();
    }

    /** Counts, has it sent, and compares. Events may come meanwhile, so it may count again. */
    Report report(int operator, long boot, long... indices)
            throws LinkException, InterruptedException, StoppedException {
        Optional<Long> least = count(operator, boot, indices);
        Report report = reportOnly(operator, boot, indices);
        if (least.isEmpty()) {
            return report;
        }
        int sent = report.values().size();
        long most = sent <= least.get()
                ? least.get()
                : count(operator, boot, indices).orElse(least.get());
        boolean all = findings.check(
                Rule.RACP_COUNT,
                sent >= least.get() && sent <= most,
                () -> "operator %d: a count of %d, and %d frames".formatted(operator, least.get(), sent));
        return new Report(report.result(), report.values(), report.frames(), report.stored(), report.whole() && all);
    }

    private Report reportOnly(int operator, long boot, long... indices)
            throws LinkException, InterruptedException, StoppedException {
        int mark = contact.mark();
        write(request(RecordRequest.REPORT, operator, boot, indices));
        RecordAnswer answer = atEnd(mark);
        contact.pass(OVERTAKEN);
        return judge(mark, answer, boot);
    }

    /** A report takes its time: as long as data comes, it is waited for. */
    RecordAnswer atEnd(int mark) throws InterruptedException, StoppedException {
        long endNanos = run.subject().nanoTime() + REPORT_LIMIT.toNanos();
        while (true) {
            int before = contact.mark();
            Optional<Arrived> came = contact.await(
                    mark,
                    ANSWER_LIMIT,
                    each -> each.characteristic().equals(Gatt.RECORD_ACCESS)
                            && answers(each.value(), RecordRequest.REPORT));
            if (came.isPresent()
                    || contact.since(before, Gatt.RECORD_DATA).isEmpty()
                    || run.subject().nanoTime() >= endNanos) {
                return answer(mark, RecordRequest.REPORT, Duration.ZERO, Contact.NEVER);
            }
        }
    }

    Report judge(int mark, RecordAnswer answer, long boot) {
        List<Arrived> came = contact.since(mark, Gatt.RECORD_DATA);
        Frames stored = new Frames(findings, true);
        List<byte[]> values = new ArrayList<>();
        List<Object> frames = new ArrayList<>();
        Set<ByteBuffer> seen = new HashSet<>();
        Live live = new Live();
        boolean whole = true;
        long key = -1;
        for (Arrived each : came) {
            byte[] value = each.value();
            boolean again = !seen.add(ByteBuffer.wrap(value));
            findings.check(Rule.REC_ORDER, !again, () -> "twice: " + Frames.hex(value));
            if (again) {
                continue;
            }
            values.add(value);
            boolean isEvent = value.length == EventFrame.LENGTH && value[0] == EventFrame.TYPE;
            Optional<ForceFrame> frame = isEvent ? Optional.empty() : stored.force(value);
            Optional<EventFrame> event = isEvent ? stored.event(value) : Optional.empty();
            frame.ifPresent(frames::add);
            frame.ifPresent(live::add);
            event.ifPresent(frames::add);
            event.ifPresent(live::add);
            if (frame.isEmpty() && event.isEmpty()) {
                whole = false;
                continue;
            }
            long next = place(frames.get(frames.size() - 1));
            long before = key;
            findings.check(
                    Rule.REC_ORDER, next >= before, () -> "index %d after index %d".formatted(next / 2, before / 2));
            key = Math.max(key, next);
            long of = frame.map(ForceFrame::boot)
                    .or(() -> event.map(EventFrame::boot))
                    .orElseThrow();
            findings.check(
                    Rule.RACP_OPERATORS,
                    of == boot,
                    () -> "boot %08x was asked for, boot %08x came".formatted(boot, of));
            frame.filter(what -> what.has(ForceFrame.SATURATED))
                    .ifPresent(what -> findings.check(
                            Rule.REC_SATURATED,
                            what.count() == 1,
                            () -> "%d samples: %s".formatted(what.count(), what)));
        }
        if (!came.isEmpty()) {
            pace(values.size(), came.get(came.size() - 1).nanos() - came.get(0).nanos());
        }
        frames.sort(Comparator.comparingLong(Records::place));
        return new Report(answer.result(), values, frames, live, whole);
    }

    /** In the order of a report: by index, events after the sample. */
    private static long place(Object frame) {
        return frame instanceof ForceFrame force ? 2 * force.first() : 2 * ((EventFrame) frame).index() + 1;
    }

    private void pace(int frames, long nanos) {
        if (frames > 2 * HELD_UP) {
            findings.check(
                    Rule.REC_PACE,
                    frames <= AT_ONCE * (nanos / PACE_NANOS + 2) + HELD_UP,
                    () -> "%d frames in %d ms".formatted(frames, nanos / 1_000_000));
        }
    }
}
