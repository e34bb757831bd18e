package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.conform.Conformance;
import io.lightstroke.gateway.conform.Rule;
import io.lightstroke.gateway.conform.Verdict;
import io.lightstroke.gateway.conform.Verdict.Status;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** What {@link Conform} writes: for a terminal, as tables in Markdown, as JUnit's XML. */
final class ConformText {
    /** What is held against the rules by --table, and why it breaks none, where it does not. */
    static final Map<String, String> FAULTS = faults();

    private ConformText() {}

    private static Map<String, String> faults() {
        Map<String, String> faults = new LinkedHashMap<>();
        faults.put("link-loss", "a link may be lost: what was interrupted is done again");
        for (String each : List.of("drop", "silence", "corrupt", "duplicate", "reorder", "short-mtu", "wrong-crc")) {
            faults.put(each, "");
        }
        faults.put("wrong-count", "");
        faults.put("clock-drift", "200 ppm are within 500");
        faults.put("clock-drift=1000ppm", "");
        faults.put("clock-jump", "");
        faults.put("reboot", "");
        faults.put("low-battery", "an empty battery is no mistake");
        faults.put("saturated", "it is flagged");
        faults.put("untared", "");
        faults.put("store-overflow", "");
        faults.put("refused-op", "");
        faults.put("slow-answers", "0.5 s are within 1 s");
        faults.put("slow-answers=2s", "");
        faults.put("spoofed-twin", "");
        return faults;
    }

    /** Failures first. */
    static void result(PrintWriter out, Conformance conformance) {
        out.println(conformance.tool());
        out.println();
        List<Verdict> failed = conformance.of(Status.FAIL);
        for (Verdict each : failed) {
            out.printf("FAIL  %-9s %s%n", each.rule().id(), each.rule().title());
            out.printf("      seen      %s%n", each.seen());
            out.printf("      read      docs/protocol.md#%s%n%n", each.rule().section());
        }
        List<Verdict> left = conformance.of(Status.NOT_APPLICABLE);
        if (!left.isEmpty()) {
            out.println("Not applicable:");
            Map<String, List<String>> byReason = left.stream()
                    .collect(Collectors.groupingBy(
                            Verdict::seen,
                            LinkedHashMap::new,
                            Collectors.mapping(each -> each.rule().id(), Collectors.toList())));
            byReason.forEach((why, rules) -> out.printf("  %s: %s%n", String.join(" ", rules), why));
            out.println();
        }
        out.printf(
                "%d rules kept, %d broken, %d not applicable%n",
                conformance.of(Status.PASS).size(), failed.size(), left.size());
    }

    static void rules(PrintWriter out) {
        out.println("| rule | what is expected | judged with |");
        out.println("|---|---|---|");
        Arrays.stream(Rule.values())
                .forEach(rule -> out.printf(
                        "| [%s](protocol.md#%s) | %s | %s |%n",
                        rule.id(),
                        rule.section(),
                        rule.title(),
                        rule.procedure().words()));
    }

    static void tableHead(PrintWriter out) {
        out.println("| fault | breaks | |");
        out.println("|---|---|---|");
    }

    static void tableRow(PrintWriter out, String fault, Conformance conformance) {
        String broken = conformance.of(Status.FAIL).stream()
                .map(each -> each.rule().id())
                .collect(Collectors.joining(", "));
        out.printf("| `%s` | %s | %s |%n", fault, broken.isEmpty() ? "none" : broken, FAULTS.getOrDefault(fault, ""));
    }

    /** As surefire writes it: a rule is a test case, its group a class. */
    static void junit(Writer to, Conformance conformance) throws XMLStreamException {
        XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(to);
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeCharacters("\n");
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", "lightstroke conform: " + conformance.tool());
        xml.writeAttribute("time", "0");
        xml.writeAttribute("tests", String.valueOf(conformance.verdicts().size()));
        xml.writeAttribute("errors", "0");
        xml.writeAttribute(
                "skipped", String.valueOf(conformance.of(Status.NOT_APPLICABLE).size()));
        xml.writeAttribute(
                "failures", String.valueOf(conformance.of(Status.FAIL).size()));
        for (Verdict each : conformance.verdicts()) {
            String id = each.rule().id();
            xml.writeCharacters("\n  ");
            xml.writeStartElement("testcase");
            xml.writeAttribute("name", id + ": " + each.rule().title());
            xml.writeAttribute("classname", "conform." + id.substring(0, id.indexOf('-')));
            xml.writeAttribute("time", "0");
            if (each.status() != Status.PASS) {
                boolean failed = each.status() == Status.FAIL;
                xml.writeStartElement(failed ? "failure" : "skipped");
                xml.writeAttribute("message", each.seen());
                if (failed) {
                    xml.writeAttribute("type", "docs/protocol.md#" + each.rule().section());
                }
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }
        xml.writeCharacters("\n");
        xml.writeEndElement();
        xml.writeCharacters("\n");
        xml.writeEndDocument();
        xml.close();
    }
}
