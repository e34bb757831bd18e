package io.lightstroke.dashboard.web;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers and times as a language writes them. What is not known is a dash, never 0. */
public final class Formats {
    private static final String UNKNOWN = "–";

    private final Locale locale;
    private final ZoneId zone;

    Formats(String language, ZoneId zone) {
        this.locale = language.equals("en") ? Locale.UK : Locale.forLanguageTag(language);
        this.zone = zone;
    }

    public String number(@Nullable Number value, int decimals) {
        if (value == null) {
            return UNKNOWN;
        }
        NumberFormat format = NumberFormat.getNumberInstance(locale);
        format.setMinimumFractionDigits(decimals);
        format.setMaximumFractionDigits(decimals);
        format.setRoundingMode(RoundingMode.HALF_UP); // as the pages' scripts do
        return format.format(value);
    }

    public String number(@Nullable Number value, int decimals, String unit) {
        return value == null || unit.isEmpty() ? number(value, decimals) : number(value, decimals) + " " + unit;
    }

    /** Of the other from the one, with its sign. */
    public String difference(@Nullable Number one, @Nullable Number other, int decimals, String unit) {
        if (one == null || other == null) {
            return UNKNOWN;
        }
        BigDecimal difference =
                BigDecimal.valueOf(other.doubleValue() - one.doubleValue()).setScale(decimals, RoundingMode.HALF_UP);
        return (difference.signum() > 0 ? "+" : "") + number(difference, decimals, unit);
    }

    /** {@code 2:05} is 125 s. */
    public String clock(double seconds) {
        long whole = (long) seconds;
        return "%d:%02d".formatted(whole / 60, whole % 60);
    }

    /** How long it is from one to the other, to 0.1 s. */
    public String seconds(Instant from, Instant to) {
        return number(Duration.between(from, to).toMillis() / 1000.0, 1) + " s";
    }

    public String dateTime(Instant time) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
                .withLocale(locale)
                .withZone(zone)
                .format(time);
    }

    /** With the weekday, rounded up to a minute: never too early. */
    public String notBefore(Instant time) {
        Instant minute = time.plusSeconds(60).minusNanos(1).truncatedTo(ChronoUnit.MINUTES);
        return weekday(minute.atZone(zone)) + " " + dateTime(minute);
    }

    /** To the second. */
    public String time(Instant time) {
        return DateTimeFormatter.ofLocalizedTime(FormatStyle.MEDIUM)
                .withLocale(locale)
                .withZone(zone)
                .format(time);
    }

    /** In short. */
    public String weekday(TemporalAccessor day) {
        return DateTimeFormatter.ofPattern("EEE", locale).format(day);
    }

    /** Without the year. */
    public String dayOfMonth(LocalDate day) {
        return DateTimeFormatter.ofPattern(locale.getLanguage().equals("de") ? "d. MMM" : "d MMM", locale)
                .format(day);
    }

    public String month(YearMonth month) {
        return DateTimeFormatter.ofPattern("LLLL yyyy", locale).format(month);
    }

    public String day(LocalDate day) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM)
                .withLocale(locale)
                .format(day);
    }
}
