package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The vectors are those of docs/protocol.md. */
class DecodeTest {
    private static final String FORCE =
            "0101 0000 0300ed5e 34300000 40ef5a0700000000 1027 05 00 2a000000 7800 5901 feff b102 0080 9474";
    private static final String FORCE_AT_EDGES =
            "0101 0b00 ffffffff faffffff 0000000000000080 ffff 01 00 ffffffff ff7f c7df";
    private static final String STROKE_END =
            "02 01 01 00 0300ed5e 07000000 66300000 6090620700000000 b102 e4020000 7f 00 2b000000 0000 bd7e";
    private static final String EVENT_AT_EDGES = "02010501" + "ff".repeat(26) + "80 ff ffffffff ffff b1cc";

    private static final String FORCE_JSON = """
            {"type":1,"version":1,"flags":0,"boot":1592590339,"first":12340,"time_us":123400000,"period_us":10000,\
            "count":5,"reserved":0,"strokes":42,"force":[120,345,-2,689,null],"crc":29844}""";
    private static final String STROKE_END_JSON = """
            {"type":2,"version":1,"kind":1,"flags":0,"boot":1592590339,"sequence":7,"index":12390,"time_us":123900000,\
            "peak":689,"duration":740,"angle":127,"direction":0,"strokes":43,"code":0,"crc":32445}""";

    @Test
    void theVectorsAsJson() {
        CommandRun run = CommandRun.of("decode", "--json", FORCE, FORCE_AT_EDGES, STROKE_END, EVENT_AT_EDGES);

        assertEquals(0, run.exitCode(), run.err());
        assertEquals(List.of(FORCE_JSON, """
                        {"type":1,"version":1,"flags":11,"boot":4294967295,"first":4294967290,\
                        "time_us":9223372036854775808,"period_us":65535,"count":1,"reserved":0,"strokes":4294967295,\
                        "force":[32767],"crc":57287}""", STROKE_END_JSON, """
                        {"type":2,"version":1,"kind":5,"flags":1,"boot":4294967295,"sequence":4294967295,\
                        "index":4294967295,"time_us":18446744073709551615,"peak":-1,"duration":4294967295,\
                        "angle":-128,"direction":-1,"strokes":4294967295,"code":65535,"crc":52401}"""), run.outLines());
    }

    @Test
    void aFileWantsToBeOnStandardInput() {
        CommandRun run = CommandRun.of("decode", "pom.xml");

        assertEquals(2, run.exitCode());
        assertTrue(
                run.err().contains("HEX: want digits, got the file pom.xml; lightstroke decode < pom.xml reads it"),
                run.err());
        assertEquals("", run.out());
    }

    @Test
    void aForceFrameForPeople() {
        CommandRun run = CommandRun.of("decode", FORCE);

        assertEquals(0, run.exitCode(), run.err());
        assertEquals("""
                force frame, version 1
                  boot      0x5eed0003 (1592590339)
                  samples   5, index 12340 to 12344
                  time      123.400000 s since boot, of the first sample
                  period    10000 us (100.000 Hz)
                  flags     none
                  strokes   42 since boot
                  force        1.20    3.45   -0.02    6.89       – N
                  crc       0x7494, right
                """, run.out().strip().lines().reduce("", (text, line) -> text + line + "\n"));
    }

    @Test
    void flagsAndUnsignedTimesForPeople() {
        String text = CommandRun.of("decode", FORCE_AT_EDGES).out();

        assertTrue(text.contains("flags     historical, saturated, cue active"), text);
        assertTrue(text.contains("9223372036854.775808 s since boot"), text);
        assertTrue(text.contains("327.67 N"), text);
    }

    @Test
    void anEventForPeople() {
        String text = CommandRun.of("decode", STROKE_END).out();

        for (String line : List.of(
                "kind      stroke end",
                "boot      0x5eed0003 (1592590339)",
                "index     12390",
                "time      123.900000 s since boot",
                "peak      6.89 N",
                "duration  0.740 s",
                "angle     not known",
                "direction not known",
                "strokes   43 since boot")) {
            assertTrue(text.contains(line), line + " in\n" + text);
        }
    }

