package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Fault.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of fault as it is seen on the wire, by the bytes of docs/protocol.md. */
class FaultyToolTest {
    private static final long S = 1_000_000;

    /** The other end: what came, when, and how often the link was lost. */
    private static final class Heard implements Tool.Central {
        private record Value(long ageUs, UUID from, byte[] bytes) {
            String hex() {
                return HexFormat.of().formatHex(bytes);
            }
        }

        final FaultyTool tool;
        final Set<UUID> subscribed = new HashSet<>();
        final List<Value> values = new ArrayList<>();
        int losses;

        Heard(String faults, long seed) {
            tool = new FaultyTool(
                    new SimulatedTool(Central.IDENTITY, Scenario.builtIn("home"), 1, Central.BOOT),
                    faults.isEmpty() ? List.of() : Fault.parse(faults),
                    seed);
            Gatt.TABLE.forEach(row -> subscribed.add(row.uuid()));
        }

        @Override
        public void notified(UUID characteristic, byte[] value) {
            values.add(new Value(tool.ageUs(), characteristic, value));
        }

        @Override
        public void lost() {
            losses++;
        }

        Heard connect() {
            tool.connect(tool.mtu(247), subscribed, this);
            return this;
        }

        Heard goOn(double seconds) {
            tool.advanceTo(tool.ageUs() + Math.round(seconds * S));
            return this;
        }

        Heard write(UUID characteristic, String hex) {
            tool.write(characteristic, HexFormat.of().parseHex(hex.replace(" ", "")));
            return this;
        }

        /** At 100 Hz. */
        Heard start() {
            return write(Gatt.CONTROL_POINT, "01 01 64 00");
        }

        List<String> from(UUID characteristic) {
            return values.stream()
                    .filter(value -> value.from().equals(characteristic))
                    .map(Value::hex)
                    .toList();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theSameFaultsSeedAndTimesGiveTheSameBytesHoweverTimeIsCut(Kind kind) {
        List<List<String>> streams = new ArrayList<>();
        for (double step : new double[] {20, 0.0137}) {
            Heard heard = new Heard(kind + "@5s" + (kind == Kind.REBOOT ? "" : "+5s"), 3);
            heard.connect().start();
            long endUs = 20 * S;
            while (heard.tool.ageUs() < endUs) {
                heard.tool.advanceTo(Math.min(endUs, heard.tool.ageUs() + Math.round(step * S)));
            }
            streams.add(heard.values.stream()
                    .map(value -> value.from() + " " + value.hex())
                    .toList());
        }
        assertTrue(streams.get(0).size() > 50, kind + " " + streams.get(0).size());
        assertEquals(streams.get(0), streams.get(1));
    }

    @Test
    void withoutFaultsItIsTheToolItself() {
        Heard heard = new Heard("", 1).connect().start().goOn(20);
        Central central = new Central(Scenario.builtIn("home"), 1);
        central.tool.write(Gatt.CONTROL_POINT, HexFormat.of().parseHex("01016400"));
        central.goOn(20);
        assertEquals(
                central.all,
                heard.values.stream()
                        .map(value -> value.from().toString().substring(4, 8) + " " + value.hex())
                        .toList());
        Heard other = new Heard("drop=50%", 2).connect().start().goOn(20);
        assertNotEquals(
                heard.from(Gatt.FORCE_STREAM).size(),
                other.from(Gatt.FORCE_STREAM).size());
    }
}
