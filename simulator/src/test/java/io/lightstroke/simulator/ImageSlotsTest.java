package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.firmware.ImageState;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.testing.FirmwareFiles;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The tool's SMP server and its bootloader. */
class ImageSlotsTest {
    private static final int CHUNK = 400;

    private final Central central = central();
    private int sequence;

    private static Central central() {
        return new Central(Scenarios.resting(Scenarios.SENSOR, Scenarios.BATTERY), 1).goOn(1);
    }

    private static FirmwareImage image() throws Exception {
        return FirmwareImage.decode(FirmwareFiles.image(1, 2, 0, 3000));
    }

    private ObjectNode ask(int op, int group, int command, ObjectNode body) {
        SmpMessage request = new SmpMessage(op, group, ++sequence & 0xFF, command, body);
        central.smpAnswers.clear();
        request.fragments(244).forEach(fragment -> central.tool.write(Gatt.SMP, fragment));
        assertEquals(1, central.smpAnswers.size());
        assertTrue(central.smpAnswers.get(0).answers(request));
        return central.smpAnswers.get(0).body();
    }

    private ImageState state() throws MalformedFrameException {
        return ImageState.decode(ask(SmpMessage.READ, SmpMessage.IMAGES, SmpMessage.STATE, SmpMessage.newBody()));
    }

    private ObjectNode setState(String hash, boolean confirm) {
        ObjectNode body = SmpMessage.newBody().put("confirm", confirm);
        return ask(
                SmpMessage.WRITE,
                SmpMessage.IMAGES,
                SmpMessage.STATE,
                hash.isEmpty() ? body : body.put("hash", HexFormat.of().parseHex(hash)));
    }

    private ObjectNode chunk(FirmwareImage image, int offset) {
        byte[] bytes = image.bytes();
        ObjectNode body = SmpMessage.newBody()
                .put("off", offset)
                .put("data", Arrays.copyOfRange(bytes, offset, Math.min(bytes.length, offset + CHUNK)));
        if (offset == 0) {
            body.put("len", bytes.length).put("sha", FirmwareImage.sha256(bytes));
        }
        return ask(SmpMessage.WRITE, SmpMessage.IMAGES, SmpMessage.UPLOAD, body);
    }

    private ObjectNode upload(FirmwareImage image) {
        ObjectNode answer = chunk(image, 0);
        while (answer.path("off").asInt() < image.bytes().length) {
            answer = chunk(image, answer.get("off").asInt());
        }
        return answer;
    }

    private void restart() {
        ObjectNode unused = ask(SmpMessage.WRITE, SmpMessage.OS, SmpMessage.RESET, SmpMessage.newBody());
        central.goOn(0.3);
        central.connect(247);
    }

    private String firmware() {
        return new String(central.tool.read(Gatt.FIRMWARE_REVISION), StandardCharsets.UTF_8);
    }

    @Test
    void aNewImageIsUploadedTriedAndConfirmed() throws Exception {
        FirmwareImage image = image();
        assertEquals(1, state().slots().size());
        assertEquals("1.0.0", state().active().orElseThrow().version());
        ObjectNode unused = chunk(image, 0);
        assertEquals(ToolInfo.UPDATING, central.info().state());
        assertTrue(upload(image).get("match").asBoolean());
        assertEquals(
                List.of(ToolInfo.UPDATING, ToolInfo.IDLE),
                central.infos.stream().map(ToolInfo::state).toList());
        assertFalse(state().other(image.hash()).orElseThrow().pending());
        assertFalse(setState(image.hash(), false).has("rc"));
        assertTrue(state().other(image.hash()).orElseThrow().pending());
        assertEquals("1.0.0", firmware());

        long boot = central.info().boot();
        restart();
        assertTrue(boot != central.info().boot());
        assertEquals("1.2.0", firmware());
        ImageState.Slot active = state().active().orElseThrow();
        assertEquals(image.hash(), active.hash());
        assertFalse(active.confirmed());
        assertFalse(setState("", true).has("rc"));
        assertTrue(state().active().orElseThrow().confirmed());
        central.tool.reboot();
        central.connect(247);
        assertEquals("1.2.0", firmware());
    }

    @Test
    void whatIsNotConfirmedIsPutBackAtTheNextStart() throws Exception {
        FirmwareImage image = image();
        ObjectNode unused = upload(image);
        ObjectNode unusedToo = setState(image.hash(), false);
        restart();
        assertEquals("1.2.0", firmware());
        FirmwareImage next = FirmwareImage.decode(FirmwareFiles.image(1, 3, 0, 100));
        assertEquals(6, chunk(next, 0).get("rc").asInt(), "no slot is free");
        restart();
        assertEquals("1.0.0", firmware());
        assertTrue(state().active().orElseThrow().confirmed());
        assertFalse(state().other(image.hash()).orElseThrow().pending());
    }

