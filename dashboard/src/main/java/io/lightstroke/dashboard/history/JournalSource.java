package io.lightstroke.dashboard.history;

import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.protocol.ForceFrame;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A gateway's journal, opened anew for each question: it may be moved aside and begun again meanwhile. */
final class JournalSource implements HistorySource {
    private final Path journal;
    private final String site;
    private final String gateway;

    JournalSource(Path journal, String site, String gateway) {
        this.journal = journal;
        this.site = site;
        this.gateway = gateway;
    }

    @Override
    public List<Found> messages(@Nullable ToolName tool, String kind, long fromUs, long toUs) throws HistoryException {
        if (tool != null && !has(tool)) {
            return List.of();
        }
        return reading(reader -> {
            List<Found> found = new ArrayList<>();
            for (String each : tool == null ? reader.tools() : List.of(tool.tool())) {
                reader.findings(each, kind, fromUs, toUs - 1).forEach(finding -> found.add(found(finding)));
            }
            return found;
        });
    }

    @Override
    public List<Found> summaries(String session) throws HistoryException {
        return reading(
                reader -> reader.summaries(session).stream().map(this::found).toList());
    }

    private boolean has(ToolName tool) {
        return tool.site().equals(site) && tool.gateway().equals(gateway);
    }

    private Found found(JournalEntry.Finding finding) {
        return new Found(new ToolName(site, gateway, finding.tool()), finding.json());
    }

    @Override
    public List<Trace.Point> force(ToolName tool, long fromUs, long toUs, long stepUs) throws HistoryException {
        if (!has(tool)) {
            return List.of();
        }
        return reading(reader -> {
            Steps steps = new Steps(stepUs);
            reader.replay(tool.tool(), fromUs, toUs - 1, entry -> {
                if (entry instanceof JournalEntry.Samples samples) {
                    for (int i = 0; i < samples.forceCn().length; i++) {
                        steps.add(samples.utcUs() + (long) i * samples.periodUs(), samples.forceCn()[i]);
                    }
                }
            });
            return steps.points();
        });
    }

    @Override
    public List<Run> runs(ToolName tool, long fromUs, long toUs, long apartUs) throws HistoryException {
        if (!has(tool)) {
            return List.of();
        }
        // A tool that starts anew has another clock, so rows are not always in order of time.
        TreeMap<Long, Long> rows = new TreeMap<>();
        reading(reader -> {
            reader.replay(tool.tool(), fromUs, toUs - 1, entry -> {
                if (entry instanceof JournalEntry.Samples samples) {
                    long lastUs = samples.utcUs() + (samples.forceCn().length - 1L) * samples.periodUs();
                    rows.merge(samples.utcUs(), lastUs, Math::max);
                }
            });
            return rows;
        });
        List<Run> runs = new ArrayList<>();
        rows.forEach((firstUs, lastUs) -> {
            Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last == null || firstUs - last.lastUs() >= apartUs) {
                runs.add(new Run(firstUs, lastUs));
            } else {
                runs.set(runs.size() - 1, new Run(last.firstUs(), Math.max(last.lastUs(), lastUs)));
            }
        });
        return runs;
    }

    private interface Question<T> {
        T ask(JournalReader reader);
    }

    private <T> T reading(Question<T> question) throws HistoryException {
        try (JournalReader reader = JournalReader.open(journal)) {
            return question.ask(reader);
        } catch (JournalException | UncheckedIOException e) {
            throw new HistoryException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {}

    /** Samples to points. A tool that starts anew has another clock, so a sample may come before one that was taken. */
    private static final class Steps {
        private final long stepUs;
        private final TreeMap<Long, Step> steps = new TreeMap<>();
        private @Nullable Step last;

        Steps(long stepUs) {
            this.stepUs = stepUs;
        }

        void add(long utcUs, short forceCn) {
            long beginUs = stepUs == 0 ? utcUs : Math.floorDiv(utcUs, stepUs) * stepUs;
            if (last == null || last.utcUs != beginUs) {
                last = steps.computeIfAbsent(beginUs, Step::new);
            }
            last.add(forceCn);
        }

        List<Trace.Point> points() {
            return steps.values().stream().map(Step::point).toList();
        }
    }

    private static final class Step {
        private final long utcUs;
        private long samples;
        private long valid;
        private long sumCn;
        private int minCn = Integer.MAX_VALUE;
        private int maxCn = Integer.MIN_VALUE;

        Step(long utcUs) {
            this.utcUs = utcUs;
        }

        void add(short forceCn) {
            samples++;
            if (forceCn != ForceFrame.NO_FORCE) {
                valid++;
                sumCn += forceCn;
                minCn = Math.min(minCn, forceCn);
                maxCn = Math.max(maxCn, forceCn);
            }
        }

        Trace.Point point() {
            return valid == 0
                    ? new Trace.Point(utcUs, samples, null, null, null)
                    : new Trace.Point(
                            utcUs, samples, minCn / 100.0, maxCn / 100.0, Math.round(10.0 * sumCn / valid) / 1000.0);
        }
    }
}
