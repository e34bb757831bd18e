package io.lightstroke.dashboard.history;

/** A tool as the topics name it. */
public record ToolName(String site, String gateway, String tool) {
    /** {@code site/gateway/tool}. */
    @Override
    public String toString() {
        return site + "/" + gateway + "/" + tool;
    }
}
