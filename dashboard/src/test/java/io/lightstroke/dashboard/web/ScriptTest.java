package io.lightstroke.dashboard.web;

import com.microsoft.playwright.Page;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A real browser on a page of a dashboard that has no broker, for what the pages' scripts work out by themselves. */
@Needs(Program.CHROMIUM)
abstract class ScriptTest {
    private static Dashboard dashboard;
    private static Chromium chromium;
    static Page page;

    @BeforeAll
    static void start() throws IOException {
        dashboard = new Dashboard(
                new DashboardConfig("127.0.0.1", 0, false), new MqttServer("tcp://127.0.0.1:" + Program.freePort()));
        chromium = new Chromium();
        page = chromium.browser.newPage();
        page.navigate(dashboard.address().toString());
    }

    @AfterAll
    static void stop() {
        chromium.close();
        dashboard.close();
    }
}
