package io.lightstroke.gateway.sink;

import com.influxdb.client.InfluxDBClient;
import com.influxdb.client.InfluxDBClientFactory;
import com.influxdb.client.InfluxDBClientOptions;
import com.influxdb.client.WriteApiBlocking;
import com.influxdb.client.domain.WritePrecision;
import com.influxdb.exceptions.InfluxException;
import io.lightstroke.gateway.journal.Journal.Numbered;
import io.lightstroke.gateway.journal.SetAside;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okhttp3.Credentials;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The journal to InfluxDB, as {@link LineProtocol} writes it. A resend overwrites. Lines that the database refuses are
 * found by halving and set aside; {@link #close} may be called from another thread and ends a running request.
 */
public final class InfluxSink implements Sink {
    /** Lines per request. */
    private static final int MAX_LINES = 5000;

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

    private final InfluxServer server;
    private final LineProtocol lines;
    private final OkHttpClient http;
    private final InfluxDBClient client;
    private final WriteApiBlocking writer;

    /** Connects with the first delivery. */
    public InfluxSink(InfluxServer server, String site, String gateway) {
        this.server = server;
        this.lines = new LineProtocol(site, gateway);
        this.http = new OkHttpClient.Builder()
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(ANSWER_LIMIT)
                .writeTimeout(ANSWER_LIMIT)
                .build();
        OkHttpClient.Builder writing = http.newBuilder();
        InfluxDBClientOptions.Builder options =
                InfluxDBClientOptions.builder().url(server.url()).precision(WritePrecision.US);
        if (server instanceof InfluxServer.V1 v1) {
            writing.addInterceptor(new WriteAsV1(v1));
            options.org("-").bucket(v1.database());
        } else if (server instanceof InfluxServer.V2 v2) {
            options.org(v2.org())
                    .bucket(v2.bucket())
                    .authenticateToken(v2.token().toCharArray());
        }
        this.client = InfluxDBClientFactory.create(options.okHttpClient(writing).build())
                .enableGzip();
        this.writer = client.getWriteApiBlocking();
    }

    @Override
    public String name() {
        return "influx";
    }

    @Override
    public Delivery deliver(List<Numbered> entries) throws SinkException, InterruptedException {
        LineProtocol.Batch batch = lines.of(entries);
        Map<Long, SetAside> setAside = new LinkedHashMap<>(batch.unwritable());
        for (int from = 0; from < batch.size(); from += MAX_LINES) {
            write(batch, from, Math.min(from + MAX_LINES, batch.size()), setAside);
        }
        return setAside.isEmpty() ? Delivery.COMPLETE : new Delivery(List.copyOf(setAside.values()));
    }

    private void write(LineProtocol.Batch batch, int from, int to, Map<Long, SetAside> setAside)
            throws SinkException, InterruptedException {
        try {
            send(batch.text(from, to));
        } catch (InfluxException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            switch (e.status()) {
                // A 400 can be a partial write: what was written is written again, the same.
                case 400, 413, 422 -> {
                    if (to - from == 1) {
                        SetAside refused = new SetAside(batch.seq(from), batch.isSample(from) ? 1 : 0, words(e));
                        setAside.merge(
                                refused.seq(),
                                refused,
                                (one, other) ->
                                        new SetAside(one.seq(), one.samples() + other.samples(), other.reason()));
                    } else {
                        int middle = (from + to) >>> 1;
                        write(batch, from, middle, setAside);
                        write(batch, middle, to, setAside);
                    }
                }
                default -> throw failed(e);
            }
        }
    }

    private void send(String text) throws SinkException {
        try {
            writer.writeRecord(WritePrecision.US, text);
        } catch (InfluxException e) {
            if (e.status() != 404 || !(server instanceof InfluxServer.V1 v1)) {
                throw e;
            }
            createDatabase(v1);
            writer.writeRecord(WritePrecision.US, text);
        }
    }

    private void createDatabase(InfluxServer.V1 v1) throws SinkException {
        String name = v1.database().replace("\\", "\\\\").replace("\"", "\\\"");
        Request request = authorized(new Request.Builder(), v1)
                .url(HttpUrl.get(v1.url()).newBuilder().addPathSegment("query").build())
                .post(new FormBody.Builder()
                        .add("q", "CREATE DATABASE \"" + name + "\"")
                        .build())
                .build();
        try (Response response = http.newCall(request).execute()) {
            if (!response.isSuccessful()) {
                throw new SinkException(
                        "%s is missing and cannot be created: want an answer 200, got %d %s"
                                .formatted(
                                        server,
                                        response.code(),
                                        response.peekBody(200).string().strip()),
                        null);
            }
        } catch (IOException e) {
            throw new SinkException("%s is missing and cannot be created: %s".formatted(server, e), e);
        }
    }

    private SinkException failed(InfluxException e) {
        String why = switch (e.status()) {
            case 0 -> "no answer (%s)".formatted(e.getCause() == null ? e.getMessage() : e.getCause());
            case 401 -> "user, password or token is wrong (401: %s)".formatted(words(e));
            case 403 -> "not authorised (403: %s); check that the user or token may write there".formatted(words(e));
            case 404 -> "not found (404: %s); check organisation and bucket, and that api is right".formatted(words(e));
            case 429 -> "too many requests (429: %s)".formatted(words(e));
            default -> "%d: %s".formatted(e.status(), words(e));
        };
        return new SinkException(server + ": " + why, e);
    }

    /** The database's own. */
    private static String words(InfluxException e) {
        Object said = e.errorBody().getOrDefault("error", e.getMessage());
        return String.valueOf(said);
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

    /** Turns {@code /api/v2/write} into the {@code /write} of 1.x. */
    private record WriteAsV1(InfluxServer.V1 v1) implements Interceptor {
        private static final List<String> V2_WRITE = List.of("api", "v2", "write");

        @Override
        public Response intercept(Chain chain) throws IOException {
            HttpUrl url = chain.request().url();
            int prefix = url.pathSize() - V2_WRITE.size();
            if (prefix < 0
                    || !url.pathSegments().subList(prefix, url.pathSize()).equals(V2_WRITE)) {
                return chain.proceed(chain.request());
            }
            HttpUrl.Builder write = url.newBuilder()
                    .removePathSegment(prefix + 2)
                    .removePathSegment(prefix + 1)
                    .setPathSegment(prefix, "write")
                    .query(null)
                    .addQueryParameter("db", v1.database())
                    .addQueryParameter("precision", "u");
            return chain.proceed(authorized(chain.request().newBuilder().url(write.build()), v1)
                    .build());
        }
    }
}
