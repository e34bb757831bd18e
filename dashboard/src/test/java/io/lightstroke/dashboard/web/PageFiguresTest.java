package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.messages.Json;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the pages weigh, how soon they are there, and how late what they show is: a real gateway, four simulated tools of
 * 100 Hz, Chromium without a screen. Prints the times, which depend on the machine, and asserts what holds on any.
 */
@Tag("alone")
@Needs(Program.CHROMIUM)
class PageFiguresTest {
    private static final int MAX_PAGE_BYTES = 200_000;
    /** What is older says so, see tool.js. */
    private static final int MAX_AGE_MS = 150;

    /** Notes of each frame when its last sample was taken, and of each change of a number when it was drawn. */
    private static final String WATCH = """
            () => {
              const written = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
              const frames = new Map(); // by tool and shown number: when its last sample was taken, UTC ms
              window.lateMs = [];
              window.frameMs = [];
              const Plain = WebSocket;
              window.WebSocket = class extends Plain {
                constructor(...all) {
                  super(...all);
                  this.addEventListener('message', ({ data }) => {
                    const { topic, message, ago } = JSON.parse(data);
                    if (!ago && topic?.endsWith('/live') && message.filtered_N != null) {
                      const slug = topic.split('/')[5];
                      const lastMs = Date.parse(message.time) + ((message.force_N.length - 1) * message.period_us) / 1000;
                      frames.set(slug + written.format(Math.max(0, message.filtered_N)), lastMs);
                    }
                  });
                }
              };
              const shown = new Map();
              let beforeMs = null;
              // Our turn comes after the page's own in each frame; what it has drawn is on the screen with the next one.
              const look = (nowMs) => {
                if (beforeMs !== null) window.frameMs.push(nowMs - beforeMs);
                beforeMs = nowMs;
                for (const card of document.querySelectorAll('.tool')) {
                  const number = card.querySelector('[data-part=newtons]').textContent;
                  const slug = card.id.split('-tool-')[1];
                  if (number !== '' && shown.get(slug) !== number) {
                    const takenMs = frames.get(slug + number);
                    if (shown.has(slug) && takenMs !== undefined) {
                      requestAnimationFrame((nextMs) => window.lateMs.push(performance.timeOrigin + nextMs - takenMs));
                    }
                    shown.set(slug, number);
                  }
                }
                requestAnimationFrame(look);
              };
              addEventListener('load', () => requestAnimationFrame(look));
            }
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final Map<String, Object> figures = new LinkedHashMap<>();

    @Test
    void figures() throws Exception {
        List<SimulatedTool> tools = SimulatedTools.fleet(4, Scenario.builtIn("home"), 1);
        StringBuilder allowed = new StringBuilder();
        for (int tool = 1; tool <= 4; tool++) {
            allowed.append("  - {id: tool-%d, address: \"%s\"}%n".formatted(tool, SimulatedTools.address(tool)));
        }
        Path yaml =
                Files.writeString(folder.resolve("gateway.yaml"), "gateway: demo\nmqtt: {port: 0}\ntools:\n" + allowed);
        try (RealTime time = new RealTime(tools);
                Gateway gateway =
                        Gateway.start(GatewayConfig.read(yaml), folder.resolve("data"), new SimulatedLink(tools));
                Dashboard dashboard = new Dashboard(DashboardConfig.local(0), Stage.access(gateway));
                Chromium chromium = new Chromium()) {
            String root = dashboard.address().toString();
            weigh(chromium, root, "live");
            weigh(chromium, root + "practice/home/demo/tool-1", "practice");
            weigh(chromium, root + "tools", "tools");
            watch(chromium, root);
        }
        System.out.println(Json.text(figures));
    }

    /** Of a browser that knows nothing yet: bytes as they come over the wire, and unpacked; first paint. */
    private void weigh(Chromium chromium, String url, String name) {
        try (BrowserContext fresh = chromium.browser.newContext()) {
            Page page = fresh.newPage();
            List<Response> responses = new ArrayList<>();
            page.onResponse(responses::add);
            page.navigate(url);
            page.waitForSelector("[data-line=live]");
            int bytes = responses.stream()
                    .mapToInt(each -> each.request().sizes().responseBodySize)
                    .sum();
            figures.put(name + "_bytes", bytes);
            figures.put(
                    name + "_unpacked_bytes",
                    responses.stream().mapToInt(each -> each.body().length).sum());
            figures.put(
                    name + "_first_paint_ms",
                    page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"));
            assertTrue(
                    bytes <= MAX_PAGE_BYTES,
                    "%s: want at most %d bytes, got %d".formatted(name, MAX_PAGE_BYTES, bytes));
        }
    }

    private void watch(Chromium chromium, String url) {
        Page page = chromium.browser.newPage(new Browser.NewPageOptions().setViewportSize(1280, 800));
        page.addInitScript("(" + WATCH + ")()");
        page.setExtraHTTPHeaders(Map.of("Accept-Language", "en"));
        page.navigate(url);
        assertThat(page.locator(".tool")).hasCount(4);
        page.waitForTimeout(5_000);
        page.evaluate("lateMs.length = frameMs.length = 0");
        page.waitForTimeout(20_000);
        double[] lateMs = sorted(page, "lateMs");
        double[] frameMs = sorted(page, "frameMs");
        figures.put("drawn_numbers", lateMs.length);
        figures.put("sample_to_screen_p50_ms", percentile(lateMs, 50));
        figures.put("sample_to_screen_p95_ms", percentile(lateMs, 95));
        figures.put("sample_to_screen_max_ms", percentile(lateMs, 100));
        figures.put(
                "frames_per_s", 1000 * frameMs.length / Arrays.stream(frameMs).sum());
        figures.put("frame_p95_ms", percentile(frameMs, 95));
        assertTrue(percentile(lateMs, 95) <= MAX_AGE_MS, "p95 from sample to screen, ms: " + percentile(lateMs, 95));
        assertTrue(lateMs.length > 100, "numbers change: " + lateMs.length);
        assertTrue(lateMs[0] > 0, "nothing is on the screen before it was measured: " + lateMs[0]);
    }

    @SuppressWarnings("unchecked")
    private static double[] sorted(Page page, String name) {
        return ((List<Number>) page.evaluate(name))
                .stream().mapToDouble(Number::doubleValue).sorted().toArray();
    }

    private static double percentile(double[] sorted, int percent) {
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1)];
    }
}
