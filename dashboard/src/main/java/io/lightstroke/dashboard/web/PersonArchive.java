package io.lightstroke.dashboard.web;

import io.javalin.http.Context;
import io.lightstroke.dashboard.history.HistoryException;
import io.lightstroke.dashboard.history.SessionCsv;
import io.lightstroke.dashboard.history.SessionExport;
import io.lightstroke.dashboard.history.SessionHistory;
import io.lightstroke.dashboard.history.SessionHistory.WholePart;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.messages.Json;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** All that is known of one person as one ZIP file, for them; what is in it says its {@code README.txt}. */
final class PersonArchive {
    private final Records records;
    private final @Nullable SessionHistory history;

    PersonArchive(Records records, @Nullable SessionHistory history) {
        this.records = records;
        this.history = history;
    }

    Endpoint endpoint() {
        return Endpoint.file(
                "/api/people/{person}/archive.zip",
                "all of a person as one archive: records, and each session with its strokes and samples",
                "application/zip",
                this::write);
    }

    /** As it is read, so that memory does not grow with it; what fails on the way leaves a file that no program takes for whole. */
    private @Nullable Object write(Context request) throws HistoryException, IOException {
        String person = RecordsApi.known(request, records);
        Set<String> sessions = sessions(person);
        records.accessed(Access.caller(request).name(), person, "archive");
        request.header("Content-Disposition", "attachment; filename=\"%s.zip\"".formatted(person));
        ZipOutputStream zip = new ZipOutputStream(request.outputStream(), StandardCharsets.UTF_8);
        entry(zip, "README.txt", out -> out.write(readme(person)));
        for (Map.Entry<String, List<Map<String, Object>>> table :
                records.rows(person).entrySet()) {
            entry(
                    zip,
                    "records/%s.json".formatted(table.getKey().replace('_', '-')),
                    out -> out.write(
                            Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(table.getValue())));
        }
        for (String session : sessions) {
            session(zip, session, Objects.requireNonNull(history));
        }
        zip.finish();
        return null;
    }

    /** Ids of sessions of which history tells. */
    private Set<String> sessions(String person) throws HistoryException {
        Set<String> sessions = new TreeSet<>();
        if (history != null) {
            for (SessionHistory.Part part :
                    history.sessions(Instant.EPOCH, records.now().plus(Duration.ofDays(1)))) {
                if (person.equals(part.summary().person())) {
                    sessions.add(part.summary().session());
                }
            }
        }
        return sessions;
    }

    private static void session(ZipOutputStream zip, String session, SessionHistory history)
            throws HistoryException, IOException {
        List<WholePart> parts = history.session(session);
        if (parts.isEmpty()) {
            return; // has expired meanwhile
        }
        String folder = "sessions/%s/".formatted(session);
        entry(zip, folder + "session.json", out -> out.write(Json.bytes(SessionExport.of(parts))));
        entry(zip, folder + "strokes.csv", out -> SessionCsv.strokes(parts, out));
        entry(zip, folder + "areas.csv", out -> SessionCsv.areas(parts, out));
        entry(zip, folder + "samples.csv.gz", out -> SessionCsv.samples(history, parts, out));
    }

    private interface Content {
        void write(OutputStream out) throws IOException, HistoryException;
    }

    private static void entry(ZipOutputStream zip, String name, Content content) throws IOException, HistoryException {
        zip.putNextEntry(new ZipEntry(name));
        content.write(new FilterOutputStream(zip) {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                out.write(bytes, from, count);
            }

            @Override
            public void close() throws IOException {
                flush(); // the entry ends, not the archive
            }
        });
        zip.closeEntry();
    }

    private byte[] readme(String person) throws IOException {
        try (InputStream in = Objects.requireNonNull(PersonArchive.class.getResourceAsStream("archive-readme.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .formatted(
                            person,
                            Json.timeText(records.now()),
                            history == null
                                    ? "No history was configured at this dashboard, so there is no folder sessions/. What a gateway's journal or"
                                            + "\nInfluxDB may have is not in this archive."
                                    : "A session that is not in the folder sessions/ has no summary yet, or nothing of it is kept any more.")
                    .getBytes(StandardCharsets.UTF_8);
        }
    }
}
