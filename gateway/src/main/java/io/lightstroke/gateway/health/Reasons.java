package io.lightstroke.gateway.health;

import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges what was seen of a gateway: everything that is not known to be well is a reason. */
public final class Reasons {
    /** For so long after the start, what is not there yet is starting. */
    static final Duration STARTING = Duration.ofSeconds(15);

    private static final long QUIET_MS = 1000;
    private static final int BATTERY_LOW_PERCENT = 15;
    private static final double JOURNAL_PATIENCE_S = 5;
    private static final long DISK_LOW_BYTES = 100L << 20;

    /** Alerts that say what the configuration allows: nothing is wrong with it. */
    private static final Set<String> ALLOWED = Set.of("trust-just-works", "trust-open");

    private final List<Health.Reason> reasons = new ArrayList<>();

    private Reasons() {}

    /** Everything that is not well, the most basic first. */
    public static List<Health.Reason> of(
            Health.Link link,
            List<Health.Tool> tools,
            List<Health.Sink> sinks,
            Health.Journal journal,
            Health.Live live,
            boolean commandsHeard,
            @Nullable Boolean clockSynchronised) {
        Reasons found = new Reasons();
        found.journal(journal);
        if (link.problem() != null) {
            found.add("link", "link-down", link.problem());
        }
        tools.forEach(found::tool);
        sinks.forEach(found::sink);
        if (live.problem() != null) {
            found.add("live", "live-not-published", live.problem());
        }
        if (!commandsHeard) {
            found.add("commands", "commands-not-heard", "commands over MQTT are not heard");
        }
        if (Boolean.FALSE.equals(clockSynchronised)) {
            found.add("host", "clock-not-synchronised", "no time server keeps this machine's clock");
        }
        return found.reasons;
    }

    /** What follows from the reasons. */
    public static Health.Status status(List<Health.Reason> reasons, Duration uptime) {
        if (reasons.isEmpty()) {
            return Health.Status.READY;
        }
        return uptime.compareTo(STARTING) < 0 ? Health.Status.STARTING : Health.Status.DEGRADED;
    }

    private void add(String part, String code, String words) {
        reasons.add(new Health.Reason(part, code, words));
    }

    private void journal(Health.Journal journal) {
        if (journal.problem() != null) {
            add("journal", "journal-problem", journal.problem());
        }
        if (journal.takesNothingS() > JOURNAL_PATIENCE_S) {
            add(
                    "journal",
                    "journal-not-writing",
                    "samples wait, and nothing was committed for %.0f s".formatted(journal.takesNothingS()));
        }
        if (journal.diskFreeBytes() != null && journal.diskFreeBytes() < DISK_LOW_BYTES) {
            add(
                    "journal",
                    "disk-low",
                    "want %d MiB free for the journal, got %d"
                            .formatted(DISK_LOW_BYTES >> 20, journal.diskFreeBytes() >> 20));
        }
    }

    private void tool(Health.Tool tool) {
        String part = "tool/" + tool.tool();
        ToolStatus status = tool.status();
        Long ageMs = status.lastFrameAgeMs();
        String why = tool.failure() == null ? "" : ": " + tool.failure();
        if (ageMs == null) {
            add(part, "tool-absent", "no frame since the start" + why);
        } else if (status.link() != ToolStatus.Link.STREAMING) {
            add(part, "tool-lost", "no frame for %d s%s".formatted(ageMs / 1000, why));
        } else if (ageMs > QUIET_MS) {
            add(part, "no-frames", "connected, and no valid frame for %d ms".formatted(ageMs));
        }
        for (String alert : status.alerts()) {
            if (!ALLOWED.contains(alert)) {
                add(part, alert, alert.replace('-', ' '));
            }
        }
        Integer battery = status.batteryPercent();
        if (battery != null && battery <= BATTERY_LOW_PERCENT) {
            add(part, "battery-low", "battery at %d %%".formatted(battery));
        }
        long notKept = status.accounting().samples().notKept();
        if (notKept > 0) {
            add(part, "samples-not-kept", "%d samples since the start are not in the journal".formatted(notKept));
        }
    }

    private void sink(Health.Sink sink) {
        String part = "sink/" + sink.sink();
        if (sink.problem() != null) {
            add(part, "sink-not-delivering", sink.problem());
        } else if (!sink.proven()) {
            add(part, "sink-unproven", "nothing delivered since the start");
        }
        if (sink.catchUp() != null) {
            String oldest =
                    sink.oldestPending() == null ? "" : ", the oldest of " + Json.timeText(sink.oldestPending());
            add(
                    part,
                    "sink-behind",
                    "behind for %.0f s: %s%s"
                            .formatted(sink.behindS(), sink.catchUp().words(), oldest));
        }
        if (sink.setAsideSinceStart() > 0) {
            add(
                    part,
                    "set-aside",
                    "%d records since the start were refused for good".formatted(sink.setAsideSinceStart()));
        }
        sink.accounts().forEach((kind, account) -> {
            if (!account.lawful()) {
                add(part, "accounts", "the account of %s does not add up: %s".formatted(kind, account));
            }
        });
    }
}