    @Test
    void unknownCodesStayUnknown() {
        // Kind 37, direction 5, flags bit 7; checksum by the rule of docs/protocol.md.
        String frame =
                withCrc("02012580 0300ed5e 07000000 66300000 6090620700000000 0000 00000000 7f 05 2b000000 0000");
        String text = CommandRun.of("decode", frame).out();

        assertTrue(text.contains("kind      unknown (37)"), text);
        assertTrue(text.contains("direction unknown (5)"), text);
        assertTrue(text.contains("flags     unknown (bit 7)"), text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x02010100 0x0300ed5e 0x07000000 66300000 6090620700000000 b102 e4020000 7f 00 2b000000 0000 bd7e",
                "02:01:01:00:03:00:ED:5E:07:00:00:00:66:30:00:00:60:90:62:07:00:00:00:00:B1:02:E4:02:00:00:7F:00:2B:00:00:00:00:00:BD:7E",
                "02-01-01-00-03-00-ed-5e-07-00-00-00-66-30-00-00-60-90-62-07-00-00-00-00-b1-02-e4-02-00-00-7f-00-2b-00-00-00-00-00-bd-7e",
                "\t0X020101000300ed5e07000000663000006090620700000000b102e40200007f002b0000000000bd7e  "
            })
    void hexAsPeopleAndProgramsWriteIt(String hex) {
        CommandRun run = CommandRun.withInput(hex + "\n", "decode", "--json");

        assertEquals(STROKE_END_JSON, run.out().strip());
        assertEquals(0, run.exitCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "0101 0g| hex: want digits 0-9, a-f, got 'g' at column 7",
                "0101 0| hex: want two digits a byte, got 5 digits, the last at column 6",
                "010x01| hex: want digits 0-9, a-f, got 'x' at column 4",
                "01 ٣4| hex: want digits 0-9, a-f, got '٣' at column 4",
                "01 😀| hex: want digits 0-9, a-f, got '😀' at column 4",
                "0x| frame: want hex digits, got none",
                "03| frame type: want 1 (force) or 2 (event), or --as for what has no type, got 3",
                "ff00| frame type: want 1 (force) or 2 (event), or --as for what has no type, got 255"
            })
    void whatIsWrongIsNamed(String hex, String message) throws IOException {
        CommandRun text = CommandRun.of("decode", hex);
        CommandRun json = CommandRun.of("decode", "--json", hex);

        assertEquals("broken: " + message, text.out().strip());
        assertEquals(1, text.exitCode());
        JsonNode object = new ObjectMapper().readTree(json.out());
        assertEquals(message, object.path("error").asText());
        assertEquals(1, object.size());
        assertEquals(1, json.exitCode());
    }

    @Test
    void aWrongChecksumIsNamedWithTheRightOne() {
        CommandRun run = CommandRun.of("decode", FORCE.replace("9474", "9574"));

        assertEquals(
                "broken: force frame crc: want 0x7494 over the 38 bytes before it, got 0x7495",
                run.outLines().get(0));
    }

    @Test
    void everyMistakeOfABrokenFrameIsNamedAtItsField() {
        CommandRun run = CommandRun.of(
                "decode",
                FORCE.replace("1027", "0000").replace("2a000000", "2b000000").substring(0, 90));

        assertEquals(1, run.exitCode());
        assertEquals(
                "broken: force frame of 5 samples: want 40 bytes, got 38",
                run.outLines().get(0));
        assertLine(run, 20, "00 00", "period_us", "0 us", "want 1..65535, got 0");
        assertLine(run, 22, "05", "count", "5", "");
        assertLine(run, 24, "2b 00 00 00", "strokes", "43", "");
        assertLine(
                run,
                28,
                "78 00 59 01 fe ff b1 02",
                "force",
                "1.20 3.45 -0.02 6.89 N",
                "want 10 bytes, for count is 5, got 8");
        assertTrue(run.out().contains("over the 36 bytes before it, got 0x8000"), run.out());
    }

