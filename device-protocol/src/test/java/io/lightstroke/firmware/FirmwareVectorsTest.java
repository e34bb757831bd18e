package io.lightstroke.firmware;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.protocol.MalformedFrameException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors of firmware and SMP in the protocol's description, which come from an independent program. */
class FirmwareVectorsTest {
    private static final String HASH = "3853c04872dd8099c50f50786653526dff7d3774d44b46d6917072af0cca498f";
    /** Of the whole file. */
    private static final String SHA256 = "5e8dfca11e53f7953ee73c5a7624c07984616a2ad32b15843b5bc4c62966bba0";

    private static final String HEADER = "3db8f396" // magic
            + "00000000" // load address
            + "2000" // header of 32 bytes
            + "0000" // no protected TLVs
            + "0b000000" // body of 11 bytes
            + "00000000" // flags
            + "01020300" // version 1.2.3
            + "00000000" // build 0
            + "00000000"; // padding
    private static final String BODY = "6c696768747374726f6b65"; // "lightstroke"
    private static final String TLVS = "07692800" // TLVs, 40 bytes
            + "10002000" // SHA-256, 32 bytes
            + HASH;
    private static final byte[] IMAGE = hex(HEADER + BODY + TLVS);
    /** Version 1.2.3.45, with a protected TLV. */
    private static final byte[] PROTECTED =
            hex("3db8f3960000000020000c000b00000000000000010203002d000000000000006c696768747374726f6b65"
                    + "08690c005000040001020304"
                    + "07692800"
                    + "1000200003dadad07958d42720b124c0c705bdd7ccb700b8079e8ed6d54ff9c11d8f96c6");

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    @Test
    void anImage() throws MalformedFrameException {
        FirmwareImage image = FirmwareImage.decode(IMAGE);
        assertEquals("1.2.3", image.version());
        assertEquals(HASH, image.hash());
        assertEquals(SHA256, HexFormat.of().formatHex(FirmwareImage.sha256(IMAGE)));
        FirmwareImage other = FirmwareImage.decode(PROTECTED);
        assertEquals("1.2.3.45", other.version());
        assertEquals("03dadad07958d42720b124c0c705bdd7ccb700b8079e8ed6d54ff9c11d8f96c6", other.hash());
    }

