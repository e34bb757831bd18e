package io.lightstroke.dashboard.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import com.microsoft.playwright.options.SelectOption;
import io.lightstroke.dashboard.history.KeptSessions;
import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.records.Area;
import io.lightstroke.dashboard.records.CheckIn;
import io.lightstroke.dashboard.records.Person;
import io.lightstroke.dashboard.records.Plan;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The review pages in a real browser, of a journal as a gateway leaves it. */
@Needs(Program.CHROMIUM)
class ReviewPageTest {
    private static final String SESSION = "sessions/20260302t090000-00000001";
    private static final String COMPARED = "compare?one=20260302t090000-00000001&other=20260302t090050-00000002";
    private static final String MARCH = "sessions?from=2026-03-01&to=2026-03-31";

    private static Chromium chromium;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<String> consoleErrors = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Records records;

    @SuppressWarnings("NullAway.Init")
    private Dashboard dashboard;

    @SuppressWarnings("NullAway.Init")
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
        Path data = folder.resolve("data");
        try (Journal journal = Journal.open(data)) {
            assertTrue(journal.append(KeptSessions.entries()));
            assertTrue(journal.append(KeptSessions.later(35, 49, 50, 51, 52)));
            assertTrue(journal.flush(Duration.ofSeconds(60)));
        }
        start(SessionHistory.ofJournal(data, "home", "room"));
    }

    private void start(@Nullable SessionHistory history) throws Exception {
        records = Records.inMemory();
        records.add(new Person(
                KeptSessions.PERSON,
                "Ada",
                "standard",
                1,
                "UTC",
                InstantSource.system().instant()));
        records.summary(
                new Records.Tool("home", "room", "tool-1"),
                KeptSessions.summary("20260302t090000-00000001", 2, KeptSessions.PERSON, KeptSessions.START));
        dashboard = new Dashboard(
                DashboardConfig.local(0), new MqttServer("tcp://127.0.0.1:" + Program.freePort()), records, history);
        page = chromium.browser.newContext().newPage();
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

    private Response open(String path) {
        return page.navigate(dashboard.address().resolve(path).toString());
    }

    private Locator rows() {
        return page.locator(".scroll[aria-labelledby=list] tbody tr");
    }

    @Test
    void sessionsAreListedWithNamesAndByWeek() {
        open(MARCH);
        assertThat(rows()).hasCount(3);
        assertThat(rows().nth(0)).containsText("p-2");
        assertThat(rows().nth(1)).containsText("Ada");
        assertThat(rows().nth(1)).containsText("Calf, left");
        Locator week = page.locator(".scroll[aria-labelledby=weeks] tbody tr");
        assertThat(week).hasCount(1);
        assertThat(week)
                .containsText(Pattern.compile("2 Mar 2026\\s+2\\s+6\\s+6\\.5 N\\s+86 %\\s+16 %\\s+50\\.0\\s+3\\.0"));
        page.locator("select[name=person]").selectOption("p-2");
        page.locator("button[type=submit]").click();
        assertThat(rows()).hasCount(1);
        assertThat(rows()).containsText("p-2");
        open("sessions?from=2026-05-01&to=2026-05-30");
        assertThat(page.locator(".notice h2")).hasText("No sessions in that time");
    }

    @Test
    void theCalendarLeadsToEachSession() {
        open("sessions?from=2026-03-01&to=2026-04-30");
        assertThat(page.locator(".month caption")).hasText(new String[] {"April 2026", "March 2026"});
        Locator march = page.locator(".month").nth(1);
        assertThat(march.locator("thead")).hasText(Pattern.compile("Mon\\s+Tue\\s+Wed\\s+Thu\\s+Fri\\s+Sat\\s+Sun"));
        assertThat(march.locator(".date")).hasCount(31);
        Locator second = march.locator("tr:nth-child(2) td").first();
        assertThat(second).hasText(Pattern.compile("\\s*2\\s+Ada\\s+▼ 2 × too deep\\s+p-2\\s+▼ 1 × too deep\\s*"));
        assertThat(march.locator("a")).hasCount(2);
        open("sessions?from=2026-03-01&to=2026-04-30&person=p-2");
        assertThat(page.locator(".month a")).hasText(Pattern.compile("Calf, left\\s+▼ 1 × too deep"));
        page.locator(".month a").click();
        assertThat(page.locator("h1")).containsText("Calf, left, 2 Mar 2026");
    }

    @Test
    void twoSessionsStandSideBySide() {
        open(SESSION);
        assertThat(page.locator("select[name=other] option"))
                .hasText(new String[] {"6 Apr 2026, 09:00 – Calf, left"}); // the one after is too late
        page.locator("form[action='/compare'] button").click();
        assertThat(page.locator("h1")).hasText("Compared");
        open(COMPARED);
        Locator figures = page.locator("[aria-labelledby=figures] tbody");
        assertThat(figures).containsText(Pattern.compile("Person\\s+Ada\\s+p-2"));
        assertThat(figures).containsText(Pattern.compile("Strokes\\s+4\\s+2\\s+-2"));
        assertThat(figures).containsText(Pattern.compile("Peaks vary by\\s+16 %\\s+20 %\\s+\\+4 %"));
        assertThat(figures).containsText(Pattern.compile("Mean peak\\s+6\\.5 N\\s+6\\.5 N\\s+0\\.0 N"));
        assertThat(page.locator(".gone")).hasText(new Pattern[] {
            Pattern.compile("There are few strokes: 4 and 2\\. .*"),
            Pattern.compile(".*: 2 of 4 strokes are still kept; .*"),
            Pattern.compile(".*: 1 of 2 strokes are still kept; .*")
        });
        Locator peaks = page.locator("[aria-labelledby=peaks] tbody tr");
        assertThat(peaks).hasCount(8);
        assertThat(peaks.nth(3)).hasText(Pattern.compile("\\s*3 to 4 N\\s+0 % \\(0\\)\\s+100 % \\(1\\)\\s*"));
        assertThat(peaks.nth(7)).hasText(Pattern.compile("\\s*7 to 8 N\\s+50 % \\(1\\)\\s+0 % \\(0\\)\\s*"));
        assertThat(peaks.nth(7).locator("progress").first()).hasAttribute("max", "100.0");
        assertThat(page.locator("[aria-labelledby=zones] tbody tr").nth(1)).containsText("88 % (1.4 s)");

        open(COMPARED + "&area=calf.left");
        assertThat(figures).containsText(Pattern.compile("Area\\s+Calf, left\\s+Calf, left"));
        page.locator(".language").click();
        assertThat(page.locator("h1")).hasText("Vergleich");
        assertThat(figures).containsText(Pattern.compile("Striche\\s+4\\s+2"));
    }

    @Test
    void peopleStandSideBySideAndFewSessionsAreSaid() {
        for (int day : new int[] {1, 3}) {
            records.checkIn(
                    KeptSessions.PERSON,
                    new CheckIn(
                            KeptSessions.START.plus(Duration.ofDays(day)),
                            null,
                            false,
                            false,
                            false,
                            day == 1,
                            false,
                            null,
                            null));
        }
        open("sessions?from=2026-03-01&to=2026-04-30");
        page.locator("a[href^='/comparison']").click();
        Locator people = page.locator("[aria-labelledby=people] tbody tr");
        assertThat(people).hasText(new Pattern[] {
            Pattern.compile(
                    "\\s*p-2\\s+n = 1: too few to tell\\s+1\\s+2\\s+6\\.5 N\\s+86 %\\s+20 %\\s+50\\.0\\s+–\\s+–\\s*"),
            Pattern.compile("\\s*Ada\\s+6\\s+14\\s+6\\.5 N\\s+86 %\\s+1\\d %\\s+50\\.0\\s+1 of 1\\s+3\\.0\\s+of 1\\s*")
        });
        assertEquals(
                "comparison", records.accesses(KeptSessions.PERSON, 1).get(0).what());
        people.nth(1).locator("a").click();
        assertThat(rows()).hasCount(7);
        open("comparison?from=2026-05-01&to=2026-05-30");
        assertThat(page.locator(".notice h2")).hasText("No sessions in that time");
    }

    @Test
    void aReportIsMadeForPaper() throws Exception {
        records.begin(
                KeptSessions.PERSON,
                new Plan(LocalDate.of(2026, 3, 2), 4, 3, List.of(new Area("calf", "left"), new Area("foot", "right"))));
        records.note(KeptSessions.PERSON, "20260302t090000-00000001", "Felt fine.\nCame by bicycle.");
        open("report?from=2026-03-01&to=2026-06-30&person=" + KeptSessions.PERSON);
        assertThat(page.locator(".facts")).containsText("Ada, " + KeptSessions.PERSON);
        assertThat(page.locator(".facts"))
                .containsText("From 2 Mar 2026, 4 weeks, 3 sessions a week: Calf, left · Foot, right");
        assertThat(page.locator(".facts")).containsText("1 held; 12 due");
        assertThat(page.locator(".lines")).containsText("Felt fine.");
        assertThat(page.locator("main")).containsText("Starting values, not proven safe.");
        assertThat(page.locator("main")).containsText("6 of 6 sessions have no check-in about them.");
        assertThat(page.locator(".trends figure")).hasCount(6);
        assertEquals("report", records.accesses(KeptSessions.PERSON, 1).get(0).what());
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        assertEquals("rgb(255, 255, 255)", page.evaluate("getComputedStyle(document.body).backgroundColor"));
        Path pdf = Path.of("target", "look", "report.pdf");
        page.pdf(new Page.PdfOptions().setPath(pdf).setPreferCSSPageSize(true));
        assertTrue(Files.size(pdf) > 10_000);
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        assertThat(page.locator(".bar")).isHidden();
        assertThat(page.locator(".print")).isHidden();
        assertThat(page.locator(".lines thead")).hasCSS("display", "table-header-group");

        open("report?from=2026-03-01&to=2026-06-30&person=p-2");
        assertThat(page.locator("main")).containsText("the pseudonym is not in the records");
    }

    @Test
    void weeksAreChartedWithTheirGaps() {
        records.begin(KeptSessions.PERSON, new Plan(LocalDate.of(2026, 4, 6), 4, 3, List.of(new Area("calf", "left"))));
        open("sessions?from=2026-04-01&to=2026-04-30&person=" + KeptSessions.PERSON);
        Locator weeks = page.locator(".weeks tbody tr");
        assertThat(weeks.nth(0))
                .containsText(Pattern.compile("27 Apr 2026\\s+0\\s+0 of 3\\s+0\\s+–\\s+–\\s+–\\s+–\\s+–"));
        assertThat(weeks.nth(1)).containsText(Pattern.compile("20 Apr 2026\\s+4\\s+0 of 3\\s+8\\s+6\\.5 N"));
        assertThat(page.locator(".trends figure")).hasCount(6);
        Locator chart = page.locator(".trend[aria-label^='Mean peak, N']");
        assertThat(chart.locator("canvas")).hasCount(1);
        assertEquals(List.of(true, false, true, false), marked(chart, 6, 13, 20, 27), "no line across a gap");
        open(MARCH);
        assertThat(page.locator(".weeks th:has-text('Held')")).hasCount(0);
        assertThat(page.locator(".trends figure")).hasCount(0);
    }

    /** Whether something is drawn where the week of that day of April stands, between the axis and the upper edge. */
    private static List<Boolean> marked(Locator chart, int... days) {
        return IntStream.of(days)
                .mapToObj(day -> (boolean) chart.locator("canvas").evaluate("""
                                (canvas, share) => {
                                  const over = canvas.parentElement.querySelector('.u-over');
                                  const x = Math.round(over.offsetLeft + over.offsetWidth * share);
                                  const { data } = canvas.getContext('2d').getImageData(x - 1, over.offsetTop + 4, 3, over.offsetHeight - 8);
                                  for (let i = 0; i < data.length; i += 4) {
                                    if (data[i + 3] > 200 && data[i] < 60) {
                                      return true;
                                    }
                                  }
                                  return false;
                                }
                                """, (day - 3) / 27.0))
                .toList();
    }

    @Test
    void aSessionShowsItsStrokesAndItsForceDownToEachSample() {
        open(MARCH);
        rows().nth(2).locator("a").click();
        Locator part = page.locator(".part").first();
        assertThat(part.locator("h2")).hasText("Tool tool-1");
        Locator area = part.locator("[aria-labelledby^=areas] tbody tr");
        assertThat(area).hasCount(1);
        assertThat(area)
                .containsText(Pattern.compile(
                        "Calf, left\\s+\\d\\d:00:00\\s+\\d\\d:00:01: 7 s Tender\\s+0:30\\s+2\\s+86 %\\s+1"));
        assertThat(strokes(part)).hasCount(2);
        assertThat(strokes(part).first()).containsText("5.5 N");
        part.locator("thead a", new Locator.LocatorOptions().setHasText("Peak")).click();
        part = page.locator(".part").first();
        assertThat(strokes(part).first()).containsText("7.5 N");
        assertThat(part.locator("[aria-sort]")).hasText("Peak");
        part.locator("thead a", new Locator.LocatorOptions().setHasText("Hardest zone"))
                .click();
        part = page.locator(".part").first();
        assertThat(strokes(part).first()).containsText("Light");
        assertThat(part.locator("[aria-sort]")).hasText("Hardest zone");

        assertTrue(records.accesses(KeptSessions.PERSON, 9).stream()
                .anyMatch(each -> each.what().equals("session 20260302t090000-00000001")));
        assertThat(part.locator(".trace-told")).containsText("Drag over a part");
        assertTrue(drawn(part) > 100, "the force is drawn: " + drawn(part));
        Locator chart = part.locator(".u-over");
        chart.scrollIntoViewIfNeeded();
        BoundingBox box = chart.boundingBox();
        page.mouse().move(box.x + box.width * 0.5, box.y + 40);
        page.mouse().down();
        page.mouse().move(box.x + box.width * 0.52, box.y + 50);
        page.mouse().up();
        assertThat(part.locator(".trace-told")).hasText(Pattern.compile("Every sample is shown: 1[12]\\d\\."));
        part.locator(".whole").click();
        assertThat(part.locator(".trace-told")).containsText("Drag over a part");
        assertThat(part.locator(".whole")).isHidden();
    }

    @Test
    void whatIsMissingAndWhatWasTooDeepIsSaidAndMarked() {
        open(SESSION);
        Locator part = page.locator(".part").first();
        assertThat(part.locator("[aria-labelledby^=deep]"))
                .hasText(Pattern.compile("▼ Too deep \\d\\d:00:09, 0\\.5 s\\s*"));
        assertThat(part.locator("[aria-labelledby^=gaps]")).hasText(Pattern.compile("\\s*\\d\\d:00:20, 10\\.0 s\\s*"));
        assertThat(part.locator(".gone")).hasCount(0);
        assertThat(part.locator(".lane .area")).hasText("Calf, left");
        assertThat(part.locator(".lane .spot.marked")).hasText("Tender");
        BoundingBox spot = part.locator(".lane .spot").boundingBox();
        BoundingBox chart = part.locator(".u-over").boundingBox();
        assertEquals(chart.x + chart.width / 60, spot.x, 1, "stands above its time");
        assertEquals(chart.width * 7 / 60, spot.width, 1);

        Locator other = page.locator(".part").nth(1);
        assertThat(other.locator(".gone")).hasText(new String[] {
            "The samples are no longer kept. The figures of what was found in them are.",
            "When it was too deep is no longer kept of all: 0 of 1.",
            "When each spot was worked on is no longer kept of all: 0 of 1.",
            "Not all strokes are kept any more: 0 of 2. The figures above are of all."
        });
        assertThat(other.locator(".review-trace")).hasCount(0);
        assertThat(other).containsText("Where there were gaps is no longer known.");
    }

    @Test
    void aNoteIsKeptAndShown() {
        open(SESSION);
        Locator note = page.locator(".note textarea");
        assertThat(note).hasValue("");
        note.fill("The left calf <b>gave way</b> & felt fine.");
        page.locator(".note button").click();
        assertThat(page.locator(".note [role=status]")).hasText("Kept.");
        assertEquals(
                Map.of("20260302t090000-00000001", "The left calf <b>gave way</b> & felt fine."),
                records.notes(KeptSessions.PERSON));
        open(SESSION);
        assertThat(note).hasValue("The left calf <b>gave way</b> & felt fine.");
        records.erase(KeptSessions.PERSON, "test");
        page.locator(".note button").click();
        assertThat(page.locator(".note [role=status]")).containsText("person: there is none");
        consoleErrors.clear();
        open("sessions/20260302t090050-00000002");
        assertThat(page.locator(".note")).hasCount(0);
        assertThat(page.locator("#note + .hint")).containsText("This one is not.");
    }

    private static Locator strokes(Locator part) {
        return part.locator("[aria-labelledby^=strokes] tbody tr");
    }

    /** How many points of the chart are dark. */
    private static int drawn(Locator part) {
        return (int) part.locator("canvas").evaluate("""
                canvas => {
                  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                  let dark = 0;
                  for (let i = 0; i < data.length; i += 4) {
                    dark += data[i + 3] > 200 && data[i] < 60 && data[i + 1] < 60 && data[i + 2] < 60 ? 1 : 0;
                  }
                  return dark;
                }
                """);
    }

    @Test
    void weeksAreSeenCloserDownToEachSample() {
        open("sessions?from=2026-03-01&to=2026-04-12");
        assertThat(page.locator(".part")).hasCount(0);
        open("sessions?from=2026-03-01&to=2026-04-12&person=" + KeptSessions.PERSON);
        assertThat(page.locator(".part")).hasCount(2);
        Locator other = page.locator(".part:has-text('tool-2')");
        assertThat(other.locator(".trace-told")).containsText("The samples are no longer kept.");
        assertThat(other.locator(".review-trace")).isHidden();
        Locator part = page.locator(".part:has-text('tool-1')");
        assertThat(part.locator("canvas")).hasCount(1);
        assertThat(part.locator(".lane .area")).hasCount(2);
        assertThat(part.locator(".trace-told")).containsText("Drag over a part");
        part.locator(".goto").selectOption(new SelectOption().setLabel("2 Mar 2026, 09:00"));
        assertThat(part.locator(".lane .area")).hasCount(1);
        assertThat(part.locator(".whole")).isVisible();
        assertTrue(drawn(part) > 100, "the force is drawn: " + drawn(part));
        part.locator("[data-move=closer]").click();
        part.locator("[data-move=later]").click();
        part.locator("[data-move=closer]").click();
        part.locator("[data-move=closer]").click();
        assertThat(part.locator(".trace-told")).hasText(Pattern.compile("Every sample is shown: 9\\d\\."));
        part.locator("[data-move=wider]").click();
        part.locator(".whole").click();
        assertThat(part.locator(".lane .area")).hasCount(2);
        assertEquals("force", records.accesses(KeptSessions.PERSON, 1).get(0).what());
    }

    @Test
    void aSessionLeavesAsTables() throws Exception {
        assertEquals("""
                tool,session,person,time_utc,region,side,phase,duration_s,peak_N,mean_N,impulse_Ns,rise_time_s,over_time_s,\
                ceiling_hit,hold,interrupted,gap_percent,angle_deg,direction,limits_version,time_in_none_s,time_in_light_s,\
                time_in_moderate_s,time_in_firm_s,time_in_too-deep_s,time_in_ceiling_s
                home/room/tool-1,20260302t090000-00000001,p-ada000000001,2026-03-02T09:00:01Z,calf,left,treat,0.8,5.5,3.1,2.48,0.2,0.0,\
                false,false,false,0.0,,,lightstroke-1 calf standard,0.1,0.7,,,0.0,
                home/room/tool-1,20260302t090000-00000001,p-ada000000001,2026-03-02T09:00:04Z,calf,left,treat,0.8,7.5,3.1,2.48,0.2,0.0,\
                false,false,false,0.0,,,lightstroke-1 calf standard,0.1,0.7,,,0.0,
                """, new String(table("strokes.csv"), UTF_8).replace("\r\n", "\n"));
        List<String> areas = new String(table("areas.csv"), UTF_8).lines().toList();
        assertEquals(3, areas.size(), areas.toString());
        assertTrue(areas.get(0).contains("worked_s,cap_s,strokes,contact_s"), areas.get(0));
        assertTrue(
                areas.get(1).contains(",calf,left,30.5,180,2,1.6,20.0,6.5,20.1,4.96,86.0,1,0.5,,1,3.0,6.5,9.0,14.0,"),
                areas.get(1));
        try (BufferedReader samples = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(new ByteArrayInputStream(table("samples.csv.gz"))), UTF_8))) {
            List<String> rows = samples.lines().toList();
            assertEquals("tool,time_utc,force_N", rows.get(0));
            assertEquals("home/room/tool-1,2026-03-02T09:00:00Z,0.0", rows.get(1));
            assertEquals("home/room/tool-1,2026-03-02T09:00:30Z,0.0", rows.get(2001), "what is missing has no row");
            assertEquals("home/room/tool-1,2026-03-02T09:00:45Z,", rows.get(3501), "an invalid sample has no force");
            assertEquals(1 + 5000, rows.size());
        }
    }

    private byte[] table(String name) {
        APIResponse answer = page.request()
                .get(dashboard.address().resolve(SESSION + "/" + name).toString());
        assertEquals(200, answer.status());
        return answer.body();
    }

    @Test
    void whatCannotBeAskedIsSaid() {
        assertAll(Stream.of(
                        "sessions?from=yesterday|400|from: want a day such as 2026-03-02, got yesterday",
                        "sessions?from=2026-03-02&to=2026-03-01|400|from: want a day up to 2026-03-01, got 2026-03-02",
                        "sessions/20260302t090000-0000000f|404|session: there is none of this name",
                        "sessions/..%2F..%2Fetc%2Fpasswd|404|session: there is none of this name",
                        "sessions/20260302t090000-00000001?order=colour|400|order: want one of time, peak, mean, impulse, duration, zone, over, got colour",
                        "sessions/20260302t090000-00000001/all.xls|404|file: want one of areas.csv, samples.csv.gz, session.json, strokes.csv, got all.xls",
                        "sessions/20260302t090000-0000000f/strokes.csv|404|session: there is none of this name",
                        "report?from=2026-03-01|400|person: want a pseudonym, got nothing",
                        "report?person=p-000000000000|404|person: there is none of this pseudonym",
                        "report?person=p-2&from=2026-03-32|400|from: want a day such as 2026-03-02, got 2026-03-32",
                        "comparison?to=March|400|to: want a day such as 2026-03-02, got March",
                        "compare?one=20260302t090000-00000001|400|other: want the id of a session, got nothing",
                        "compare?one=20260302t090000-00000001&other=no|404|session: there is none of this name",
                        COMPARED
                                + "&area=foot|400|area: want an area of session 20260302t090000-00000001, one of calf.left, got foot",
                        COMPARED
                                + "&otherArea=calf|400|otherArea: want an area of session 20260302t090050-00000002, one of calf.left, got calf",
                        "trace/home/room/tool-1?from=2026-03-02T09:00:00Z|400|to: want a time such as 2026-03-02T09:00:00Z, got null",
                        "trace/home/room/tool-1?from=2026-03-02T09:00:00Z&to=2026-03-02T09:00:00Z|400|from: want a time before",
                        "trace/home/room/tool-1?from=2026-03-02T09:00:00Z&to=2026-03-02T09:01:00Z&points=0|400|points: want a number of 1 to 4000, got 0")
                .map(each -> each.split("\\|", -1))
                .map(each -> () -> {
                    APIResponse answer = page.request()
                            .get(dashboard.address().resolve(each[0]).toString());
                    assertEquals(Integer.parseInt(each[1]), answer.status(), each[0]);
                    assertTrue(answer.text().contains(each[2]), answer.text());
                }));
    }

    @Test
    void withoutAHistoryTheReasonIsSaid() throws Exception {
        stop();
        start(null);
        open("sessions");
        assertThat(page.locator(".notice")).containsText("was not told where sessions are kept");
        stop();
        start(SessionHistory.ofJournal(folder.resolve("gone"), "home", "room"));
        assertEquals(503, open("sessions").status());
        assertThat(page.locator(".notice")).containsText("cannot be read now: journal");
        for (String path : List.of(
                SESSION + "/strokes.csv", "trace/home/room/tool-1?from=2026-03-02T09:00:00Z&to=2026-03-02T09:01:00Z")) {
            APIResponse answer =
                    page.request().get(dashboard.address().resolve(path).toString());
            assertEquals(503, answer.status(), path);
            assertTrue(answer.text().contains("cannot be read now: journal"), answer.text());
        }
        consoleErrors.clear();
    }

    @Test
    void picturesOfEach() {
        Map.of(
                        "sessions",
                        "sessions?from=2026-03-01&to=2026-04-30",
                        "weeks",
                        "sessions?from=2026-03-01&to=2026-04-30&person=" + KeptSessions.PERSON,
                        "session",
                        SESSION,
                        "compare",
                        COMPARED,
                        "comparison",
                        "comparison?from=2026-03-01&to=2026-04-30",
                        "report",
                        "report?from=2026-03-01&to=2026-04-30&person=" + KeptSessions.PERSON)
                .forEach((name, path) -> {
                    open(path);
                    page.waitForTimeout(500);
                    Pictures.of(page, "review-" + name);
                    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                        assertEquals(List.of(), Chromium.violations(page), name + " " + scheme);
                    }
                });
    }
}
