package io.lightstroke.gateway.session;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.lightstroke.gateway.engine.Engine;
import io.lightstroke.gateway.engine.EngineEvent;
import io.lightstroke.gateway.engine.Phase;
import io.lightstroke.gateway.guideline.Caps;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.journal.JournalEntry;
import io.lightstroke.messages.Json;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What changes a session: the journal keeps it whole, and a session is what its orders make of it. Immutable. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Order.Start.class, name = "start"),
    @JsonSubTypes.Type(value = Order.Area.class, name = "area"),
    @JsonSubTypes.Type(value = Order.ToPhase.class, name = "phase"),
    @JsonSubTypes.Type(value = Order.NextSpot.class, name = "next-spot"),
    @JsonSubTypes.Type(value = Order.MarkSpot.class, name = "mark-spot"),
    @JsonSubTypes.Type(value = Order.Pause.class, name = "pause"),
    @JsonSubTypes.Type(value = Order.Resume.class, name = "resume"),
    @JsonSubTypes.Type(value = Order.Limits.class, name = "limits"),
    @JsonSubTypes.Type(value = Order.End.class, name = "end")
})
public sealed interface Order {
    /** Of the session that it begins, changes or ends. */
    String session();

    /**
     * @param tools of the session
     * @param person pseudonym; null when nobody started it, as are region, side, profile, override, bruises, checklist,
     *     guideline and caps
     * @param limits in force at first
     */
    record Start(
            String session,
            List<String> tools,
            @Nullable String person,
            @Nullable String region,
            @Nullable String side,
            @Nullable String profile,
            @Nullable Double override,
            @Nullable Integer bruises,
            PressureLimits limits,
            Phase phase,
            boolean unplanned,
            @Nullable Boolean emollient,
            @Nullable Boolean screening,
            @Nullable Integer painBefore,
            @Nullable String guidelineVersion,
            @Nullable String guidelineFingerprint,
            @Nullable Caps caps)
            implements Order {
        /** Somebody started it. */
        public boolean assigned() {
            return !session.startsWith(UNASSIGNED);
        }

        /** One that nobody started; {@code (tool, boot, index)} of its first sample names it. */
        static Start unassigned(String tool, long boot, long index, PressureLimits limits) {
            return new Start(
                    "%s-%s-%08x-%d".formatted(UNASSIGNED, tool, boot, index),
                    List.of(tool),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    limits,
                    Phase.TREAT,
                    false,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }

    record Area(String session, String region, String side, PressureLimits limits) implements Order {}

    record ToPhase(String session, Phase phase) implements Order {}

    /** @param mark of the spot that is left; null for none */
    record NextSpot(String session, @Nullable String mark) implements Order {}

    /** Of the running spot, or when there is none of the last one. */
    record MarkSpot(String session, String mark) implements Order {}

    record Pause(String session) implements Order {}

    record Resume(String session) implements Order {}

    record Limits(String session, PressureLimits limits) implements Order {}

    record End(String session, By by, @Nullable Integer painAfter) implements Order {}

    /** What ended a session. */
    enum By {
        COMMAND,
        RESTART,
        SILENCE,
        LENGTH,
        GATEWAY_END,
        SESSION_START;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** How the id of a session begins that nobody started. */
    String UNASSIGNED = "unassigned";

    /**
     * Executes it, in force from the next sample on.
     *
     * @param otherwise limits outside of any session
     * @param found gets what it ended
     */
    default void applyTo(Engine engine, PressureLimits otherwise, Consumer<EngineEvent> found) {
        boolean cuts = this instanceof Start || this instanceof End || this instanceof Pause || this instanceof Resume;
        if (cuts) {
            engine.interrupt().forEach(found);
        }
        if (cuts || this instanceof Area || this instanceof NextSpot) {
            engine.nextSpot().forEach(found);
        }
        if (this instanceof Start start) {
            engine.limits(start.limits());
            engine.phase(start.phase());
        } else if (this instanceof End) {
            engine.limits(otherwise);
            engine.phase(Phase.TREAT);
        } else if (this instanceof Area to) {
            engine.limits(to.limits());
        } else if (this instanceof Limits to) {
            engine.limits(to.limits());
        } else if (this instanceof ToPhase to) {
            engine.phase(to.phase());
        }
    }

    default String json() {
        return Json.text(this);
    }

    /** @throws IllegalArgumentException when it is none */
    static Order of(JournalEntry.Order entry) {
        try {
            return Json.MAPPER.readValue(entry.json(), Order.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "order of %s in the journal: want one that this Lightstroke knows, got %s"
                            .formatted(entry.tool(), entry.json()),
                    e);
        }
    }
}
