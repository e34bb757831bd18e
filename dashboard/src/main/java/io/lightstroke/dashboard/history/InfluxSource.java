package io.lightstroke.dashboard.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.influxdb.client.InfluxDBClient;
import com.influxdb.client.InfluxDBClientFactory;
import com.influxdb.client.InfluxDBClientOptions;
import com.influxdb.client.domain.InfluxQLQuery;
import com.influxdb.client.domain.InfluxQLQuery.InfluxQLPrecision;
import com.influxdb.exceptions.InfluxException;
import com.influxdb.query.InfluxQLQueryResult.Series.Record;
import io.lightstroke.gateway.sink.InfluxServer;
import io.lightstroke.messages.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.Credentials;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** A database, asked in InfluxQL, which InfluxDB 1.x, 2.x and 3.x all answer. */
final class InfluxSource implements HistorySource {
    private static final int MAX_REFUSAL_BYTES = 4096;
    private static final int QUESTIONS_AT_ONCE = 4;
    private static final int MOST_SUSPECT = 50;

    private final InfluxServer server;
    private final String database;
    private final InfluxDBClient client;
    private final ExecutorService threads = Executors.newFixedThreadPool(QUESTIONS_AT_ONCE);

    InfluxSource(InfluxServer server) {
        this.server = server;
        OkHttpClient.Builder http = new OkHttpClient.Builder()
                .addInterceptor(InfluxSource::refusing)
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(Duration.ofSeconds(30));
        InfluxDBClientOptions.Builder options =
                InfluxDBClientOptions.builder().url(server.url()).org("-");
        if (server instanceof InfluxServer.V1 v1) {
            database = v1.database();
            if (v1.user() != null && v1.password() != null) {
                String basic = Credentials.basic(v1.user(), v1.password());
                http.addInterceptor(chain -> chain.proceed(chain.request()
                        .newBuilder()
                        .header("Authorization", basic)
                        .build()));
            }
        } else if (server instanceof InfluxServer.V2 v2) {
            database = v2.bucket();
            options.authenticateToken(v2.token().toCharArray());
        } else {
            InfluxServer.V3 v3 = (InfluxServer.V3) server;
            database = v3.database();
            if (v3.token() != null) {
                options.authenticateToken(v3.token().toCharArray());
            }
        }
        client = InfluxDBClientFactory.create(options.okHttpClient(http).build());
    }

    /** A statement that fails is answered with 200 and an error inside, of which the client says nothing. */
    private static Response refusing(Interceptor.Chain chain) throws IOException {
        Response answer = chain.proceed(chain.request());
        String beginning = answer.peekBody(MAX_REFUSAL_BYTES).string();
        if (beginning.length() < MAX_REFUSAL_BYTES) {
            JsonNode error = Json.MAPPER.readTree(beginning).at("/results/0/error");
            if (error.isTextual()) {
                answer.close();
                throw new IOException(error.textValue());
            }
        }
        return answer;
    }

    @Override
    public List<Found> messages(@Nullable ToolName tool, String kind, long fromUs, long toUs) throws HistoryException {
        return found("select \"json\", site, gateway, tool from %s where %s"
                .formatted(
                        name(kind), tool == null ? between(fromUs, toUs) : of(tool) + " and " + between(fromUs, toUs)));
    }

    @Override
    public List<Found> summaries(String session) throws HistoryException {
        return found("select \"json\", site, gateway, tool from \"session\" where \"session\" = " + word(session));
    }

    private List<Found> found(String influxQl) throws HistoryException {
        return ask(influxQl).stream()
                .map(row -> new Found(
                        new ToolName(text(row, "site"), text(row, "gateway"), text(row, "tool")), text(row, "json")))
                .toList();
    }

    @Override
    public List<Trace.Point> force(ToolName tool, long fromUs, long toUs, long stepUs) throws HistoryException {
        // Two questions, for the client fails where a row has no value: an invalid sample has no force.
        List<String> questions = new ArrayList<>();
        for (String where : halves(tool, fromUs, toUs, Math.max(1, stepUs))) {
            if (stepUs == 0) {
                questions.add("select force_N as low, force_N as high, force_N as middle" + where);
                questions.add("select index" + where);
            } else {
                questions.add("select min(force_N) as low, max(force_N) as high, mean(force_N) as middle" + where
                        + each(stepUs));
                questions.add("select count(index) as samples" + where + each(stepUs));
            }
        }
        List<List<Record>> answers = askAtOnce(questions);
        List<Trace.Point> points = new ArrayList<>();
        for (int i = 0; i < answers.size(); i += 2) {
            Map<Long, Record> forces = new HashMap<>();
            answers.get(i).forEach(row -> forces.put(time(row), row));
            answers.get(i + 1).forEach(row -> points.add(point(row, forces.get(time(row)), stepUs)));
        }
        return points;
    }

    private static Trace.Point point(Record row, @Nullable Record force, long stepUs) {
        long samples = stepUs == 0 ? 1 : Math.round(number(row, "samples"));
        return force == null
                ? new Trace.Point(time(row), samples, null, null, null)
                : new Trace.Point(
                        time(row),
                        samples,
                        number(force, "low"),
                        number(force, "high"),
                        Math.round(1000 * number(force, "middle")) / 1000.0);
    }

