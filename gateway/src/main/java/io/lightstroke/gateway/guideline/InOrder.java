package io.lightstroke.gateway.guideline;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies that keep the order of the document, which {@link Map#copyOf} does not. */
final class InOrder {
    private InOrder() {}

    static <V> Map<String, V> copy(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
