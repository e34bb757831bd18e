package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/** The tool's own strokes beside the gateway's; 10 ms a sample. */
class ToolStrokesTest {
    private static ToolStroke tool(long lastIndex) {
        return new ToolStroke(Hand.BOOT, lastIndex, 35, -1);
    }

    @Test
    void theToolsStrokeTellsAngleAndDirection() {
        Hand hand = Hand.settled().press(4, 0.5).press(0, 0.13);
        hand.engine.toolStroke(tool(150));
        Stroke stroke = hand.press(0, 0.5).onlyStroke();
        assertEquals(35, stroke.angleDeg());
        assertEquals(-1, stroke.direction());
        assertEquals(new StrokeAgreement(1, 0, 0), hand.engine.strokesMatched());
    }

    @Test
    void itMayEndWithTheLagOfItsFilterAndNoLater() {
        for (int lastIndex : new int[] {100, 152, 162, 163}) {
            Hand hand = Hand.settled().press(4, 0.5);
            hand.engine.toolStroke(tool(lastIndex));
            Stroke stroke = hand.press(0, 0.5).onlyStroke();
            assertEquals(152, stroke.lastIndex());
            assertEquals(lastIndex == 163 ? null : (Integer) 35, stroke.angleDeg(), () -> "tool's last " + lastIndex);
        }
    }

    @Test
    void whatComesAfterTheGatewaysIsCountedOnly() {
        Hand hand = Hand.settled().press(4, 0.5).press(0, 0.5);
        assertNull(hand.onlyStroke().angleDeg());
        assertEquals(new StrokeAgreement(0, 0, 1), hand.engine.strokesMatched());
        hand.engine.toolStroke(tool(149));
        assertEquals(new StrokeAgreement(1, 0, 0), hand.engine.strokesMatched());
        hand.engine.toolStroke(tool(149));
        assertEquals(new StrokeAgreement(1, 1, 0), hand.engine.strokesMatched());
    }

    @Test
    void anotherBootsIsKeptForItAndCountsThere() {
        Hand hand = Hand.settled();
        hand.engine.toolStroke(new ToolStroke(9, 150, null, null));
        hand.press(4, 0.5).press(0, 0.5);
        assertEquals(new StrokeAgreement(0, 0, 1), hand.engine.strokesMatched());
        hand.reboot(9).press(0, 1).press(4, 0.5);
        assertEquals(new StrokeAgreement(0, 1, 0), hand.engine.strokesMatched());
        hand.press(0, 0.5);
        assertEquals(new StrokeAgreement(1, 0, 0), hand.engine.strokesMatched());
    }
}
