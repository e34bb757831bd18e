package io.lightstroke.gateway.sink;

import org.jspecify.annotations.Nullable;

/** A database that takes line protocol, and which of InfluxDB's three ways of writing it speaks. */
public sealed interface InfluxServer {
    /** {@code http://host:port} or {@code https://…}. */
    String url();

    /** What somebody who may do it types to create that. */
    String createCommand();

    /**
     * InfluxDB 1.x: {@code POST /write}. The database is created when it is missing.
     *
     * @param user null: none is sent
     * @param password null: none is sent
     * @param keepDays how long a database created here keeps points; null: for ever
     */
    record V1(
            String url,
            String database,
            @Nullable String user,
            @Nullable String password,
            @Nullable Integer keepDays) implements InfluxServer {
        @Override
        public String toString() {
            return "database " + database + " at " + url;
        }

        String createStatement() {
            return "CREATE DATABASE " + quoted(database)
                    + (keepDays == null ? "" : " WITH DURATION " + keepDays + "d NAME \"autogen\"");
        }

        @Override
        public String createCommand() {
            return "influx -execute '%s'".formatted(createStatement());
        }

        /** What an administrator types to let the user write. */
        String grantCommand() {
            return "influx -execute 'GRANT WRITE ON %s TO %s'"
                    .formatted(quoted(database), quoted(String.valueOf(user)));
        }

        private static String quoted(String name) {
            return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
    }

    /**
     * InfluxDB 2.x and what speaks its {@code POST /api/v2/write}. The bucket is created when it is missing and the token
     * may do that.
     *
     * @param keepDays how long a bucket created here keeps points; null: for ever
     */
    record V2(
            String url,
            String org,
            String bucket,
            String token,
            @Nullable Integer keepDays) implements InfluxServer {
        @Override
        public String toString() {
            return "bucket " + bucket + " of " + org + " at " + url;
        }

        @Override
        public String createCommand() {
            return "influx bucket create -n '%s' -o '%s'".formatted(bucket, org)
                    + (keepDays == null ? "" : " -r " + keepDays + "d");
        }
    }

    /**
     * InfluxDB 3 Core and Enterprise: {@code POST /api/v3/write_lp}, which names each line that it refuses. The server
     * creates the database with the first write.
     *
     * @param token null: none is sent
     */
    record V3(String url, String database, @Nullable String token) implements InfluxServer {
        @Override
        public String toString() {
            return "database " + database + " at " + url;
        }

        @Override
        public String createCommand() {
            return "influxdb3 create database '%s'".formatted(database);
        }
    }
}
