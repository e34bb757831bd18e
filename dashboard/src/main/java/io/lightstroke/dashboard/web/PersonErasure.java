package io.lightstroke.dashboard.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ConflictResponse;
import io.javalin.http.Context;
import io.lightstroke.dashboard.live.LiveFeed;
import io.lightstroke.dashboard.records.Records;
import io.lightstroke.dashboard.records.Starts;
import io.lightstroke.messages.Command;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases a person everywhere: every gateway is asked, and when asking none of them again could do more, the records go too.
 * What is said to be erased was seen to be.
 */
final class PersonErasure {
    private static final Logger LOG = LoggerFactory.getLogger(PersonErasure.class);
    /** A gateway writes its journal anew. */
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);

    /** For so long it may take until what is retained is seen to be gone. */
    private static final Duration RETAINED_LIMIT = Duration.ofSeconds(5);

    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private static final ObjectReader ANSWER =
            Json.MAPPER.readerFor(CommandAnswer.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** So a gateway begins its refusal while a session of the person runs. */
    private static final String RUNS = "erase: want no session";

    record NewErasure(String by, String confirm) {}

    /** @param gateway site and gateway; absent: the dashboard's own */
    record Place(String place, @Nullable String gateway, boolean erased, String detail) {}

    /** @param complete nothing of the person is left in any of the places */
    record Proof(String person, boolean complete, List<Place> places) {}

    private final Records records;
    private final Starts starts;
    private final LiveFeed feed;

    PersonErasure(Records records, Starts starts, LiveFeed feed) {
        this.records = records;
        this.starts = starts;
        this.feed = feed;
    }

    Endpoint endpoint() {
        Form<NewErasure> form = new Form<>("erase", NewErasure.class);
        return Endpoint.act(
                        "/api/people/{person}/erase",
                        "erases all of a person, here and at every gateway, and says where it did; asked again it goes on",
                        form,
                        Proof.class,
                        request -> erase(request, form.read(request)))
                .thatMayConflict();
    }

    private Proof erase(Context request, NewErasure asked) {
        String person = RecordsApi.known(request, records);
        if (!asked.confirm().equals(person)) {
            throw new BadRequestResponse(
                    "confirm: want the pseudonym %s again, got %s".formatted(person, asked.confirm()));
        }
        records.person(person).ifPresent(known -> RecordsApi.requireNoName(known, asked.by(), ""));
        if (!starts.hold(person)) {
            throw new ConflictResponse("person: want no session of theirs that begins, got one, or another erasure");
        }
        try {
            Everywhere everywhere = new Everywhere(person);
            everywhere.gateways();
            if (everywhere.again) {
                records.accessed(Access.caller(request).name(), person, "erase, to be asked again");
            }
            everywhere.records(asked.by().strip());
            return new Proof(person, everywhere.places.stream().allMatch(Place::erased), everywhere.places);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            starts.release(person);
        }
    }

    /** One attempt. */
    private final class Everywhere {
        private final String person;
        private final List<Place> places = new ArrayList<>();
        /** Asking again could do more. */
        private boolean again;

        Everywhere(String person) {
            this.person = person;
        }

        void gateways() throws InterruptedException {
            Set<Topics> known = feed.gateways().orElse(null);
            if (known == null) {
                left("broker", null, true, "want a connection to the message broker, got none: no gateway was asked");
                return;
            }
            Map<Topics, CompletableFuture<String>> answers = new LinkedHashMap<>();
            String command = Json.text(new Command.Erase(person));
            known.forEach(gateway ->
                    answers.put(gateway, feed.command(gateway.gatewayCommand("erase"), command, ANSWER_LIMIT)));
            answers.forEach((gateway, answer) -> answered(name(gateway), answer));
            for (Topics gateway : records.gateways(person)) {
                if (!known.contains(gateway)) {
                    left(
                            "journal",
                            name(gateway),
                            false,
                            "the broker knows no such gateway; what it may still have is not erased");
                }
            }
            retained();
        }

        private void answered(String gateway, CompletableFuture<String> asked) {
            try {
                CommandAnswer answer = ANSWER.readValue(asked.join());
                if (!answer.ok() && String.valueOf(answer.error()).startsWith(RUNS)) {
                    throw new ConflictResponse(answer.error());
                } else if (answer.erased() == null) {
                    left("journal", gateway, true, String.valueOf(answer.error()));
                    return;
                }
                for (CommandAnswer.Place each : answer.erased()) {
                    places.add(new Place(each.place(), gateway, each.erased(), each.detail()));
                    again |= !each.erased() && each.again();
                }
            } catch (CompletionException e) {
                left(
                        "journal",
                        gateway,
                        true,
                        "it did not answer: "
                                + Objects.requireNonNullElse(e.getCause(), e).getMessage());
            } catch (JsonProcessingException e) {
                left(
                        "journal",
                        gateway,
                        true,
                        "want an answer as this Lightstroke knows it, got " + e.getOriginalMessage());
            }
        }

        /** The gateways have cleared it; that is seen a moment later. */
        private void retained() throws InterruptedException {
            long endNanos = System.nanoTime() + RETAINED_LIMIT.toNanos();
            while (!feed.retainedWith(person).isEmpty() && System.nanoTime() < endNanos) {
                Thread.sleep(LOOK_EVERY.toMillis());
            }
            for (String topic : feed.retainedWith(person)) {
                String[] levels = topic.split("/", -1);
                left("broker", levels[2] + "/" + levels[3], true, "still retained: " + topic);
            }
        }

        void records(String by) {
            if (again) {
                left("records", null, true, "kept until every gateway has erased the person: ask again");
            } else {
                Map<String, Integer> erased = records.erase(person, by);
                feed.forget(person);
                LOG.info("a person is erased");
                places.add(0, new Place("records", null, true, erased + " rows"));
            }
        }

        private void left(String place, @Nullable String gateway, boolean mayHelp, String why) {
            places.add(new Place(place, gateway, false, why));
            again |= mayHelp;
        }

        private static String name(Topics gateway) {
            return gateway.site() + "/" + gateway.gateway();
        }
    }
}
