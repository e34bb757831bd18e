package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.health.Health;
import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.ToolStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a gateway stands, for people: within 80 columns as long as names are short. */
final class StatusText {
    private static final int COLUMNS = 80;

    private final PrintWriter out;

    private StatusText(PrintWriter out) {
        this.out = out;
    }

    static void print(PrintWriter out, Health health) {
        StatusText text = new StatusText(out);
        text.line("%s: %s, up %s", health.topics(), health.status().word(), time(health.uptimeS()));
        text.line("");
        text.tools(health);
        text.sinks(health);
        text.rest(health);
        text.reasons(health);
    }

    static void print(PrintWriter out, StatusCommand.Left left) {
        StatusText text = new StatusText(out);
        text.line("No gateway answers for %s", left.data());
        text.line("");
        StatusCommand.LeftJournal journal = left.journal();
        if (journal == null) {
            text.line("There is no journal either.");
            return;
        }
        text.line("Its journal, as it was left: %s", size(journal.fileBytes()));
        text.line("Last sample: %s", time(journal.lastSample()));
        text.line("");
        String format = "%-10s %-10s %14s %14s %12s %12s";
        text.line(format, "Sink", "Kind", "Pending", "Delivered", "Set aside", "Expired");
        journal.accounts()
                .forEach((sink, kinds) -> kinds.forEach((kind, account) -> text.line(
                        format,
                        sink,
                        kind,
                        count(account.pending()),
                        count(account.delivered()),
                        count(account.setAside()),
                        count(account.expired()))));
    }

    private void line(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    }

    private void tools(Health health) {
        String format = "%-" + width("Tool", health.tools().stream().map(Health.Tool::tool))
                + "s  %-10s %11s %8s %14s %11s %11s";
        line(format, "Tool", "Link", "Last frame", "Battery", "Kept", "Awaited", "Lost");
        for (Health.Tool tool : health.tools()) {
            ToolStatus status = tool.status();
            Accounting.Samples samples = status.accounting().samples();
            line(
                    format,
                    tool.tool(),
                    status.link().word(),
                    status.lastFrameAgeMs() == null ? "never" : age(status.lastFrameAgeMs()),
                    status.batteryPercent() == null ? "unknown" : status.batteryPercent() + " %",
                    count(samples.journaled()),
                    count(samples.pending()),
                    count(samples.lost()));
            if (tool.backfill() != null) {
                line("    from its store: %s", tool.backfill().words());
            }
        }
        line("");
    }

    private void sinks(Health health) {
        String format =
                "%-" + width("Sink", health.sinks().stream().map(Health.Sink::sink)) + "s  %-14s %12s %8s %10s  %s";
        line(format, "Sink", "State", "Pending", "Behind", "Set aside", "Oldest pending");
        for (Health.Sink sink : health.sinks()) {
            line(
                    format,
                    sink.sink(),
                    sink.problem() != null ? "not delivering" : sink.proven() ? "delivers" : "not known yet",
                    count(sum(sink.accounts(), SinkAccount::pending)),
                    time(Math.round(sink.behindS())),
                    count(sum(sink.accounts(), SinkAccount::setAside)),
                    sink.catchUp() == null ? "" : time(sink.oldestPending()));
            if (sink.catchUp() != null && sink.problem() == null) {
                line("    catching up: %s", sink.catchUp().words());
            }
        }
        line("");
    }

    private void rest(Health health) {
        Health.Journal journal = health.journal();
        line(
                "Journal    %s, %s free on the disk",
                size(journal.fileBytes()),
                journal.diskFreeBytes() == null ? "not known how much is" : size(journal.diskFreeBytes()));
        line(
                "Live view  %s, %s frames dropped",
                health.live().problem() == null ? "published" : "not published",
                count(health.live().droppedFrames()));
        line("Commands   %s", health.commandsHeard() ? "heard" : "not heard");
    }

    private void reasons(Health health) {
        if (health.reasons().isEmpty()) {
            return;
        }
        line("");
        line("Why it is not ready:");
        for (Health.Reason reason : health.reasons()) {
            line("  %s: %s", reason.part(), reason.code());
            wrap(reason.words());
        }
    }

    private void wrap(String words) {
        String indent = " ".repeat(4);
        StringBuilder row = new StringBuilder(indent);
        for (String word : words.strip().split("\\s+", -1)) {
            if (row.length() > indent.length() && row.length() + 1 + word.length() > COLUMNS) {
                out.println(row);
                row = new StringBuilder(indent);
            }
            row.append(row.length() > indent.length() ? " " : "").append(word);
        }
        out.println(row);
    }

    private static int width(String title, Stream<String> names) {
        return Stream.concat(Stream.of(title), names)
                .mapToInt(String::length)
                .max()
                .orElse(0);
    }

    private static long sum(Map<String, SinkAccount> accounts, ToLongFunction<SinkAccount> part) {
        return accounts.values().stream().mapToLong(part).sum();
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String size(long bytes) {
        if (bytes >= 10L << 30) {
            return String.format(Locale.ROOT, "%,d GiB", bytes >> 30);
        }
        return bytes < 10L << 20
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
                : String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
    }

    private static String age(long ms) {
        return ms < 60_000 ? String.format(Locale.ROOT, "%.1f s", ms / 1e3) : time(ms / 1000);
    }

    private static String time(@Nullable Instant instant) {
        return instant == null
                ? "none"
                : instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String time(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        if (time.toHours() >= 48) {
            return "%d d %d h".formatted(time.toDays(), time.toHoursPart());
        } else if (time.toHours() > 0) {
            return "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
        }
        return seconds >= 120 ? "%d min".formatted(time.toMinutes()) : seconds + " s";
    }
}
