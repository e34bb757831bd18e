package io.lightstroke.dashboard.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.protocol.BatteryLevel;
import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Cue;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.StoredBoots;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Whatever the bytes are: a mistake is named when the decoder of the kind refuses them, and none when it takes them. */
class AnyValueTest {
    private interface Decoder {
        Object decode(byte[] bytes) throws MalformedFrameException;
    }

    private static final Map<ValueKind, Decoder> DECODERS = Map.ofEntries(
            Map.entry(ValueKind.FORCE, ForceFrame::decode),
            Map.entry(ValueKind.EVENT, EventFrame::decode),
            Map.entry(ValueKind.CONTROL_REQUEST, AnyValueTest::request),
            Map.entry(ValueKind.CONTROL_ANSWER, AnyValueTest::answer),
            Map.entry(ValueKind.LIMITS, ToolLimits::decode),
            Map.entry(ValueKind.TOOL_INFO, ToolInfo::decode),
            Map.entry(ValueKind.CUE, Cue::decode),
            Map.entry(ValueKind.TIME_SYNC_REQUEST, TimeSync::nonceOfRequest),
            Map.entry(ValueKind.TIME_SYNC_ANSWER, TimeSync::decode),
            Map.entry(ValueKind.RECORD_REQUEST, RecordRequest::decode),
            Map.entry(ValueKind.RECORD_ANSWER, RecordAnswer::decode),
            Map.entry(ValueKind.STORED_BOOTS, StoredBoots::decode),
            Map.entry(ValueKind.BATTERY, BatteryLevel::decode),
            Map.entry(ValueKind.TEXT, bytes -> DeviceInformation.decode("text", bytes)),
            Map.entry(ValueKind.SMP, SmpMessage::decode));

    /** Those of docs/protocol.md. */
    private static final Map<ValueKind, List<String>> VECTORS = Map.ofEntries(
            Map.entry(
                    ValueKind.FORCE,
                    List.of("010100000300ed5e3430000040ef5a0700000000102705002a00000078005901feffb10200809474")),
            Map.entry(
                    ValueKind.EVENT,
                    List.of("020101000300ed5e07000000663000006090620700000000b102e40200007f002b0000000000bd7e")),
            Map.entry(
                    ValueKind.CONTROL_REQUEST,
                    List.of("01096400", "07060227130000", "0a0500", "0b060300ed5e38300000", "0201", "c801020304")),
            Map.entry(
                    ValueKind.CONTROL_ANSWER,
                    List.of(
                            "80010901",
                            "800707010200000" + "0",
                            "800a0501010" + "10df0ad0b001000007011010041010000",
                            "800304010c00",
                            "80050401" + "2c018a02840378059600c8005ad00700")),
            Map.entry(ValueKind.LIMITS, List.of("2c018a02840378059600c8005ad00700")),
            Map.entry(ValueKind.TOOL_INFO, List.of("010a0064001400c8000100000003 00ed5effffffff00".replace(" ", ""))),
            Map.entry(ValueKind.CUE, List.of("02070000000000000080")),
            Map.entry(ValueKind.TIME_SYNC_REQUEST, List.of("01eeffc0")),
            Map.entry(ValueKind.TIME_SYNC_ANSWER, List.of("01eeffc00300ed5e40ef5a070000000012f05a0700000000")),
            Map.entry(
                    ValueKind.RECORD_REQUEST,
                    List.of("0104800300ed5e3430000038300000", "0300", "0101800300ed5e", "040380fffffffffeffffff")),
            Map.entry(ValueKind.RECORD_ANSWER, List.of("050070110100", "06000101")),
            Map.entry(ValueKind.STORED_BOOTS, List.of("01010df0ad0b001000007011010041010000", "0000")),
            Map.entry(ValueKind.BATTERY, List.of("5a")),
            Map.entry(ValueKind.TEXT, List.of("53494d2d3030303031")),
            Map.entry(ValueKind.SMP, List.of("080000010001" + "2a00a0")));

    private static Object request(byte[] bytes) throws MalformedFrameException {
        ControlRequest request = ControlRequest.decode(bytes);
        return switch (request.op()) {
            case ControlRequest.START -> request.rateHz();
            case ControlRequest.WRITE_LIMITS -> ToolLimits.decode(request.params());
            case ControlRequest.CALIBRATE -> request.referenceMn();
            case 8, ControlRequest.STORED_BOOTS -> request.page();
            case ControlRequest.ERASE_STORED -> request.erasedIndex();
            case ControlRequest.STOP, ControlRequest.TARE, ControlRequest.READ_LIMITS, ControlRequest.IDENTIFY -> {
                if (request.params().length > 0) {
                    throw new MalformedFrameException("a tool answers bad length");
                }
                yield request;
            }
            default -> request;
        };
    }

    private static Object answer(byte[] bytes) throws MalformedFrameException {
        ControlAnswer answer = ControlAnswer.decode(bytes);
        if (answer.result() != ControlAnswer.Result.OK) {
            return answer;
        }
        return switch (answer.op()) {
            case ControlRequest.TARE -> answer.offsetCn();
            case ControlRequest.READ_LIMITS -> ToolLimits.decode(answer.data());
            case ControlRequest.STORED_BOOTS -> StoredBoots.decode(answer.data());
            case ControlRequest.CALIBRATE -> answer.data().length == 0 ? answer : answer.calibration();
            default -> answer;
        };
    }

    private static void assertNamedIfRefused(ValueKind kind, byte[] bytes) {
        Decoded decoded = kind.decode(bytes);
        boolean taken;
        try {
            Object unused = DECODERS.get(kind).decode(bytes);
            taken = true;
        } catch (MalformedFrameException e) {
            taken = false;
        }
        String of = kind + " " + HexFormat.of().formatHex(bytes) + "\n" + decoded.text();
        assertEquals(taken, decoded.right(), of);
        assertEquals(taken, decoded.mistake().isEmpty(), of);
        assertEquals(!taken, decoded.json().has("error"), of);
    }

    @Property(tries = 2000)
    void ofBytesAtRandom(@ForAll @Size(max = 64) byte[] bytes) {
        DECODERS.keySet().forEach(kind -> assertNamedIfRefused(kind, bytes));
        Decoded unused = ValueKind.ADVERTISING.decode(bytes);
    }

    @Property(tries = 2000)
    void ofVectorsThatAreDamaged(@ForAll long seed) {
        Random random = new Random(seed);
        VECTORS.forEach((kind, vectors) -> {
            byte[] bytes = HexFormat.of().parseHex(vectors.get(random.nextInt(vectors.size())));
            assertNamedIfRefused(kind, bytes);
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            assertNamedIfRefused(
                    kind, random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length + 4)));
        });
    }
}
