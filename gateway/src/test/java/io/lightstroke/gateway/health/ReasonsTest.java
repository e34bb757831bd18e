package io.lightstroke.gateway.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.journal.SinkAccount;
import io.lightstroke.messages.Accounting;
import io.lightstroke.messages.ToolStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The codes are those of docs/operations.md. */
class ReasonsTest {
    private static final Health.Journal JOURNAL = new Health.Journal(null, 0, 1000, 10L << 30);
    private static final Health.Link LINK = new Health.Link("bluez", null);
    private static final Health.Live LIVE = new Health.Live(null, 0);

    private static Health.Tool tool(
            ToolStatus.Link link,
            @Nullable Long lastFrameAgeMs,
            List<String> alerts,
            @Nullable Integer batteryPercent,
            long notKept) {
        return new Health.Tool(
                "tool-1",
                new ToolStatus(
                        1,
                        Instant.EPOCH,
                        link,
                        false,
                        alerts,
                        batteryPercent,
                        lastFrameAgeMs,
                        null,
                        Map.of(),
                        new Accounting(
                                new Accounting.Frames(10, 10, 0, 0, 0),
                                new Accounting.Samples(100, 100 - notKept, 0, notKept, 0, 0),
                                List.of())),
                null,
                null);
    }

    private static final Health.Tool STREAMING = tool(ToolStatus.Link.STREAMING, 20L, List.of(), 80, 0);

    private static Health.Sink sink(@Nullable String problem, boolean proven, @Nullable Progress catchUp, long aside) {
        return new Health.Sink(
                "influx",
                problem,
                proven,
                catchUp == null ? 0 : 30,
                null,
                catchUp,
                aside,
                Map.of("samples", new SinkAccount(100, 100 - aside, 0, aside, 0)));
    }

    private static final Health.Sink DELIVERING = sink(null, true, null, 0);

    private static List<String> codes(List<Health.Reason> reasons) {
        return reasons.stream().map(Health.Reason::code).toList();
    }

    private static List<String> ofTool(Health.Tool tool) {
        return codes(Reasons.of(LINK, List.of(tool), List.of(DELIVERING), JOURNAL, LIVE, true, true));
    }

    private static List<String> ofSink(Health.Sink sink) {
        return codes(Reasons.of(LINK, List.of(STREAMING), List.of(sink), JOURNAL, LIVE, true, true));
    }

    @Test
    void readyIsOnlyWhoHasNoReason() {
        assertEquals(List.of(), ofTool(STREAMING));
        assertEquals(Health.Status.READY, Reasons.status(List.of(), Duration.ofSeconds(1)));
        List<Health.Reason> one = List.of(new Health.Reason("live", "live-not-published", "no"));
        assertEquals(Health.Status.STARTING, Reasons.status(one, Duration.ofSeconds(14)));
        assertEquals(Health.Status.DEGRADED, Reasons.status(one, Duration.ofSeconds(15)));
    }

    @Test
    void aToolIsJudgedByItsFrames() {
        assertEquals(List.of("tool-absent"), ofTool(tool(ToolStatus.Link.CONNECTING, null, List.of(), 80, 0)));
        assertEquals(List.of("tool-lost"), ofTool(tool(ToolStatus.Link.LOST, 9_000L, List.of(), 80, 0)));
        assertEquals(List.of("no-frames"), ofTool(tool(ToolStatus.Link.STREAMING, 1_600L, List.of(), 80, 0)));
    }

    @Test
    void alertsAreReasonsButNotWhatTheConfigurationAllows() {
        assertEquals(
                List.of("untared", "not-bonded"),
                ofTool(tool(ToolStatus.Link.STREAMING, 20L, List.of("untared", "not-bonded", "trust-open"), null, 0)));
        assertEquals(List.of("battery-low"), ofTool(tool(ToolStatus.Link.STREAMING, 20L, List.of(), 15, 0)));
        assertEquals(List.of("samples-not-kept"), ofTool(tool(ToolStatus.Link.STREAMING, 20L, List.of(), 80, 7)));
    }

    @Test
    void aSinkIsJudgedByWhatItHasDelivered() {
        assertEquals(List.of("sink-not-delivering"), ofSink(sink("401: wrong token", true, null, 0)));
        assertEquals(List.of("sink-unproven"), ofSink(sink(null, false, null, 0)));
        assertEquals(List.of("sink-behind"), ofSink(sink(null, true, new Progress(400, 1000, 60, 44L), 0)));
        assertEquals(List.of("set-aside"), ofSink(sink(null, true, null, 2)));
        Health.Sink unlawful = new Health.Sink(
                "influx", null, true, 0, null, null, 0, Map.of("samples", new SinkAccount(100, 90, 0, 0, 0)));
        assertEquals(List.of("accounts"), ofSink(unlawful));
    }

    @Test
    void theWordsOfAnotherSideAreTold() {
        List<Health.Reason> reasons = Reasons.of(
                LINK, List.of(STREAMING), List.of(sink("401: wrong token", true, null, 0)), JOURNAL, LIVE, true, true);
        assertEquals("sink/influx", reasons.get(0).part());
        assertTrue(reasons.get(0).words().contains("401: wrong token"), reasons.toString());
    }

    @Test
    void journalBrokerAndHostAreJudged() {
        assertEquals(
                List.of(
                        "journal-problem",
                        "journal-not-writing",
                        "disk-low",
                        "link-down",
                        "live-not-published",
                        "commands-not-heard",
                        "clock-not-synchronised"),
                codes(Reasons.of(
                        new Health.Link("bluez", "want any, there is none"),
                        List.of(STREAMING),
                        List.of(DELIVERING),
                        new Health.Journal("quarantined", 6, 1000, 99L << 20),
                        new Health.Live("connection refused", 0),
                        false,
                        false)));
    }

    @Test
    void aHostThatDoesNotSayIsNoReason() {
        assertEquals(
                List.of(), codes(Reasons.of(LINK, List.of(STREAMING), List.of(DELIVERING), JOURNAL, LIVE, true, null)));
    }
}
