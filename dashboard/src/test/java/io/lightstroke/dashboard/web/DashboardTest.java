package io.lightstroke.dashboard.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server as a client sees it that writes its own request lines; no broker is there. */
class DashboardTest {
    private record Answer(int status, Map<String, String> headers, String body) {}

    private Dashboard dashboard;

    @BeforeEach
    void start() throws IOException {
        dashboard = new Dashboard(new DashboardConfig("127.0.0.1", 0, false), nobody());
    }

    @AfterEach
    void stop() {
        dashboard.close();
    }

    private static MqttServer nobody() throws IOException {
        return new MqttServer("tcp://127.0.0.1:" + Program.freePort());
    }

    private String authority() {
        return dashboard.address().getAuthority();
    }

    private Answer get(String path, String... headers) throws IOException {
        return ask("GET", path, authority(), headers);
    }

    private Answer ask(String method, String path, String host, String... headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", dashboard.address().getPort())) {
            socket.setSoTimeout(10_000);
            StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
            for (String header : headers) {
                request.append(header).append("\r\n");
            }
            boolean upgrade = path.equals("/live"); // its connection stays open whatever is answered
            if (!upgrade) {
                request.append("Connection: close\r\n");
            }
            socket.getOutputStream().write((request + "\r\n").getBytes(US_ASCII));
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            int status = Integer.parseInt(in.readLine().split(" ", -1)[1]);
            Map<String, String> answered = new TreeMap<>();
            for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                String[] header = line.split(": ", 2);
                answered.put(header[0].toLowerCase(Locale.ROOT), header[1]);
            }
            StringBuilder body = new StringBuilder();
            if (!upgrade) {
                for (int c = in.read(); c >= 0; c = in.read()) {
                    body.append((char) c);
                }
            }
            return new Answer(status, answered, body.toString());
        }
    }

    private Answer upgrade(String host, String... headers) throws IOException {
        String[] all = new String[headers.length + 4];
        System.arraycopy(headers, 0, all, 4, headers.length);
        all[0] = "Upgrade: websocket";
        all[1] = "Connection: Upgrade";
        all[2] = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        all[3] = "Sec-WebSocket-Version: 13";
        return ask("GET", "/live", host, all);
    }

    @ParameterizedTest
    @CsvSource({"/,200", "/assets/live.js,200", "/assets/uPlot.esm.js,200", "/nowhere,404", "/assets/../secret,404"})
    void everyAnswerIsGuarded(String path, int status) throws IOException {
        Answer answer = get(path);
        if (path.contains("..")) {
            assertTrue(answer.status() >= 400, "status " + answer.status());
            return;
        }
        String policy = answer.headers().getOrDefault("content-security-policy", "");
        assertAll(
                () -> assertEquals(status, answer.status()),
                () -> assertTrue(policy.contains("default-src 'none'"), policy),
                () -> assertTrue(policy.contains("script-src 'self'"), policy),
                () -> assertTrue(policy.contains("frame-ancestors 'none'"), policy),
                () -> assertFalse(policy.contains("unsafe"), policy),
                () -> assertEquals("nosniff", answer.headers().get("x-content-type-options")),
                () -> assertEquals("no-referrer", answer.headers().get("referrer-policy")),
                () -> assertEquals("no-cache", answer.headers().get("cache-control")),
                () -> assertFalse(answer.headers().containsKey("server")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | en",
                "de | de",
                "de-AT,de;q=0.9,en;q=0.5 | de",
                "fr, en;q=0.8, de;q=0.5 | en",
                "fr | en",
                "*;q=x | en"
            })
    void pagesSpeakTheLanguageOfTheBrowser(String accepted, String language) throws IOException {
        Answer answer = get("/", "Accept-Language: " + accepted);
        assertTrue(answer.body().contains("<html lang=\"" + language + "\""), answer.body());
    }

    @Test
    void aLanguageOnceChosenIsKept() throws IOException {
        Answer chosen = get("/?language=de", "Accept-Language: en");
        assertEquals(302, chosen.status());
        assertEquals("/", chosen.headers().get("location"));
        String cookie = chosen.headers().get("set-cookie");
        assertTrue(cookie.startsWith("language=de;") && cookie.contains("HttpOnly"), cookie);
        assertTrue(get("/", "Accept-Language: en", "Cookie: language=de").body().contains("<html lang=\"de\""));
        assertFalse(
                get("/?language=xx").headers().getOrDefault("set-cookie", "").contains("language"));
    }

    @Test
    void allLanguagesHaveTheSameTexts() throws IOException {
        JsonNode first = Json.MAPPER.readTree(get("/assets/texts.en.json").body());
        for (String language : Texts.LANGUAGES) {
            JsonNode other = Json.MAPPER.readTree(
                    get("/assets/texts." + language + ".json").body());
            assertEquals(names(first), names(other), language);
            for (String key : names(first)) {
                assertEquals(
                        values(first.get(key).asText()), values(other.get(key).asText()), language + " " + key);
            }
        }
    }

    private static List<String> names(JsonNode texts) {
        List<String> names = new ArrayList<>();
        texts.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** What is put into a text. */
    private static Set<String> values(String text) {
        return Pattern.compile("\\{\\w+}|%s")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
    }

    @Test
    void theGuidelineForThePagesHasAllLimitsComputed() throws IOException {
        JsonNode guideline = Json.MAPPER.readTree(get("/guideline.json").body());
        assertEquals(
                Json.MAPPER.readTree(
                        "{\"version\":\"lightstroke-1 forearm sensitive\",\"light_N\":1.5,\"moderate_N\":3.2,\"too_deep_N\":4.4,\"ceiling_N\":6.9}"),
                guideline.at("/limits/forearm/sensitive"));
        assertEquals(15, guideline.at("/caps/spot_s").asInt());
        assertEquals("calf", guideline.at("/regions/offered/0/id").asText());
        assertEquals("neck-front", guideline.at("/regions/not_offered/0/id").asText());
        assertTrue(guideline.at("/screening/absolute/0").has("name"), guideline.toString());
    }

    @Test
    void aMissingPageIsExplained() throws IOException {
        Answer answer = get("/nowhere");
        assertTrue(answer.body().contains("There is no such page."), answer.body());
        assertTrue(answer.headers().get("content-type").startsWith("text/html"), answer.headers()::toString);
    }

    @Test
    void anUnchangedAssetIsNotSentAgain() throws IOException {
        String tag = get("/assets/lightstroke.css").headers().get("etag");
        assertEquals(
                304, get("/assets/lightstroke.css", "If-None-Match: " + tag).status());
        assertEquals(
                200,
                get("/assets/lightstroke.css", "If-None-Match: W/\"other\"").status());
    }

    @ParameterizedTest
    @CsvSource({
        "live.js,text/javascript; charset=utf-8",
        "lightstroke.css,text/css; charset=utf-8",
        "texts.en.json,application/json",
        "icon.svg,image/svg+xml"
    })
    void assetsSayWhatTheyAre(String name, String type) throws IOException {
        assertEquals(type, get("/assets/" + name).headers().get("content-type"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"attacker.example", "attacker.example:8600", "127.0.0.1.attacker.example", "10.0.0.5"})
    void aForeignHostNameIsRefused(String host) throws IOException {
        Answer answer = ask("GET", "/", host);
        assertEquals(403, answer.status());
        assertTrue(answer.body().contains(dashboard.address().toString()), answer.body());
        assertEquals(403, upgrade(host, "Origin: http://" + host).status());
    }

    @Test
    void loopbackNamesAreServed() throws IOException {
        for (String host : new String[] {"localhost", "127.0.0.1:1", "[::1]:8600", "LOCALHOST:80"}) {
            assertEquals(200, ask("GET", "/", host).status(), host);
        }
    }

    @Test
    void theFeedIsForThePagesOfThisServerOnly() throws IOException {
        assertEquals(101, upgrade(authority(), "Origin: http://" + authority()).status());
        assertEquals(
                403, upgrade(authority(), "Origin: http://attacker.example").status());
        assertEquals(
                403,
                upgrade(authority(), "Origin: http://" + authority() + ".attacker.example")
                        .status());
        assertEquals(403, upgrade(authority(), "Origin: http://127.0.0.1:1").status());
        assertEquals(403, upgrade(authority(), "Origin: null").status());
        assertEquals(403, upgrade(authority()).status());
    }

    @Test
    void aBusyPortIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            DashboardConfig config = new DashboardConfig("127.0.0.1", taken.getLocalPort(), false);
            IOException e = assertThrows(IOException.class, () -> new Dashboard(config, nobody()));
            String message = e.getMessage();
            assertTrue(
                    message.contains("127.0.0.1") && message.contains(String.valueOf(taken.getLocalPort())), message);
            assertTrue(message.contains("in use") && message.contains("0 takes a free one"), message);
        }
    }

    @Test
    void otherMachinesAreLetInOnlyWhenAsked() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new DashboardConfig("0.0.0.0", 8600, false));
        assertTrue(e.getMessage().contains("\"0.0.0.0\""), e.getMessage());
        assertEquals("0.0.0.0", new DashboardConfig("0.0.0.0", 8600, true).host());
    }

    @ParameterizedTest
    @ValueSource(strings = {"broker:1883", "mqtt://broker", "tcp://", "tcp://broker:port", "http://broker:1883"})
    void whatIsNoBrokerAddressIsRefused(String url) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> new MqttServer(url));
        assertTrue(e.getMessage().contains("\"" + url + "\""), e.getMessage());
        assertEquals("ssl://[::1]:8883", new MqttServer("ssl://[::1]:8883").url());
    }

    @Test
    void aPasswordIsNeverPrinted() {
        assertFalse(new MqttServer("tcp://broker:1883", "eva", "s3cret", null)
                .toString()
                .contains("s3cret"));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new MqttServer("tcp://eva:s3cret@broker:1883"));
        assertFalse(e.getMessage().contains("s3cret"), e.getMessage());
    }
}