    private static void assertLine(CommandRun run, int offset, String bytes, String field, String value, String wrong) {
        String wanted = "%d %s %s %s %s"
                .formatted(offset, bytes, field, value, wrong)
                .replaceAll(" +", " ")
                .strip();
        assertTrue(
                run.outLines().stream()
                        .anyMatch(line -> line.strip().replaceAll(" +", " ").equals(wanted)),
                () -> wanted + " in\n" + run.out());
    }

    @Test
    void whatWasCutOffIsNamed() {
        CommandRun run = CommandRun.of("decode", "0201 01 00 0300");

        assertEquals("broken: event frame: want 40 bytes, got 6", run.outLines().get(0));
        assertLine(run, 4, "03 00", "boot", "", "want 4 bytes, got 2");
        assertLine(run, 6, "–", "code", "", "want 2 bytes, got none");
    }

    @Test
    void aBrokenFrameAsJson() throws IOException {
        CommandRun run = CommandRun.of("decode", "--json", FORCE.replace(" 05 00 ", " 78 00 "));

        JsonNode json = new ObjectMapper().readTree(run.out());
        assertEquals(
                "force frame count: want 1..100, got 120", json.path("error").asText());
        assertEquals("force", json.path("as").asText());
        JsonNode count = json.path("fields").path(7);
        assertEquals(
                "{\"field\":\"count\",\"offset\":22,\"bytes\":\"78\",\"value\":120,\"wrong\":\"want 1..100, got 120\"}",
                count.toString());
        assertEquals(
                List.of("count", "crc"),
                json.findParents("wrong").stream()
                        .map(each -> each.path("field").asText())
                        .toList());
    }

