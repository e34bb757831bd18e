package io.lightstroke.dashboard.command;

import io.lightstroke.protocol.ToolLimits;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.FaultyTool;
import io.lightstroke.simulator.Tool;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;

/**
 * Tools as they live: on a terminal a table that is drawn again five times a second, else a line for each change. Until
 * it is closed. Any thread.
 */
final class ToolsView implements AutoCloseable {
    private static final int EVERY_MS = 200;
    /** Shown one by one. */
    private static final int MOST = 12;

    private static final int COLUMNS = 79;
    private static final int BAR = 12;
    private static final double BAR_N = 15;

    private final List<? extends Tool> tools;
    private final PrintWriter out;
    private final Ansi ansi;
    private final ScheduledExecutorService drawing = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tools-view");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<Tool, String> before = new HashMap<>();
    /** Lines of the table that stand there. */
    private int drawn;

    private ToolsView(List<? extends Tool> tools, PrintWriter out, Ansi ansi) {
        this.tools = tools;
        this.out = out;
        this.ansi = ansi;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
    static ToolsView show(List<? extends Tool> tools, PrintWriter out, Ansi ansi) {
        ToolsView view = new ToolsView(tools, out, ansi);
        view.drawing.scheduleWithFixedDelay(view::look, 0, EVERY_MS, TimeUnit.MILLISECONDS);
        return view;
    }

    private synchronized void look() {
        if (ansi.enabled()) {
            draw("");
        } else {
            changes().forEach(out::println);
            out.flush();
        }
    }

    /** A line of its own, above the table. */
    synchronized void say(String line) {
        if (ansi.enabled()) {
            draw(line + System.lineSeparator());
        } else {
            out.println(line);
        }
    }

    private void draw(String above) {
        List<String> table = table(tools, ansi);
        String back = drawn == 0 ? "" : "\u001b[" + drawn + "A\u001b[J";
        out.print(back + above + String.join(System.lineSeparator(), table) + System.lineSeparator());
        out.flush();
        drawn = table.size();
    }

    @Override
    public void close() {
        drawing.shutdownNow();
        look();
    }

    /** No line is longer than {@link #COLUMNS}. */
    static List<String> table(List<? extends Tool> tools, Ansi ansi) {
        List<String> lines = new ArrayList<>();
        lines.add("%-15s %-7s %-22s %-8s %7s %7s %7s"
                .formatted("tool", "link", "force", "zone", "strokes", "battery", "stored"));
        for (Tool tool : tools.subList(0, Math.min(MOST, tools.size()))) {
            lines.add(line(tool, ansi));
            String faults = faults(tool);
            if (!faults.isEmpty()) {
                lines.add(cut("  ! " + faults, COLUMNS));
            }
        }
        if (tools.size() > MOST) {
            Map<String, Long> links = tools.subList(MOST, tools.size()).stream()
                    .collect(Collectors.groupingBy(ToolsView::link, Collectors.counting()));
            lines.add("and %d more: %s"
                    .formatted(
                            tools.size() - MOST,
                            links.entrySet().stream()
                                    .sorted(Map.Entry.comparingByKey())
                                    .map(entry -> entry.getValue() + " " + entry.getKey())
                                    .collect(Collectors.joining(", "))));
        }
        return lines;
    }

    private static String line(Tool tool, Ansi ansi) {
        String name = cut(tool.identity().name(), 15);
        return tool.state()
                .map(state -> {
                    String zone = zone(state.forceN(), state.limits());
                    return "%-15s %-7s %s %s %7d %5d %% %7d"
                            .formatted(
                                    name,
                                    link(tool),
                                    "[%s] %5.2f N"
                                            .formatted(bar(state.forceN(), state.limits()), plusZero(state.forceN())),
                                    ansi.string("@|%s %-8s|@".formatted(style(zone), zone)),
                                    state.strokes(),
                                    state.batteryPercent(),
                                    state.stored());
                })
                .orElse("%-15s %s".formatted(name, link(tool)));
    }

    private static double plusZero(double forceN) {
        return Math.abs(forceN) < 0.005 ? 0 : forceN;
    }

    /** To 15 N, with a mark at the limit of too deep. */
    private static String bar(double forceN, ToolLimits limits) {
        StringBuilder bar = new StringBuilder();
        for (int i = 0; i < BAR; i++) {
            boolean limit = i == (int) (limits.tooDeepCn() / 100.0 / BAR_N * BAR);
            bar.append(forceN >= (i + 0.5) * BAR_N / BAR ? '#' : limit ? '|' : '.');
        }
        return bar.toString();
    }

    private static String zone(double forceN, ToolLimits limits) {
        double cn = forceN * 100;
        if (cn < 50) {
            return "none";
        } else if (cn <= limits.lightCn()) {
            return "light";
        } else if (cn <= limits.moderateCn()) {
            return "moderate";
        } else if (cn < limits.tooDeepCn()) {
            return "firm";
        }
        return cn < limits.ceilingCn() ? "too-deep" : "ceiling";
    }

    private static String style(String zone) {
        return switch (zone) {
            case "light", "moderate" -> "green";
            case "firm" -> "yellow";
            case "too-deep", "ceiling" -> "red,bold";
            default -> "faint";
        };
    }

    private static String link(Tool tool) {
        if (!tool.reachable()) {
            return "away";
        }
        return tool.state()
                .map(state ->
                        state.linked() ? state.sampling() ? "streams" : "linked" : state.sampling() ? "stores" : "free")
                .orElse("-");
    }

    private static String faults(Tool tool) {
        return happening(tool)
                .map(each -> {
                    Fault fault = each.fault();
                    double moreS = (each.fromUs() + fault.forUs() - tool.ageUs()) / 1e6;
                    return fault.what()
                            + (each.changed() == 0 ? "" : " (%d)".formatted(each.changed()))
                            + (fault.forUs() == Fault.EVER
                                    ? ""
                                    : String.format(Locale.ROOT, " %.0f s more", Math.max(0, moreS)));
                })
                .collect(Collectors.joining(", "));
    }

    private static Stream<FaultyTool.Happened> happening(Tool tool) {
        return tool instanceof FaultyTool faulty
                ? faulty.happened().stream().filter(FaultyTool.Happened::inForce)
                : Stream.empty();
    }

    private List<String> changes() {
        List<String> lines = new ArrayList<>();
        for (Tool tool : tools) {
            String faults = happening(tool).map(each -> each.fault().what()).collect(Collectors.joining(", "));
            String now = link(tool) + (faults.isEmpty() ? "" : ", faults: " + faults);
            if (!now.equals(before.put(tool, now))) {
                lines.add(String.format(
                        Locale.ROOT,
                        "%8.1f s  %s: %s",
                        tool.ageUs() / 1e6,
                        tool.identity().name(),
                        now));
            }
        }
        return lines;
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 3) + "...";
    }
}
