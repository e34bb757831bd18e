package io.lightstroke.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each message's JSON, written out by hand. */
class JsonTest {
    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00.1234Z");

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T12:00:00Z, 2026-03-01T12:00:00.000000Z",
        "2026-03-01T12:00:00.5Z, 2026-03-01T12:00:00.500000Z",
        "2026-03-01T12:00:00.000001Z, 2026-03-01T12:00:00.000001Z",
        "2026-03-01T12:00:00.123456789Z, 2026-03-01T12:00:00.123456Z",
        "1969-12-31T23:59:59.999999Z, 1969-12-31T23:59:59.999999Z"
    })
    void instantsHaveSixDecimalsAndZ(String instant, String written) {
        assertEquals("\"" + written + "\"", json(Instant.parse(instant)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00Z",
        "1, 1970-01-01T00:00:00.000001Z",
        "-1, 1969-12-31T23:59:59.999999Z",
        "1772366400123456, 2026-03-01T12:00:00.123456Z"
    })
    void instantOfMicroseconds(long utcUs, String instant) {
        assertEquals(Instant.parse(instant), Json.instantOfUs(utcUs));
    }

    @Test
    void notANumberIsRefused() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Json.bytes(live(value)));
            assertTrue(String.valueOf(e.getMessage()).endsWith("want a finite number, got " + value), e::getMessage);
            assertThrows(
                    IllegalArgumentException.class, () -> Json.bytes(new ToolInfoMessage.Limits(null, value, 1, 1, 1)));
        }
    }

    @Test
    void gatewayStatus() {
        assertEquals("""
                {"v":1,"state":"ready","run":7,"time":"2026-03-01T12:00:00.123400Z","software":"0.1.0"}""", json(new GatewayStatus(GatewayStatus.State.READY, 7, TIME, "0.1.0")));
    }

    @Test
    void theWillHasNoTime() {
        assertEquals("""
                {"v":1,"state":"lost","run":7,"software":"0.1.0"}""", json(new GatewayStatus(GatewayStatus.State.LOST, 7, null, "0.1.0")));
    }

    @Test
    void toolStatus() {
        Accounting accounting = new Accounting(
                new Accounting.Frames(10, 6, 1, 2, 1),
                new Accounting.Samples(30, 28, 1, 1, 7, 5),
                List.of(new Accounting.Boot(9, 28, 7, Map.of("overwritten", 5L))));
        assertEquals(
                """
                {"v":1,"time":"2026-03-01T12:00:00.123400Z","link":"streaming","backfilling":false,\
                "alerts":["untared"],"battery_percent":87,"last_frame_age_ms":12,\
                "update":{"file":"tool-1.2.0.bin","step":"uploading","percent":37},"recovery":{"reconnect":2},"accounting":{\
                "frames":{"received":10,"decoded":6,"malformed":1,"overflowed":2,"refused":1},\
                "samples":{"decoded":30,"journaled":28,"duplicate":1,"not_kept":1,"pending":7,"lost":5},\
                "boots":[{"boot":9,"received":28,"pending":7,"lost":{"overwritten":5}}]}}""",
                json(new ToolStatus(
                        1,
                        TIME,
                        ToolStatus.Link.STREAMING,
                        false,
                        List.of("untared"),
                        87,
                        12L,
                        new ToolStatus.Update("tool-1.2.0.bin", ToolStatus.Update.Step.UPLOADING, 37),
                        Map.of("reconnect", 2L),
                        accounting)));
    }

    @Test
    void toolInfo() {
        assertEquals(
                """
                {"v":1,"address":"C0:FF:EE:00:00:01","name":"left","link":"simulated","trust":"open","manufacturer":"m",\
                "model":"o","serial":"s","firmware":"1.2","features":["motion-sensor"],"rate_Hz":100,\
                "calibration":3,"boot":9,"limits":{"version":"2026-1","light_N":3.0,"moderate_N":6.5,\
                "too_deep_N":9.0,"ceiling_N":14.0}}""",
                json(new ToolInfoMessage(
                        1,
                        "C0:FF:EE:00:00:01",
                        "left",
                        "simulated",
                        "open",
                        "m",
                        "o",
                        "s",
                        "1.2",
                        List.of("motion-sensor"),
                        100,
                        3,
                        9,
                        new ToolInfoMessage.Limits("2026-1", 3.0, 6.5, 9.0, 14.0),
                        null)));
    }

    @Test
    void commandAnswers() {
        assertEquals("{\"v\":1,\"ok\":true,\"calibration\":2}", json(CommandAnswer.calibrated(2)));
        assertEquals("{\"v\":1,\"ok\":true,\"firmware\":\"1.2.0\"}", json(CommandAnswer.updated("1.2.0")));
        assertEquals("{\"v\":1,\"ok\":false,\"error\":\"e\"}", json(CommandAnswer.refused("e")));
    }

    @Test
    void liveFrame() {
        assertEquals(
                """
                {"v":1,"boot":9,"first":100,"time":"2026-03-01T12:00:00.123400Z","period_us":10000,\
                "force_N":[1.2,null,-0.02],"filtered_N":1.1,"zone":"light","over_pressure":"too-deep",\
                "strokes":4,"tool_strokes":5,"cadence_per_min":42.5,"stroke_s":0.31}""",
                json(new LiveFrame(
                        1,
                        9,
                        100,
                        TIME,
                        10_000,
                        new @Nullable Double[] {1.2, null, -0.02},
                        1.1,
                        "light",
                        "too-deep",
                        4,
                        5,
                        42.5,
                        0.31)));
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        assertEquals("""
                {"v":1,"boot":9,"first":100,"time":"2026-03-01T12:00:00.123400Z","period_us":10000,\
                "force_N":[null],"strokes":4,"tool_strokes":5}""", json(live(null)));
    }

    private static LiveFrame live(@Nullable Double filteredN) {
        return new LiveFrame(
                1, 9, 100, TIME, 10_000, new @Nullable Double[] {null}, filteredN, null, null, 4, 5, null, null);
    }

    @Test
    void sampleBatch() {
        assertEquals(
                """
                {"v":1,"boot":9,"first":100,"last":102,"time":"2026-03-01T12:00:00.123400Z","period_us":10000,\
                "flags":4,"tool_strokes":5,"force_N":[1.2,null,-0.02],"zones":["light",null,"none"]}""",
                json(new SampleBatch(
                        1,
                        9,
                        100,
                        102,
                        TIME,
                        10_000,
                        4,
                        5,
                        new @Nullable Double[] {1.2, null, -0.02},
                        new @Nullable String[] {"light", null, "none"})));
    }

    @Test
    void stroke() {
        Map<String, Double> zones = new LinkedHashMap<>();
        zones.put("light", 0.5);
        zones.put("too-deep", 0.25);
        assertEquals(
                """
                {"v":1,"id":"t-7-9-100","revision":1,"valid":true,"session":"s-1","person":"p-1","region":"calf",\
                "side":"left","phase":"treat","boot":9,"first":100,"last":174,\
                "time":"2026-03-01T12:00:00.123400Z","duration_s":0.75,"peak_N":9.3,"mean_N":5.0,\
                "impulse_Ns":3.75,"rise_time_s":0.12,"time_in_zone_s":{"light":0.5,"too-deep":0.25},\
                "over_time_s":0.1,"ceiling_hit":false,"hold":false,"interrupted":false,"gap_percent":1.5,"angle_deg":40,\
                "direction":-1,"limits_version":"2026-1","engine_version":1}""",
                json(new StrokeMessage(
                        1,
                        "t-7-9-100",
                        1,
                        true,
                        "s-1",
                        "p-1",
                        "calf",
                        "left",
                        "treat",
                        9,
                        100,
                        174,
                        TIME,
                        0.75,
                        9.3,
                        5.0,
                        3.75,
                        0.12,
                        zones,
                        0.1,
                        false,
                        false,
                        false,
                        1.5,
                        40,
                        -1,
                        "2026-1",
                        1)));
    }

    @Test
    void alert() {
        assertEquals(
                """
                {"v":1,"id":"t-7-9-100","kind":"too-deep","phase":"begin","boot":9,"index":115,\
                "time":"2026-03-01T12:00:00.123400Z","session":"s-1","ended_unknown":false}""",
                json(new AlertMessage(
                        1, "t-7-9-100", "too-deep", AlertMessage.Phase.BEGIN, 9, 115, TIME, "s-1", false)));
    }

    @Test
    void everyMessageReadsBack() throws Exception {
        AlertMessage alert = new AlertMessage(1, "a", "ceiling", AlertMessage.Phase.END, 9, 115, TIME, null, true);
        assertEquals(alert, Json.MAPPER.readValue(Json.bytes(alert), AlertMessage.class));
        ToolInfoMessage.Limits limits = new ToolInfoMessage.Limits(null, 3.0, 6.5, 9.0, 14.0);
        assertEquals(limits, Json.MAPPER.readValue(Json.bytes(limits), ToolInfoMessage.Limits.class));
        GatewayStatus status = new GatewayStatus(GatewayStatus.State.INIT, 1, TIME, "0.1.0");
        assertEquals(status, Json.MAPPER.readValue(Json.bytes(status), GatewayStatus.class));
    }

    private static String json(Object message) {
        return new String(Json.bytes(message), StandardCharsets.UTF_8);
    }
}
