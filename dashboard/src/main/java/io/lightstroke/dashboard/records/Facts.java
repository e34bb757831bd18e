package io.lightstroke.dashboard.records;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All of a person that decides whether a session may start, and how hard it may be.
 *
 * @param sessions in which something was worked on, the newest last
 * @param checkIns the newest last
 * @param screening the newest; null: never asked
 * @param clearance the newest; null: none
 */
public record Facts(
        Person person,
        List<HeldSession> sessions,
        List<CheckIn> checkIns,
        @Nullable Answers screening,
        @Nullable Clearance clearance) {
    public Facts {
        sessions = List.copyOf(sessions);
        checkIns = List.copyOf(checkIns);
    }

    /** A practitioner has cleared every condition of the newest screening. */
    public boolean isCleared() {
        return screening != null && clearance != null && clearance.conditions().containsAll(screening.conditions());
    }
}
