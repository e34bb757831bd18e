package io.lightstroke.gateway.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.Summary;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.BootClock;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.link.ToolLink;
import io.lightstroke.messages.CueMessage;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.Cue;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import io.lightstroke.simulator.TrueForce;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway, with its own broker, on simulated people who press too deep, in real time and through an {@link
 * IntervalLink}: how late its cues are.
 */
public final class CueBench {
    private static final int RATE_HZ = 100;
    private static final String SCENARIO = "too-deep";
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);
    /** A cue's press is found where the true force reached the limit not longer before the rule began. */
    private static final long NEAR_US = 100_000;

    /**
     * What was measured. Milliseconds; null where there was nothing.
     *
     * @param cues written by the gateway
     * @param latencyMs from the sample that completed the rule to the cue written
     * @param splitMs where that time went
     * @param toToolMs from the cue written to the connection's next event, which takes it to the tool; no part of the latency
     * @param fromOnsetMs from when the true force reached the limit to the cue written, of too deep; the rule takes 150 ms of it
     * @param fromCeilingMs so of the ceiling, which has to be waited for by no rule
     * @param agreementPercent over-pressures that gateway and tool both judged, of all that either did
     * @param lawful every frame and sample is accounted for
     */
    public record Result(
            int tools,
            double intervalMs,
            double seconds,
            long cues,
            Summary.LatencyMs latencyMs,
            Summary.CueSplitMs splitMs,
            Percentiles toToolMs,
            Percentiles fromOnsetMs,
            Percentiles fromCeilingMs,
            @Nullable Double agreementPercent,
            boolean lawful) {
        /** All of it, also where there is no value; camelCase names. */
        public String json() {
            try {
                return Accuracy.MAPPER.writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e.getOriginalMessage(), e);
            }
        }
    }

    /** Null when there was nothing. */
    public record Percentiles(
            int count,
            @Nullable Double p50,
            @Nullable Double p95,
            @Nullable Double max) {
        static Percentiles of(List<Double> values) {
            return new Percentiles(
                    values.size(),
                    Accuracy.percentile(50, values, value -> value),
                    Accuracy.percentile(95, values, value -> value),
                    Accuracy.percentile(100, values, value -> value));
        }
    }

    private CueBench() {}

    /**
     * @param link to simulated tools
     * @param folder empty; the gateway's data
     * @param wait returns after the time it is given, or earlier when it is to end
     */
    public static Result run(
            int tools,
            Duration interval,
            Duration length,
            long seed,
            Function<Collection<? extends Tool>, ToolLink> link,
            Path folder,
            Waiting wait)
            throws IOException, JournalException, InterruptedException {
        Scenario scenario = Scenario.builtIn(SCENARIO);
        List<SimulatedTool> fleet = SimulatedTools.fleet(tools, scenario, seed);
        IntervalLink radio = new IntervalLink(link.apply(fleet), interval);
        GatewayConfig config = config(tools, SCENARIO, seed);
        Summary summary;
        long beganNanos;
        double seconds;
        try (Gateway gateway = Gateway.start(config, folder, radio);
                RealTime time = new RealTime(fleet)) {
            beganNanos = System.nanoTime();
            wait.await(length);
            seconds = (System.nanoTime() - beganNanos) / 1e9;
            gateway.stopTools();
            gateway.drain(DRAIN_LIMIT);
            summary = gateway.summary();
        }
        List<Double> fromOnsetMs = new ArrayList<>();
        List<Double> fromCeilingMs = new ArrayList<>();
        try (JournalReader journal = JournalReader.open(folder)) {
            for (int number = 1; number <= tools; number++) {
                TrueForce force = new TrueForce(scenario, SimulatedTools.seedOf(number, seed));
                fromOnset(journal, id(number), force, config.unassignedLimits(), fromOnsetMs, fromCeilingMs);
            }
        }
        return new Result(
                tools,
                interval.toNanos() / 1e6,
                seconds,
                summary.cues(),
                summary.cueLatencyMs(),
                summary.cueSplitMs(),
                Percentiles.of(radio.waitedMs()),
                Percentiles.of(fromOnsetMs),
                Percentiles.of(fromCeilingMs),
                summary.cueAgreementPercent(),
                summary.lawful());
    }

    /** Lets time pass. */
    public interface Waiting {
        void await(Duration time) throws InterruptedException;
    }

    private static String id(int number) {
        return "tool-" + number;
    }

    /** Of tools 1 to {@code tools}, with a broker inside. */
    static GatewayConfig config(int tools, String scenario, long seed) {
        return new GatewayConfig(
                "bench",
                "bench",
                null,
                GatewayConfig.Link.SIMULATED,
                null,
                GatewayConfig.Trust.OPEN,
                IntStream.rangeClosed(1, tools)
                        .mapToObj(number -> new GatewayConfig.Tool(id(number), SimulatedTools.address(number)))
                        .toList(),
                RATE_HZ,
                Guideline.builtIn(),
                GatewayConfig.Unassigned.DEFAULT,
                null,
                GatewayConfig.Mqtt.at(GatewayConfig.Mqtt.EMBEDDED),
                null,
                new GatewayConfig.Http(GatewayConfig.Http.OFF, GatewayConfig.Http.LOOPBACK),
                new GatewayConfig.Simulated(scenario, seed, ""),
                GatewayConfig.Keep.DEFAULT);
    }

    /** Each written cue that began an over-pressure, against the force that caused it. In order of time. */
    private static void fromOnset(
            JournalReader journal,
            String tool,
            TrueForce force,
            PressureLimits limits,
            List<Double> fromOnsetMs,
            List<Double> fromCeilingMs)
            throws JsonProcessingException {
        Map<Long, BootClock> clocks = new HashMap<>();
        journal.replay(tool, 0, Long.MAX_VALUE / 2, entry -> {
            if (entry instanceof JournalEntry.Boot boot) {
                clocks.put(boot.boot(), boot.clock());
            }
        });
        Crossing tooDeep = new Crossing(limits.tooDeepCn() / 100.0);
        Crossing ceiling = new Crossing(limits.ceilingCn() / 100.0);
        long nowUs = 0;
        for (JournalEntry.Finding finding : journal.findings(tool, "cue", 0, Long.MAX_VALUE / 2)) {
            JsonNode cue = Json.MAPPER.readTree(finding.json());
            BootClock clock = clocks.get(finding.boot());
            boolean began = cue.path("by").asText().equals(CueMessage.BY_GATEWAY) && cue.hasNonNull("filter_ms");
            if (!began || !cue.hasNonNull("latency_ms") || clock == null) {
                continue;
            }
            long sampleUs = clock.timeUs(Json.usOf(Instant.parse(cue.get("time").asText())));
            long feltUs = sampleUs - Math.round(cue.get("filter_ms").asDouble() * 1000);
            for (; nowUs <= feltUs; nowUs += 1000) {
                double forceN = force.forceN(nowUs);
                tooDeep.at(nowUs, forceN);
                ceiling.at(nowUs, forceN);
            }
            boolean atCeiling = cue.get("pattern").asText().equals(Cue.Pattern.CEILING.word());
            Long onsetUs = (atCeiling ? ceiling : tooDeep).lastBeganUs(feltUs - NEAR_US);
            if (onsetUs != null) {
                (atCeiling ? fromCeilingMs : fromOnsetMs)
                        .add((sampleUs - onsetUs) / 1e3 + cue.get("latency_ms").asDouble());
            }
        }
    }

    /** When the force last reached a limit from below. */
    private static final class Crossing {
        private final double limitN;
        private long beganUs;
        private long lastAboveUs = Long.MIN_VALUE;
        private boolean above;

        Crossing(double limitN) {
            this.limitN = limitN;
        }

        void at(long timeUs, double forceN) {
            boolean now = forceN >= limitN;
            if (now && !above) {
                beganUs = timeUs;
            }
            above = now;
            lastAboveUs = now ? timeUs : lastAboveUs;
        }

        /** Null when it has not been at the limit since. */
        @Nullable
        Long lastBeganUs(long sinceUs) {
            return lastAboveUs < sinceUs ? null : (Long) beganUs;
        }
    }
}