    @Test
    void whatDoesNotStartIsPutBackAtOnce() throws Exception {
        FirmwareImage image = image();
        central.tool.failUpdates(SimulatedTool.UpdateFault.DOES_NOT_START);
        ObjectNode unused = upload(image);
        ObjectNode unusedToo = setState(image.hash(), false);
        restart();
        assertEquals("1.0.0", firmware());
        assertTrue(state().active().orElseThrow().confirmed());
    }

    @Test
    void anUploadGoesOnAfterALostLinkAndAnotherBeginsAnew() throws Exception {
        FirmwareImage image = image();
        assertEquals(CHUNK, chunk(image, 0).get("off").asInt());
        assertEquals(2 * CHUNK, chunk(image, CHUNK).get("off").asInt());
        assertEquals(2 * CHUNK, chunk(image, 5 * CHUNK).get("off").asInt(), "what comes too soon is not taken");
        central.connect(247);
        assertEquals(ToolInfo.IDLE, central.info().state());
        assertEquals(2 * CHUNK, chunk(image, 0).get("off").asInt());
        FirmwareImage other = FirmwareImage.decode(FirmwareFiles.image(2, 0, 0, 3000));
        assertEquals(CHUNK, chunk(other, 0).get("off").asInt());
        assertTrue(upload(other).get("match").asBoolean());
        assertEquals("2.0.0", state().other(other.hash()).orElseThrow().version());
    }

    @Test
    void whatIsWrongIsRefusedAndChangesNothing() throws Exception {
        FirmwareImage image = image();
        assertEquals(3, chunk(image, CHUNK).get("rc").asInt(), "no upload runs");
        assertEquals(5, setState(image.hash(), false).get("rc").asInt(), "no such image");
        assertEquals(8, ask(0, 1, 6, SmpMessage.newBody()).get("rc").asInt(), "no such command");
        assertEquals(8, ask(0, 64, 0, SmpMessage.newBody()).get("rc").asInt(), "no such group");
        ObjectNode large =
                SmpMessage.newBody().put("off", 0).put("len", 1 << 21).put("data", image.bytes());
        assertEquals(7, ask(2, 1, 1, large).get("rc").asInt());
        ObjectNode noImage = SmpMessage.newBody().put("off", 0).put("len", 100).put("data", new byte[32]);
        assertEquals(3, ask(2, 1, 1, noImage).get("rc").asInt());
        central.ask(ControlRequest.start(1, 100));
        assertEquals(10, chunk(image, 0).get("rc").asInt(), "it samples");
        central.ask(ControlRequest.stop(2));
        central.tool.failUpdates(SimulatedTool.UpdateFault.REFUSED);
        assertEquals(6, chunk(image, 0).get("rc").asInt());
        central.tool.failUpdates(SimulatedTool.UpdateFault.CORRUPTED);
        assertFalse(upload(image).get("match").asBoolean());
        assertEquals(1, state().slots().size());
        assertEquals(
                "hello",
                ask(2, 0, 0, SmpMessage.newBody().put("d", "hello")).get("r").asText());
    }

    @Property(tries = 300)
    void anyBytesWrittenAreAnsweredOrDropped(@ForAll @Size(max = 200) byte[] bytes) throws MalformedFrameException {
        Central any = central();
        any.tool.write(Gatt.SMP, bytes);
        any.goOn(0.5);
        assertEquals(0, any.info().state());
    }

    @Property(tries = 300)
    void anyBodyOfARequestIsAnswered(
            @ForAll @IntRange(max = 1) int group,
            @ForAll @IntRange(max = 6) int command,
            @ForAll boolean write,
            @ForAll long offset,
            @ForAll long length,
            @ForAll @Size(max = 40) byte[] bytes,
            @ForAll boolean header) {
        Central any = central();
        byte[] data = bytes.clone();
        if (header && data.length >= 4) {
            System.arraycopy(new byte[] {0x3d, (byte) 0xb8, (byte) 0xf3, (byte) 0x96}, 0, data, 0, 4);
        }
        ObjectNode body = SmpMessage.newBody()
                .put("off", header ? 0 : offset)
                .put("len", length)
                .put("data", data)
                .put("sha", bytes)
                .put("hash", bytes)
                .put("confirm", write);
        new SmpMessage(write ? 2 : 0, group, 7, command, body)
                .fragments(100)
                .forEach(fragment -> any.tool.write(Gatt.SMP, fragment));
        assertEquals(1, any.smpAnswers.size());
    }
}
