package io.lightstroke.gateway.journal;

import org.jspecify.annotations.Nullable;

/**
 * A time of a tool of which all was erased: {@code toUtcUs} is not included, microseconds since 1970.
 *
 * @param kind of the findings that were, alone; null: samples and all else
 */
public record ErasedTime(String tool, @Nullable String kind, long fromUtcUs, long toUtcUs) {
    boolean holds(String ofTool, long utcUs) {
        return tool.equals(ofTool) && fromUtcUs <= utcUs && utcUs < toUtcUs;
    }
}