    @Test
    void noPartOfAnImageAndNoChangedBitIsTaken() throws MalformedFrameException {
        for (byte[] whole : List.of(IMAGE, PROTECTED)) {
            for (int length = 0; length < whole.length; length++) {
                byte[] part = Arrays.copyOf(whole, length);
                assertThrows(MalformedFrameException.class, () -> FirmwareImage.decode(part), "length " + length);
            }
            assertThrows(
                    MalformedFrameException.class, () -> FirmwareImage.decode(Arrays.copyOf(whole, whole.length + 1)));
            for (int bit = 0; bit < whole.length * 8; bit++) {
                byte[] changed = whole.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertThrows(MalformedFrameException.class, () -> FirmwareImage.decode(changed), "bit " + bit);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00, 'firmware image: want the magic 0x96f3b83d of MCUboot, got 0x96f3b800'",
        "8, 1f, 'firmware image header: want 32 bytes or more, got 31'",
        "12, 0c, 'firmware image: want TLVs 0x6907 of 39 bytes at 44, to its end, got 0x69280010'",
        "15, ff, 'firmware image: want more than 4278190127 bytes by its header, got 83'",
        "40, 00, 'firmware image: want content with the SHA-256 " + HASH + " of its TLV, got '",
        "47, 11, 'firmware image: want its SHA-256 among its TLVs, got none'",
        "49, 21, 'firmware image: want a TLV at 47 to end at 83 or before, got more'",
    })
    void whatIsWrongWithAnImageIsSaid(int at, String value, String error) {
        byte[] changed = IMAGE.clone();
        changed[at] = hex(value)[0];
        String message = assertThrows(MalformedFrameException.class, () -> FirmwareImage.decode(changed))
                .getMessage();
        assertTrue(message.startsWith(error), message);
    }

    private static void assertMessage(String bytes, SmpMessage value) throws MalformedFrameException {
        assertEquals(value, SmpMessage.decode(hex(bytes)));
        assertEquals(bytes, HexFormat.of().formatHex(value.encode()));
    }

    @Test
    void readingTheState() throws MalformedFrameException {
        SmpMessage request = new SmpMessage(0, 1, 1, 0, SmpMessage.newBody());
        assertMessage("0800000100010100a0", request);
        ImageState state = new ImageState(List.of(new ImageState.Slot(0, "1.0.0", HASH, false, true, true, false)));
        String answer = "0900008300010100" // version 1, read answer; 131 bytes, group 1, sequence 1, command 0
                + "a266696d6167657381a864736c6f74006776657273696f6e65312e302e30646861736858203853c04872dd8099c50f"
                + "50786653526dff7d3774d44b46d6917072af0cca498f68626f6f7461626c65f56770656e64696e67f469636f6e6669"
                + "726d6564f566616374697665f5697065726d616e656e74f46b73706c697453746174757300";
        assertMessage(answer, request.answer(state.encode()));
        SmpMessage came = SmpMessage.decode(hex(answer));
        assertTrue(came.answers(request));
        assertEquals(state, ImageState.decode(came.body()));
        assertEquals("1.0.0", state.active().orElseThrow().version());
        assertEquals(Optional.empty(), state.other(HASH));
    }

    @Test
    void uploadingInTwoChunks() throws MalformedFrameException {
        SmpMessage first = new SmpMessage(
                2,
                1,
                2,
                1,
                SmpMessage.newBody()
                        .put("off", 0)
                        .put("data", hex(HEADER))
                        .put("len", 83)
                        .put("sha", hex(SHA256)));
        assertMessage(
                "0a00005900010201" + "a4636f666600" + "64646174615820" + HEADER + "636c656e1853" + "637368615820"
                        + SHA256,
                first);
        assertMessage(
                "0b00000700010201" + "a1636f66661820",
                first.answer(SmpMessage.newBody().put("off", 32)));
        SmpMessage last =
                new SmpMessage(2, 1, 3, 1, SmpMessage.newBody().put("off", 32).put("data", hex(BODY + TLVS)));
        assertMessage("0a00004100010301" + "a2636f66661820" + "64646174615833" + BODY + TLVS, last);
        assertMessage(
                "0b00000e00010301" + "a2636f66661853" + "656d61746368f5",
                last.answer(SmpMessage.newBody().put("off", 83).put("match", true)));
    }

    @Test
    void testingAndRestarting() throws MalformedFrameException {
        assertMessage(
                "0a00003100010400" + "a2" + "64686173685820" + HASH + "67636f6e6669726df4",
                new SmpMessage(
                        2, 1, 4, 0, SmpMessage.newBody().put("hash", hex(HASH)).put("confirm", false)));
        SmpMessage reset = new SmpMessage(2, 0, 5, 5, SmpMessage.newBody());
        assertMessage("0a00000100000505a0", reset);
        assertMessage("0b00000100000505a0", reset.answer(SmpMessage.newBody()));
    }

    @Test
    void errorsOfBothVersions() throws MalformedFrameException {
        ObjectNode old = SmpMessage.decode(hex("0b0000160001ff01" + "a2627263066372736e6c6e6f206672656520736c6f74"))
                .body();
        assertEquals(6, old.get("rc").asInt());
        assertEquals("no free slot", old.get("rsn").asText());
        assertEquals(
                10,
                SmpMessage.decode(hex("0b0000110001ff01" + "a163657272a26567726f7570016272630a"))
                        .body()
                        .at("/err/rc")
                        .asInt());
    }

    @Test
    void fragmentsMakeTheMessageAgain() throws MalformedFrameException {
        SmpMessage whole = new SmpMessage(2, 1, 7, 1, SmpMessage.newBody().put("data", new byte[100]));
        SmpAssembly assembly = new SmpAssembly();
        List<byte[]> fragments = whole.fragments(5);
        assertEquals(24, fragments.size());
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < fragments.size(); i++) {
                assertEquals(
                        i == fragments.size() - 1 ? Optional.of(whole) : Optional.empty(),
                        assembly.add(fragments.get(i)));
            }
        }
        assertArrayEquals(whole.encode(), whole.fragments(1000).get(0));
    }

    @Test
    void afterNonsenseTheNextMessageIsTaken() throws MalformedFrameException {
        SmpAssembly assembly = new SmpAssembly();
        byte[] reset = hex("0a00000100000505a0");
        assertEquals(Optional.empty(), assembly.add(hex("0a000001")));
        assertThrows(MalformedFrameException.class, () -> assembly.add(reset));
        assertTrue(assembly.add(reset).isPresent());
        assertThrows(MalformedFrameException.class, () -> assembly.add(hex("0a00ffff00000505")));
        assertTrue(assembly.add(reset).isPresent());
    }

    @ParameterizedTest
    @CsvSource({
        "0a000000000005, 'smp message: want at least 8 bytes, got 7'",
        "0a00000200000505a0, 'smp message: want 10 bytes by its header, got 9'",
        "0a00ff0000000505a0, 'smp message: want at most 4096 bytes, got 65288'",
        "0a00000000000505, 'smp body: want a CBOR map, got MISSING'",
        "0a0000010000050580, 'smp body: want a CBOR map, got ARRAY'",
        "0a00000200000505a0a0, 'smp body: want a CBOR map, got '",
        "0a00000700000505a1616163f09f98, 'smp body: want a CBOR map, got '",
        "0a00000700000505a1616163edbdb6, 'smp body: want a CBOR map, got '",
        "0a00000100000505a1, 'smp body: want a CBOR map, got '",
    })
    void whatIsWrongWithAMessageIsSaid(String bytes, String error) {
        String message = assertThrows(MalformedFrameException.class, () -> SmpMessage.decode(hex(bytes)))
                .getMessage();
        assertTrue(message.startsWith(error), message);
    }

    @Test
    void aStateWithoutImagesOrOfOthersIsNone() throws MalformedFrameException {
        assertThrows(MalformedFrameException.class, () -> ImageState.decode(SmpMessage.newBody()));
        ObjectNode body = SmpMessage.newBody();
        body.putArray("images").addObject().put("image", 1).put("slot", 0).put("active", true);
        assertFalse(ImageState.decode(body).active().isPresent());
    }
}
