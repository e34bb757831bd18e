package io.lightstroke.gateway.guideline;

import io.lightstroke.messages.CheckedYaml;
import io.lightstroke.messages.InvalidDocumentException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The pressure guideline: regions, limits, factors, caps, rest and screening, each with its source. Read from YAML that is
 * checked as a whole; keeps that text, so that a session can be kept with the guideline by which it was held. Immutable.
 */
public final class Guideline {
    private static final String RESOURCE = "guideline.yaml";
    private static final CheckedYaml<GuidelineContent> YAML =
            new CheckedYaml<>(GuidelineContent.class, "guideline.schema.json", GuidelineRules::check);
    private static final Guideline BUILT_IN = loadBuiltIn();

    private final String text;
    private final GuidelineContent content;

    private Guideline(String text, GuidelineContent content) {
        this.text = text;
        this.content = content;
    }

    /** The one that comes with Lightstroke. */
    public static Guideline builtIn() {
        return BUILT_IN;
    }

    /**
     * A practitioner's own. It may not bear the built-in one's version, unless it says the same.
     *
     * @throws InvalidDocumentException with every mistake in the file
     */
    public static Guideline read(Path file) throws IOException, InvalidDocumentException {
        Guideline own;
        try {
            own = parse(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new InvalidDocumentException(file.toString(), List.of("want text in UTF-8, got other bytes"));
        }
        if (own.version().equals(BUILT_IN.version()) && !own.content.equals(BUILT_IN.content)) {
            throw new InvalidDocumentException(
                    file.toString(),
                    List.of("version: want one of its own for other values than the built-in, got \"%s\""
                            .formatted(own.version())));
        }
        return own;
    }

    /**
     * Reads back a {@link #text()}.
     *
     * @param name how it is called in an error
     * @throws InvalidDocumentException with every mistake in it
     */
    public static Guideline parse(String name, String text) throws InvalidDocumentException {
        return new Guideline(text, YAML.read(name, text));
    }

    public String version() {
        return content.version();
    }

    public GuidelineContent content() {
        return content;
    }

    /** The YAML from which it was read. */
    public String text() {
        return text;
    }

    /** SHA-256 of the text in UTF-8, 64 hex digits: two guidelines of one version can be told apart. */
    public String fingerprint() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The offered regions: ids to names. */
    public Map<String, String> regions() {
        Map<String, String> regions = new LinkedHashMap<>();
        content.regions().value().offered().forEach(group -> regions.putAll(group.regions()));
        return regions;
    }

    /** The profiles: ids to what they say. */
    public Map<String, GuidelineContent.Profile> profiles() {
        return content.profiles().value();
    }

    /** What is confirmed before a session: ids to names. */
    public Map<String, String> checklist() {
        return content.checklist().value();
    }

    public BruiseRule bruises() {
        return content.bruises().value();
    }

    public Caps caps() {
        return content.caps().value();
    }

    public RestRule rest() {
        return content.rest().value();
    }

    public Screening screening() {
        return content.screening().value();
    }

    /** Limits without override and bruises. */
    public PressureLimits limits(String region, String profile) {
        return limits(region, profile, 1, 0);
    }

    /**
     * Limits for one area of one person, rounded half up to 0.1 N, never above 14 N. A bruise lowers the ceiling too, from
     * the 14 N at which an override was stopped.
     *
     * @param region id of an offered region, for example {@code calf}
     * @param profile id of a profile, for example {@code standard}
     * @param override a practitioner's factor, 1 for none
     * @param bruises that count, see {@link BruiseRule#counted}
     * @throws IllegalArgumentException for what the guideline does not offer, in words for people
     */
    public PressureLimits limits(String region, String profile, double override, int bruises) {
        BigDecimal largest = content.override().value().largestFactor();
        if (!(override > 0) || override > largest.doubleValue()) {
            throw new IllegalArgumentException(
                    "override: want a factor above 0 and at most %s, got %s".formatted(largest, override));
        }
        BigDecimal factor =
                regionFactor(region).multiply(profileFactor(profile)).multiply(BigDecimal.valueOf(override));
        List<BigDecimal> newtons = content
                .limits()
                .value()
                .times(factor, bruises().factor(bruises))
                .stream()
                .map(GuidelineContent.BaseLimits::rounded)
                .toList();
        if (!GuidelineRules.fit(newtons)) {
            throw new IllegalArgumentException(
                    "override: want limits above 0.5 N, 0.1 N or more apart, got %s N from %s"
                            .formatted(GuidelineRules.plain(newtons), override));
        }
        int[] cn = newtons.stream()
                .mapToInt(n -> n.movePointRight(2).intValueExact())
                .toArray();
        return new PressureLimits(label(region, profile, override, bruises), cn[0], cn[1], cn[2], cn[3]);
    }

    private String label(String region, String profile, double override, int bruises) {
        StringBuilder label = new StringBuilder(version() + " " + region + " " + profile);
        if (override != 1) {
            label.append(" x")
                    .append(BigDecimal.valueOf(override).stripTrailingZeros().toPlainString());
        }
        if (bruises > 0) {
            label.append(" bruises ").append(bruises);
        }
        return label.toString();
    }

    /** @throws IllegalArgumentException for a region that is not offered, in words for people */
    public BigDecimal regionFactor(String region) {
        for (GuidelineContent.Regions.Offered group : content.regions().value().offered()) {
            if (group.regions().containsKey(region)) {
                return group.factor();
            }
        }
        for (GuidelineContent.Regions.NotOffered group :
                content.regions().value().notOffered()) {
            String name = group.regions().get(region);
            if (name != null) {
                throw new IllegalArgumentException("region: %s is not offered: %s".formatted(name, group.reason()));
            }
        }
        throw new IllegalArgumentException("region: want one of %s, got %s"
                .formatted(String.join(", ", regions().keySet()), region));
    }

    private BigDecimal profileFactor(String profile) {
        GuidelineContent.Profile found = profiles().get(profile);
        if (found == null) {
            throw new IllegalArgumentException("profile: want one of %s, got %s"
                    .formatted(String.join(", ", profiles().keySet()), profile));
        }
        return found.factor();
    }

    private static Guideline loadBuiltIn() {
        try (InputStream in = Objects.requireNonNull(Guideline.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            return parse(RESOURCE, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE, e);
        } catch (InvalidDocumentException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }
}
