package io.lightstroke.messages;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The MQTT topics of one gateway, {@code lightstroke/v1/{site}/{gateway}/…}. Site, gateway and tool are slugs:
 * lower-case letters, digits and inner hyphens, 1–64 characters.
 */
public record Topics(String site, String gateway) {
    public static final String PREFIX = "lightstroke/v1";

    private static final Pattern SLUG = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

    public Topics {
        requireSlug("site", site);
        requireSlug("gateway", gateway);
    }

    /** {@code value}, when it is a slug. */
    public static String requireSlug(String what, String value) {
        if (!SLUG.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "%s: want 1–64 of a-z, 0-9 and inner hyphens, got \"%s\"".formatted(what, value));
        }
        return value;
    }

    public String root() {
        return PREFIX + "/" + site + "/" + gateway;
    }

    /** {@link GatewayStatus}, QoS 1, retained; also the last will. */
    public String status() {
        return root() + "/status";
    }

    /** {@link ToolStatus}, QoS 1, retained. */
    public String toolStatus(String tool) {
        return tool(tool, "status");
    }

    /** {@link ToolInfoMessage}, QoS 1, retained. */
    public String toolInfo(String tool) {
        return tool(tool, "info");
    }

    /** {@link LiveFrame}, QoS 0, expires after 2 s. */
    public String live(String tool) {
        return tool(tool, "live");
    }

    /** {@link SampleBatch}, QoS 1, from the journal. */
    public String samples(String tool) {
        return tool(tool, "samples");
    }

    /** {@link StrokeMessage}, QoS 1, from the journal. */
    public String stroke(String tool) {
        return tool(tool, "stroke");
    }

    /** {@link AlertMessage}, QoS 1, from the journal. */
    public String alert(String tool) {
        return tool(tool, "alert");
    }

    /** {@link SessionStateMessage}, QoS 1, retained while a session runs. */
    public String sessionState(String tool) {
        return tool(tool, "session-state");
    }

    /** {@link Command}, QoS 1, never retained. */
    public String command(String tool, String name) {
        return tool(tool, "cmd/" + name);
    }

    /** All commands of all tools. */
    public String commands() {
        return root() + "/tool/+/cmd/+";
    }

    /** {@link Command} of the gateway itself, QoS 1, never retained. */
    public String gatewayCommand(String name) {
        return root() + "/cmd/" + name;
    }

    /** The tool and the name of a command's topic. */
    public CommandTopic commandTopic(String topic) {
        String[] levels = topic.substring(root().length()).split("/", -1);
        return switch (levels.length) {
            case 3 -> new CommandTopic(null, levels[2]);
            case 5 -> new CommandTopic(levels[2], levels[4]);
            default ->
                throw new IllegalArgumentException(
                        "command topic: want %s or %s, got %s".formatted(commands(), gatewayCommand("+"), topic));
        };
    }

    /**
     * Whether the gateway answers there: nowhere among the topics that say something themselves, so that an answer is
     * never taken for another message.
     */
    public boolean mayAnswerTo(String topic) {
        return !topic.isEmpty()
                && topic.chars().noneMatch(c -> c == '+' || c == '#' || c == 0)
                && !topic.startsWith("$")
                && (!topic.startsWith(PREFIX + "/") || topic.startsWith(root() + "/answer/"));
    }

    /**
     * Whose command it is, and which.
     *
     * @param tool null: of the gateway itself
     */
    public record CommandTopic(@Nullable String tool, String name) {}

    /**
     * The topic of something found in the samples, by its kind: {@link #stroke}, {@link #alert}, {@code spot} ({@link
     * SpotMessage}), {@code cue} ({@link CueMessage}), {@code session} ({@link SessionMessage}).
     */
    public String finding(String tool, String kind) {
        return tool(tool, kind);
    }

    private String tool(String tool, String leaf) {
        return root() + "/tool/" + requireSlug("tool", tool) + "/" + leaf;
    }
}
