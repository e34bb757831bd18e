package io.lightstroke.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTest {
    private static Command read(String name, String json) throws InvalidDocumentException {
        return Command.read(name, json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aSessionStartWithEverything() throws Exception {
        assertEquals(
                new Command.SessionStart(
                        "p-7",
                        "forearm",
                        "left",
                        "sensitive",
                        1.2,
                        2,
                        new Command.Limits(2.0, 4.0, 6.0, 9.5),
                        List.of("tool-1", "tool-2"),
                        new Command.Checklist(true, false),
                        4,
                        true,
                        "treat"),
                read("session-start", """
                        {"v":1,"person":"p-7","region":"forearm","side":"left","profile":"sensitive","override":1.2,
                         "bruises":2,"limits":{"light_N":2,"moderate_N":4,"too_deep_N":6,"ceiling_N":9.5},
                         "tools":["tool-1","tool-2"],"checklist":{"emollient":true,"screening":false},
                         "pain_before":4,"unplanned":true,"phase":"treat"}"""));
    }

    @Test
    void whatASessionStartLeavesOutHasTheDocumentedDefault() throws Exception {
        assertEquals(
                new Command.SessionStart(
                        "p-7",
                        "calf",
                        "none",
                        "standard",
                        1,
                        0,
                        null,
                        null,
                        new Command.Checklist(true, true),
                        null,
                        false,
                        "assess"),
                read(
                        "session-start",
                        "{\"person\":\"p-7\",\"region\":\"calf\",\"checklist\":{\"emollient\":true,\"screening\":true}}"));
    }

    @Test
    void theOthers() throws Exception {
        assertEquals(new Command.Area("calf", "right"), read("area", "{\"region\":\"calf\",\"side\":\"right\"}"));
        assertEquals(new Command.Phase("treat"), read("phase", "{\"phase\":\"treat\"}"));
        assertEquals(new Command.NextSpot(null), read("next-spot", "{}"));
        assertEquals(new Command.MarkSpot("hardened"), read("mark-spot", "{\"mark\":\"hardened\"}"));
        assertEquals(new Command.Pause(), read("pause", "{\"v\":1}"));
        assertEquals(new Command.Resume(), read("resume", "{}"));
        assertEquals(
                new Command.Limits(1, 2, 3, 14),
                read("limits", "{\"light_N\":1,\"moderate_N\":2,\"too_deep_N\":3,\"ceiling_N\":14}"));
        assertEquals(new Command.SessionEnd(0), read("session-end", "{\"pain_after\":0}"));
        assertEquals(new Command.Tare(), read("tare", "{}"));
        assertEquals(new Command.Identify(), read("identify", "{}"));
        assertEquals(new Command.Calibrate("zero", null), read("calibrate", "{\"step\":\"zero\"}"));
        assertEquals(
                new Command.Calibrate("reference", 4.903),
                read("calibrate", "{\"step\":\"reference\",\"reference_N\":4.903}"));
        assertEquals(new Command.Update("tool-1.2.0.bin", null), read("update", "{\"file\":\"tool-1.2.0.bin\"}"));
        assertEquals(new Command.Cue("move-on"), read("cue", "{\"pattern\":\"move-on\"}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    dance         | {}                      | want one of area, calibrate, cue, identify, limits, mark-spot
                    phase         | {"phase":"rest"}        | phase: want one of ["assess","treat"], got "rest"
                    phase         | {}                      | phase: want one of ["assess","treat"], got nothing
                    phase         | {"phase":"treat"        | want one JSON object, each name in it once, got '{"phase":"treat"'
                    phase         | [1]                     | want a JSON object, got [1]
                    phase         | phase: treat            | want one JSON object, each name in it once, got 'phase: treat'
                    pause         | {"why":1}               | why: want one of v, got an unknown name
                    pause         | {} {}                   | want one JSON object, each name in it once, got '{} {}'
                    pause         | {"v":2}                 | v: want 1, got 2
                    cue           | {"pattern":"a","pattern":"tick"} | want one JSON object, each name in it once, got '{"pattern":"a","pattern":"tick"}'
                    limits        | {"light_N":1,"moderate_N":2,"too_deep_N":3,"ceiling_N":14.1} | ceiling_N: want newtons, above 0.5 and at most 14, got 14.1
                    calibrate     | {"step":"reference"}    | reference_N: want it with step reference and with no other, got nothing
                    calibrate     | {"step":"zero","reference_N":5} | reference_N: want it with step reference and with no other, got 5.0 with step zero
                    calibrate     | {"step":"reference","reference_N":0.9} | reference_N: want newtons of the weight on the tool, 1 to 20, got 0.9
                    calibrate     | {"step":"commit"}       | step: want one of ["zero","reference","cancel"], got "commit"
                    update        | {"file":"../tool.bin"}  | file: want the name of a file in the gateway's folder firmware, without a path
                    update        | {"file":"a","sha256":"12"} | sha256: want the SHA-256 of the file, 64 hex digits, got "12"
                    session-end   | {"pain_after":11}       | pain_after: want pain, 0 to 10, got 11
                    session-start | {"person":"Ann Lee","region":"calf","checklist":{"emollient":true,"screening":true}} | person: want a random pseudonym
                    session-start | {"person":"p","region":"calf"} | checklist: want emollient and screening, each true or false, got nothing
                    """)
    void whatIsWrongIsSaid(String name, String json, String error) {
        String message = assertThrows(InvalidDocumentException.class, () -> read(name, json))
                .getMessage();
        assertTrue(message.contains(error), message);
    }

    @Test
    void nothingAndTooMuchAreRefused() {
        assertThrows(InvalidDocumentException.class, () -> Command.read("pause", new byte[0]));
        assertThrows(InvalidDocumentException.class, () -> Command.read("pause", new byte[Command.MAX_LENGTH + 1]));
        assertThrows(InvalidDocumentException.class, () -> read("pause", "[".repeat(5000)));
    }

    @Test
    void anAnswerNeverGoesWhereMessagesAre() {
        Topics topics = new Topics("home", "room");
        assertTrue(topics.mayAnswerTo("answers/me"));
        assertTrue(topics.mayAnswerTo("lightstroke/v1/home/room/answer/me"));
        assertFalse(topics.mayAnswerTo("lightstroke/v1/home/room/tool/t/cmd/session-end"));
        assertFalse(topics.mayAnswerTo("lightstroke/v1/home/other/answer/me"));
        assertFalse(topics.mayAnswerTo("answers/+"));
        assertFalse(topics.mayAnswerTo("$SYS/x"));
        assertFalse(topics.mayAnswerTo(""));
    }
}
