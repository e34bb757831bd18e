package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ControlRequest.CalibrationStep;
import io.lightstroke.protocol.EventFrame.Kind;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** The Control Point: each op with what it takes and what it refuses; calibration without a commit. */
final class Asking {
    private static final ToolLimits GOOD = new ToolLimits(200, 400, 600, 1400, 150, 200, 90, 2000, 0);
    private static final int RAW_ENTRY = 14;

    private final Run run;
    private final Findings findings;

    Asking(Run run) {
        this.run = run;
        findings = run.findings();
    }

    void control() throws LinkException, InterruptedException, StoppedException {
        try (Contact contact = run.connect()) {
            contact.stop();
            contact.stop();
            unknown(contact);
            lengths(contact);
            rates(contact);
            limits(contact);
            contact.expect(Rule.CTRL_IDENTIFY, contact.ask(ControlRequest.IDENTIFY), Result.OK);
            for (int txn : new int[] {0, 1, 127, 255}) {
                contact.ask(ControlRequest.readLimits(0), txn);
            }
            faults(contact);
        }
    }

    private void unknown(Contact contact) throws LinkException, InterruptedException, StoppedException {
        for (int op : new int[] {0, 6, 12, 0x80, 0xFF}) {
            contact.expect(Rule.CTRL_UNKNOWN, contact.ask(op, 1, 2), Result.UNKNOWN_OP);
        }
    }

    private void lengths(Contact contact) throws LinkException, InterruptedException, StoppedException {
        List<int[]> wrong = List.of(
                new int[] {ControlRequest.START, 100},
                new int[] {ControlRequest.START, 100, 0, 0},
                new int[] {ControlRequest.STOP, 0},
                new int[] {ControlRequest.TARE, 0},
                new int[] {ControlRequest.READ_LIMITS, 0},
                new int[] {ControlRequest.IDENTIFY, 0},
                new int[] {ControlRequest.CALIBRATE, 4, 0, 0, 0},
                new int[] {ControlRequest.CALIBRATE, 4, 0, 0, 0, 0, 0});
        for (int[] each : wrong) {
            contact.expect(
                    Rule.CTRL_LENGTH,
                    contact.ask(each[0], Arrays.copyOfRange(each, 1, each.length)),
                    Result.BAD_LENGTH);
        }
        for (int length : new int[] {ToolLimits.LENGTH - 1, ToolLimits.LENGTH + 1}) {
            contact.expect(
                    Rule.CTRL_LENGTH,
                    contact.ask(
                            new ControlRequest(ControlRequest.WRITE_LIMITS, 0, Arrays.copyOf(GOOD.encode(), length))),
                    Result.BAD_LENGTH);
        }
        if (run.has(ToolInfo.STORES_RECORDS)) {
            contact.expect(Rule.CTRL_LENGTH, contact.ask(ControlRequest.STORED_BOOTS), Result.BAD_LENGTH);
            if (run.mayErase()) {
                contact.expect(
                        Rule.CTRL_LENGTH,
                        contact.ask(ControlRequest.ERASE_STORED, 0, 0, 0, 0, 0, 0, 0),
                        Result.BAD_LENGTH);
            }
        }
    }

    private void rates(Contact contact) throws LinkException, InterruptedException, StoppedException {
        for (int hz : new int[] {0, run.minHz() - 1, run.maxHz() + 1, 0xFFFF}) {
            if (hz < run.minHz() || hz > run.maxHz()) {
                contact.expect(Rule.CTRL_START, contact.ask(ControlRequest.start(0, hz)), Result.BAD_PARAMETER);
            }
        }
        findings.check(
                Rule.CTRL_START,
                contact.info().state() != ToolInfo.SAMPLING,
                () -> "start with a rate out of range began sampling");
        contact.start(run.minHz());
        contact.start(run.maxHz());
        contact.start(run.usualHz());
        ToolInfo info = contact.info();
        findings.check(
                Rule.CTRL_START,
                info.state() == ToolInfo.SAMPLING && info.rateHz() == run.usualHz(),
                () -> "after start at %d Hz: state %d, %d Hz".formatted(run.usualHz(), info.state(), info.rateHz()));
        contact.stop();
        findings.check(Rule.CTRL_STOP, contact.info().state() == ToolInfo.IDLE, () -> "after stop: state is not idle");
    }

