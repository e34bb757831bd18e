package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.ControlRequest.CalibrationStep;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The control op calibrate: its steps in order, and what follows from them. */
class CalibrationTest {
    /** The sensor reads 0.5 N too much. From 4 s to 104 s a weight is on it of which it reads 5 N. */
    private static Central weighed(double loadN) {
        Scenario.Sensor off = new Scenario.Sensor(16, 1000, 30, 0, 0, 0.5);
        return new Central(Scenarios.pressing(off, 4, loadN, 100, 1000), 1).goOn(2);
    }

    private static ControlAnswer step(Central central, CalibrationStep step, int referenceMn) {
        return central.ask(ControlRequest.calibrate(1, step, referenceMn));
    }

    private static void assertStep(Result result, Central central, CalibrationStep step, int referenceMn) {
        assertEquals(result, step(central, step, referenceMn).result(), step.name());
    }

    private static void zeroed(Central central) {
        assertStep(Result.OK, central, CalibrationStep.BEGIN, 0);
        assertStep(Result.OK, central, CalibrationStep.ZERO, 0);
        central.goOn(4);
    }

    private static double meanN(Central central) {
        central.frames.clear();
        central.goOn(1);
        return Arrays.stream(central.forceN()).average().orElseThrow();
    }

    @Test
    void forceIsCountedByTheReferenceFromTheCommitOnAndAfterAReboot() throws MalformedFrameException {
        Central central = weighed(5);
        central.ask(ControlRequest.start(1, 100));
        zeroed(central);
        assertStep(Result.OK, central, CalibrationStep.REFERENCE, 6000);
        assertEquals(5.5, meanN(central), 0.01);
        assertEquals(1, central.info().calibration());
        assertEquals(
                List.of(1L),
                central.infos.stream().map(ToolInfo::calibration).distinct().toList());

        ControlAnswer committed = step(central, CalibrationStep.COMMIT, 0);
        assertEquals(2, committed.calibration());
        assertEquals(6, meanN(central), 0.01);
        assertEquals(2, central.infos.get(central.infos.size() - 1).calibration(), "notified");
        assertNotEquals(ToolInfo.NEVER_TARED, central.info().tareAgeS());
        assertEquals(1, central.events(EventFrame.Kind.TARED).size());
        assertStep(Result.BUSY_OR_WRONG_STATE, central, CalibrationStep.COMMIT, 0);

        central.tool.reboot();
        central.connect(247);
        assertEquals(2, central.info().calibration());
        central.goOn(1);
        central.ask(ControlRequest.start(1, 100));
        assertEquals(6, meanN(central), 0.01);
    }

    @Test
    void whatIsCancelledOrLeftChangesNothing() {
        Central central = weighed(5);
        zeroed(central);
        assertStep(Result.OK, central, CalibrationStep.REFERENCE, 6000);
        assertStep(Result.OK, central, CalibrationStep.CANCEL, 0);
        assertStep(Result.BUSY_OR_WRONG_STATE, central, CalibrationStep.COMMIT, 0);
        assertStep(Result.BUSY_OR_WRONG_STATE, central, CalibrationStep.REFERENCE, 6000);

        assertStep(Result.OK, central, CalibrationStep.BEGIN, 0);
        central.tool.disconnect();
        central.connect(247);
        assertStep(Result.BUSY_OR_WRONG_STATE, central, CalibrationStep.ZERO, 0);

        assertStep(Result.OK, central, CalibrationStep.BEGIN, 0);
        central.goOn(301);
        assertStep(Result.BUSY_OR_WRONG_STATE, central, CalibrationStep.ZERO, 0);
        central.ask(ControlRequest.start(1, 100));
        assertEquals(0.5, meanN(central), 0.01);
        assertEquals(1, central.info().calibration());
    }

    @Test
    void aWeightThatCannotBeIsRefusedAndMayBeMeasuredAgain() {
        Central central = weighed(5);
        zeroed(central);
        for (int referenceMn : new int[] {0, -5000, 999, 20_001, Integer.MIN_VALUE, 2499, 10_001}) {
            assertStep(Result.BAD_PARAMETER, central, CalibrationStep.REFERENCE, referenceMn);
        }
        assertStep(Result.BUSY_OR_WRONG_STATE, central, CalibrationStep.COMMIT, 0);
        assertStep(Result.OK, central, CalibrationStep.REFERENCE, 2500);
        assertStep(Result.OK, central, CalibrationStep.REFERENCE, 10_000);
        assertStep(Result.OK, central, CalibrationStep.COMMIT, 0);
    }

    @Test
    void aForceThatMovesIsNotMeasuredAndNoTareComesBetween() {
        Central central = weighed(5);
        zeroed(central);
        assertStep(Result.OK, central, CalibrationStep.BEGIN, 0);
        Central moving = weighed(5);
        assertStep(Result.OK, moving, CalibrationStep.BEGIN, 0);
        moving.goOn(2.2);
        assertStep(Result.BUSY_OR_WRONG_STATE, moving, CalibrationStep.ZERO, 0);
        moving.goOn(2);
        assertStep(Result.OK, moving, CalibrationStep.ZERO, 0);
        assertEquals(
                Result.BUSY_OR_WRONG_STATE, moving.ask(ControlRequest.tare(9)).result());
    }

    @Test
    void aSensorAtItsLimitIsAFault() {
        Central central = weighed(40);
        zeroed(central);
        assertStep(Result.SENSOR_FAULT, central, CalibrationStep.REFERENCE, 20_000);
    }
}
