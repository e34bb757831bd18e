package io.lightstroke.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.lightstroke.testing.MessageContract;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.NpmPackage;
import io.lightstroke.testing.Program;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code asyncapi.yaml} beside AsyncAPI's own schema, which is published on npm. */
@Needs(Program.NPM)
class AsyncApiSchemaTest {
    @TempDir
    Path folder;

    @Test
    void theDocumentIsOneOfAsyncApi3() throws Exception {
        Path schemas =
                new NpmPackage("@asyncapi/specs", "6.11.1").installed(folder).resolve("schemas");
        Schema official = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                .getSchema(Json.MAPPER.readTree(
                        schemas.resolve("3.0.0-without-$id.json").toFile()));
        JsonNode document = MessageContract.PUBLISHED.document();
        assertEquals(List.of(), official.validate(document));

        ObjectNode slip = document.deepCopy();
        ((ObjectNode) slip.at("/operations/sendLive")).put("action", "publish");
        assertFalse(official.validate(slip).isEmpty());
    }
}
