package io.lightstroke.dashboard.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that is killed in mid-stream loses nothing that its journal had acknowledged. */
@Needs(Program.INFLUXD)
class KillTest {
    /** A sample as it stands in the journal and must stand in InfluxDB. */
    private record Sample(String tool, long boot, long index, long utcUs, long forceCn) {}

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void whatWasAcknowledgedIsInInfluxOnceAfterARestart() throws Exception {
        try (Influx influx = new Influx(folder.resolve("influx"))) {
            Files.writeString(folder.resolve("lightstroke.yaml"), """
                    data: data
                    link: simulated
                    tools:
                      - {id: tool-1, address: "02:4C:53:00:00:01"}
                      - {id: tool-2, address: "02:4C:53:00:00:02"}
                    mqtt: {port: 0}
                    influx: {url: "%s"}
                    """.formatted(influx.url()));
            for (int kill = 0; kill < 3; kill++) {
                try (CommandProcess gateway = new CommandProcess(folder, "gateway")) {
                    long before = rowsInInflux(influx);
                    Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> rowsInInflux(influx) > before + 300);
                    Thread.sleep(137L * kill);
                    gateway.signal("KILL");
                    gateway.awaitExit(10);
                }
            }
            try (CommandProcess gateway = new CommandProcess(folder, "gateway", "--for", "2s", "--json")) {
                assertEquals(0, gateway.awaitExit(60), gateway.err());
            }

            List<Sample> journal = inJournal();
            assertTrue(journal.size() > 900, "samples in the journal: " + journal.size());
            Set<Sample> unique = new HashSet<>(journal);
            assertEquals(journal.size(), unique.size(), "no sample twice in the journal");
            assertEquals(unique, new HashSet<>(inInflux(influx)));
            assertEquals(journal.size(), rowsInInflux(influx));
        }
    }

    private static long rowsInInflux(Influx influx) throws Exception {
        return influx.rows("select count(\"index\") from force").path(0).path(1).asLong();
    }

    private static List<Sample> inInflux(Influx influx) throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (JsonNode row : influx.rows("select tool, boot, \"index\", force_N from force")) {
            samples.add(new Sample(
                    row.get(1).asText(),
                    row.get(2).asLong(),
                    row.get(3).asLong(),
                    row.get(0).asLong(),
                    Math.round(row.get(4).asDouble() * 100)));
        }
        return samples;
    }

    private List<Sample> inJournal() throws Exception {
        List<Sample> samples = new ArrayList<>();
        try (Journal journal = Journal.open(folder.resolve("data"))) {
            long seq = 0;
            for (List<Journal.Numbered> page = journal.read(seq, 1000);
                    !page.isEmpty();
                    page = journal.read(seq, 1000)) {
                for (Journal.Numbered numbered : page) {
                    seq = numbered.seq();
                    if (numbered.entry() instanceof JournalEntry.Samples run) {
                        for (int i = 0; i < run.forceCn().length; i++) {
                            samples.add(new Sample(
                                    run.tool(),
                                    run.boot(),
                                    run.first() + i,
                                    run.utcUs() + (long) i * run.periodUs(),
                                    run.forceCn()[i]));
                        }
                    }
                }
            }
        }
        return samples;
    }
}
