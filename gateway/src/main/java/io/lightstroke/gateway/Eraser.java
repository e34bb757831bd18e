package io.lightstroke.gateway;

import io.lightstroke.gateway.broker.EmbeddedBroker;
import io.lightstroke.gateway.journal.ErasedTime;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.journal.JournalReader;
import io.lightstroke.gateway.sink.InfluxSink;
import io.lightstroke.gateway.sink.LivePublisher;
import io.lightstroke.gateway.sink.Pump;
import io.lightstroke.messages.CommandAnswer.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Erases a person wherever this gateway has kept or sent something of them, and says of each place whether it did. Done again
 * it does what has failed before. One call after the other.
 */
final class Eraser {
    private static final Duration REST_LIMIT = Duration.ofSeconds(10);
    private static final Duration BROKER_LIMIT = Duration.ofSeconds(10);

    private final Journal journal;
    private final Path data;
    private final List<Pump> pumps;
    private final @Nullable InfluxSink influx;
    private final LivePublisher live;
    private final @Nullable EmbeddedBroker embedded;
    private final List<ToolSession> tools;

    /**
     * @param data folder of the journal
     * @param influx null: there is none
     * @param embedded null: the broker is elsewhere
     */
    Eraser(
            Journal journal,
            Path data,
            List<Pump> pumps,
            @Nullable InfluxSink influx,
            LivePublisher live,
            @Nullable EmbeddedBroker embedded,
            List<ToolSession> tools) {
        this.journal = journal;
        this.data = data;
        this.pumps = pumps;
        this.influx = influx;
        this.live = live;
        this.embedded = embedded;
        this.tools = tools;
    }

    /** Takes the person out of the journal; sinks neither get nor send again what of them is on its way. */
    Journal.Erased eraseRecords(String person) throws JournalException, InterruptedException {
        List<Pump> resting = new ArrayList<>();
        List<ErasedTime> gone = new ArrayList<>();
        try {
            for (Pump pump : pumps) {
                if (!pump.rest(REST_LIMIT)) {
                    throw new JournalException(
                            "erase: want sink %s at rest within %d s, got none; nothing is erased, ask again"
                                    .formatted(pump.name(), REST_LIMIT.toSeconds()),
                            null);
                }
                resting.add(pump);
            }
            Journal.Erased erased = journal.erase(person);
            gone.addAll(journal.erasedInSinks());
            return erased;
        } finally {
            resting.forEach(pump -> pump.goOn(entry -> gone.stream().anyMatch(time -> time.touches(entry))));
        }
    }

    /** After {@link #eraseRecords}: all the rest. */
    List<Place> places(String person, Journal.Erased erased) throws InterruptedException {
        List<Place> places = new ArrayList<>();
        places.add(journal(person, erased));
        if (influx != null) {
            places.add(influx(influx));
        }
        places.add(broker(person));
        return places;
    }

    private Place journal(String person, Journal.Erased erased) throws InterruptedException {
        String did = erased.words();
        try {
            journal.rewrite();
            List<String> aside = journal.setAsideFiles(person);
            return aside.isEmpty()
                    ? new Place("journal", true, false, did)
                    : new Place(
                            "journal",
                            false,
                            true,
                            "%s; but the person is also in %s, which cannot be erased in part: delete that, and ask again"
                                    .formatted(did, String.join(", ", aside)));
        } catch (JournalException | IOException | UncheckedIOException e) {
            return new Place(
                    "journal",
                    false,
                    true,
                    "%s; but what the file's free room still holds of it could not be overwritten: %s"
                            .formatted(did, e.getMessage()));
        }
    }

    private Place influx(InfluxSink database) throws InterruptedException {
        try {
            List<ErasedTime> times = journal.erasedInSinks();
            Place place = database.erase(times);
            if (place.erased()) {
                journal.erasedInSinks(times);
            }
            return place;
        } catch (JournalException | UncheckedIOException e) {
            return new Place("influxdb", false, true, String.valueOf(e.getMessage()));
        }
    }

    /** Of tools that were once configured, too; what is retained of a session that runs is another person's. */
    private Place broker(String person) throws InterruptedException {
        try (JournalReader reader = JournalReader.open(data)) {
            Set<String> idle = new TreeSet<>(reader.tools());
            for (ToolSession tool : tools) {
                idle.add(tool.id());
            }
            tools.stream()
                    .filter(tool -> tool.session() != null)
                    .map(ToolSession::id)
                    .forEach(idle::remove);
            String why = live.clearSessionStates(idle, BROKER_LIMIT).orElse(null);
            if (why != null) {
                return new Place("broker", false, true, why);
            }
            return embedded == null || embedded.forget(person)
                    ? new Place("broker", true, false, "nothing is retained of sessions that are over")
                    : new Place(
                            "broker",
                            false,
                            true,
                            "nothing is retained of sessions that are over, but in the embedded broker's files a message is left"
                                    + " that waits for a subscriber who is away; ask again when it has come");
        } catch (JournalException | IOException | UncheckedIOException e) {
            return new Place("broker", false, true, String.valueOf(e.getMessage()));
        }
    }
}
