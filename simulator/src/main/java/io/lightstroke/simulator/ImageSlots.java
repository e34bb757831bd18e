package io.lightstroke.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.firmware.ImageState;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.protocol.MalformedFrameException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The firmware images in a tool's flash, its SMP server for them, and what its bootloader, as MCUboot, does with them at
 * each start. Outlives the tool's reboots. Not thread-safe.
 */
final class ImageSlots {
    /** Of a slot, bytes. */
    static final int SIZE = 1 << 20;

    private static final int INVALID_VALUE = 3;
    private static final int NO_ENTRY = 5;
    private static final int BAD_STATE = 6;
    private static final int MESSAGE_SIZE = 7;
    private static final int NOT_SUPPORTED = 8;
    private static final int BUSY = 10;

    private Image running;
    private @Nullable Image other;
    private boolean confirmed = true;
    private boolean pending;
    private boolean permanent;

    /** Null while nothing is uploaded; bytes from {@link #offset} on are still to come. */
    private byte @Nullable [] upload;

    private byte[] uploadSha = {};
    private int offset;
    private boolean restarting;
    private SimulatedTool.@Nullable UpdateFault fault;

    private record Image(String version, String hash) {}

    /** @param version of the image that the tool has come with */
    ImageSlots(String version) {
        running = new Image(
                version, HexFormat.of().formatHex(FirmwareImage.sha256(version.getBytes(StandardCharsets.UTF_8))));
    }

    /** Of the image that runs. */
    String version() {
        return running.version();
    }

    void fault(SimulatedTool.@Nullable UpdateFault next) {
        fault = next;
    }

    /** A start of the tool: the image to be tried gets its turn, one that was not confirmed has had it. */
    void start() {
        restarting = false;
        upload = null;
        if (pending) {
            swap();
            confirmed = permanent;
            pending = false;
            if (fault != SimulatedTool.UpdateFault.DOES_NOT_START || confirmed) {
                return;
            }
        }
        if (!confirmed) {
            swap();
            confirmed = true;
        }
    }

    private void swap() {
        Image next = other;
        if (next != null) {
            other = running;
            running = next;
        }
    }

    /** An upload has begun, and has not ended. */
    boolean uploading() {
        return upload != null;
    }

    /** A restart was asked for. */
    boolean restarting() {
        return restarting;
    }

    SmpMessage answer(SmpMessage request, boolean sampling) {
        return request.answer(body(request, sampling));
    }

    private ObjectNode body(SmpMessage request, boolean sampling) {
        boolean write = request.op() == SmpMessage.WRITE;
        if (request.group() == SmpMessage.OS && write && request.command() == SmpMessage.ECHO) {
            return SmpMessage.newBody().put("r", request.body().path("d").asText());
        } else if (request.group() == SmpMessage.OS && write && request.command() == SmpMessage.RESET) {
            restarting = true;
            return SmpMessage.newBody();
        } else if (request.group() == SmpMessage.IMAGES && write && request.command() == SmpMessage.UPLOAD) {
            return sampling ? error(BUSY, "the tool samples") : upload(request.body());
        } else if (request.group() == SmpMessage.IMAGES && write && request.command() == SmpMessage.STATE) {
            return setState(request.body());
        } else if (request.group() == SmpMessage.IMAGES
                && request.op() == SmpMessage.READ
                && request.command() == SmpMessage.STATE) {
            return state();
        }
        return error(NOT_SUPPORTED, "no such command");
    }

    private static ObjectNode error(int code, String reason) {
        return SmpMessage.newBody().put("rc", code).put("rsn", reason);
    }

    private ObjectNode state() {
        List<ImageState.Slot> slots = new ArrayList<>();
        slots.add(new ImageState.Slot(0, running.version(), running.hash(), false, confirmed, true, false));
        Image second = other;
        if (second != null) {
            slots.add(new ImageState.Slot(
                    1, second.version(), second.hash(), pending, !confirmed, false, pending && permanent));
        }
        return new ImageState(slots).encode();
    }

    private ObjectNode setState(ObjectNode body) {
        boolean confirm = body.path("confirm").asBoolean();
        String hash = hex(body.path("hash"));
        Image second = other;
        if (hash.isEmpty() || hash.equals(running.hash())) {
            if (!confirm) {
                return error(INVALID_VALUE, "want the hash of an image that does not run");
            }
            confirmed = true;
            return state();
        } else if (second == null || !hash.equals(second.hash())) {
            return error(NO_ENTRY, "no image with this hash");
        } else if (!confirmed) {
            return error(BAD_STATE, "the image that runs is not confirmed");
        }
        pending = true;
        permanent = confirm;
        return state();
    }

    private ObjectNode upload(ObjectNode body) {
        byte[] data = bytes(body.path("data"));
        int at = body.path("off").asInt(-1);
        byte[] buffer = upload;
        if (at == 0) {
            byte[] sha = bytes(body.path("sha"));
            if (buffer == null || sha.length == 0 || !Arrays.equals(sha, uploadSha)) {
                ObjectNode refusal = beginning(body, data);
                if (refusal != null) {
                    return refusal;
                }
                buffer = new byte[body.path("len").asInt()];
                upload = buffer;
                uploadSha = sha;
                offset = 0;
                other = null;
                pending = false;
            }
        }
        if (buffer == null) {
            return error(INVALID_VALUE, "no upload runs");
        }
        if (at == offset) {
            if (data.length > buffer.length - offset) {
                upload = null;
                return error(INVALID_VALUE, "more than the length that was told");
            }
            System.arraycopy(data, 0, buffer, offset, data.length);
            offset += data.length;
        }
        ObjectNode answer = SmpMessage.newBody().put("off", offset);
        return offset == buffer.length ? answer.put("match", complete(buffer)) : answer;
    }

    /** Why an upload cannot begin so; null when it can. */
    private @Nullable ObjectNode beginning(ObjectNode body, byte[] data) {
        long length = body.path("len").asLong(-1);
        if (fault == SimulatedTool.UpdateFault.REFUSED || !confirmed || pending) {
            return error(BAD_STATE, "no free slot");
        } else if (length < 1 || length > SIZE) {
            return error(MESSAGE_SIZE, "want 1 to %d bytes, got %d".formatted(SIZE, length));
        } else if (data.length < FirmwareImage.HEADER
                || ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getInt() != FirmwareImage.MAGIC) {
            return error(INVALID_VALUE, "no header of an image");
        }
        return null;
    }

    private boolean complete(byte[] buffer) {
        upload = null;
        if (fault == SimulatedTool.UpdateFault.CORRUPTED) {
            buffer[buffer.length / 2] ^= 1;
        }
        try {
            FirmwareImage image = FirmwareImage.decode(buffer);
            other = new Image(image.version(), image.hash());
        } catch (MalformedFrameException e) {
            return false; // an image that is not valid is as none
        }
        return uploadSha.length == 0 || Arrays.equals(uploadSha, FirmwareImage.sha256(buffer));
    }

    private static byte[] bytes(JsonNode value) {
        try {
            return value.isBinary() ? value.binaryValue() : new byte[0];
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private static String hex(JsonNode value) {
        return HexFormat.of().formatHex(bytes(value));
    }
}
