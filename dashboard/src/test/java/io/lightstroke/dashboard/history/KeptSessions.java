package io.lightstroke.dashboard.history;

import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.messages.AlertMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.SessionMessage;
import io.lightstroke.messages.SpotMessage;
import io.lightstroke.messages.StrokeMessage;
import io.lightstroke.messages.ToolInfoMessage;
import io.lightstroke.protocol.ForceFrame;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Two sessions of a minute as a journal has them, one with two tools; in it what a reader must cope with. */
public final class KeptSessions {
    public static final String PERSON = "p-ada000000001";
    public static final Instant START = Instant.parse("2026-03-02T09:00:00Z");
    public static final ToolName TOOL = new ToolName("home", "room", "tool-1");
    public static final ToolName OTHER = new ToolName("home", "room", "tool-2");
    private static final long BOOT = 0xBEEF;
    private static final ToolInfoMessage.Limits LIMITS =
            new ToolInfoMessage.Limits("lightstroke-1 calf standard", 3.0, 6.5, 9.0, 14.0);

    private KeptSessions() {}

    /** A minute of 100 Hz: a ramp of 0 to 9.99 N in each 10 s, but nothing from 20 to 30 s, and an invalid sample at 45 s. */
    public static List<JournalEntry> entries() {
        List<JournalEntry> entries = new ArrayList<>();
        for (ToolName tool : List.of(TOOL, OTHER)) {
            entries.add(new JournalEntry.Boot(tool.tool(), BOOT, BootClock.ofOffset(us(START)), false));
        }
        for (int first = 0; first < 6000; first += 20) {
            if (first < 2000 || first >= 3000) {
                short[] forceCn = new short[20];
                for (int i = 0; i < forceCn.length; i++) {
                    forceCn[i] = first + i == 4500 ? ForceFrame.NO_FORCE : (short) ((first + i) % 1000);
                }
                byte[] zones = new byte[20];
                Arrays.fill(zones, (byte) 1);
                entries.add(new JournalEntry.Samples(
                        TOOL.tool(),
                        BOOT,
                        first,
                        first * 10_000L,
                        us(START) + first * 10_000L,
                        10_000,
                        0,
                        0,
                        forceCn,
                        zones));
            }
        }
        for (ToolName tool : List.of(TOOL, OTHER)) {
            entries.add(new JournalEntry.Samples(
                    tool.tool(),
                    BOOT,
                    6000,
                    60_000_000,
                    us(START) + 60_000_000,
                    10_000,
                    0,
                    0,
                    new short[] {50},
                    new byte[] {1}));
        }
        entries.add(finding(TOOL, "session", 0, summary("20260302t090000-00000001", 1, PERSON, START)));
        entries.add(finding(TOOL, "session", 0, summary("20260302t090000-00000001", 2, PERSON, START)));
        entries.add(finding(OTHER, "session", 0, summary("20260302t090000-00000001", 1, PERSON, START)));
        entries.add(
                finding(TOOL, "session", 5000, summary("20260302t090050-00000002", 1, "p-2", START.plusSeconds(50))));
        entries.add(finding(TOOL, "stroke", 100, stroke(1, true, 100, 5.0, "20260302t090000-00000001")));
        entries.add(finding(TOOL, "stroke", 100, stroke(2, true, 100, 5.5, "20260302t090000-00000001")));
        entries.add(finding(TOOL, "stroke", 400, stroke(1, true, 400, 7.5, "20260302t090000-00000001")));
        entries.add(finding(TOOL, "stroke", 700, stroke(1, true, 700, 2.5, "20260302t090000-00000001")));
        entries.add(finding(TOOL, "stroke", 700, stroke(2, false, 700, 2.5, "20260302t090000-00000001")));
        entries.add(finding(TOOL, "stroke", 5100, stroke(1, true, 5100, 3.5, "20260302t090050-00000002")));
        entries.add(finding(TOOL, "spot", 100, spot()));
        for (AlertMessage.Phase phase : AlertMessage.Phase.values()) {
            int index = phase == AlertMessage.Phase.BEGIN ? 900 : 950;
            entries.add(finding(
                    TOOL,
                    "alert",
                    index,
                    new AlertMessage(
                            1,
                            "tool-1-0000beef-900",
                            "too-deep",
                            phase,
                            BOOT,
                            index,
                            START.plusMillis(index * 10L),
                            "20260302t090000-00000001",
                            false)));
        }
        return entries;
    }

    /** A session's summary for each, so many days after the first, without samples. */
    public static List<JournalEntry> later(int... days) {
        List<JournalEntry> entries = new ArrayList<>();
        for (int day : days) {
            Instant started = START.plus(Duration.ofDays(day));
            long index = day * 8_640_000L;
            entries.add(finding(TOOL, "session", index, summary("later-" + day, 1, PERSON, started)));
        }
        return entries;
    }

    private static JournalEntry finding(ToolName tool, String kind, long index, Object message) {
        return new JournalEntry.Finding(tool.tool(), kind, BOOT, index, us(START) + index * 10_000, Json.text(message));
    }

    static StrokeMessage stroke(int revision, boolean valid, long first, double peakN, String session) {
        return new StrokeMessage(
                1,
                "tool-1-0000beef-" + first,
                revision,
                valid,
                session,
                PERSON,
                "calf",
                "left",
                "treat",
                BOOT,
                first,
                first + 80,
                START.plusMillis(10 * first),
                0.8,
                peakN,
                3.1,
                2.48,
                0.2,
                Map.of("none", 0.1, "light", 0.7, "too-deep", 0.0),
                0,
                false,
                false,
                false,
                0,
                null,
                null,
                LIMITS.version(),
                2);
    }

    static SpotMessage spot() {
        return new SpotMessage(
                1,
                "tool-1-0000beef-100",
                1,
                true,
                "20260302t090000-00000001",
                PERSON,
                "calf",
                "left",
                "treat",
                "tender",
                BOOT,
                100,
                800,
                START.plusSeconds(1),
                7.0,
                2.4,
                2,
                7.5,
                false,
                2);
    }

    public static SessionMessage summary(String session, int revision, @Nullable String person, Instant started) {
        SessionMessage.Figures figures =
                new SessionMessage.Figures(2, 0, 1.6, 20.0, 6.5, 20.1, 4.96, 86.0, 1, 0.5, null);
        return new SessionMessage(
                1,
                session,
                revision,
                List.of("tool-1", "tool-2"),
                person,
                started,
                started.plusSeconds(60),
                "command",
                false,
                "standard",
                1.0,
                0,
                60.0,
                30.5,
                900,
                false,
                0,
                figures,
                50.0,
                5,
                3,
                true,
                true,
                83.3,
                1,
                31.2,
                44.9,
                100.0,
                2,
                "lightstroke-1",
                "36917990a09c7a875357aef0b9c75441125f515e095cb9b0a5b1bcbb43f9536b",
                2,
                List.of(new SessionMessage.Area(
                        "calf",
                        "left",
                        started,
                        LIMITS,
                        30.5,
                        180,
                        false,
                        figures,
                        List.of(new SessionMessage.Spot("tool-1-0000beef-100", 7.0, "tender")))));
    }

    static long us(Instant time) {
        return Json.usOf(time);
    }
}
