package io.lightstroke.dashboard.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.NotFoundResponse;
import io.javalin.util.JavalinBindException;
import io.lightstroke.dashboard.live.LiveFeed;
import io.lightstroke.messages.MqttServer;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The web server with its pages, and the live feed behind them. Serves from construction until {@link #close}. */
public final class Dashboard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
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

    private static final Pattern LOOPBACK_NAME =
            Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    private final DashboardConfig config;
    private final Assets assets = new Assets();
    private final Texts texts = new Texts(assets.find(Texts.FILE).orElseThrow().content());
    private final TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);
    private final LiveFeed feed;
    private final Javalin server;

    /**
     * Returns as soon as the pages are served; a broker that is not there yet is tried again until it is.
     *
     * @throws IOException the host and port cannot be listened on
     */
    public Dashboard(DashboardConfig config, MqttServer broker) throws IOException {
        this.config = config;
        this.feed = new LiveFeed(broker, assets.build(), InstantSource.system());
        this.server = Javalin.create(this::configure);
        try {
            server.start();
        } catch (JavalinBindException e) {
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

    @Override
    public void close() {
        feed.close();
        server.stop();
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
        javalin.routes.get("/", this::livePage);
        javalin.routes.get("/assets/{name}", this::asset);

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
        javalin.routes.exception(Exception.class, (e, request) -> {
            LOG.error("{} {}", request.method(), request.path(), e);
            problem(request, HttpStatus.INTERNAL_SERVER_ERROR.getCode(), texts.get("problem.internal"));
        });
    }

    private void livePage(Context request) {
        render(request, "live.jte", Map.of("texts", texts, "build", assets.build()));
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
            throw new ForbiddenResponse(texts.get("problem.host").formatted(host, address()));
        }
    }

    private void checkOrigin(Context upgrade) {
        String origin = upgrade.header("Origin");
        if (origin == null || !origin.matches("https?://" + Pattern.quote(String.valueOf(upgrade.host())))) {
            throw new ForbiddenResponse(texts.get("problem.origin").formatted(origin));
        }
    }

    private void problem(Context request, int status, String detail) {
        request.status(status);
        render(
                request,
                "problem.jte",
                Map.of(
                        "texts", texts,
                        "status", status,
                        "detail", status == HttpStatus.NOT_FOUND.getCode() ? texts.get("problem.notFound") : detail));
    }

    private void render(Context request, String template, Map<String, Object> model) {
        StringOutput page = new StringOutput();
        templates.render(template, model, page);
        request.html(page.toString());
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