    @Override
    public List<Run> runs(ToolName tool, long fromUs, long toUs, long apartUs) throws HistoryException {
        String whole = where(tool, fromUs, toUs);
        List<String> questions =
                new ArrayList<>(List.of("select first(index) as first" + whole, "select last(index) as last" + whole));
        long stepUs = 10 * apartUs;
        for (String where : halves(tool, fromUs, toUs, stepUs)) {
            questions.add("select first(index) as first, last(index) as last, count(index) as samples" + where
                    + each(stepUs));
        }
        List<List<Record>> answers = askAtOnce(questions);
        if (answers.get(0).isEmpty()) {
            return List.of();
        }
        List<Record> steps = answers.stream().skip(2).flatMap(List::stream).toList();
        List<Run> runs = new ArrayList<>();
        long firstUs = time(answers.get(0).get(0));
        for (Map.Entry<Long, Long> gap :
                gaps(tool, steps, stepUs, fromUs, toUs, apartUs).entrySet()) {
            runs.add(new Run(firstUs, gap.getValue()));
            firstUs = gap.getKey();
        }
        runs.add(new Run(firstUs, time(answers.get(1).get(0))));
        return runs;
    }

    /**
     * When samples come again, and the last before. It takes long to look at the time of each, so that is done only where their
     * indices do not follow each other.
     */
    private Map<Long, Long> gaps(ToolName tool, List<Record> steps, long stepUs, long fromUs, long toUs, long apartUs)
            throws HistoryException {
        List<Run> suspect = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Record step = steps.get(i);
            Record before = steps.get(Math.max(0, i - 1));
            boolean follows = i == 0
                    || (time(step) == time(before) + stepUs && number(step, "first") == number(before, "last") + 1);
            if (!follows || number(step, "last") - number(step, "first") + 1 != number(step, "samples")) {
                long beginUs = time(before);
                if (!suspect.isEmpty()
                        && beginUs <= suspect.get(suspect.size() - 1).lastUs()) {
                    beginUs = suspect.remove(suspect.size() - 1).firstUs();
                }
                suspect.add(new Run(beginUs, time(step) + stepUs));
            }
        }
        if (suspect.size() > MOST_SUSPECT) {
            suspect = List.of(new Run(fromUs, toUs));
        }
        Map<Long, Long> gaps = new TreeMap<>();
        for (List<Record> rows : askAtOnce(suspect.stream()
                .map(each -> "select apart from (select elapsed(index, 1u) as apart%s) where apart >= %d"
                        .formatted(
                                where(tool, Math.max(fromUs, each.firstUs()), Math.min(toUs, each.lastUs())), apartUs))
                .toList())) {
            rows.forEach(row -> gaps.put(time(row), time(row) - Math.round(number(row, "apart"))));
        }
        return gaps;
    }

    /** The database uses one processor for a question. */
    private static List<String> halves(ToolName tool, long fromUs, long toUs, long stepUs) {
        long middleUs = Math.floorDiv((fromUs + toUs) / 2, stepUs) * stepUs;
        return middleUs <= fromUs
                ? List.of(where(tool, fromUs, toUs))
                : List.of(where(tool, fromUs, middleUs), where(tool, middleUs, toUs));
    }

    private static String where(ToolName tool, long fromUs, long toUs) {
        return " from force where %s and %s".formatted(of(tool), between(fromUs, toUs));
    }

    private static String each(long stepUs) {
        return " group by time(%du) fill(none)".formatted(stepUs);
    }

    private static String of(ToolName tool) {
        return "site = %s and gateway = %s and tool = %s"
                .formatted(word(tool.site()), word(tool.gateway()), word(tool.tool()));
    }

    private static String between(long fromUs, long toUs) {
        return "time >= %du and time < %du".formatted(fromUs, toUs);
    }

    private static String name(String word) {
        return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String word(String word) {
        return '\'' + word.replace("\\", "\\\\").replace("'", "\\'") + '\'';
    }

    private static String text(Record row, String column) {
        return String.valueOf(Objects.requireNonNull(row.getValueByKey(column), column));
    }

    private static long time(Record row) {
        return Long.parseLong(text(row, "time"));
    }

    private static double number(Record row, String column) {
        return Double.parseDouble(text(row, column));
    }

    private List<List<Record>> askAtOnce(List<String> influxQl) throws HistoryException {
        List<Future<List<Record>>> asked =
                influxQl.stream().map(each -> threads.submit(() -> ask(each))).toList();
        List<List<Record>> answers = new ArrayList<>();
        try {
            for (Future<List<Record>> each : asked) {
                answers.add(each.get());
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof HistoryException failed
                    ? failed
                    : new HistoryException("%s: %s".formatted(server, e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HistoryException(server + ": interrupted", e);
        }
        return answers;
    }

    private List<Record> ask(String influxQl) throws HistoryException {
        try {
            return client
                    .getInfluxQLQueryApi()
                    .queryJSON(new InfluxQLQuery(influxQl, database).setPrecision(InfluxQLPrecision.MICROSECONDS))
                    .getResults()
                    .stream()
                    .flatMap(result -> result.getSeries().stream())
                    .flatMap(series -> series.getValues().stream())
                    .toList();
        } catch (InfluxException e) {
            throw new HistoryException("%s: %s".formatted(server, e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        client.close();
    }
}
