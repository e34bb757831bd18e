package io.lightstroke.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    private final Topics topics = new Topics("clinic-1", "room2");

    @Test
    void everyTopicStandsBelowTheRoot() {
        assertEquals("lightstroke/v1/clinic-1/room2", topics.root());
        assertEquals("lightstroke/v1/clinic-1/room2/status", topics.status());
        assertEquals("lightstroke/v1/clinic-1/room2/tool/t-7/status", topics.toolStatus("t-7"));
        assertEquals("lightstroke/v1/clinic-1/room2/tool/t-7/info", topics.toolInfo("t-7"));
        assertEquals("lightstroke/v1/clinic-1/room2/tool/t-7/live", topics.live("t-7"));
        assertEquals("lightstroke/v1/clinic-1/room2/tool/t-7/samples", topics.samples("t-7"));
        assertEquals("lightstroke/v1/clinic-1/room2/tool/t-7/stroke", topics.stroke("t-7"));
        assertEquals("lightstroke/v1/clinic-1/room2/tool/t-7/alert", topics.alert("t-7"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "0", "left-hand", "a--b", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void slugs(String slug) {
        assertEquals(slug, Topics.requireSlug("tool", slug));
        assertEquals(slug, new Topics(slug, slug).site());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-a",
                "a-",
                "A",
                "a b",
                "a/b",
                "a+",
                "#",
                "ä",
                "a_b",
                "a\n",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"
            })
    void notSlugs(String value) {
        assertEquals(
                "tool: want 1–64 of a-z, 0-9 and inner hyphens, got \"%s\"".formatted(value),
                assertThrows(IllegalArgumentException.class, () -> Topics.requireSlug("tool", value))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Topics(value, "a"));
        assertThrows(IllegalArgumentException.class, () -> new Topics("a", value));
        assertThrows(IllegalArgumentException.class, () -> topics.live(value));
    }
}