    private void limits(Contact contact) throws LinkException, InterruptedException, StoppedException {
        ToolLimits other = new ToolLimits(210, 410, 610, 1390, 160, 210, 80, 1900, 0);
        boolean told = false;
        for (int tries = 0; tries < 3 && !told; tries++) {
            ToolLimits wanted = tries % 2 == 0 ? other : GOOD;
            int mark = contact.mark();
            contact.need(Rule.CTRL_LIMITS, ControlRequest.writeLimits(0, wanted));
            ToolLimits got = contact.limits();
            findings.check(Rule.CTRL_LIMITS, got.equals(wanted), () -> "read back: " + Contact.words(wanted, got));
            told = contact.await(mark, Duration.ofSeconds(1), each -> Streaming.isEvent(each, Kind.LIMITS_CHANGED))
                    .isPresent();
        }
        contact.expectEvent(Rule.CTRL_LIMITS, told, "limits changed");
        ToolLimits held = contact.limits();
        List<ToolLimits> bad = List.of(
                new ToolLimits(0, 400, 600, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(-1, 400, 600, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(400, 400, 600, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(200, 600, 600, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(200, 400, 1400, 1400, 150, 200, 90, 2000, 0),
                new ToolLimits(200, 400, 600, 599, 150, 200, 90, 2000, 0),
                new ToolLimits(200, 400, 600, 1401, 150, 200, 90, 2000, 0),
                new ToolLimits(200, 400, 600, 1400, 150, 200, 101, 2000, 0));
        for (ToolLimits each : bad) {
            ControlAnswer answer = contact.ask(ControlRequest.writeLimits(0, each));
            findings.check(
                    Rule.CTRL_LIMITS_BAD,
                    answer.result() == Result.BAD_PARAMETER,
                    () -> "%s: %s".formatted(each, Contact.words(answer)));
        }
        ToolLimits after = contact.limits();
        findings.check(
                Rule.CTRL_LIMITS_BAD, after.equals(held), () -> "they were %s, and are %s".formatted(held, after));
    }

    private void faults(Contact contact) throws LinkException, InterruptedException, StoppedException {
        ControlAnswer answer = contact.ask(Run.READ_FAULTS, 0);
        byte[] data = answer.data();
        findings.check(
                Rule.CTRL_FAULTS,
                answer.result() == Result.UNKNOWN_OP
                        || (answer.result() == Result.OK
                                && data.length >= 2
                                && data[0] >= 0
                                && data[0] <= 1
                                && data.length == 2 + RAW_ENTRY * (data[1] & 0xFF)),
                () -> "%s, data %s".formatted(Contact.words(answer), Frames.hex(data)));
    }

    void calibration() throws LinkException, InterruptedException, StoppedException {
        try (Contact contact = run.connect()) {
            long number = contact.info().calibration();
            step(contact, Rule.CAL_STEPS, CalibrationStep.CANCEL, 0, Result.OK);
            step(contact, Rule.CAL_STEPS, CalibrationStep.CANCEL, 0, Result.OK);
            step(contact, Rule.CAL_TURN, CalibrationStep.ZERO, 0, Result.BUSY_OR_WRONG_STATE);
            step(contact, Rule.CAL_TURN, CalibrationStep.COMMIT, 0, Result.BUSY_OR_WRONG_STATE);
            step(contact, Rule.CAL_TURN, CalibrationStep.REFERENCE, 5000, Result.BUSY_OR_WRONG_STATE);
            contact.expect(
                    Rule.CAL_REFERENCE, contact.ask(ControlRequest.CALIBRATE, 5, 0, 0, 0, 0), Result.BAD_PARAMETER);
            step(contact, Rule.CAL_STEPS, CalibrationStep.BEGIN, 0, Result.OK);
            step(contact, Rule.CAL_TURN, CalibrationStep.REFERENCE, 5000, Result.BUSY_OR_WRONG_STATE);
            step(contact, Rule.CAL_TURN, CalibrationStep.COMMIT, 0, Result.BUSY_OR_WRONG_STATE);
            meanwhile(contact);
            zeroed(contact);
            step(contact, Rule.CAL_TURN, CalibrationStep.COMMIT, 0, Result.BUSY_OR_WRONG_STATE);
            step(contact, Rule.CAL_STEPS, CalibrationStep.CANCEL, 0, Result.OK);
            step(contact, Rule.CAL_TURN, CalibrationStep.ZERO, 0, Result.BUSY_OR_WRONG_STATE);
            long after = contact.info().calibration();
            findings.check(
                    Rule.CAL_UNCHANGED,
                    after == number,
                    () -> "calibration %d was in force, and is now %d".formatted(number, after));
        }
    }

    private void step(Contact contact, Rule rule, CalibrationStep step, int referenceMn, Result wanted)
            throws LinkException, InterruptedException, StoppedException {
        ControlAnswer answer = contact.ask(ControlRequest.calibrate(0, step, referenceMn));
        findings.check(
                rule,
                answer.result() == wanted,
                () -> "step %d, reference %d mN: %s in place of %d, %s"
                        .formatted(step.ordinal(), referenceMn, Contact.words(answer), wanted.code(), wanted));
    }

    private void meanwhile(Contact contact) throws LinkException, InterruptedException, StoppedException {
        contact.start(run.usualHz());
        contact.pass(Duration.ofSeconds(2));
        contact.expect(Rule.CAL_TARE, contact.ask(ControlRequest.TARE), Result.BUSY_OR_WRONG_STATE);
        int mark = contact.mark();
        contact.pass(Duration.ofSeconds(3));
        findings.check(
                Rule.CAL_TARE,
                !contact.since(mark, Gatt.FORCE_STREAM).isEmpty(),
                () -> "no force frame came while a calibration ran");
    }

    /** While the force is still, which is waited for. */
    private void zeroed(Contact contact) throws LinkException, InterruptedException, StoppedException {
        Result result = Result.UNKNOWN;
        if (!run.subject().simulated()) {
            run.progress().ask("Lay the tool down.");
        }
        for (int tries = 0; tries < 120 && result != Result.OK; tries++) {
            contact.pass(Duration.ofMillis(250));
            ControlAnswer answer = contact.ask(ControlRequest.calibrate(0, CalibrationStep.ZERO, 0));
            result = answer.result();
            if (result == Result.SENSOR_FAULT) {
                findings.leaveOut(Rule.CAL_REFERENCE, "the sensor stands at its limit");
                contact.stop();
                return;
            } else if (result != Result.OK && result != Result.BUSY_OR_WRONG_STATE) {
                contact.expect(Rule.CAL_STEPS, answer, Result.OK);
                contact.stop();
                return;
            }
        }
        if (result == Result.OK) {
            // Only now is 6 not because of the force.
            contact.expect(Rule.CAL_TARE, contact.ask(ControlRequest.TARE), Result.BUSY_OR_WRONG_STATE);
        }
        contact.stop();
        if (result != Result.OK) {
            findings.leaveOut(Rule.CAL_REFERENCE, "the force did not lie still for 30 s");
            return;
        }
        for (int referenceMn : new int[] {999, 20_001, 0, -1, Integer.MIN_VALUE}) {
            step(contact, Rule.CAL_REFERENCE, CalibrationStep.REFERENCE, referenceMn, Result.BAD_PARAMETER);
        }
        ControlAnswer far = contact.ask(ControlRequest.calibrate(0, CalibrationStep.REFERENCE, 20_000));
        findings.check(
                Rule.CAL_REFERENCE,
                far.result() == Result.BAD_PARAMETER || far.result() == Result.BUSY_OR_WRONG_STATE,
                () -> "a reference of 20 N while nothing is on the tool: " + Contact.words(far));
    }
}
