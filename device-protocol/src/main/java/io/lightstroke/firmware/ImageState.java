package io.lightstroke.firmware;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The firmware images in a tool's slots: what its SMP server answers to reading and to changing their state. */
public record ImageState(List<Slot> slots) {
    /**
     * A valid image.
     *
     * @param slot 0: the one that runs; 1: where another one is uploaded to
     * @param hash SHA-256 of header, body and protected TLVs, hex; empty where the tool tells none
     * @param pending it is to run after the next restart
     * @param confirmed it stays over restarts
     * @param active it runs
     * @param permanent pending, and confirmed before it has run
     */
    public record Slot(
            int slot,
            String version,
            String hash,
            boolean pending,
            boolean confirmed,
            boolean active,
            boolean permanent) {}

    public ImageState {
        slots = List.copyOf(slots);
    }

    /** The image that runs. */
    public Optional<Slot> active() {
        return slots.stream().filter(Slot::active).findFirst();
    }

    /** The image that does not run and has this hash. */
    public Optional<Slot> other(String hash) {
        return slots.stream()
                .filter(slot -> !slot.active() && slot.hash().equals(hash))
                .findFirst();
    }

    /** Of a body; of several images the first is looked at alone, as a tool has one. */
    public static ImageState decode(ObjectNode body) throws MalformedFrameException {
        JsonNode images = body.path("images");
        if (!images.isArray()) {
            throw new MalformedFrameException("image state: want a list of images, got " + images.getNodeType());
        }
        List<Slot> slots = new ArrayList<>();
        for (JsonNode image : images) {
            if (image.path("image").asInt(0) == 0) {
                slots.add(new Slot(
                        image.path("slot").asInt(-1),
                        image.path("version").asText(),
                        hash(image.path("hash")),
                        image.path("pending").asBoolean(),
                        image.path("confirmed").asBoolean(),
                        image.path("active").asBoolean(),
                        image.path("permanent").asBoolean()));
            }
        }
        return new ImageState(slots);
    }

    private static String hash(JsonNode value) throws MalformedFrameException {
        try {
            return value.isBinary() ? HexFormat.of().formatHex(value.binaryValue()) : "";
        } catch (IOException e) {
            throw new MalformedFrameException("image state: want a hash of bytes, got " + value.getNodeType());
        }
    }

    public ObjectNode encode() {
        ObjectNode body = SmpMessage.newBody();
        var images = body.putArray("images");
        for (Slot slot : slots) {
            images.addObject()
                    .put("slot", slot.slot())
                    .put("version", slot.version())
                    .put("hash", HexFormat.of().parseHex(slot.hash()))
                    .put("bootable", true)
                    .put("pending", slot.pending())
                    .put("confirmed", slot.confirmed())
                    .put("active", slot.active())
                    .put("permanent", slot.permanent());
        }
        return body.put("splitStatus", 0);
    }
}
