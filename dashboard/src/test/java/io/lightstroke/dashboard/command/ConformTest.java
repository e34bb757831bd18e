package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What {@code lightstroke conform} prints and writes; which rules a tool breaks is the gateway's own test. */
class ConformTest {
    private static final String[] QUICK = {"conform", "--for", "10s", "--rule", "GATT,FORCE-01,FORCE-02"};

    private @TempDir Path folder;

    private static CommandRun quick(String... more) {
        String[] all = Arrays.copyOf(QUICK, QUICK.length + more.length);
        System.arraycopy(more, 0, all, QUICK.length, more.length);
        return CommandRun.of(all);
    }

    @Test
    void theTextHasAllRules() throws Exception {
        CommandRun run = CommandRun.of("conform", "--list");

        assertEquals(0, run.exitCode(), run.err());
        String text = Files.readString(Path.of("..", "docs", "conformance.md"));
        assertTrue(
                text.contains(String.join("\n", run.outLines())),
                "docs/conformance.md has another table than `lightstroke conform --list`");
    }

    @Test
    void aSoundToolIsFine() {
        CommandRun run = quick();

        assertEquals(0, run.exitCode(), run.out());
        assertEquals(
                List.of(
                        "Lightstroke 1, Simulated tool, in virtual time",
                        "",
                        "Not applicable:",
                        "  GATT-04: a tool in software advertises nothing",
                        "  GATT-08: who reaches a tool in software needs no bond",
                        "",
                        "9 rules kept, 0 broken, 2 not applicable"),
                run.outLines());
    }

    @Test
    void aBrokenRuleComesFirstWithWhatWasSeen() {
        CommandRun run = quick("--faults", "wrong-crc=100%");

        assertEquals(1, run.exitCode(), run.out());
        List<String> lines = run.outLines();
        assertEquals("FAIL  FORCE-01  the CRC is that of the bytes before it", lines.get(2));
        assertTrue(
                lines.get(3)
                        .matches(
                                " {6}seen {6}a force frame with a wrong CRC, 0x[0-9a-f]{4} in place of 0x[0-9a-f]{4}: 0101[0-9a-f]+ \\((\\d+) of \\1 times\\)"),
                lines.get(3));
        assertEquals("      read      docs/protocol.md#force-frame", lines.get(4));
        assertTrue(run.out().contains("  FORCE-02: "), run.out());
    }

    @Test
    void asJson() throws Exception {
        CommandRun run = quick("--json", "--faults", "short-mtu=40");

        assertEquals(1, run.exitCode(), run.out());
        JsonNode result = Json.MAPPER.readTree(run.out());
        assertEquals(1, result.get("fail").intValue());
        assertEquals(11, result.get("rules").size());
        JsonNode mtu = result.get("rules").get(5);
        assertEquals("""
                {"id":"GATT-06","status":"fail","title":"an ATT MTU of 64 or more is agreed on",\
                "section":"gatt-table","seen":"an MTU of 40"}""", mtu.toString());
        assertEquals("not applicable", result.get("rules").get(10).get("status").textValue());
    }

    @Test
    void asJUnitsXml() throws Exception {
        Path file = folder.resolve("TEST-conform.xml");
        CommandRun run = quick("--junit", file.toString(), "--faults", "wrong-crc=100%");

        assertEquals(1, run.exitCode(), run.out());
        Document xml =
                DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(file.toFile());
        Element suite = xml.getDocumentElement();
        assertEquals("testsuite", suite.getTagName());
        NodeList cases = suite.getElementsByTagName("testcase");
        NodeList failures = suite.getElementsByTagName("failure");
        NodeList skipped = suite.getElementsByTagName("skipped");
        assertEquals(String.valueOf(cases.getLength()), suite.getAttribute("tests"));
        assertEquals(String.valueOf(failures.getLength()), suite.getAttribute("failures"));
        assertEquals(String.valueOf(skipped.getLength()), suite.getAttribute("skipped"));
        assertEquals(11, cases.getLength());
        assertEquals(1, failures.getLength());
        Element failure = (Element) failures.item(0);
        Element failed = (Element) failure.getParentNode();
        assertEquals("conform.FORCE", failed.getAttribute("classname"));
        assertEquals("FORCE-01: the CRC is that of the bytes before it", failed.getAttribute("name"));
        assertTrue(
                failure.getAttribute("message").startsWith("a force frame with a wrong CRC, 0x"),
                failure.getAttribute("message"));
    }

    @Test
    void asAPage() throws Exception {
        Path file = folder.resolve("conformance.html");
        CommandRun run = quick("--html", file.toString());

        assertEquals(0, run.exitCode(), run.out());
        String html = Files.readString(file);
        assertTrue(html.contains("<th scope=\"row\">FORCE-01</th>"), html);
        assertFalse(html.contains("src="), "it is one file");
        assertFalse(html.contains("href="), "it is one file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--rule X-99 | --rule: want a rule or a group of `lightstroke conform --list`, got X-99",
                "--tool nowhere | --tool: want an address like 02:4C:53:00:00:01, got nowhere",
                "--for 9s | --for: want 10s or more, got 9000 ms",
                "--erase | --erase: want it with --tool",
                "--tool 02:4C:53:00:00:01 --faults drop | --faults: want it without --tool",
                "--table --rule REC | --table: want it without --rule",
                "--pipe true --scenario calm | --scenario: want it without --tool and --pipe",
                "--faults nonsense | --faults: fault: want one of",
                "--junit /nowhere/at/all.xml | --junit: want a file in a folder that is there, got /nowhere/at/all.xml"
            })
    void wrongUse(String words, String error) {
        CommandRun run = CommandRun.of(("conform " + words).split(" "));

        assertEquals(2, run.exitCode(), run.err());
        assertTrue(run.err().startsWith("lightstroke conform: " + error), run.err());
        assertEquals("", run.out());
    }
}
