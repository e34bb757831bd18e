package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes a tool through the procedures; what is known of it from one to the next. */
final class Run {
    /** A tool need not know this op. */
    static final int READ_FAULTS = 8;

    private static final int TRIES = 5;
    private static final Duration BEFORE_AGAIN = Duration.ofSeconds(3);
    private static final int USUAL_HZ = 100;

    private final Subject subject;
    private final Options options;
    private final Progress progress;
    private final Findings findings = new Findings();
    private final Map<Long, Live> boots = new HashMap<>();
    private final Looking looking;
    private final Asking asking;
    private final Streaming streaming;
    private final Keeping keeping;
    private @Nullable String serial;
    private @Nullable ToolInfo info;
    private @Nullable ToolLimits found;
    private boolean keptReplaced;
    private long boot = -1;
    private long nonce = 0x5EED_0000L;
    private boolean over;
    private String overWhy = "";

    /** What a procedure does. */
    @FunctionalInterface
    private interface Work {
        void run() throws LinkException, InterruptedException, StoppedException;
    }

    Run(Subject subject, Options options, Progress progress) {
        this.subject = subject;
        this.options = options;
        this.progress = progress;
        looking = new Looking(this);
        asking = new Asking(this);
        streaming = new Streaming(this);
        keeping = new Keeping(this, looking);
    }

    List<Verdict> verdicts() throws InterruptedException {
        List<Procedure> wanted = options.procedures();
        int done = 0;
        try {
            for (Procedure procedure : wanted) {
                progress.doing(procedure, done++, wanted.size());
                if (over) {
                    findings.stop(procedure, overWhy);
                } else {
                    run(procedure, workOf(procedure));
                }
            }
        } finally {
            if (!over) {
                leave();
            }
        }
        return findings.verdicts(options.rules());
    }

    private Work workOf(Procedure procedure) {
        return switch (procedure) {
            case LOOK -> looking::look;
            case CONTROL -> asking::control;
            case STREAM -> streaming::stream;
            case RATES -> streaming::rates;
            case CUES -> streaming::cues;
            case CALIBRATION -> asking::calibration;
            case RECORDS -> keeping::records;
            case GONE -> keeping::gone;
            case MTUS -> looking::mtus;
            case FIRMWARE -> looking::firmware;
            case RESTART -> keeping::restart;
            case REST -> keeping::rest;
            case STORE -> keeping::store;
        };
    }

    /** Again when the link is lost, for that is no mistake of a tool's. */
    private void run(Procedure procedure, Work work) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                work.run();
                return;
            } catch (StoppedException e) {
                over = e.forGood;
                overWhy = String.valueOf(e.getMessage());
                findings.stop(procedure, overWhy);
                return;
            } catch (LinkException e) {
                if (tries == TRIES) {
                    findings.stop(procedure, "the link failed %d times: %s".formatted(tries, e.getMessage()));
                    over = procedure == Procedure.LOOK;
                    overWhy = "no link: " + e.getMessage();
                    return;
                }
                subject.pass(BEFORE_AGAIN);
            }
        }
    }

    /** The tool as it was found. */
    private void leave() throws InterruptedException {
        ToolLimits before = found;
        try (Contact contact = connect()) {
            if (before != null && keptReplaced) {
                done(contact.ask(ControlRequest.writeLimits(0, keeping(before))));
            }
            if (before != null) {
                done(contact.ask(ControlRequest.writeLimits(0, before)));
            }
            done(contact.ask(ControlRequest.stop(0)));
        } catch (LinkException | StoppedException e) {
            progress.ask("look after the tool: its limits and its state could not be restored (%s)"
                    .formatted(e.getMessage()));
        }
    }

    private static void done(ControlAnswer answer) throws StoppedException {
        if (answer.result() != ControlAnswer.Result.OK) {
            throw new StoppedException("refused: " + Contact.words(answer));
        }
    }

    /** Whether something of the store may get lost. */
    boolean mayErase() {
        return subject.simulated() || options.erase();
    }

    private static ToolLimits keeping(ToolLimits of) {
        return new ToolLimits(
                of.lightCn(),
                of.moderateCn(),
                of.tooDeepCn(),
                of.ceilingCn(),
                of.enterMs(),
                of.exitMs(),
                of.exitPercent(),
                of.repeatMs(),
                1);
    }

    Subject subject() {
        return subject;
    }

    Options options() {
        return options;
    }

    Progress progress() {
        return progress;
    }

    Findings findings() {
        return findings;
    }

    Contact connect() throws LinkException, InterruptedException, StoppedException {
        return new Contact(this, Subject.ANY_MTU);
    }

    Live live(long of) {
        return boots.computeIfAbsent(of, each -> new Live());
    }

    /** The one that was met first. */
    String metSerial(String now) {
        if (serial == null) {
            serial = now;
        }
        return serial;
    }

    /** It may be another one, once. */
    void expectAnotherBoot() {
        boot = -1;
    }

    void metBoot(long now) {
        long before = boot;
        if (before >= 0) {
            findings.check(
                    Rule.BOOT_STAYS,
                    now == before,
                    () -> "boot %08x, and before it was %08x: it has restarted unasked".formatted(now, before));
        }
        boot = now;
    }

    void met(ToolInfo now) {
        info = now;
    }

    /** Which those were that the tool keeps over restarts, nobody can tell. */
    void replacesKeptLimits() {
        keptReplaced = true;
    }

    void found(ToolLimits limits) {
        found = found == null ? limits : found;
    }

    private ToolInfo info() {
        if (info == null) {
            throw new IllegalStateException("looking comes first");
        }
        return info;
    }

    boolean hasMotionSensor() {
        return info().has(ToolInfo.MOTION_SENSOR);
    }

    boolean has(int feature) {
        return info().has(feature);
    }

    int minHz() {
        return info().minHz();
    }

    int maxHz() {
        return info().maxHz();
    }

    /** 100 Hz, or what is nearest to it. */
    int usualHz() {
        return Math.max(minHz(), Math.min(maxHz(), USUAL_HZ));
    }

    long nextNonce() {
        return nonce++;
    }

    /** A procedure that takes more than half an hour, and more patience than a person at a tool has. */
    void requireTime(String howLong) throws StoppedException {
        if (!subject.simulated() && !options.full()) {
            throw new StoppedException("takes %s: only with --full".formatted(howLong));
        }
    }

    void requireStore() throws StoppedException {
        if (!has(ToolInfo.STORES_RECORDS)) {
            throw new StoppedException("the tool has not the feature stores records");
        }
    }
}
