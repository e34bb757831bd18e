package io.lightstroke.gateway.conform;

import io.lightstroke.protocol.Crc16;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Tool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A tool with one mistake in what it says or hears. */
final class MutantTool implements Tool {
    private final Tool tool;
    private final Mistake mistake;
    private @Nullable Central central;

    /** Each changes nothing unless it is overridden. */
    static class Mistake {
        List<Gatt.Characteristic> characteristics(List<Gatt.Characteristic> all) {
            return all;
        }

        byte[] read(UUID characteristic, byte[] value) {
            return value;
        }

        void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
            pass.accept(value);
        }

        /** @return what the tool gets; null: nothing */
        byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
            return value;
        }

        void disconnected(Tool tool) {}

        void rebooted(Tool tool) {}
    }

    /** Changes what is notified by one characteristic. */
    static Mistake says(UUID of, UnaryOperator<byte[]> change) {
        return new Mistake() {
            @Override
            void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
                pass.accept(characteristic.equals(of) ? change.apply(value.clone()) : value);
            }
        };
    }

    /** Changes what is read of one characteristic. */
    static Mistake reads(UUID of, UnaryOperator<byte[]> change) {
        return new Mistake() {
            @Override
            byte[] read(UUID characteristic, byte[] value) {
                return characteristic.equals(of) ? change.apply(value.clone()) : value;
            }
        };
    }

    /** With a right CRC. */
    static byte[] sealed(byte[] frame) {
        int at = frame.length - 2;
        buffer(frame).putShort(at, (short) Crc16.of(frame, 0, at));
        return frame;
    }

    static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    MutantTool(Tool tool, Mistake mistake) {
        this.tool = tool;
        this.mistake = mistake;
    }

    @Override
    public Identity identity() {
        return tool.identity();
    }

    @Override
    public List<Gatt.Characteristic> characteristics() {
        return mistake.characteristics(tool.characteristics());
    }

    @Override
    public long ageUs() {
        return tool.ageUs();
    }

    @Override
    public void advanceTo(long ageUs) {
        tool.advanceTo(ageUs);
    }

    @Override
    public void liveBy(@Nullable LongSupplier ageUs) {
        tool.liveBy(ageUs);
    }

    @Override
    public void catchUp() {
        tool.catchUp();
    }

    @Override
    public void reboot() {
        tool.reboot();
        mistake.rebooted(tool);
    }

    @Override
    public byte[] read(UUID characteristic) {
        return mistake.read(characteristic, tool.read(characteristic));
    }

    @Override
    public void write(UUID characteristic, byte[] value) {
        byte[] heard = mistake.written(characteristic, value, answer -> answered(characteristic, answer));
        if (heard != null) {
            tool.write(characteristic, heard);
        }
    }

    private void answered(UUID characteristic, byte[] value) {
        if (central != null) {
            central.notified(characteristic, value);
        }
    }

    @Override
    public void connect(int mtu, Set<UUID> subscribed, Central to) {
        central = to;
        tool.connect(mtu, subscribed, new Central() {
            @Override
            public void notified(UUID characteristic, byte[] value) {
                mistake.notified(characteristic, value, changed -> to.notified(characteristic, changed));
            }

            @Override
            public void lost() {
                to.lost();
            }
        });
    }

    @Override
    public void disconnect() {
        central = null;
        tool.disconnect();
        mistake.disconnected(tool);
    }
}
