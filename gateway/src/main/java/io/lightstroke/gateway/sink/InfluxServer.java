package io.lightstroke.gateway.sink;

import org.jspecify.annotations.Nullable;

/** A database that takes line protocol, and which of InfluxDB's two ways of writing it speaks. */
public sealed interface InfluxServer {
    /** {@code http://host:port} or {@code https://…}. */
    String url();

    /**
     * InfluxDB 1.x: {@code POST /write}. The database is created when missing.
     *
     * @param user null: none is sent
     * @param password null: none is sent
     */
    record V1(
            String url,
            String database,
            @Nullable String user,
            @Nullable String password) implements InfluxServer {
        @Override
        public String toString() {
            return "database " + database + " at " + url;
        }
    }

    /** InfluxDB 2.x and whatever takes {@code POST /api/v2/write}. The bucket must exist. */
    record V2(String url, String org, String bucket, String token) implements InfluxServer {
        @Override
        public String toString() {
            return "bucket " + bucket + " of " + org + " at " + url;
        }
    }
}
