package io.lightstroke.gateway.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.influxdb.client.InfluxDBClient;
import com.influxdb.client.InfluxDBClientFactory;
import com.influxdb.client.InfluxDBClientOptions;
import com.influxdb.client.OrganizationsQuery;
import com.influxdb.client.WriteApiBlocking;
import com.influxdb.client.domain.BucketRetentionRules;
import com.influxdb.client.domain.Organization;
import com.influxdb.client.domain.WritePrecision;
import com.influxdb.exceptions.InfluxException;
import io.lightstroke.gateway.journal.ErasedTime;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.PromptSockets;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import okhttp3.Credentials;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The journal to InfluxDB, as {@link LineProtocol} writes it. A resend overwrites. Lines that the database refuses are
 * set aside with its words: those that it names, or found by halving. {@link #point} and {@link #close} may be called from
 * any thread; close ends a running request.
 */
public final class InfluxSink implements Sink {
    /** Lines per request. */
    private static final int MAX_LINES = 5000;

    /** Of InfluxQL in one request. */
    private static final int STATEMENTS = 50;

    private static final long MAX_ANSWER_BYTES = 64 * 1024;

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

    /** Who is refused for what he is does not knock at once again. */
    private static final Duration REFUSED_PAUSE = Duration.ofMinutes(5);

    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

    /** The database's count of the lines that it did not take; a lower bound, for it counts one shard only. */
    private static final Pattern DROPPED = Pattern.compile("partial write: .* dropped=(\\d+)", Pattern.DOTALL);

    private final InfluxServer server;
    private final LineProtocol lines;
    private final OkHttpClient http;
    private final InfluxDBClient client;
    private final WriteApiBlocking writer;

    /** Connects with the first delivery. */
    public InfluxSink(InfluxServer server, String site, String gateway) {
        this(server, site, gateway, ANSWER_LIMIT);
    }

    /** @param answerLimit how long a server may be silent */
    InfluxSink(InfluxServer server, String site, String gateway, Duration answerLimit) {
        this.server = server;
        this.lines = new LineProtocol(site, gateway);
        this.http = new OkHttpClient.Builder()
                .socketFactory(PromptSockets.tcp())
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(answerLimit)
                .writeTimeout(answerLimit)
                .callTimeout(answerLimit.multipliedBy(3))
                .build();
        OkHttpClient.Builder writing = http.newBuilder();
        InfluxDBClientOptions.Builder options =
                InfluxDBClientOptions.builder().url(server.url()).precision(WritePrecision.US);
        if (server instanceof InfluxServer.V1 v1) {
            writing.addNetworkInterceptor(new WriteElsewhere(v1));
            options.org("-").bucket(v1.database());
        } else if (server instanceof InfluxServer.V2 v2) {
            options.org(v2.org())
                    .bucket(v2.bucket())
                    .authenticateToken(v2.token().toCharArray());
        } else if (server instanceof InfluxServer.V3 v3) {
            writing.addNetworkInterceptor(new WriteElsewhere(v3));
            options.org("-").bucket(v3.database());
            if (v3.token() != null) {
                options.authenticateToken(v3.token().toCharArray());
            }
        }
        this.client = InfluxDBClientFactory.create(options.okHttpClient(writing).build())
                .enableGzip();
        this.writer = client.getWriteApiBlocking();
    }

    @Override
    public String name() {
        return "influx";
    }

    /** One batch with many lines that are refused costs many requests, at most twice as many as it has lines. */
    @Override
    public Delivery deliver(List<Numbered> entries) throws SinkException, InterruptedException {
        LineProtocol.Batch batch = lines.of(entries);
        for (int from = 0; from < batch.size(); from += MAX_LINES) {
            write(batch, from, Math.min(from + MAX_LINES, batch.size()));
        }
        return batch.setAside().isEmpty()
                ? Delivery.COMPLETE
                : new Delivery(List.copyOf(batch.setAside().values()));
    }

    /**
     * Writes one point of the gateway itself, once.
     *
     * @param utcUs microseconds since 1970
     * @throws SinkException it was not taken, and is lost
     */
    public void point(String measurement, long utcUs, Map<String, Long> fields) throws SinkException {
        try {
            send(lines.point(measurement, utcUs, fields));
        } catch (InfluxException e) {
            throw failed(e);
        }
    }

    /** Erases all that was ever sent of these times, where the database can do that; see {@code docs/influxdb.md}. */
    public CommandAnswer.Place erase(List<ErasedTime> times) {
        String did = "%s: %d time ranges of tools deleted".formatted(server, times.size());
        try {
            if (times.isEmpty()) {
                return erased("%s: nothing to delete".formatted(server));
            } else if (server instanceof InfluxServer.V1 v1) {
                for (int from = 0; from < times.size(); from += STATEMENTS) {
                    delete(v1, times.subList(from, Math.min(from + STATEMENTS, times.size())));
                }
            } else if (server instanceof InfluxServer.V2 v2) {
                for (ErasedTime time : times) {
                    delete(v2, time);
                }
            } else {
                return cannotErase("InfluxDB 3 deletes a whole table or database, or what is older than its retention");
            }
        } catch (UnsupportedOperationException e) {
            return cannotErase(String.valueOf(e.getMessage()));
        } catch (SinkException e) {
            return new CommandAnswer.Place("influxdb", false, true, String.valueOf(e.getMessage()));
        }
        return erased(did + "; its files lose them when it compacts"
                + (server instanceof InfluxServer.V2 ? ", and other buckets are not touched" : ""));
    }

    private static CommandAnswer.Place erased(String detail) {
        return new CommandAnswer.Place("influxdb", true, false, detail);
    }

    private CommandAnswer.Place cannotErase(String why) {
        return new CommandAnswer.Place(
                "influxdb", false, false, "%s cannot erase a time of a tool: %s".formatted(server, why));
    }

    /** @throws UnsupportedOperationException it answers, but not as InfluxDB does */
    private void delete(InfluxServer.V1 v1, List<ErasedTime> times) throws SinkException {
        JsonNode results = ask(v1, times.stream().map(lines::deleteStatement).collect(Collectors.joining("; ")))
                .path("results");
        if (results.size() != times.size() || results.findValue("series") != null) {
            throw new UnsupportedOperationException(
                    "it answers to DELETE as InfluxDB 1.x does not, like VictoriaMetrics");
        }
    }

    private void delete(InfluxServer.V2 v2, ErasedTime time) throws SinkException {
        try {
            client.getDeleteApi()
                    .delete(
                            Json.instantOfUs(time.fromUtcUs()).atOffset(ZoneOffset.UTC),
                            Json.instantOfUs(time.toUtcUs()).minusNanos(1).atOffset(ZoneOffset.UTC),
                            lines.deletePredicate(time),
                            v2.bucket(),
                            v2.org());
        } catch (InfluxException e) {
            boolean notOfInflux = e.status() == 400 && body(e).isEmpty();
            if (notOfInflux || Set.of(404, 405, 501).contains(e.status())) {
                throw new UnsupportedOperationException("%d: %s".formatted(e.status(), words(e)), e);
            }
            throw failed(e);
        }
    }

    private void write(LineProtocol.Batch batch, int from, int to) throws SinkException, InterruptedException {
        while (batch.left(from, to) > 0) {
            try {
                send(batch.text(from, to));
                return;
            } catch (InfluxException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (!refusesLines(e)) {
                    throw failed(e);
                }
                // It can be a partial write: what was written is written again, the same.
                if (!batch.refuse(from, to, named(e))) {
                    int left = batch.left(from, to);
                    if (left > 1 && dropped(e) < left) {
                        int middle = (from + to) >>> 1;
                        write(batch, from, middle);
                        write(batch, middle, to);
                        return;
                    }
                    batch.refuse(from, to, words(e));
                }
            }
        }
    }

    /** Whether it is for the lines that the request was refused, not for the server's state or the address. */
    private boolean refusesLines(InfluxException e) {
        return switch (e.status()) {
            case 413 -> true;
            case 400 -> !body(e).isEmpty();
            // InfluxDB 3: it has as many databases, tables or columns as it may.
            case 422 -> !body(e).isEmpty() && !(server instanceof InfluxServer.V3);
            // InfluxDB 2.0, and 3.x where it is spoken to as 2.x.
            case 500 -> words(e).contains("partial write");
            default -> false;
        };
    }

    private void send(String text) throws SinkException {
        try {
            writer.writeRecord(WritePrecision.US, text);
        } catch (InfluxException e) {
            if (e.status() != 404) {
                throw e;
            }
            create(e);
            writer.writeRecord(WritePrecision.US, text);
        }
    }

    private void create(InfluxException missing) throws SinkException {
        String words = words(missing);
        if (server instanceof InfluxServer.V1 v1 && words.startsWith("database not found")) {
            createDatabase(v1);
        } else if (server instanceof InfluxServer.V2 v2 && words.startsWith("bucket")) {
            createBucket(v2);
        } else if (server instanceof InfluxServer.V2 v2 && words.startsWith("organization")) {
            throw new SinkException(
                    "%s: there is no such organisation (404: %s); create it with: influx org create -n '%s'"
                            .formatted(server.url(), words, v2.org()),
                    missing);
        } else if (server instanceof InfluxServer.V3 && words.contains("atabase")) {
            throw cannotCreate("404: " + words, missing);
        } else {
            throw failed(missing);
        }
    }

    private void createDatabase(InfluxServer.V1 v1) throws SinkException {
        try {
            JsonNode unused = ask(v1, v1.createStatement());
        } catch (SinkException e) {
            throw cannotCreate(String.valueOf(e.getMessage()), e);
        }
    }

    /** Has it carry out InfluxQL statements. */
    private JsonNode ask(InfluxServer.V1 v1, String influxQl) throws SinkException {
        Request request = authorized(new Request.Builder(), v1)
                .url(HttpUrl.get(v1.url())
                        .newBuilder()
                        .addPathSegment("query")
                        .addQueryParameter("db", v1.database())
                        .build())
                .post(new FormBody.Builder().add("q", influxQl).build())
                .build();
        try (Response response = http.newCall(request).execute()) {
            String said = response.peekBody(MAX_ANSWER_BYTES).string().strip();
            JsonNode answer = response.isSuccessful() ? Json.MAPPER.readTree(said) : MissingNode.getInstance();
            // 1.x answers 200 to a statement that it could not carry out, too.
            if (!response.isSuccessful() || answer.findValue("error") != null) {
                throw new SinkException("%s: %d: %s".formatted(server, response.code(), said), null);
            }
            return answer;
        } catch (IOException e) {
            throw new SinkException("%s: no answer (%s)".formatted(server, e), e);
        }
    }

    private void createBucket(InfluxServer.V2 v2) throws SinkException {
        try {
            OrganizationsQuery query = new OrganizationsQuery();
            query.setOrg(v2.org());
            List<Organization> found = client.getOrganizationsApi().findOrganizations(query);
            if (found.isEmpty()) {
                throw cannotCreate("the token does not see the organisation", null);
            }
            BucketRetentionRules forEver = new BucketRetentionRules().everySeconds(0);
            client.getBucketsApi()
                    .createBucket(
                            v2.bucket(),
                            v2.keepDays() == null
                                    ? forEver
                                    : forEver.everySeconds(Math.toIntExact(
                                            Duration.ofDays(v2.keepDays()).toSeconds())),
                            found.get(0));
        } catch (InfluxException e) {
            throw cannotCreate("%d: %s".formatted(e.status(), words(e)), e);
        }
    }

    private SinkException cannotCreate(String why, @Nullable Exception cause) {
        return new SinkException(
                "%s is missing, or may not be seen, and cannot be created (%s); create it with: %s"
                        .formatted(server, why, server.createCommand()),
                cause);
    }

    private SinkException failed(InfluxException e) {
        String words = words(e);
        String why = switch (e.status()) {
            case 0 -> "no answer (%s)".formatted(e.getCause() == null ? words : e.getCause());
            case 401 -> "user, password or token is wrong (401: %s); %s".formatted(words, keptMeanwhile());
            case 403 ->
                "not authorised (403: %s); %s; %s"
                        .formatted(
                                words,
                                server instanceof InfluxServer.V1 v1 && v1.user() != null
                                        ? "let it write with: " + v1.grantCommand()
                                        : "check that the user or token may write there",
                                keptMeanwhile());
            case 404 -> "not found (404: %s); check url and api".formatted(words);
            case 429 -> "too many requests (429: %s)".formatted(words);
            case 400 -> "it does not answer like InfluxDB (400); check url and api";
            default -> "%d: %s".formatted(e.status(), words);
        };
        return new SinkException(server + ": " + why, e, retryAfter(e));
    }

    private static String keptMeanwhile() {
        return "the journal keeps everything; tried again in %d minutes, or when the gateway starts"
                .formatted(REFUSED_PAUSE.toMinutes());
    }

    private static Duration retryAfter(InfluxException e) {
        if (e.status() == 401 || e.status() == 403) {
            return REFUSED_PAUSE;
        }
        String wanted = e.headers().getOrDefault("Retry-After", "0").strip();
        Duration pause;
        try {
            pause = wanted.matches("\\d{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(wanted))
                    : Duration.between(
                            Instant.now(),
                            ZonedDateTime.parse(wanted, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
        } catch (DateTimeException unreadable) {
            return Duration.ZERO;
        }
        return pause.isNegative()
                ? Duration.ZERO
                : pause.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : pause;
    }

    /** The JSON that came; empty when none did. */
    @SuppressWarnings("ConstantValue") // the client's map is null when the text is
    private static Map<String, Object> body(InfluxException e) {
        return e.errorBody() == null ? Map.of() : e.errorBody();
    }

    /** The database's own. */
    private static String words(InfluxException e) {
        Object said = body(e).getOrDefault("error", body(e).getOrDefault("message", e.getMessage()));
        return String.valueOf(said);
    }

    /** The database's words on single lines, by their number in the request, from 1. */
    private static Map<Integer, String> named(InfluxException e) {
        Map<Integer, String> named = new LinkedHashMap<>();
        if (body(e).get("data") instanceof List<?> each) {
            for (Object one : each) {
                if (one instanceof Map<?, ?> line && line.get("line_number") instanceof Number number) {
                    named.put(number.intValue(), String.valueOf(line.get("error_message")));
                }
            }
        }
        return named;
    }

    private static long dropped(InfluxException e) {
        Matcher count = DROPPED.matcher(words(e));
        return count.find() ? Long.parseLong(count.group(1)) : 0;
    }

    private static Request.Builder authorized(Request.Builder request, InfluxServer.V1 v1) {
        if (v1.user() != null && v1.password() != null) {
            request.header("Authorization", Credentials.basic(v1.user(), v1.password()));
        }
        return request;
    }

    @Override
    public void close() {
        http.dispatcher().cancelAll();
        client.close();
    }

    /**
     * Turns the client's {@code /api/v2/write} into the {@code /write} of 1.x or the {@code /api/v3/write_lp} of 3.x; of the
     * network, for the client packs only what goes to its own path.
     */
    private record WriteElsewhere(InfluxServer server) implements Interceptor {
        private static final List<String> V2_WRITE = List.of("api", "v2", "write");

        @Override
        public Response intercept(Chain chain) throws IOException {
            HttpUrl url = chain.request().url();
            int prefix = url.pathSize() - V2_WRITE.size();
            if (prefix < 0
                    || !url.pathSegments().subList(prefix, url.pathSize()).equals(V2_WRITE)) {
                return chain.proceed(chain.request());
            }
            HttpUrl.Builder write = url.newBuilder().query(null);
            Request.Builder request = chain.request().newBuilder();
            if (server instanceof InfluxServer.V1 v1) {
                write.removePathSegment(prefix + 2)
                        .removePathSegment(prefix + 1)
                        .setPathSegment(prefix, "write")
                        .addQueryParameter("db", v1.database())
                        .addQueryParameter("precision", "u");
                authorized(request, v1);
            } else if (server instanceof InfluxServer.V3 v3) {
                write.setPathSegment(prefix + 1, "v3")
                        .setPathSegment(prefix + 2, "write_lp")
                        .addQueryParameter("db", v3.database())
                        .addQueryParameter("precision", "microsecond");
            }
            return chain.proceed(request.url(write.build()).build());
        }
    }
}
