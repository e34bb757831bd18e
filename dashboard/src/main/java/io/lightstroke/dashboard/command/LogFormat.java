package io.lightstroke.dashboard.command;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** {@code --log-format}, for commands that run for long: how each line of the log on standard error is written. */
final class LogFormat {
    enum Format {
        TEXT,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private Format format = Format.TEXT;

    /** In force from now on. */
    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            description = "text, or json: one object a line, with tool or sink under mdc. Default: text.")
    void set(Format wanted) {
        format = wanted;
        if (wanted == Format.JSON) {
            LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
            JsonEncoder encoder = new JsonEncoder();
            encoder.setContext(context);
            encoder.setWithSequenceNumber(false);
            encoder.setWithNanoseconds(false);
            encoder.setWithContext(false);
            encoder.setWithMessage(false);
            encoder.setWithArguments(false);
            encoder.setWithFormattedMessage(true);
            encoder.start();
            if (context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("STDERR")
                    instanceof ConsoleAppender<ILoggingEvent> log) {
                log.stop();
                log.setEncoder(encoder);
                log.start();
            }
        }
    }

    /** Nothing but the log goes to standard error, so that a program can read it. */
    boolean json() {
        return format == Format.JSON;
    }
}
