package io.lightstroke.gateway;

import static org.awaitility.Awaitility.await;

import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.SessionRecorder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevisionsTest {
    private static final PressureLimits LIMITS = new PressureLimits("test", 300, 650, 900, 1400);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void aSessionThatCannotBeDerivedDoesNotHoldUpTheNext() throws Exception {
        try (Journal journal = Journal.open(folder);
                Revisions revisions = new Revisions(journal, folder)) {
            Order.Start start =
                    new SessionRecorder("left", new Engine(LIMITS), LIMITS, null, session -> {}).unassigned(7, 0);
            Order.End end = new Order.End(start.session(), Order.By.RESTART, null);
            boolean unused = journal.append(List.of(
                    new JournalEntry.Order("left", 7, 0, 1_000_000_000, start.json()),
                    new JournalEntry.Order("left", 7, 50, 1_001_000_000, end.json())));
            revisions.due("of which there is nothing");
            revisions.due(start.session());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> journal.read(0, 100).stream()
                            .map(Journal.Numbered::entry)
                            .anyMatch(entry -> entry instanceof JournalEntry.Finding finding
                                    && finding.kind().equals("session")
                                    && finding.json().contains(start.session())));
        }
    }
}
