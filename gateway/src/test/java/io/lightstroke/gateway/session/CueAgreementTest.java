package io.lightstroke.gateway.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lightstroke.gateway.session.CueAgreement.Figures;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.EventFrame.Kind;
import org.junit.jupiter.api.Test;

class CueAgreementTest {
    private final CueAgreement agreement = new CueAgreement();
    private long sequence;

    private void tool(Kind kind, long ms, int code) {
        agreement.event(new EventFrame(
                kind.code(),
                0,
                1,
                sequence++,
                ms / 10,
                ms * 1000,
                (short) 0,
                0,
                EventFrame.ANGLE_UNKNOWN,
                (byte) 0,
                0,
                code));
    }

    private Figures settled() {
        agreement.settleAll();
        return agreement.figures();
    }

    @Test
    void withoutAnyItIsUnknown() {
        assertNull(settled().percent());
    }

    @Test
    void within300MsTheyMeanTheSameWhicheverComesFirst() {
        agreement.gatewayJudged(10_000_000);
        tool(Kind.OVER_PRESSURE_BEGIN, 10_300, 0);
        tool(Kind.OVER_PRESSURE_END, 11_000, 0);
        tool(Kind.OVER_PRESSURE_BEGIN, 20_000, 0);
        agreement.gatewayJudged(20_300_000);
        assertEquals(new Figures(2, 0, 0), agreement.figures());
        assertEquals(100.0, settled().percent());
    }

    @Test
    void whatOneAloneJudgedCountsAgainstIt() {
        agreement.gatewayJudged(10_000_000);
        tool(Kind.OVER_PRESSURE_BEGIN, 10_301, 0);
        agreement.gatewayJudged(30_000_000);
        tool(Kind.OVER_PRESSURE_BEGIN, 30_100, 0);
        assertEquals(new Figures(1, 1, 1), settled());
        assertEquals(100.0 / 3, settled().percent());
    }

    @Test
    void eachIsMatchedOnce() {
        agreement.gatewayJudged(10_000_000);
        agreement.gatewayJudged(10_200_000);
        tool(Kind.OVER_PRESSURE_BEGIN, 10_100, 0);
        assertEquals(new Figures(1, 1, 0), settled());
    }

    @Test
    void beginAndOwnCueOfOnePressAreOneJudgementAndSoAreItsRepeats() {
        agreement.gatewayJudged(10_000_000);
        tool(Kind.OVER_PRESSURE_BEGIN, 10_010, 0);
        tool(Kind.CUE_BEGAN, 10_010, 0);
        tool(Kind.CUE_BEGAN, 12_010, 0);
        tool(Kind.OVER_PRESSURE_END, 13_000, 0);
        assertEquals(new Figures(1, 0, 0), settled());
    }

    @Test
    void aToolThatTellsOnlyItsCuesIsHeardToo() {
        agreement.gatewayJudged(10_000_000);
        tool(Kind.CUE_BEGAN, 10_010, 0);
        tool(Kind.CUE_BEGAN, 12_010, 0);
        tool(Kind.CUE_BEGAN, 20_000, 0);
        assertEquals(new Figures(1, 0, 1), settled());
    }

    @Test
    void theGatewaysOwnCueFeltIsNoJudgementOfTheTool() {
        agreement.gatewayJudged(10_000_000);
        tool(Kind.CUE_BEGAN, 10_030, 17);
        assertEquals(new Figures(0, 1, 0), settled());
    }

    @Test
    void whatMayStillBeMatchedIsNotCountedYet() {
        agreement.gatewayJudged(10_000_000);
        agreement.settle(11_900_000);
        assertEquals(new Figures(0, 0, 0), agreement.figures());
        agreement.settle(12_100_000);
        assertEquals(new Figures(0, 1, 0), agreement.figures());
    }
}
