package io.lightstroke.dashboard.web;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Objects;

/** What stands after the ? of an address; what is not as wanted is answered with 400. */
final class Query {
    private Query() {}

    /** Empty when it is not there. */
    static String word(Context request, String name) {
        return Objects.requireNonNullElse(request.queryParam(name), "");
    }

    /** @param what it has to be, in an error */
    static String required(Context request, String name, String what) {
        String asked = word(request, name);
        if (asked.isEmpty()) {
            throw new BadRequestResponse("%s: want %s, got nothing".formatted(name, what));
        }
        return asked;
    }

    static LocalDate day(Context request, String name, LocalDate otherwise) {
        String asked = word(request, name);
        if (asked.isEmpty()) {
            return otherwise;
        }
        try {
            return LocalDate.parse(asked);
        } catch (DateTimeException e) {
            throw new BadRequestResponse("%s: want a day such as 2026-03-02, got %s".formatted(name, asked));
        }
    }

    static Instant instant(Context request, String name) {
        String asked = request.queryParam(name);
        try {
            return Instant.parse(Objects.requireNonNullElse(asked, "nothing"));
        } catch (DateTimeException e) {
            throw new BadRequestResponse("%s: want a time such as 2026-03-02T09:00:00Z, got %s".formatted(name, asked));
        }
    }

    static int number(Context request, String name, int least, int most) {
        String asked = request.queryParam(name);
        try {
            int number = Integer.parseInt(Objects.requireNonNullElse(asked, "nothing"));
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new BadRequestResponse("%s: want a number of %d to %d, got %s".formatted(name, least, most, asked));
    }
}
