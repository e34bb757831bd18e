package io.lightstroke.gateway.sink;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statements that {@code docs/influxdb.md} tells people to use. */
public final class InfluxDocument {
    private InfluxDocument() {}

    /** The InfluxQL of one section: its blocks, each line a statement. */
    public static List<List<String>> influxQl(String heading) throws IOException {
        String document = Files.readString(Path.of("..", "docs", "influxdb.md"));
        Matcher section = Pattern.compile(
                        "^#+ " + Pattern.quote(heading) + "\\n(.*?)(?=^#+ |\\z)", Pattern.DOTALL | Pattern.MULTILINE)
                .matcher(document);
        assertTrue(section.find(), heading);
        List<List<String>> blocks = Pattern.compile("```influxql\\n(.*?)```", Pattern.DOTALL)
                .matcher(section.group(1))
                .results()
                .map(block -> block.group(1).lines().toList())
                .toList();
        assertFalse(blocks.isEmpty(), heading);
        return blocks;
    }
}
