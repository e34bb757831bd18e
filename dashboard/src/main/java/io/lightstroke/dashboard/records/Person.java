package io.lightstroke.dashboard.records;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Somebody who is scraped.
 *
 * @param id random pseudonym, which stands for the person everywhere else
 * @param name only here
 * @param profile id of the guideline
 * @param factor a practitioner's on the limits, 1 for none
 * @param zone IANA time zone in which the plan counts days
 */
public record Person(String id, String name, String profile, double factor, String zone, Instant created) {
    private static final Pattern ID = Pattern.compile("p-[a-z0-9]{12}");
    /** None is taken for another. */
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

    private static final SecureRandom RANDOM = new SecureRandom();

    public static boolean isId(String id) {
        return ID.matcher(id).matches();
    }

    public static String newId() {
        StringBuilder id = new StringBuilder("p-");
        for (int i = 0; i < 12; i++) {
            id.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return id.toString();
    }
}
