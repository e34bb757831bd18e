package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import io.lightstroke.dashboard.records.Area;
import io.lightstroke.dashboard.records.CheckIn;
import io.lightstroke.dashboard.records.Person;
import io.lightstroke.dashboard.records.Plan;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages of people in a real browser in Berlin; the dashboard's clock is the test's. */
@Needs(Program.CHROMIUM)
class PeoplePageTest {
    private static final Instant MONDAY = Instant.parse("2026-03-02T10:00:00Z");
    private static final String ADA = "p-adaadaadaada";
    private static final Area CALF = new Area("calf", "left");
    private static final Area FOREARM = new Area("forearm", "right");
    private static final Records.Tool TOOL = new Records.Tool("home", "room", "tool-1");

    private static Chromium chromium;

    private final List<String> consoleErrors = new ArrayList<>();
    private final AtomicReference<Instant> now = new AtomicReference<>(MONDAY);

    private @TempDir Path folder;
    private Records records;
    private Dashboard dashboard;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        chromium = new Chromium();
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    @BeforeEach
    void start() throws Exception {
        records = Records.open(folder.resolve("records.db"), now::get);
        dashboard = new Dashboard(
                DashboardConfig.local(0), new MqttServer("tcp://127.0.0.1:" + Program.freePort()), records, null);
        page = chromium.browser
                .newContext(new Browser.NewContextOptions().setTimezoneId("Europe/Berlin"))
                .newPage();
        page.setExtraHTTPHeaders(Map.of("Accept-Language", "en"));
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                consoleErrors.add(message.text());
            }
        });
        page.onPageError(consoleErrors::add);
    }

    @AfterEach
    void stop() {
        page.context().close();
        dashboard.close();
        assertEquals(List.of(), consoleErrors);
    }

    private void open(String path) {
        page.navigate(dashboard.address().resolve(path).toString());
    }

    private Locator section(String id) {
        return page.locator("#" + id);
    }

    private static Locator chip(Locator within, String words) {
        return within.locator(".chip", new Locator.LocatorOptions().setHasText(words))
                .first();
    }

    private static Locator form(Locator section, String summary) {
        Locator details = section.locator("details", new Locator.LocatorOptions().setHasText(summary));
        if (details.getAttribute("open") == null) {
            details.locator("summary").click();
        }
        return details.locator("form");
    }

    private static void send(Locator form) {
        form.locator("button[type=submit]").click();
    }

    private static Locator told(Locator section) {
        return section.locator(".told");
    }

    /** Kept under a known pseudonym, screened, with a plan from three weeks ago, sessions and check-ins. */
    private void keepAda() {
        records.add(new Person(ADA, "Ada Lovelace", "standard", 1, "Europe/London", MONDAY));
        records.screened(ADA, List.of());
        records.begin(ADA, new Plan(LocalDate.parse("2026-02-09"), 4, 2, List.of(CALF, FOREARM)));
        held("s1", MONDAY.minus(Duration.ofDays(20)), CALF);
        said(MONDAY.minus(Duration.ofDays(18)), CALF, true, null);
        said(MONDAY.minus(Duration.ofDays(17)), CALF, false, null);
        held("s2", MONDAY.minus(Duration.ofDays(16)), CALF);
        said(MONDAY.minus(Duration.ofDays(15)), CALF, true, "seen in the morning");
        said(MONDAY.minus(Duration.ofDays(13)), CALF, false, null);
        held("s3", MONDAY.minus(Duration.ofDays(1)), CALF);
    }

    private void held(String session, Instant start, Area area) {
        records.seen(TOOL, session, ADA, false, start, start.plusSeconds(600), Set.of(area));
    }

    private void said(Instant at, Area area, boolean bruise, @Nullable String note) {
        records.checkIn(ADA, new CheckIn(at, area, false, false, false, bruise, false, 3, note));
    }

    @Test
    void aPersonIsAddedScreenedPlannedAndAsksWhatMayBeWorkedOn() {
        open("people");
        assertThat(page.locator(".notice h2")).hasText("Nobody is kept here yet");
        Locator adding = section("add").locator("form");
        assertThat(adding.locator("[name=zone]")).hasValue("Europe/Berlin");
        adding.locator("[name=name]").fill("Grace Hopper");
        chip(adding, "Sensitive").click();
        send(adding);

        assertThat(page.locator("h1")).hasText("Grace Hopper");
        String id = page.url().replaceFirst(".*/", "");
        assertEquals("Europe/Berlin", records.person(id).orElseThrow().zone());
        assertEquals("page", records.accesses(id, 1).get(0).what());
        Locator missing = section("today").locator(".missing li");
        assertThat(missing).hasCount(2);
        assertThat(missing.first()).hasText("The screening has not been answered: no session may begin.");

        Locator answers = section("screening").locator("form");
        chip(answers, "Eczema").click();
        chip(answers, "None of the listed").click();
        assertThat(chip(answers, "Eczema").locator("input")).not().isChecked();
        chip(answers, "Eczema").click();
        assertThat(chip(answers, "None of the listed").locator("input")).not().isChecked();
        send(answers);
        assertThat(told(section("screening"))).hasText("Saved.");
        assertThat(section("screening").locator("h2")).isFocused();

        Locator planning = section("plan").locator("form");
        chip(planning.locator(".region", new Locator.LocatorOptions().setHasText("Calf")), "left")
                .click();
        chip(planning.locator(".region", new Locator.LocatorOptions().setHasText("Forearm")), "right")
                .click();
        chip(planning, "2").click();
        send(planning);
        assertThat(told(section("plan"))).hasText("Saved.");
        assertThat(section("plan").locator(".progress"))
                .hasText(Pattern.compile("Week 1 of 6\\.\\s+Sessions done: 0 of 2 that are due .*"));
        assertThat(section("plan").locator(".calendar tbody tr")).hasCount(6);
        assertThat(section("plan").locator("[aria-current=date]")).hasText(Pattern.compile("\\s*2 Mar\\s*"));

        Locator calf = section("today").locator(".areas > li").first();
        assertThat(calf.locator(".answer")).hasText(Pattern.compile("\\s*Not now\\s*"));
        assertThat(calf).containsText("A practitioner has not cleared a condition");
        Locator clearance = form(section("practitioner"), "Give clearance");
        clearance.locator("[name=by]").fill("Dr. Who");
        clearance.locator("[name=note]").fill("seen on Monday");
        send(clearance);
        assertThat(told(section("practitioner"))).hasText("Saved.");
        assertThat(section("practitioner")).containsText("The last one is by Dr. Who");
        assertThat(calf.locator(".answer")).hasText(Pattern.compile("\\s*May be worked on now\\s*"));
        assertThat(calf.locator(".limit-too-deep dd")).hasText("6.3 N");
        assertThat(calf.locator(".hint")).containsText("Calf ×1.0, Sensitive, easily bruised or older ×0.7");
    }

    @Test
    void anAreaThatMustRestSaysUntilWhenAndAPractitionerLetsOneSessionBegin() {
        keepAda();
        open("people");
        Locator card = page.locator(".cards > li");
        assertThat(card.locator(".progress"))
                .hasText(Pattern.compile("Week 4 of 4\\.\\s+Sessions done: 3 of 8 that are due .*"));
        assertThat(card.locator(".verdicts li").first())
                .hasText(Pattern.compile("\\s*Calf, left\\s+Not before Tue 3 Mar 2026, 10:10\\s*"));
        assertThat(card.locator(".verdicts li").nth(1)).containsText("May be worked on now");
        assertThat(card.locator(".too-deep")).containsText("the pressure was too deep");
        assertThat(card).containsText("Bruises lower the limits: ×0.72, until 2 sessions without one.");
        assertThat(card.locator(".missing li"))
                .hasText("A check-in that nothing is left of the last session: Calf, left");
        card.locator("h2 a").click();

        Locator calf = section("today").locator(".areas > li").first();
        assertThat(calf.locator("ul li")).hasText(new String[] {
            "This area has not rested for long enough.",
            "Since the last session on this area nobody has checked in that nothing is left of it."
        });
        assertThat(calf.locator(".limit-too-deep dd")).hasText("6.5 N");
        assertThat(calf.locator(".hint")).containsText("They lower the limits to ×0.72.");
        Locator sessions = section("sessions").locator("tbody tr");
        assertThat(sessions.nth(0)).containsText(Pattern.compile("–\\s+–\\s*$"));
        assertThat(sessions.nth(2)).containsText(Pattern.compile("yes\\s+3\\.0\\s*$"));
        assertThat(sessions.nth(2).locator("a")).hasAttribute("href", "/sessions/s1");
        assertThat(section("plan").locator(".calendar .held")).hasCount(3);

        Locator override = form(section("practitioner"), "Let one session begin");
        override.locator("[name=region]").selectOption("calf");
        override.locator("[name=side]").selectOption("left");
        override.locator("[name=by]").fill("Dr. Who");
        override.locator("[name=reason]").fill("skin looked at");
        send(override);
        assertThat(told(section("practitioner"))).hasText("Saved.");
        assertThat(calf).hasAttribute("data-state", "let");
        assertThat(calf.locator(".answer")).containsText("lets one session begin until 2 Mar 2026, 11:00");
        assertThat(section("practitioner").locator("tbody tr")).containsText("skin looked at");

        Locator factor = form(section("practitioner"), "Change the factor");
        factor.locator("[name=factor]").fill("1,2");
        factor.locator("[name=by]").fill("Dr. Who");
        factor.locator("[name=reason]").fill("used to it");
        send(factor);
        assertThat(section("practitioner")).containsText("In force: ×1.20");
        assertThat(calf.locator(".limit-too-deep dd")).hasText("7.8 N");

        now.set(MONDAY.plus(Duration.ofDays(2)));
        page.reload();
        assertThat(calf.locator(".answer")).hasText(Pattern.compile("\\s*Not now\\s*"));
    }

    @Test
    void aCheckInIsMadeByKeyboardAlone() {
        keepAda();
        now.set(MONDAY.plus(Duration.ofDays(2)));
        open("people/" + ADA);
        Locator missing = section("today").locator(".missing a");
        tabTo(missing);
        page.keyboard().press("Enter");
        Locator form = section("check-in").locator("form");
        tabTo(form.locator("[name=area]").first());
        page.keyboard().press("ArrowRight");
        tabTo(form.locator("[data-none]"));
        page.keyboard().press("Space");
        tabTo(form.locator("input[name=pain]").first());
        page.keyboard().press("ArrowRight");
        tabTo(form.locator("textarea"));
        page.keyboard().type("all well");
        tabTo(form.locator("button"));
        page.keyboard().press("Enter");

        assertThat(told(section("check-in"))).hasText("Saved.");
        assertThat(section("today").locator(".areas > li").first()).hasAttribute("data-state", "yes");
        CheckIn said = records.checkIns(ADA).get(4);
        assertEquals(new CheckIn(now.get(), CALF, false, false, false, false, false, 1, "all well"), said);
    }

    private void tabTo(Locator element) {
        for (int i = 0; i < 60; i++) {
            page.keyboard().press("Tab");
            if ((boolean) element.evaluate("each => each === document.activeElement")) {
                return;
            }
        }
        throw new AssertionError("the tab key does not lead to " + element);
    }

    @Test
    void whatTheFormsDoNotTakeIsSaidBesideTheFieldAndChangesNothing() {
        keepAda();
        String before = everything();
        open("people");
        Locator adding = section("add").locator("form");
        adding.locator("[name=zone]").fill("Moon/Base");
        send(adding);
        assertThat(adding.locator(".field-error")).hasText("Want a name of 1 to 80 characters.");
        assertThat(adding.locator("[name=name]")).isFocused();
        assertThat(adding.locator("[name=name]")).hasAttribute("aria-invalid", "true");
        adding.locator("[name=name]").fill("Eve");
        send(adding);
        assertThat(adding.locator(".field-error")).containsText("Want a time zone from the list");
        assertThat(adding.locator("[name=name]")).hasValue("Eve");

        open("people/" + ADA);
        Locator checkIn = section("check-in").locator("form");
        checkIn.locator("textarea").fill("typed");
        send(checkIn);
        assertThat(checkIn.locator(".field-error"))
                .hasText(new String[] {"Choose an area, or all of them.", "Tick what is left, or that nothing is."});
        assertThat(checkIn.locator("textarea")).hasValue("typed");

        Locator factor = form(section("practitioner"), "Change the factor");
        for (String wrong : List.of("1.31", "much", "", "0", "0.01")) {
            factor.locator("[name=factor]").fill(wrong);
            factor.locator("[name=by]").fill("Dr. Who");
            factor.locator("[name=reason]").fill("used to it");
            send(factor);
            assertThat(factor.locator(".field-error")).containsText("a number above 0 and at most 1.3");
            assertThat(factor.locator("[name=factor]")).hasValue(wrong);
        }
        Locator override = form(section("practitioner"), "Let one session begin");
        override.locator("[name=by]").fill("Ada Lovelace");
        send(override);
        assertThat(override.locator(".field-error"))
                .hasText(new String[] {"Choose a region.", "Choose a side.", "Want a reason of 1 to 500 characters."});
        override.locator("[name=region]").selectOption("calf");
        override.locator("[name=side]").selectOption("left");
        override.locator("[name=reason]").fill("asked for");
        send(override);
        assertThat(override.locator(".field-error")).hasText("The person’s name must not be in it.");
        Locator changing = form(section("data"), "Change name");
        changing.locator("[name=name]").fill("");
        send(changing);
        assertThat(changing.locator(".field-error")).hasText("Want a name of 1 to 80 characters.");

        records.endPlan(ADA);
        page.reload();
        Locator planning = form(section("plan"), "Begin a plan");
        send(planning);
        assertThat(planning.locator(".field-error")).hasText("Choose 1 to 20 areas.");
        chip(planning, "left").click();
        records.begin(ADA, new Plan(LocalDate.parse("2026-02-09"), 4, 2, List.of(CALF, FOREARM)));
        send(planning);
        assertThat(planning.locator(".refused")).containsText("The plan is no longer as this page shows it.");
        assertEquals(before, everything());
        open("people/p-nobodynobody");
        assertThat(page.locator(".notice")).containsText("Nobody of this pseudonym is kept here");
        consoleErrors.removeIf(error -> error.startsWith("Failed to load resource"));
    }

    private String everything() {
        return records.people() + " " + records.facts(ADA) + records.plan(ADA) + records.audit(null, 9);
    }

    @Test
    void whatIsOldOrNotDoneIsSaidAndThePlanIsEnded() {
        keepAda();
        now.set(MONDAY.plus(Duration.ofDays(7)));
        page.clock().install();
        open("people/" + ADA);
        assertThat(section("plan").locator(".progress")).containsText("The 4 weeks of the plan are over.");
        assertThat(section("plan")).containsText("It is time to look back");
        assertThat(section("today").locator(".as-of strong")).isHidden();
        page.clock().fastForward(6 * 60_000);
        assertThat(section("today").locator(".as-of strong")).hasText(Pattern.compile("That was a while ago.*"));
        section("today").locator(".as-of a").click();
        assertThat(section("today").locator(".as-of strong")).isHidden();

        Locator ending = form(section("plan"), "End the plan");
        send(ending);
        assertThat(told(section("plan"))).hasText("Saved.");
        assertEquals(Set.of(), Set.copyOf(records.plan(ADA).stream().toList()));
        Locator changing = form(section("data"), "Change name");
        changing.locator("[name=name]").fill("Ada King");
        send(changing);
        assertThat(page.locator("h1")).hasText("Ada King");
        page.route("**/check-ins", Route::abort);
        Locator checkIn = section("check-in").locator("form");
        chip(checkIn, "All areas").click();
        chip(checkIn, "Soreness").click();
        send(checkIn);
        assertThat(checkIn.locator(".refused"))
                .hasText("The dashboard does not answer. Whether it was done is not known.");
        assertThat(chip(checkIn, "Soreness").locator("input")).isChecked();
        consoleErrors.removeIf(error -> error.startsWith("Failed to load resource"));
    }

    @Test
    void whoIsErasedIsShownWhereAndWhereNot() {
        keepAda();
        List<String> sent = new ArrayList<>();
        AtomicReference<Boolean> kept = new AtomicReference<>(true);
        page.route("**/erase", route -> {
            sent.add(route.request().postData());
            route.fulfill(new Route.FulfillOptions()
                    .setContentType("application/json")
                    .setBody("""
                    {"person":"%s","complete":%s,"places":[{"place":"records","erased":%s,"detail":"27 rows"},
                     {"place":"journal","gateway":"home/room","erased":%s,"detail":"it does not answer"}]}
                    """.formatted(ADA, !kept.get(), !kept.get(), !kept.get())));
        });
        open("people/" + ADA);
        assertThat(section("data").locator("a[download]")).hasAttribute("href", "/api/people/" + ADA + "/archive.zip");
        Locator erasing = form(section("data"), "Erase everything");
        erasing.locator("[name=by]").fill("Dr. Who");
        erasing.locator("[name=confirm]").fill("ada");
        send(erasing);
        assertThat(erasing.locator(".field-error")).hasText("Want the name exactly as it is written here.");
        assertEquals(List.of(), sent);
        erasing.locator("[name=confirm]").fill("Ada Lovelace");
        send(erasing);
        Locator proof = page.locator(".proof");
        assertThat(proof.locator("h2")).hasText("Not everything is erased");
        assertThat(proof.locator("li").nth(1))
                .hasText("Journal of the gateway home/room: NOT erased. it does not answer");
        assertThat(proof).containsText("erase again");
        kept.set(false);
        send(erasing);
        assertThat(proof.locator("h2")).hasText("Everything is erased");
        assertThat(proof.locator("li").nth(0)).hasText("This dashboard’s records: erased. 27 rows");
        assertThat(page.locator("main")).not().containsText("Ada");
        assertEquals("{\"by\":\"Dr. Who\",\"confirm\":\"" + ADA + "\"}", sent.get(0));
        assertEquals(2, sent.size());
    }

    @Test
    void everyStateLooksRightInBothLanguagesOnAPhoneAndADesktop() {
        look("people-none", "en", () -> open("people"));
        keepAda();
        records.screened(ADA, List.of("eczema", "pregnancy"));
        records.clear(ADA, "Dr. Who", "seen on Monday");
        records.add(new Person("p-grace00grace", "Grace Hopper", "sensitive", 1, "Asia/Tokyo", MONDAY));
        for (String language : List.of("en", "de")) {
            look("people", language, () -> open("people"));
            look("person-new", language, () -> open("people/p-grace00grace"));
            look("person", language, () -> {
                open("people/" + ADA);
                page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)");
                send(section("check-in").locator("form"));
            });
        }
    }

    /** Wide and dark, then narrow and light. */
    private void look(String state, String language, Runnable opened) {
        page.setExtraHTTPHeaders(Map.of("Accept-Language", language));
        for (ColorScheme scheme : List.of(ColorScheme.DARK, ColorScheme.LIGHT)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            page.setViewportSize(scheme == ColorScheme.DARK ? 1280 : 390, 844);
            opened.run();
            String name = state + "-" + scheme.name().toLowerCase(Locale.ROOT) + "-" + language;
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(Path.of("target", "look", name + ".png"))
                    .setFullPage(true));
            assertEquals(
                    0,
                    page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)"),
                    name + " sticks out");
            if (language.equals("en") == (scheme == ColorScheme.DARK)) {
                assertEquals(List.of(), Chromium.violations(page), name);
            }
        }
    }
}
