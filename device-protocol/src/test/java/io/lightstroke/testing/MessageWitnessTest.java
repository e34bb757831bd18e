package io.lightstroke.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.testing.MessageContract.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageWitnessTest {
    private static final String ROOT = "lightstroke/v1/home/room/";
    private static final String ALERT = """
            {"v":1,"id":"tool-1-5eed0003-12400","kind":"too-deep","phase":"begin","boot":1592590339,"index":12415,
             "time":"2026-03-01T09:30:00.123400Z","ended_unknown":false}""";

    private static Message message(String leaf, String text, int qos, boolean retained, @Nullable Long expiryS) {
        return new Message(ROOT + leaf, text.getBytes(UTF_8), qos, retained, "application/json", expiryS);
    }

    private static List<String> mistakes(String leaf, String text) {
        return MessageContract.PUBLISHED.mistakes(message(leaf, text, 1, false, null));
    }

    @Test
    void whatIsRightFailsNothing() {
        MessageWitness witness = new MessageWitness();
        witness.saw(message("tool/tool-1/alert", ALERT, 1, false, null));
        witness.saw(message("tool/tool-1/session-state", "", 1, true, null));
        witness.saw(message("tool/tool-1/cmd/dance", "anything", 1, true, null));
        witness.saw(new Message("homeassistant/status", new byte[0], 0, false, null, null));
        witness.close();
    }

    @Test
    void oneWrongMessageFailsTheTestThatSawIt() {
        MessageWitness witness = new MessageWitness();
        witness.saw(message("tool/tool-1/alert", ALERT, 1, false, null));
        witness.saw(message("tool/tool-1/alert", ALERT.replace("begin", "began"), 1, false, null));
        AssertionError error = assertThrows(AssertionError.class, witness::close);
        assertTrue(error.getMessage().contains("/phase"), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "v":1               | "v":2
                    "v":1,              | ''
                    "v":1               | "v":1,"v":1
                    "index":12415,      | ''
                    "index":12415       | "index":"12415"
                    "index":12415       | "index":-1
                    "index":12415       | "index":4294967296
                    "index":12415       | "index":12415.5
                    "index":12415       | "index":null
                    "boot":1592590339   | "boot":0
                    tool-1-5eed0003     | tool-1-5EED0003
                    too-deep            | too deep
                    .123400Z            | .123Z
                    .123400Z            | .123400+01:00
                    false}              | false,"unnamed":1}
                    false}              | false}}
                    false}              | false
                    """)
    void aSlipInTheTextIsSeen(String right, String wrong) {
        assertTrue(ALERT.contains(right), right);
        assertEquals(
                1, mistakes("tool/tool-1/alert", ALERT.replace(right, wrong)).size());
    }

    @Test
    void aSlipInTheHandlingIsSeen() {
        MessageContract contract = MessageContract.PUBLISHED;
        String leaf = "tool/tool-1/alert";
        assertEquals(List.of("want QoS 1, got 0"), contract.mistakes(message(leaf, ALERT, 0, false, null)));
        assertEquals(
                List.of("want it not retained, got it retained"),
                contract.mistakes(message(leaf, ALERT, 1, true, null)));
        assertEquals(List.of("want the expiry null s, got 5"), contract.mistakes(message(leaf, ALERT, 1, false, 5L)));
        assertEquals(
                List.of("want the content type application/json, got null"),
                contract.mistakes(new Message(ROOT + leaf, ALERT.getBytes(UTF_8), 1, false, null, null)));
        assertEquals(1, mistakes(leaf, "").size());
        assertEquals(
                List.of("want a topic of the document, got " + ROOT + "tool/tool-1/alarm"),
                mistakes("tool/tool-1/alarm", ALERT));
        assertEquals(
                2,
                contract.mistakes(message("answer/x", "{\"v\":1,\"ok\":false}", 1, false, null))
                        .size());
    }

    @Test
    void withinObjectsToo() {
        String status = """
                {"v":1,"time":"2026-03-01T09:30:00.123400Z","link":"streaming","backfilling":false,"alerts":[],"recovery":{},
                 "accounting":{"frames":{"received":1,"decoded":1,"malformed":0,"overflowed":0,"refused":0},
                 "samples":{"decoded":1,"journaled":1,"duplicate":0,"not_kept":0,"pending":0,"lost":0},
                 "boots":[{"boot":7,"received":1,"pending":0,"lost":{"not_stored":1}}]}}""";
        assertEquals(List.of(), mistakes("tool/tool-1/status", status));
        for (String wrong : List.of("not-kept", "notKept")) {
            assertEquals(
                    2,
                    mistakes("tool/tool-1/status", status.replace("not_kept", wrong))
                            .size());
        }
        assertEquals(
                1,
                mistakes("tool/tool-1/status", status.replace("not_stored", "eaten"))
                        .size());
        assertEquals(
                1,
                mistakes("tool/tool-1/status", status.replace("\"recovery\":{}", "\"recovery\":{\"forget\":0}"))
                        .size());
    }

    @Test
    void aCommandThatWasAcceptedMustBeOneOfTheDocument() {
        MessageWitness witness = new MessageWitness();
        witness.sawAccepted(message("tool/tool-1/cmd/phase", "{\"phase\":\"treat\"}", 1, false, null));
        witness.close();
        witness.sawAccepted(message("tool/tool-1/cmd/phase", "{\"phase\":\"threat\"}", 1, false, null));
        assertThrows(AssertionError.class, witness::close);
    }
}
