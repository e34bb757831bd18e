package io.lightstroke.simulator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import io.lightstroke.simulator.Fault.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Faults in YAML, words or a list, after the schema has been checked. */
final class FaultsReader extends StdDeserializer<List<Fault>> {
    private static final Set<String> OF_ALL = Set.of("fault", "at_s", "for_s", "every_s");

    FaultsReader() {
        super(List.class);
    }

    @Override
    public List<Fault> deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode node = context.readTree(parser);
        List<Fault> faults = new ArrayList<>();
        try {
            if (node.isTextual()) {
                return Fault.parse(node.asText());
            }
            for (JsonNode each : node) {
                faults.add(one(each));
            }
            return faults;
        } catch (IllegalArgumentException wrong) {
            JsonMappingException named = JsonMappingException.from(parser, "faults", wrong);
            if (node.isArray()) {
                named.prependPath(faults, faults.size());
            }
            throw named;
        }
    }

    private static Fault one(JsonNode node) {
        Kind kind = Kind.named(node.path("fault").asText());
        for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
            String key = keys.next();
            if (!OF_ALL.contains(key) && !key.equals(kind.key)) {
                throw new IllegalArgumentException("%s: want %s, got %s"
                        .formatted(kind, kind.key.isEmpty() ? "no value of its own" : "no value but " + kind.key, key));
            }
        }
        return Fault.of(
                kind, number(node, kind.key), number(node, "at_s"), number(node, "for_s"), number(node, "every_s"));
    }

    private static @Nullable Double number(JsonNode node, String key) {
        return node.hasNonNull(key) ? Double.valueOf(node.get(key).asDouble()) : null;
    }
}