    /** The vectors of docs/protocol.md. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "control-request|01 09 64 00|'op':1,'txn':9,'rate_hz':100",
                "control-answer|80 01 09 01|'type':128,'op':1,'txn':9,'result':1",
                "control-request|07 06 02 27130000|'op':7,'txn':6,'step':2,'reference_mN':4903",
                "control-answer|80 07 07 01 02000000|'type':128,'op':7,'txn':7,'result':1,'calibration':2",
                "control-request|0b 06 0300ed5e 38300000|'op':11,'txn':6,'boot':1592590339,'index':12344",
                "control-answer|80 0a 05 01 01 01 0df0ad0b 00100000 70110100 41010000|'type':128,'op':10,'txn':5,'result':1,"
                        + "'more':1,'count':1,'boots':[{'boot':195948557,'oldest':4096,'newest':70000,'events':321}]",
                "time-sync-request|01 ee ff c0|'nonce':3237998081",
                "time-sync-answer|01eeffc0 0300ed5e 40ef5a0700000000 12f05a0700000000|'nonce':3237998081,'boot':1592590339,"
                        + "'received_us':123400000,'sent_us':123400210",
                "record-request|01 04 80 0300ed5e 34300000 38300000|'op':1,'operator':4,'operand_type':128,'boot':1592590339,"
                        + "'first':12340,'last':12344",
                "record-request|03 00|'op':3,'operator':0",
                "record-answer|05 00 70110100|'op':5,'operator':0,'number':70000",
                "record-answer|06 00 02 c8|'op':6,'operator':0,'request_op':2,'result':200",
                "battery|5a|'percent':90",
                "text|53494d|'text':'SIM'",
                "cue|02 07 0000000000000080|'pattern':2,'txn':7,'expires_us':9223372036854775808",
                "smp|08 00 0001 0001 2a 00 a0|'op':8,'flags':0,'length':1,'group':1,'sequence':42,'command':0,'body':{}",
                "advertising|2df0a589851d729c63423aa60100c9e7|'service':'e7c90001-a63a-4263-9c72-1d8589a5f02d'"
            })
    void otherValuesByTheirKind(String kind, String hex, String fields) {
        CommandRun json = CommandRun.of("decode", "--json", "--as", kind, hex);

        assertEquals(
                "{\"as\":\"%s\",%s}".formatted(kind, fields.replace('\'', '"')),
                json.out().strip());
        assertEquals(0, json.exitCode());
        assertEquals(0, CommandRun.of("decode", "--as", kind, hex).exitCode());
    }

    @Test
    void aRecordingSaysItselfWhatItsValuesAre() {
        CommandRun run = CommandRun.withInput("""
                {"lightstroke_recording":1,"address":"02:4C:53:00:00:01","link":"bluez","began":"2026-03-01T09:30:00Z"}
                {"us":412345,"linked":true,"mtu":247}
                {"us":440000,"written":"control-point","hex":"01096400"}
                {"us":452117,"indicated":"control-point","hex":"80010901"}
                {"us":460000,"notified":"force-stream","hex":"01"}
                {"us":470000,"failed":"write of cue: gone"}
                {"us":480000,"written":"smp","hex":"080000010001"}
                {"us":480001,"written":"smp","hex":"2a00a0"}
                """, "decode", "--json");

        assertEquals(1, run.exitCode(), "one frame is broken");
        assertEquals(
                "{\"us\":412345,\"linked\":true,\"mtu\":247}", run.outLines().get(1));
        assertEquals(
                "{\"us\":440000,\"written\":\"control-point\",\"as\":\"control-request\",\"op\":1,\"txn\":9,\"rate_hz\":100}",
                run.outLines().get(2));
        assertTrue(
                run.outLines().get(3).contains("\"as\":\"control-answer\""),
                run.outLines().get(3));
        assertTrue(
                run.outLines().get(4).contains("\"error\":\"force frame: want at least 30 bytes, got 1\""),
                run.outLines().get(4));
        assertTrue(
                run.outLines().get(7).endsWith("\"sequence\":42,\"command\":0,\"body\":{}}"),
                run.outLines().get(7));
    }

    @Test
    void anUnknownKindIsRefusedWithThoseThereAre() {
        CommandRun run = CommandRun.of("decode", "--as", "forces", "00");

        assertEquals(2, run.exitCode());
        assertTrue(
                run.err().startsWith("lightstroke decode: --as: want one of force, event, control-request, "),
                run.err());
    }

    @Test
    void brokenFramesStandInTheirPlaceAndTheOthersAreShown() {
        CommandRun run = CommandRun.withInput(
                "# captured\n\n" + FORCE + "\r\n   \nzz\n  # end\n" + STROKE_END, "decode", "--json");

        assertEquals(3, run.outLines().size(), run.out());
        assertEquals(FORCE_JSON, run.outLines().get(0));
        assertTrue(run.outLines().get(1).startsWith("{\"error\":"), run.out());
        assertEquals(STROKE_END_JSON, run.outLines().get(2));
        assertEquals(1, run.exitCode());
    }

    @Test
    void noInputIsNoMistake() {
        CommandRun run = CommandRun.withInput("", "decode");

        assertEquals("", run.out());
        assertEquals(0, run.exitCode());
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES)
    void aFrameIsShownBeforeTheNextOneHasCome() throws Exception {
        PipedOutputStream frames = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(frames);
        PipedReader shown = new PipedReader();
        PipedWriter out = new PipedWriter(shown);
        CommandLine command = Lightstroke.commandLine(in).setOut(new PrintWriter(out));
        CompletableFuture<Integer> exitCode = CompletableFuture.supplyAsync(() -> command.execute("decode", "--json"));
        BufferedReader reader = new BufferedReader(shown);

        for (int i = 0; i < 3; i++) {
            frames.write((FORCE + "\n").getBytes(StandardCharsets.US_ASCII));
            frames.flush();
            assertEquals(FORCE_JSON, reader.readLine());
            assertFalse(exitCode.isDone());
        }
        frames.close();
        assertEquals(0, exitCode.get(Duration.ofSeconds(30).toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Bit by bit, as the definition of CRC-16/CCITT-FALSE has it. */
    private static String withCrc(String hex) {
        String digits = hex.replace(" ", "");
        int crc = 0xFFFF;
        for (int i = 0; i < digits.length(); i += 2) {
            crc ^= Integer.parseInt(digits.substring(i, i + 2), 16) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xFFFF : crc << 1;
            }
        }
        return digits + "%02x%02x".formatted(crc & 0xFF, crc >> 8);
    }
}
