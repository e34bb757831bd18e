package io.lightstroke.gateway.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.lightstroke.simulator.Tool;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class LightstrokeGatewayExtensionTest {
    @LightstrokeGateway(tools = 2)
    static final class Whole {
        static final List<RunningGateway> seen = new ArrayList<>();

        @BeforeAll
        static void isThereBeforeAllTests(RunningGateway gateway) {
            seen.add(gateway);
        }

        @Test
        void saysWhereItIs(RunningGateway gateway) throws Exception {
            seen.add(gateway);
            gateway.awaitStreaming();

            assertEquals("lightstroke/v1/home/test", gateway.topics().root());
            assertTrue(Files.exists(gateway.journal()));
            Map<String, Tool> tools = gateway.tools();
            assertEquals(List.of("tool-1", "tool-2"), List.copyOf(tools.keySet()));
            Messages.Message info = gateway.messages("tool/tool-2/info").await(message -> true);
            assertEquals("lightstroke/v1/home/test/tool/tool-2/info", info.topic());
            assertEquals("SIM-00002", info.json().get("serial").asText());
        }

        @Test
        void itsMessagesAreThoseOfTheGateway(RunningGateway gateway) throws Exception {
            seen.add(gateway);
            Messages samples = gateway.messages("tool/+/samples");
            Messages.Message ofTheSecond =
                    samples.await(message -> message.topic().contains("/tool-2/"));

            assertEquals("lightstroke/v1/home/test/tool/tool-2/samples", ofTheSecond.topic());
            assertTrue(samples.received().contains(ofTheSecond));
            AssertionError none =
                    assertThrows(AssertionError.class, () -> samples.await(message -> false, Duration.ofMillis(1)));
            assertTrue(
                    none.getMessage()
                            .startsWith(
                                    "want such a message on lightstroke/v1/home/test/tool/+/samples within 1 ms, got "),
                    none.getMessage());
        }

        @Test
        @LightstrokeGateway(faults = "low-battery=7%")
        void aMethodHasItsOwn(RunningGateway gateway) throws Exception {
            assertFalse(seen.contains(gateway));
            assertEquals(Set.of("tool-1"), gateway.tools().keySet());
            Messages.Message status = gateway.messages("tool/+/status")
                    .await(message -> message.json().path("battery_percent").asInt() == 7);
            assertEquals("[]", status.json().get("alerts").toString().replace("\"untared\"", ""));
        }

        @Nested
        class Inside {
            @Test
            void isTheSame(RunningGateway gateway) {
                seen.add(gateway);
            }
        }
    }

    @Test
    void aClassHasOneGatewayForAllItsTestsAndAMethodItsOwn() {
        Whole.seen.clear();

        run(Whole.class).assertStatistics(events -> events.succeeded(4));

        assertEquals(4, Whole.seen.size());
        RunningGateway first = Whole.seen.get(0);
        Whole.seen.forEach(each -> assertSame(first, each));
        assertFalse(Files.exists(first.journal().getParent()));
        assertThrows(ConnectException.class, () -> connect(first.brokerUrl()));
    }

    private static void connect(String url) throws Exception {
        URI address = URI.create(url);
        new Socket(address.getHost(), address.getPort()).close();
    }

    @LightstrokeGateway
    static final class LostLink {
        @Test
        void nothingIsLostWithTheLink(RunningGateway gateway) throws Exception {
            Messages samples = gateway.messages("tool/tool-1/samples");
            Messages statuses = gateway.messages("tool/tool-1/status");
            gateway.awaitStreaming();
            samples.await(message -> message.json().get("last").asLong() > 100);

            gateway.loseLink("tool-1");

            statuses.await(message -> message.json().at("/recovery/reconnect").asInt() == 1);
            long since = last(samples);
            samples.await(message -> message.json().get("last").asLong() > since + 200);
            statuses.await(message -> message.json().path("link").asText().equals("streaming")
                    && message.json().at("/accounting/samples/pending").asInt() == 0);
            TreeSet<Long> indices = new TreeSet<>();
            for (Messages.Message message : samples.received()) {
                for (long i = message.json().get("first").asLong();
                        i <= message.json().get("last").asLong();
                        i++) {
                    indices.add(i);
                }
            }
            assertEquals(indices.last() - indices.first() + 1, indices.size());
        }

        private static long last(Messages samples) {
            return samples.received().stream()
                    .map(Messages.Message::json)
                    .mapToLong(json -> json.get("last").asLong())
                    .max()
                    .orElseThrow();
        }

        @Test
        void aToolThatIsNoneHasNoLink(RunningGateway gateway) {
            assertEquals(
                    "tool: want one of [tool-1], got tool-9",
                    assertThrows(IllegalArgumentException.class, () -> gateway.loseLink("tool-9"))
                            .getMessage());
        }
    }

    @Test
    void aLinkMayBeLost() {
        run(LostLink.class).assertStatistics(events -> events.succeeded(2));
    }

    static final class Mistakes {
        @Test
        @LightstrokeGateway(scenario = "sleepy")
        void scenario(RunningGateway gateway) {}

        @Test
        @LightstrokeGateway(faults = "snow")
        void faults(RunningGateway gateway) {}

        @Test
        @LightstrokeGateway(tools = 17)
        void tools(RunningGateway gateway) {}
    }

    @Test
    void aMistakeIsSaid() {
        List<String> failures = run(Mistakes.class).failed().stream()
                .map(event -> String.valueOf(event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow()
                        .getMessage()))
                .map(text -> text.substring(text.indexOf("@")))
                .sorted()
                .toList();
        assertEquals(3, failures.size());
        assertTrue(failures.get(0).startsWith("@LightstrokeGateway: fault: want one of link-loss, "), failures.get(0));
        assertTrue(failures.get(0).endsWith(", got snow"), failures.get(0));
        assertTrue(failures.get(1).startsWith("@LightstrokeGateway: scenario: want one of home, "), failures.get(1));
        assertTrue(failures.get(1).endsWith(", got sleepy"), failures.get(1));
        assertEquals("@LightstrokeGateway: tools: want 1..16, got 17", failures.get(2));
    }

    private static Events run(Class<?> type) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(type))
                .execute()
                .testEvents();
    }
}
