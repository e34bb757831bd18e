package io.lightstroke.gateway.sink;

import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalEntry.Boot;
import io.lightstroke.gateway.journal.JournalEntry.Finding;
import io.lightstroke.gateway.journal.JournalEntry.Samples;
import io.lightstroke.gateway.session.Findings;
import io.lightstroke.messages.CueMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ForceFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Journal entries to deliver. */
final class Entries {
    static final long UTC = 1_760_000_000_123_456L;
    static final long BOOT = 0xFEED_0003L;

    private Entries() {}

    static Boot boot(String tool) {
        return new Boot(tool, BOOT, BootClock.ofOffset(UTC), false);
    }

    /** 25 samples at 100 Hz, the n-th row of the tool: zones light and moderate; the last sample is invalid. */
    static Samples row(String tool, int n) {
        short[] force = new short[25];
        byte[] zones = new byte[25];
        for (int i = 0; i < 25; i++) {
            force[i] = (short) (n % 100 * 10 + i - 2);
            zones[i] = (byte) (i < 10 ? 1 : 2);
        }
        force[24] = ForceFrame.NO_FORCE;
        zones[24] = -1;
        long first = 25L * n;
        return new Samples(tool, BOOT, first, first * 10_000, UTC + first * 10_000, 10_000, 4, n, force, zones);
    }

    static Finding stroke(String tool, int n) {
        long index = 25L * n;
        return new Finding(tool, "stroke", BOOT, index, UTC + index * 10_000, """
                {"v":1,"id":"%s-%08x-%d","revision":1,"valid":true,"phase":"treat","boot":%d,"first":%d,"last":%d,\
                "time":"2025-10-09T08:53:20.123456Z","duration_s":0.75,"peak_N":5.0,"mean_N":3.0,"impulse_Ns":2.25,"rise_time_s":0.1,\
                "time_in_zone_s":{"none":0.0,"light":0.5,"moderate":0.0,"firm":0.0,"too-deep":0.25,"ceiling":0.0},"over_time_s":0.0,\
                "ceiling_hit":false,"hold":false,"interrupted":false,"gap_percent":0.0,"limits_version":"1","engine_version":1}""".formatted(
                        tool, BOOT, index, BOOT, index, index + 75));
    }

    /** What no sink delivers. */
    static List<JournalEntry> forTheJournalAlone(String tool) {
        return List.of(
                new JournalEntry.ToolEvent(tool, BOOT, 1, 10, UTC + 100_000, new byte[40]),
                new JournalEntry.Order(tool, BOOT, 11, UTC + 110_000, "{}"));
    }

    /** At sample 15: by the gateway, by the tool and felt. */
    static List<JournalEntry> cuesOfOneSample(String tool) {
        Findings findings = new Findings(tool, BootClock.ofOffset(UTC), Findings.Session.NONE);
        return List.of(
                findings.cue(cue(CueMessage.BY_GATEWAY, "too-deep", 7)),
                findings.cue(cue(CueMessage.BY_GATEWAY, "tick", 8)),
                findings.cue(cue(CueMessage.BY_TOOL, null, null)),
                findings.cue(cue(CueMessage.FELT, "too-deep", 7)),
                findings.cue(cue(CueMessage.FELT, "tick", 8)));
    }

    private static CueMessage cue(String by, @Nullable String pattern, @Nullable Integer txn) {
        return new CueMessage(
                1, by, pattern, txn, BOOT, 15, Json.instantOfUs(UTC + 150_000), null, null, null, null, null, null);
    }

    static List<JournalEntry> session(String tool, int n) {
        return List.of(row(tool, n), stroke(tool, n));
    }
}
