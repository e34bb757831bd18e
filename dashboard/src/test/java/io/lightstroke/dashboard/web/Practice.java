package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.lightstroke.gateway.Gateway;
import io.lightstroke.gateway.GatewayConfig;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.link.SimulatedLink;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTool;
import io.lightstroke.simulator.SimulatedTools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A simulated tool, a gateway with its broker, a dashboard, and a browser on the practice page. Closes all of them. */
final class Practice implements AutoCloseable {
    static final String TOOL = SimulatedTools.address(1);

    final SimulatedLink link;
    final Dashboard dashboard;
    final Page page;

    private final RealTime time;
    private final Gateway gateway;
    private final BrowserContext browser;

    /** @param guideline of the gateway, in YAML; null for the built-in one */
    Practice(Path folder, Chromium chromium, Scenario scenario, @Nullable String guideline) throws Exception {
        List<SimulatedTool> tools = SimulatedTools.fleet(1, scenario, 1);
        link = new SimulatedLink(tools);
        String yaml = """
                gateway: demo
                mqtt: {port: 0}
                tools:
                  - {id: tool-1, address: "%s"}
                """.formatted(TOOL);
        if (guideline != null) {
            yaml += "guideline: " + Files.writeString(folder.resolve("guideline.yaml"), guideline) + "\n";
        }
        Path config = Files.writeString(folder.resolve("gateway.yaml"), yaml);
        time = new RealTime(tools);
        gateway = Gateway.start(GatewayConfig.read(config), folder.resolve("data"), link);
        dashboard = new Dashboard(DashboardConfig.local(0), Stage.access(gateway));
        browser = chromium.browser.newContext(new Browser.NewContextOptions().setViewportSize(820, 1180));
        page = browser.newPage();
        open(page);
    }

    /** Less than the page offers, which goes by the built-in guideline. */
    static String withoutGlute() throws IOException {
        return builtIn().replace("version: lightstroke-1", "version: no-glute").replace("glute: glute, ", "");
    }

    private static String builtIn() throws IOException {
        try (InputStream in = Objects.requireNonNull(Guideline.class.getResourceAsStream("guideline.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The built-in guideline with caps that are soon reached. */
    static String shortCaps() throws IOException {
        return builtIn()
                .replace("version: lightstroke-1", "version: short-caps")
                .replace("spot_prompt_s: 10", "spot_prompt_s: 2")
                .replace("spot_s: 15", "spot_s: 4")
                .replace("area_s: 180", "area_s: 10")
                .replace("session_s: 900", "session_s: 30");
    }

    Page another() {
        Page other = browser.browser().newContext().newPage();
        open(other);
        return other;
    }

    private void open(Page where) {
        where.setDefaultTimeout(30_000);
        where.navigate(dashboard.address().resolve("practice/home/demo/tool-1").toString());
    }

    Locator main() {
        return page.locator("main");
    }

    Locator part(String name) {
        return page.locator("main > :not([hidden]) [data-part=\"" + name + "\"]");
    }

    Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
    }

    /** A button that says that it is disabled can be pressed, and tells why nothing happens. */
    void pressAllTheSame(String name) {
        assertThat(button(name)).hasAttribute("aria-disabled", "true");
        button(name).click(new Locator.ClickOptions().setForce(true));
    }

    void tick(String words) {
        page.locator(".chip:visible", new Page.LocatorOptions().setHasText(words))
                .first()
                .click();
    }

    /** Everything that is asked for before a session on a left calf, with pain 4. */
    void fillIn() {
        tick("Calf");
        tick("left");
        tick("Oil or lotion");
        tick("None of the listed conditions");
        part("pain").locator(".chip").nth(4).click();
    }

    void start() {
        button("Start").click();
        page.locator("main[data-state=during]").waitFor();
    }

    @Override
    public void close() throws Exception {
        browser.close();
        dashboard.close();
        gateway.close();
        time.close();
    }
}
