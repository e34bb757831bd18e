package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a command, on its response topic with its correlation data. With {@code ok} the order is on disk; with
 * an error nothing was changed.
 *
 * @param error the thing, what was wanted and what came; null when ok
 * @param session that the command began, changed or ended; null where it is about none
 * @param limits in force on the tool from now on; null where the command does not touch them
 * @param calibration number of the one in force from now on; null where the command does not end one
 * @param firmware version that runs from now on; null where the command is no update
 * @param erased where a person was erased, and where not; null where the command does not erase
 */
public record CommandAnswer(
        @JsonProperty("v") int v,
        boolean ok,
        @Nullable String error,
        @Nullable String session,
        ToolInfoMessage.@Nullable Limits limits,
        @Nullable Long calibration,
        @Nullable String firmware,
        @Nullable List<Place> erased) {
    /**
     * A place where something of a person may have been.
     *
     * @param place {@code journal}, {@code influxdb} or {@code broker}
     * @param erased nothing of the person is there any more
     * @param again where it is not erased: asking again may do it
     * @param detail what was erased, or why it was not, in words for people
     */
    public record Place(String place, boolean erased, boolean again, String detail) {}

    public CommandAnswer {
        erased = erased == null ? null : List.copyOf(erased);
    }

    public static CommandAnswer done(@Nullable String session, ToolInfoMessage.@Nullable Limits limits) {
        return new CommandAnswer(1, true, null, session, limits, null, null, null);
    }

    public static CommandAnswer calibrated(long calibration) {
        return new CommandAnswer(1, true, null, null, null, calibration, null, null);
    }

    public static CommandAnswer updated(String firmware) {
        return new CommandAnswer(1, true, null, null, null, null, firmware, null);
    }

    public static CommandAnswer erased(List<Place> erased) {
        return new CommandAnswer(1, true, null, null, null, null, null, erased);
    }

    public static CommandAnswer refused(String error) {
        return new CommandAnswer(1, false, error, null, null, null, null, null);
    }
}
