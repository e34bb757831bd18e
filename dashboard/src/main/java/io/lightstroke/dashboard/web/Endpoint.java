package io.lightstroke.dashboard.web;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import io.lightstroke.dashboard.history.HistoryException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that programs can ask for: what serves it, and what documents it.
 *
 * @param body null: it takes none
 * @param query names of what may follow the {@code ?}
 * @param status of a good answer
 * @param answer type of a good answer, or of its elements; null: there is none, or a file
 * @param file content type of the file that it answers with, having written it itself; null: it is JSON
 */
record Endpoint(
        HandlerType method,
        String path,
        String summary,
        @Nullable Form<?> body,
        List<String> query,
        HttpStatus status,
        @Nullable Class<?> answer,
        @Nullable String file,
        boolean isList,
        boolean mayConflict,
        Handling handling) {
    /** Gives the answer; throws an {@link io.javalin.http.HttpResponseException} where there is none. */
    interface Handling {
        @Nullable
        Object answer(Context request) throws HistoryException, IOException;
    }

    static Endpoint get(String path, String summary, Class<?> answer, Handling handling) {
        return new Endpoint(
                HandlerType.GET, path, summary, null, List.of(), HttpStatus.OK, answer, null, false, false, handling);
    }

    static Endpoint list(String path, String summary, Class<?> answer, Handling handling) {
        return new Endpoint(
                HandlerType.GET, path, summary, null, List.of(), HttpStatus.OK, answer, null, true, false, handling);
    }

    static Endpoint post(String path, String summary, @Nullable Form<?> body, Class<?> answer, Handling handling) {
        return new Endpoint(
                HandlerType.POST,
                path,
                summary,
                body,
                List.of(),
                HttpStatus.CREATED,
                answer,
                null,
                false,
                false,
                handling);
    }

    /** @param type of its content */
    static Endpoint file(String path, String summary, String type, Handling handling) {
        return new Endpoint(
                HandlerType.GET, path, summary, null, List.of(), HttpStatus.OK, null, type, false, false, handling);
    }

    /** Does something and says what came of it; nothing new is there afterwards. */
    static Endpoint act(String path, String summary, Form<?> body, Class<?> answer, Handling handling) {
        return new Endpoint(
                HandlerType.POST, path, summary, body, List.of(), HttpStatus.OK, answer, null, false, false, handling);
    }

    static Endpoint put(String path, String summary, Form<?> body, @Nullable Class<?> answer, Handling handling) {
        return new Endpoint(
                HandlerType.PUT,
                path,
                summary,
                body,
                List.of(),
                answer == null ? HttpStatus.NO_CONTENT : HttpStatus.OK,
                answer,
                null,
                false,
                false,
                handling);
    }

    static Endpoint delete(String path, String summary, Handling handling) {
        return new Endpoint(
                HandlerType.DELETE,
                path,
                summary,
                null,
                List.of(),
                HttpStatus.NO_CONTENT,
                null,
                null,
                false,
                false,
                handling);
    }

    Endpoint mayBeAsked(String... names) {
        return new Endpoint(
                method, path, summary, body, List.of(names), status, answer, file, isList, mayConflict, handling);
    }

    Endpoint thatMayConflict() {
        return new Endpoint(method, path, summary, body, query, status, answer, file, isList, true, handling);
    }

    boolean writes() {
        return !method.equals(HandlerType.GET);
    }
}
