package io.lightstroke.simulator;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong with a tool for some time, counted in microseconds of the tool's {@link Tool#ageUs age}.
 * Written {@code NAME[=VALUE][@FROM[+LENGTH][/EVERY]]}, see docs/simulation.md.
 *
 * @param value in the unit of its kind; 0 where the kind has none
 * @param forUs how long it lasts; {@link #EVER}; of no meaning for a reboot, which happens at an instant
 * @param everyUs it comes again so long after it began; 0: once
 */
public record Fault(Kind kind, double value, long fromUs, long forUs, long everyUs) {
    public static final long EVER = Long.MAX_VALUE;

    private static final double LONGEST_S = 1e9;
    private static final Pattern WORDS = Pattern.compile(
            "(?<name>[a-z-]+)(=(?<value>[^@]+))?(@(?<from>[^+/]+)(\\+(?<length>[^/]+))?(/(?<every>.+))?)?");
    private static final Pattern SEED = Pattern.compile("seed-([0-9]{1,18})");
    private static final Pattern NUMBER = Pattern.compile("([+-]?[0-9]{1,9}(?:\\.[0-9]{1,9})?)([a-z%]*)");

    /** What the value of a fault counts. */
    enum Unit {
        NONE("no value"),
        SHARE("a share like 5% or 0.05"),
        SECONDS("a time like 2s, 500ms or -1m"),
        PPM("millionths like 200ppm"),
        PERCENT("a charge like 5%"),
        COUNT("a whole number");

        private final String words;

        Unit(String words) {
            this.words = words;
        }
    }

    /** What can go wrong. */
    public enum Kind {
        /** The link ends, and connecting gets no answer until it is over. */
        LINK_LOSS(10, 5),
        /** A share of the notifications gets lost. */
        DROP(Unit.SHARE, "share", 0.05, 0, 1),
        /** No notification arrives. */
        SILENCE(10, 5),
        /** In a share of the frames 1 to 3 bits change on the way, so that the CRC is wrong. */
        CORRUPT(Unit.SHARE, "share", 0.05, 0, 1),
        /** A share of the frames arrives twice. */
        DUPLICATE(Unit.SHARE, "share", 0.05, 0, 1),
        /** A share of the frames arrives 60 to 200 ms late, after others. */
        REORDER(Unit.SHARE, "share", 0.05, 0, 1),
        /** The ATT MTU is this at most, from the next link on. */
        SHORT_MTU(Unit.COUNT, "mtu", 40, 23, 517),
        /** The tool computes the CRC of a share of its frames wrong. */
        WRONG_CRC(Unit.SHARE, "share", 0.1, 0, 1),
        /** The count of a share of the force frames is wrong, the CRC is right. */
        WRONG_COUNT(Unit.SHARE, "share", 0.1, 0, 1),
        /** The tool's clock runs so much too fast. */
        CLOCK_DRIFT(Unit.PPM, "ppm", 200, -50_000, 50_000),
        /** The tool's clock is so much ahead; at the end it jumps back. */
        CLOCK_JUMP(10, EVER / 1e6, Unit.SECONDS, "jump_s", -2, -86_400, 86_400),
        /** The tool starts anew, unasked. */
        REBOOT(10, 0),
        /** The battery's charge is this at most. */
        LOW_BATTERY(Unit.PERCENT, "percent", 5, 0, 100),
        /** The sensor stands at its limit. */
        SATURATED(0, EVER / 1e6),
        /** Tare is answered, but not kept; frames say untared. */
        UNTARED(0, EVER / 1e6),
        /** The store holds so many samples only. */
        STORE_OVERFLOW(Unit.COUNT, "samples", 2000, 1, RecordStore.SAMPLES),
        /** The control op of this number is answered "failed", and not done. */
        REFUSED_OP(Unit.COUNT, "op", 3, 1, 255),
        /** What is indicated comes so late. */
        SLOW_ANSWERS(Unit.SECONDS, "delay_s", 0.5, 0.1, 60),
        /** Another tool answers at the address: same name, other serial number, another boot, an empty store, no bond. */
        SPOOFED_TWIN(10, EVER / 1e6);

        /** Those that only a {@link SimulatedTool} has in itself. */
        static final List<Kind> INNER = List.of(CLOCK_JUMP, SATURATED, UNTARED, STORE_OVERFLOW, SPOOFED_TWIN);

        final Unit unit;
        /** Name of the value in YAML; empty without a unit. */
        final String key;

        final double usual;
        final double least;
        final double most;
        final double fromS;
        /** {@link #EVER} in seconds or more: for ever. */
        final double forS;

        Kind(Unit unit, String key, double usual, double least, double most) {
            this(0, EVER / 1e6, unit, key, usual, least, most);
        }

        Kind(double fromS, double forS) {
            this(fromS, forS, Unit.NONE, "", 0, 0, 0);
        }

        Kind(double fromS, double forS, Unit unit, String key, double usual, double least, double most) {
            this.fromS = fromS;
            this.forS = forS;
            this.unit = unit;
            this.key = key;
            this.usual = usual;
            this.least = least;
            this.most = most;
        }

        /** As it is written. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Kind named(String word) {
            return Arrays.stream(values())
                    .filter(kind -> kind.toString().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "fault: want one of %s, got %s".formatted(words(kind -> true), word)));
        }

        private static String words(Predicate<Kind> wanted) {
            return Arrays.stream(values()).filter(wanted).map(Kind::toString).collect(Collectors.joining(", "));
        }
    }

    public Fault {
        if (!(value >= kind.least && value <= kind.most) || (kind.unit == Unit.COUNT && value != Math.rint(value))) {
            throw new IllegalArgumentException(
                    kind.unit == Unit.NONE
                            ? "%s: want no value, got %s".formatted(kind, plain(value))
                            : "%s: want %s, %s to %s, got %s"
                                    .formatted(
                                            kind, kind.unit.words, plain(kind.least), plain(kind.most), plain(value)));
        }
        if (fromUs < 0) {
            throw new IllegalArgumentException(
                    "%s: want a beginning of 0 s or more, got %d us".formatted(kind, fromUs));
        }
        if (kind == Kind.REBOOT ? forUs != 0 : forUs <= 0) {
            throw new IllegalArgumentException(
                    kind == Kind.REBOOT
                            ? "reboot: want no length, it happens at an instant"
                            : "%s: want a length of more than 0 s, got %d us".formatted(kind, forUs));
        }
        if (everyUs != 0 && everyUs <= forUs) {
            throw new IllegalArgumentException(
                    "%s: want it to come again after its length, got a length of %s and again after %s"
                            .formatted(kind, forUs == EVER ? "for ever" : seconds(forUs), seconds(everyUs)));
        }
    }

    /** As usual where null. */
    static Fault of(
            Kind kind, @Nullable Double value, @Nullable Double fromS, @Nullable Double forS, @Nullable Double everyS) {
        return new Fault(
                kind,
                value == null ? kind.usual : value,
                us(fromS == null ? kind.fromS : fromS),
                us(forS == null ? kind.forS : forS),
                everyS == null ? 0 : us(everyS));
    }

    /**
     * Several are separated by commas; {@code seed-N} in place of all draws some.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    public static List<Fault> parse(String words) {
        Matcher seed = SEED.matcher(words.strip());
        if (seed.matches()) {
            return drawn(Long.parseLong(seed.group(1)));
        }
        return Arrays.stream(words.split(",", -1))
                .map(String::strip)
                .map(Fault::one)
                .toList();
    }

    private static Fault one(String words) {
        Matcher matcher = WORDS.matcher(words);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "fault: want NAME[=VALUE][@FROM[+LENGTH][/EVERY]] or seed-N, got '%s'".formatted(words));
        }
        Kind kind = Kind.named(matcher.group("name"));
        String value = matcher.group("value");
        return of(
                kind,
                value == null ? null : number(kind, kind.unit, value),
                time(kind, matcher.group("from")),
                time(kind, matcher.group("length")),
                time(kind, matcher.group("every")));
    }

    private static @Nullable Double time(Kind kind, @Nullable String words) {
        return words == null ? null : number(kind, Unit.SECONDS, words);
    }

    private static double number(Kind kind, Unit unit, String words) {
        Matcher matcher = NUMBER.matcher(words);
        if (matcher.matches()) {
            double number = Double.parseDouble(matcher.group(1));
            switch (unit.name() + " " + matcher.group(2)) {
                case "SHARE ", "PPM ", "PPM ppm", "PERCENT ", "PERCENT %", "COUNT ", "SECONDS s" -> {
                    return number;
                }
                case "SHARE %" -> {
                    return number / 100;
                }
                case "SECONDS ms" -> {
                    return number / 1000;
                }
                case "SECONDS m" -> {
                    return number * 60;
                }
                default -> {}
            }
        }
        throw new IllegalArgumentException("%s: want %s, got %s".formatted(kind, unit.words, words));
    }

    private static long us(double seconds) {
        return seconds > LONGEST_S ? EVER : Math.round(seconds * 1e6);
    }

    /** Two to five kinds that a long day brings, some of them again and again; the same for the same number. */
    private static List<Fault> drawn(long seed) {
        Random random = new Random(seed);
        List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
        kinds.remove(Kind.SPOOFED_TWIN); // nobody's bad luck
        Collections.shuffle(kinds, random);
        return kinds.subList(0, random.nextInt(2, 6)).stream()
                .map(kind -> drawn(kind, random))
                .toList();
    }

    private static Fault drawn(Kind kind, Random random) {
        double scale = random.nextDouble(0.5, 2);
        double value = kind.unit == Unit.COUNT
                ? Math.max(kind.least, Math.min(kind.most, Math.rint(kind.usual * scale)))
                : kind.usual * scale * (kind.least < 0 && random.nextBoolean() ? -1 : 1);
        double fromS = random.nextInt(5, 60);
        double forS = kind == Kind.REBOOT ? 0 : random.nextInt(3, 30);
        Double everyS = random.nextBoolean() ? null : (double) random.nextInt(60, 120);
        return of(kind, kind == Kind.REFUSED_OP ? kind.usual : value, fromS, forS, everyS);
    }

    boolean inForce(long ageUs) {
        long sinceUs = ageUs - fromUs;
        return sinceUs >= 0 && (everyUs == 0 ? sinceUs : sinceUs % everyUs) < forUs;
    }

    /** Whether it is one of an instant, which is this. */
    boolean happens(long ageUs) {
        long sinceUs = ageUs - fromUs;
        return forUs == 0 && sinceUs >= 0 && (everyUs == 0 ? sinceUs : sinceUs % everyUs) == 0;
    }

    /** How long it has been in force in all until this age. */
    long inForceUs(long ageUs) {
        long sinceUs = Math.max(0, ageUs - fromUs);
        return everyUs == 0 ? Math.min(forUs, sinceUs) : sinceUs / everyUs * forUs + Math.min(forUs, sinceUs % everyUs);
    }

    /** When it begins or ends next, later than this; {@link #EVER} if it does not any more. */
    long changesUs(long afterUs) {
        if (afterUs < fromUs) {
            return fromUs;
        }
        if (everyUs == 0) {
            return forUs == EVER || afterUs - fromUs >= forUs ? EVER : fromUs + forUs;
        }
        long beganUs = afterUs - (afterUs - fromUs) % everyUs;
        return afterUs < beganUs + forUs ? beganUs + forUs : beganUs + everyUs;
    }

    /** The first of this kind that is in force; null: none. */
    static @Nullable Fault inForce(List<Fault> faults, Kind kind, long ageUs) {
        for (Fault fault : faults) {
            if (fault.kind == kind && fault.inForce(ageUs)) {
                return fault;
            }
        }
        return null;
    }

    /** Name and value, without its times. */
    public String what() {
        return switch (kind.unit) {
            case NONE -> kind.toString();
            case SHARE -> kind + "=" + plain(value * 100) + "%";
            case SECONDS -> kind + "=" + plain(value) + "s";
            case PPM -> kind + "=" + plain(value) + "ppm";
            case PERCENT -> kind + "=" + plain(value) + "%";
            case COUNT -> kind + "=" + plain(value);
        };
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder words = new StringBuilder(what());
        words.append('@').append(seconds(fromUs));
        if (forUs != EVER && kind != Kind.REBOOT) {
            words.append('+').append(seconds(forUs));
        }
        if (everyUs != 0) {
            words.append('/').append(seconds(everyUs));
        }
        return words.toString();
    }

    private static String seconds(long us) {
        return plain(us / 1e6) + "s";
    }

    private static String plain(double number) {
        return new BigDecimal(String.format(Locale.ROOT, "%.6f", number))
                .stripTrailingZeros()
                .toPlainString();
    }
}
