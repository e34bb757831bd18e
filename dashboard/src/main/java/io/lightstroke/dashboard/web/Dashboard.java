package io.lightstroke.dashboard.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.SameSite;
import io.javalin.util.JavalinBindException;
import io.lightstroke.dashboard.history.HistoryException;
import io.lightstroke.dashboard.history.SessionExport;
import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.live.LiveFeed;
import io.lightstroke.dashboard.live.UnansweredException;
import io.lightstroke.dashboard.records.Person;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.dashboard.records.Starts;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.MqttServer;
import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The web server with its pages, and the live feed behind them. Serves from construction until {@link #close}. */
public final class Dashboard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);
    /** So Javalin begins what it says of a path that nothing serves. */
    private static final String NO_SUCH_ROUTE = "Endpoint ";

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Cache-Control",
            "no-cache");

    private static final String CSRF = "csrf";
    private static final String LANGUAGE = "language";
    private static final Pattern CSRF_TOKEN = Pattern.compile("[0-9a-f]{32}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final Pattern LOOPBACK_NAME =
            Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    private final DashboardConfig config;
    private final Assets assets = new Assets();
    private final Map<String, Texts> texts = Texts.LANGUAGES.stream()
            .collect(Collectors.toMap(
                    language -> language,
                    language -> new Texts(
                            language,
                            assets.find(Texts.file(language)).orElseThrow().content())));
    private final TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);
    private final byte[] guideline;
    private final Records records;
    private final Starts starts;
    private final @Nullable SessionHistory history;
    private final @Nullable Review review;
    private final List<Endpoint> api;
    private final People people;
    private final LiveFeed feed;
    private final Javalin server;

    /** Keeps nobody beyond its end, and knows no history. */
    public Dashboard(DashboardConfig config, MqttServer broker) throws IOException {
        this(config, broker, Records.inMemory(), null);
    }

    /**
     * Returns as soon as the pages are served; a broker that is not there yet is tried again until it is.
     *
     * @param records closed with it
     * @param history likewise; null: none is known
     * @throws IOException the host and port cannot be listened on
     */
    public Dashboard(DashboardConfig config, MqttServer broker, Records records, @Nullable SessionHistory history)
            throws IOException {
        this.config = config;
        this.history = history;
        this.review = history == null
                ? null
                : new Review(history, records, config.guideline(), ZoneId.systemDefault(), InstantSource.system());
        this.guideline = GuidelineJson.of(config.guideline());
        this.records = records;
        this.starts = new Starts(records, config.guideline());
        RecordsApi recordsApi = new RecordsApi(records, config.guideline());
        this.people = new People(recordsApi, records, config.guideline());
        this.feed = new LiveFeed(broker, assets.build(), InstantSource.system(), this::heard);
        this.api = new ArrayList<>(recordsApi.endpoints());
        api.add(new PersonErasure(records, starts, feed).endpoint());
        api.add(new PersonArchive(records, history).endpoint());
        this.server = Javalin.create(this::configure);
        try {
            server.start();
        } catch (JavalinBindException e) {
            closeParts();
            throw (IOException) new BindException(
                            "dashboard: cannot listen on %s port %d: %s. Choose another port; 0 takes a free one"
                                    .formatted(config.host(), config.port(), rootMessage(e)))
                    .initCause(e);
        }
        feed.start();
        LOG.info("dashboard at {}", address());
    }

    /** Where a browser on this machine finds the pages. */
    public URI address() {
        String host = switch (config.host()) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::", "[::]" -> "[::1]";
            default ->
                config.host().contains(":") && !config.host().startsWith("[")
                        ? "[" + config.host() + "]"
                        : config.host();
        };
        return URI.create("http://" + host + ":" + server.port() + "/");
    }

    /** What came from the broker since the start. */
    public LiveFeed.Counts counts() {
        return feed.counts();
    }

    /** Method and path of every route below. */
    List<String> routes(String prefix) {
        return server.unsafe.internalRouter.allHttpHandlers().stream()
                .map(each -> each.endpoint)
                .filter(each -> each.path.startsWith(prefix))
                .map(each -> each.method.name().toLowerCase(Locale.ROOT) + " " + each.path)
                .toList();
    }

    @Override
    public void close() {
        feed.close();
        server.stop();
        closeParts();
    }

    private void closeParts() {
        records.close();
        if (history != null) {
            history.close();
        }
    }

    private void heard(LiveFeed.Heard what, @Nullable String json) {
        starts.heard(new Records.Tool(what.site(), what.gateway(), what.tool()), what.kind(), json);
    }

    private void configure(JavalinConfig javalin) {
        javalin.startup.showJavalinBanner = false;
        javalin.startup.showOldJavalinVersionWarning = false;
        javalin.startup.startupWatcherEnabled = false;
        javalin.jetty.host = config.host();
        javalin.jetty.port = config.port();
        javalin.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
        javalin.http.maxRequestSize = 64 * 1024;

        javalin.routes.before(request -> {
            HEADERS.forEach(request::header);
            checkHost(request);
        });
        javalin.routes.get("/", request -> page(request, "live.jte"));
        javalin.routes.get("/practice/{site}/{gateway}/{tool}", request -> page(request, "practice.jte"));
        javalin.routes.get("/tools", request -> page(request, "tools.jte"));
        javalin.routes.get(
                "/people", request -> page(request, "people.jte", () -> peopleModel("listing", people.list(request))));
        javalin.routes.get(
                "/people/{person}",
                request -> page(
                        request,
                        "person.jte",
                        () -> peopleModel(
                                "opened",
                                people.person(request)
                                        .orElseThrow(() -> new NotFoundResponse(
                                                textsFor(request).get("people.nobody"))))));
        javalin.routes.get("/sessions", request -> review(request, "sessions.jte", "listing", Review::list));
        javalin.routes.get("/sessions/{session}", request -> review(request, "session.jte", "opened", Review::session));
        javalin.routes.get(
                "/sessions/{session}/{file}", request -> knownReview(request).file(request));
        javalin.routes.get("/comparison", request -> review(request, "comparison.jte", "among", Review::people));
        javalin.routes.get("/report", request -> review(request, "report.jte", "report", Review::report));
        javalin.routes.get("/compare", request -> review(request, "compare.jte", "comparison", Review::compare));
        javalin.routes.get(
                "/trace/{site}/{gateway}/{tool}",
                request -> request.contentType("application/json")
                        .result(Json.bytes(knownReview(request).trace(request))));
        javalin.routes.get("/assets/{name}", this::asset);
        javalin.routes.get(
                "/guideline.json",
                request -> request.contentType("application/json").result(guideline));
        byte[] sessionExport = SessionExport.schema();
        javalin.routes.get(
                "/session-export.schema.json",
                request -> request.contentType("application/schema+json").result(sessionExport));
        javalin.routes.post("/command/{site}/{gateway}/{tool}/{name}", this::command);

        api.forEach(endpoint -> javalin.routes.addHttpHandler(
                endpoint.method(), endpoint.path(), request -> answer(endpoint, request)));
        byte[] openApi = OpenApi.of(api);
        javalin.routes.get(
                "/api/openapi.json",
                request -> request.contentType("application/json").result(openApi));

        javalin.routes.wsBeforeUpgrade("/live", upgrade -> {
            checkHost(upgrade);
            checkOrigin(upgrade);
        });
        javalin.routes.ws("/live", ws -> {
            ws.onConnect(viewer -> feed.join(viewer.session));
            ws.onClose(viewer -> feed.leave(viewer.session));
            ws.onError(viewer -> feed.leave(viewer.session));
        });

        javalin.routes.exception(
                HttpResponseException.class,
                (e, request) -> problem(request, e.getStatus(), String.valueOf(e.getMessage())));
        javalin.routes.exception(
                HistoryException.class,
                (e, request) -> problem(
                        request,
                        HttpStatus.SERVICE_UNAVAILABLE.getCode(),
                        textsFor(request).get("review.failed").formatted(e.getMessage())));
        javalin.routes.exception(Exception.class, (e, request) -> {
            LOG.error("{} {}", request.method(), request.path(), e);
            problem(
                    request,
                    HttpStatus.INTERNAL_SERVER_ERROR.getCode(),
                    textsFor(request).get("problem.internal"));
        });
    }

    private void page(Context request, String template) {
        page(request, template, HashMap::new);
    }

    /** A page asks for another language by {@code ?language=de}, which is kept in a cookie. */
    private void page(Context request, String template, Supplier<Map<String, Object>> model) {
        String wanted = request.queryParam("language");
        if (wanted == null) {
            render(request, template, model.get());
        } else {
            if (texts.containsKey(wanted)) {
                request.cookie(cookie(LANGUAGE, wanted));
            }
            String query = queryWithoutLanguage(request);
            request.redirect(request.path() + (query.isEmpty() ? "" : "?" + query));
        }
    }

    private Map<String, Object> peopleModel(String name, Object value) {
        Map<String, Object> model = new HashMap<>();
        model.put(name, value);
        model.put("guideline", config.guideline());
        return model;
    }

    private static String queryWithoutLanguage(Context request) {
        return Objects.requireNonNullElse(request.queryString(), "")
                .replaceAll("(^|&)language=[^&]*", "")
                .replaceAll("^&", "");
    }

    private interface Question<T> {
        T ask(Review review, Context request) throws HistoryException;
    }

    private <T> void review(Context request, String template, String name, Question<T> question) {
        Map<String, Object> model = new HashMap<>();
        Texts words = textsFor(request);
        String title;
        String detail;
        if (request.queryParam("language") != null) {
            page(request, template);
            return;
        } else if (review == null) {
            title = words.get("review.off");
            detail = words.get("review.off.text");
        } else {
            try {
                model.put(name, question.ask(review, request));
                model.put("names", records.people().stream().collect(Collectors.toMap(Person::id, Person::name)));
                render(request, template, model);
                return;
            } catch (HistoryException e) {
                LOG.warn("{}: {}", request.path(), e.getMessage());
                request.status(HttpStatus.SERVICE_UNAVAILABLE);
                title = words.get("review.title");
                detail = words.get("review.failed").formatted(e.getMessage());
            }
        }
        model.put("title", title);
        model.put("detail", detail);
        render(request, "nothing.jte", model);
    }

    private Review knownReview(Context request) {
        if (review == null) {
            throw new NotFoundResponse(textsFor(request).get("review.off"));
        }
        return review;
    }

    private void answer(Endpoint endpoint, Context request) throws HistoryException, IOException {
        if (endpoint.writes() && !isFromOurPage(request)) {
            throw new ForbiddenResponse(textsFor(request).get("command.foreign"));
        }
        for (String name : request.queryParamMap().keySet()) {
            if (!endpoint.query().contains(name)) {
                throw new BadRequestResponse("%s: want one of [%s] after the ?, got another"
                        .formatted(name, String.join(", ", endpoint.query())));
            }
        }
        request.status(endpoint.status());
        if (endpoint.file() != null) {
            request.contentType(endpoint.file());
        }
        Object answer = endpoint.handling().answer(request);
        if (answer != null) {
            request.contentType("application/json").result(Json.bytes(answer));
        }
    }

    private void command(Context request) {
        if (!isFromOurPage(request)) {
            notDone(request, HttpStatus.FORBIDDEN, "command.foreign", "");
            return;
        }
        Records.Tool tool =
                new Records.Tool(request.pathParam("site"), request.pathParam("gateway"), request.pathParam("tool"));
        String name = request.pathParam("name");
        String topic;
        try {
            topic = new Topics(tool.site(), tool.gateway()).command(tool.tool(), Topics.requireSlug("command", name));
            if (!Json.MAPPER.readTree(request.bodyAsBytes()).isObject()) {
                throw new IllegalArgumentException("want a JSON object");
            }
        } catch (IllegalArgumentException | IOException e) {
            notDone(request, HttpStatus.BAD_REQUEST, "command.malformed", String.valueOf(e.getMessage()));
            return;
        }
        Starts.Decision decision = starts.decide(tool, name, request.body());
        if (decision.refusal() != null) {
            request.contentType("application/json").result(decision.refusal());
            return;
        }
        Starts.Start start = decision.start();
        request.future(() -> feed.command(topic, decision.body())
                .handle((answer, e) -> {
                    String said = start == null ? answer : starts.answered(start, answer);
                    if (said == null) {
                        throw e instanceof CompletionException whole ? whole : new CompletionException(e);
                    }
                    return said;
                })
                .thenAccept(answer -> request.contentType("application/json").result(answer))
                .exceptionally(e -> {
                    Throwable cause = e instanceof CompletionException ? e.getCause() : e;
                    if (!(cause instanceof UnansweredException unanswered)) {
                        throw new CompletionException(cause);
                    }
                    LOG.warn("{}: {}", topic, unanswered.getMessage());
                    notDone(
                            request,
                            unanswered.reason() == UnansweredException.Reason.SILENT
                                    ? HttpStatus.GATEWAY_TIMEOUT
                                    : HttpStatus.SERVICE_UNAVAILABLE,
                            "command." + unanswered.reason().name().toLowerCase(Locale.ROOT),
                            String.valueOf(unanswered.getMessage()));
                    return null;
                }));
    }

    private void notDone(Context request, HttpStatus status, String key, String detail) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", false);
        answer.put("error", textsFor(request).get(key));
        answer.put("detail", detail);
        request.status(status).contentType("application/json").result(Json.bytes(answer));
    }

    /** A page of another site can make a browser send a request, but neither read our pages nor add a header of ours. */
    private static boolean isFromOurPage(Context request) {
        String token = request.cookie(CSRF);
        return token != null && token.equals(request.header("X-CSRF"));
    }

    private static String csrf(Context request) {
        String token = request.cookie(CSRF);
        if (token == null || !CSRF_TOKEN.matcher(token).matches()) {
            byte[] random = new byte[16];
            RANDOM.nextBytes(random);
            token = HexFormat.of().formatHex(random);
            request.cookie(cookie(CSRF, token));
        }
        return token;
    }

    private static Cookie cookie(String name, String value) {
        return new Cookie(name, value, "/", (int) Duration.ofDays(365).toSeconds(), false, true, null, SameSite.STRICT);
    }

    private Texts textsFor(Context request) {
        Texts chosen = texts.get(String.valueOf(request.cookie(LANGUAGE)));
        return chosen == null
                ? Objects.requireNonNull(texts.get(Texts.languageFor(request.header("Accept-Language"))))
                : chosen;
    }

    private void asset(Context request) {
        Assets.Asset asset = assets.find(request.pathParam("name")).orElseThrow(NotFoundResponse::new);
        request.header("ETag", asset.tag());
        if (asset.tag().equals(request.header("If-None-Match"))) {
            request.status(HttpStatus.NOT_MODIFIED);
        } else {
            request.contentType(asset.type()).result(asset.content());
        }
    }

    /** A page of another site could reach this machine under a name of its own that points here (DNS rebinding). */
    private void checkHost(Context request) {
        String host = request.host();
        if (!config.open() && (host == null || !LOOPBACK_NAME.matcher(host).matches())) {
            throw new ForbiddenResponse(textsFor(request).get("problem.host").formatted(host, address()));
        }
    }

    private void checkOrigin(Context upgrade) {
        String origin = upgrade.header("Origin");
        if (origin == null || !origin.matches("https?://" + Pattern.quote(String.valueOf(upgrade.host())))) {
            throw new ForbiddenResponse(textsFor(upgrade).get("problem.origin").formatted(origin));
        }
    }

    private void problem(Context request, int status, String detail) {
        request.status(status);
        if (request.path().startsWith("/api/") || request.path().startsWith("/trace/")) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("ok", false);
            answer.put("error", detail);
            request.contentType("application/json").result(Json.bytes(answer));
            return;
        }
        Map<String, Object> model = new HashMap<>();
        model.put("status", status);
        model.put("detail", detail.startsWith(NO_SUCH_ROUTE) ? textsFor(request).get("problem.notFound") : detail);
        render(request, "problem.jte", model);
    }

    private void render(Context request, String template, Map<String, Object> model) {
        model.put(
                "page",
                new Page(
                        textsFor(request),
                        assets.build(),
                        csrf(request),
                        request.path(),
                        queryWithoutLanguage(request)));
        StringOutput html = new StringOutput();
        templates.render(template, model, html);
        request.html(html.toString());
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
