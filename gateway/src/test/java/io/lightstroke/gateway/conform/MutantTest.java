package io.lightstroke.gateway.conform;

import static io.lightstroke.gateway.conform.MutantTool.buffer;
import static io.lightstroke.gateway.conform.MutantTool.reads;
import static io.lightstroke.gateway.conform.MutantTool.says;
import static io.lightstroke.gateway.conform.MutantTool.sealed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.lightstroke.gateway.conform.MutantTool.Mistake;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.Tool;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tools with one mistake each, by the offsets of docs/protocol.md: it breaks these rules and no others. */
class MutantTest {
    private static final int FORCE = 1;
    private static final int EVENT = 2;

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void breaksExactlyThese(String what, Set<String> rules, Mistake mistake) throws Exception {
        Conformance conformance = Conformance.of(
                new SimulatedSubject(new MutantTool(ConformanceTest.tool("home"), mistake)),
                ConformanceTest.quick(),
                ConformanceTest.QUIET);
        assertEquals(new TreeSet<>(rules), ConformanceTest.broken(conformance), ConformanceTest.words(conformance));
    }

    /** What shows only in an hour of the tool's time. */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void breaksTheseInAnHour(String what, Set<String> rules, Mistake mistake) throws Exception {
        Conformance conformance = Conformance.of(
                new SimulatedSubject(new MutantTool(ConformanceTest.tool("home"), mistake)),
                Options.USUAL,
                ConformanceTest.QUIET);
        assertEquals(new TreeSet<>(rules), ConformanceTest.broken(conformance), ConformanceTest.words(conformance));
    }

    static Stream<Arguments> breaksTheseInAnHour() {
        return Stream.of(
                arguments("the battery is not notified", Set.of("BATT-02"), new Mistake() {
                    @Override
                    void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
                        if (!characteristic.equals(Gatt.BATTERY_LEVEL)) {
                            pass.accept(value);
                        }
                    }
                }),
                arguments(
                        "zero begins a calibration",
                        Set.of("CAL-02", "CAL-06", "CAL-07"),
                        hears(Gatt.CONTROL_POINT, 7, 7, request -> {
                            if (request[2] == 1) {
                                request[2] = 0;
                            }
                        })),
                arguments("sampling ends with the link", Set.of("REC-10", "REC-11"), new Mistake() {
                    @Override
                    void disconnected(Tool tool) {
                        asking(tool, ControlRequest.stop(0));
                    }
                }));
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments("Events cannot be notified", Set.of("GATT-02"), new Mistake() {
                    @Override
                    List<Gatt.Characteristic> characteristics(List<Gatt.Characteristic> all) {
                        return all.stream()
                                .map(row -> row.uuid().equals(Gatt.EVENTS)
                                        ? new Gatt.Characteristic(
                                                row.service(), row.uuid(), row.name(), List.of(Gatt.Property.INDICATE))
                                        : row)
                                .toList();
                    }
                }),
                arguments("no battery level", Set.of("GATT-01"), new Mistake() {
                    @Override
                    List<Gatt.Characteristic> characteristics(List<Gatt.Characteristic> all) {
                        return all.stream()
                                .filter(row -> !row.uuid().equals(Gatt.BATTERY_LEVEL))
                                .toList();
                    }

                    @Override
                    byte[] read(UUID characteristic, byte[] value) {
                        if (characteristic.equals(Gatt.BATTERY_LEVEL)) {
                            throw new IllegalArgumentException("no such characteristic");
                        }
                        return value;
                    }
                }),
                arguments("SMP is not there", Set.of("GATT-03", "SMP-01", "SMP-02"), new Mistake() {
                    @Override
                    List<Gatt.Characteristic> characteristics(List<Gatt.Characteristic> all) {
                        return all.stream()
                                .filter(row -> !row.uuid().equals(Gatt.SMP))
                                .toList();
                    }

                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        return characteristic.equals(Gatt.SMP) ? null : value;
                    }
                }),
                arguments("an empty model number", Set.of("GATT-05"), reads(Gatt.MODEL_NUMBER, value -> new byte[0])),
                arguments(
                        "65 bytes of manufacturer",
                        Set.of("GATT-05"),
                        reads(Gatt.MANUFACTURER_NAME, value -> "m".repeat(65).getBytes(StandardCharsets.UTF_8))),
                arguments(
                        "a battery of 101 %", Set.of("BATT-01"), reads(Gatt.BATTERY_LEVEL, value -> new byte[] {101})),
                arguments("an undefined feature", Set.of("INFO-01"), info(value -> value[2] |= 1)),
                arguments("min_hz 15", Set.of("INFO-02", "CTRL-06"), reads(Gatt.TOOL_INFO, value -> {
                    buffer(value).putShort(5, (short) 15);
                    return value;
                })),
                arguments(
                        "version 2 of force frames",
                        Set.of("FORCE-02", "REC-05"),
                        frames(FORCE, frame -> frame[1] = 2)),
                arguments(
                        "the reserved byte of a force frame is used",
                        Set.of("FORCE-04", "REC-05"),
                        frames(FORCE, frame -> frame[23] = 1)),
                arguments(
                        "an undefined flag of a force frame",
                        Set.of("FORCE-04", "REC-05"),
                        frames(FORCE, frame -> frame[2] |= 16)),
                arguments(
                        "live frames say historical",
                        Set.of("FORCE-05"),
                        live(Gatt.FORCE_STREAM, frame -> frame[2] |= 1)),
                arguments("stored frames do not say historical", Set.of("REC-04"), live(Gatt.RECORD_DATA, frame -> {
                    if (frame[0] == FORCE) {
                        frame[2] &= ~1;
                    }
                })),
                arguments(
                        "strokes fall",
                        Set.of("FORCE-15"),
                        live(
                                Gatt.FORCE_STREAM,
                                frame -> buffer(frame)
                                        .putInt(24, 1_000_000 - buffer(frame).getInt(8)))),
                arguments(
                        "a period of 9 ms at 100 Hz",
                        Set.of("FORCE-11", "FORCE-13", "REC-01"),
                        live(Gatt.FORCE_STREAM, frame -> {
                            if (buffer(frame).getShort(20) == 10_000) {
                                buffer(frame).putShort(20, (short) 8_000);
                            }
                        })),
                arguments("live forces are halved", Set.of("REC-01", "EVENT-10"), live(Gatt.FORCE_STREAM, frame -> {
                    for (int at = 28; at < frame.length - 2; at += 2) {
                        buffer(frame).putShort(at, (short) (buffer(frame).getShort(at) / 2));
                    }
                })),
                arguments("an unknown kind of event", Set.of("EVENT-02", "REC-05"), frames(EVENT, frame -> {
                    if (frame[2] == 9) {
                        frame[2] = 77;
                    }
                })),
                arguments("live events say historical", Set.of("EVENT-03"), live(Gatt.EVENTS, frame -> frame[3] = 1)),
                arguments(
                        "an angle of 0 without a motion sensor",
                        Set.of("EVENT-04"),
                        frames(EVENT, frame -> frame[30] = 0)),
                arguments(
                        "events are 3 ms late",
                        Set.of("EVENT-09"),
                        frames(
                                EVENT,
                                frame -> buffer(frame).putLong(16, buffer(frame).getLong(16) + 3_000))),
                arguments(
                        "peaks are halved",
                        Set.of("EVENT-10"),
                        frames(
                                EVENT,
                                frame -> buffer(frame)
                                        .putShort(24, (short) (buffer(frame).getShort(24) / 2)))),
                arguments("stored events count one stroke more", Set.of("REC-02"), live(Gatt.RECORD_DATA, frame -> {
                    if (frame[0] == EVENT) {
                        frame[32]++;
                    }
                })),
                arguments("txn is 0", Set.of("CTRL-02"), says(Gatt.CONTROL_POINT, answer -> {
                    answer[2] = 0;
                    return answer;
                })),
                arguments("each answer comes twice", Set.of("CTRL-03"), new Mistake() {
                    @Override
                    void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
                        pass.accept(value);
                        if (characteristic.equals(Gatt.CONTROL_POINT)) {
                            pass.accept(value);
                        }
                    }
                }),
                arguments("an unknown op is ok", Set.of("CTRL-04"), answers(6, 1)),
                arguments("identify fails", Set.of("CTRL-05", "CTRL-12"), answers(9, 4)),
                arguments("params of stop are not looked at", Set.of("CTRL-05"), new Mistake() {
                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        return characteristic.equals(Gatt.CONTROL_POINT) && value[0] == 2
                                ? Arrays.copyOf(value, 2)
                                : value;
                    }
                }),
                arguments("a ceiling of 1401 cN is taken for 1400", Set.of("CTRL-11"), limits(limits -> {
                    if (buffer(limits).getShort(8) == 1401) {
                        buffer(limits).putShort(8, (short) 1400);
                    }
                })),
                arguments("enter_ms is another one", Set.of("CTRL-10", "CTRL-14", "CTRL-15"), limits(limits -> {
                    buffer(limits).putShort(10, (short) 151);
                })),
                arguments("keep is not looked at", Set.of("CTRL-15"), new Mistake() {
                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        if (!characteristic.equals(Gatt.CONTROL_POINT) || value[0] != 4 || value.length != 18) {
                            return value;
                        }
                        keep = value[17];
                        byte[] heard = value.clone();
                        heard[17] = 0;
                        return heard;
                    }

                    private byte keep;

                    @Override
                    void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
                        byte[] said = value.clone();
                        if (characteristic.equals(Gatt.CONTROL_POINT) && value[1] == 5 && value.length == 20) {
                            said[19] = keep;
                        }
                        pass.accept(said);
                    }
                }),
                arguments("a cue says txn 0", Set.of("CUE-01"), frames(EVENT, frame -> {
                    if (frame[2] == 6 && buffer(frame).getShort(36) != 0) {
                        buffer(frame).putShort(36, (short) 99);
                    }
                })),
                arguments(
                        "the flag cue active is never there", Set.of("CUE-05"), frames(FORCE, frame -> frame[2] &= ~8)),
                arguments(
                        "an expired cue begins",
                        Set.of("CUE-03"),
                        cues(cue -> buffer(cue).putLong(2, Long.MAX_VALUE))),
                arguments("an unknown pattern is a tick", Set.of("CUE-04"), cues(cue -> {
                    if (cue[0] < 1 || cue[0] > 4) {
                        cue[0] = 1;
                    }
                })),
                arguments("each cue has a pattern of its own", Set.of("CUE-02"), new Mistake() {
                    private byte last;

                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        byte[] heard = value.clone();
                        if (characteristic.equals(Gatt.CUE) && value[0] == 1) {
                            last = (byte) (last == 1 ? 3 : 1);
                            heard[0] = last;
                        }
                        return heard;
                    }
                }),
                arguments("another nonce", Set.of("SYNC-01"), sync(answer -> answer[0]++)),
                arguments("another boot in time sync", Set.of("SYNC-02"), sync(answer -> answer[4]++)),
                arguments(
                        "received after sent",
                        Set.of("SYNC-03"),
                        sync(answer -> buffer(answer).putLong(8, buffer(answer).getLong(16) + 5))),
                arguments("time sync is an hour ahead", Set.of("SYNC-04"), sync(answer -> {
                    buffer(answer).putLong(8, buffer(answer).getLong(8) + 3_600_000_000L);
                    buffer(answer).putLong(16, buffer(answer).getLong(16) + 3_600_000_000L);
                })),
                arguments("delete is an invalid operand", Set.of("RACP-05"), response(2, 2, 5)),
                arguments("an operator of its own is success", Set.of("RACP-06"), response(4, 4, 1)),
                arguments("a wrong operand is no record", Set.of("RACP-07"), response(1, 5, 6)),
                arguments("counts are one too many", Set.of("RACP-02", "RACP-08"), says(Gatt.RECORD_ACCESS, answer -> {
                    if (answer[0] == 5) {
                        buffer(answer).putInt(2, buffer(answer).getInt(2) + 1);
                    }
                    return answer;
                })),
                arguments("an abort is unsuccessful", Set.of("RACP-09"), response(3, 1, 7)),
                arguments("an abort without a report succeeds", Set.of("RACP-10"), response(3, 7, 1)),
                arguments("a page says more for ever", Set.of("BOOTS-01"), says(Gatt.CONTROL_POINT, answer -> {
                    if (answer[1] == 10 && answer[3] == 1 && answer[5] == 0) {
                        answer[4] = 1;
                    }
                    return answer;
                })),
                arguments("the newest index is one too high", Set.of("BOOTS-02"), says(Gatt.CONTROL_POINT, answer -> {
                    if (answer[1] == 10 && answer.length > 6) {
                        buffer(answer).putInt(answer.length - 8, buffer(answer).getInt(answer.length - 8) + 1);
                    }
                    return answer;
                })),
                arguments(
                        "another boot in Tool Info",
                        Set.of("FORCE-06", "EVENT-05", "SYNC-02", "BOOTS-02"),
                        info(value -> value[13] ^= 1)),
                arguments(
                        "a tool that was never tared says 7 s",
                        Set.of("BOOT-03", "FORCE-16"),
                        reads(Gatt.TOOL_INFO, value -> {
                            if (buffer(value).getInt(17) == -1) {
                                buffer(value).putInt(17, 7);
                            }
                            return value;
                        })),
                arguments("cancel is unknown", Set.of("CAL-01", "CAL-02"), hears(Gatt.CONTROL_POINT, 7, 7, request -> {
                    if (request[2] == 4) {
                        request[2] = 5;
                    }
                })),
                arguments("another calibration at each look", Set.of("CAL-05"), new Mistake() {
                    private byte number;

                    @Override
                    byte[] read(UUID characteristic, byte[] value) {
                        byte[] copy = value.clone();
                        if (characteristic.equals(Gatt.TOOL_INFO)) {
                            copy[9] = number++;
                        }
                        return copy;
                    }
                }),
                arguments("stop fails where nothing is to be stopped", Set.of("CTRL-07"), new Mistake() {
                    private boolean sampling;

                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        if (!characteristic.equals(Gatt.CONTROL_POINT) || value[0] > 2 || value[0] < 1) {
                            return value;
                        }
                        boolean refused = value[0] == 2 && !sampling;
                        sampling = value[0] == 1;
                        if (refused) {
                            answer.accept(new byte[] {(byte) 0x80, 2, value[1], 6});
                        }
                        return refused ? null : value;
                    }
                }),
                arguments(
                        "a cue comes with each end of an over-pressure",
                        Set.of("CUE-07", "EVENT-11"),
                        frames(EVENT, frame -> {
                            if (frame[2] == 3) {
                                frame[2] = 6;
                            }
                        })),
                arguments(
                        "300 bytes of time sync",
                        Set.of("GATT-07", "SYNC-01"),
                        says(Gatt.TIME_SYNC, answer -> Arrays.copyOf(answer, 300))),
                arguments("all that is stored is saturated", Set.of("REC-07"), live(Gatt.RECORD_DATA, frame -> {
                    if (frame[0] == FORCE) {
                        frame[2] |= 2;
                    }
                })),
                arguments("read faults has no data", Set.of("CTRL-02", "CTRL-13"), answers(8, 1)),
                arguments(
                        "more than max_hz is max_hz",
                        Set.of("CTRL-06"),
                        hears(
                                Gatt.CONTROL_POINT,
                                4,
                                1,
                                request -> buffer(request).putShort(2, (short)
                                        Math.min(1000, buffer(request).getShort(2) & 0xFFFF)))),
                arguments("limits go with the link", Set.of("CTRL-14"), new Mistake() {
                    @Override
                    void disconnected(Tool tool) {
                        asking(tool, ControlRequest.writeLimits(0, Scenario.DEFAULT_LIMITS.ofTool()));
                    }
                }),
                arguments("sampling ends with the link", Set.of("REC-10"), new Mistake() {
                    @Override
                    void disconnected(Tool tool) {
                        asking(tool, ControlRequest.stop(0));
                    }
                }),
                arguments("records go with a restart", Set.of("REC-14", "BOOTS-03"), new Mistake() {
                    private int boot;

                    @Override
                    byte[] read(UUID characteristic, byte[] value) {
                        boot = characteristic.equals(Gatt.TOOL_INFO)
                                ? buffer(value).getInt(13)
                                : boot;
                        return value;
                    }

                    @Override
                    void rebooted(Tool tool) {
                        asking(tool, ControlRequest.eraseStored(0, boot & 0xFFFF_FFFFL, 0xFFFF_FFFFL));
                    }
                }),
                arguments("nothing is erased", Set.of("REC-12"), new Mistake() {
                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        if (!characteristic.equals(Gatt.CONTROL_POINT) || value[0] != 11 || value.length != 10) {
                            return value;
                        }
                        answer.accept(new byte[] {(byte) 0x80, 11, value[1], 1});
                        return null;
                    }
                }),
                arguments("to erase nothing fails", Set.of("REC-13"), new Mistake() {
                    private boolean asked;

                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        if (asked
                                || !characteristic.equals(Gatt.CONTROL_POINT)
                                || value[0] != 11
                                || value.length != 10) {
                            return value;
                        }
                        asked = true;
                        answer.accept(new byte[] {(byte) 0x80, 11, value[1], 4});
                        return null;
                    }
                }),
                arguments(
                        "zero begins a calibration",
                        Set.of("CAL-02", "CAL-06"),
                        hears(Gatt.CONTROL_POINT, 7, 7, request -> {
                            if (request[2] == 1) {
                                request[2] = 0;
                            }
                        })),
                arguments("step 5 is a cancel", Set.of("CAL-03"), hears(Gatt.CONTROL_POINT, 7, 7, request -> {
                    if (request[2] == 5) {
                        request[2] = 4;
                    }
                })),
                arguments("no over-pressure is told", Set.of("CUE-06", "CUE-08"), frames(EVENT, frame -> {
                    if (frame[2] == 2 || frame[2] == 3) {
                        frame[2] = 9;
                    }
                })),
                arguments("an over-pressure begins again and again", Set.of("EVENT-11"), frames(EVENT, frame -> {
                    if (frame[2] == 3) {
                        frame[2] = 2;
                    }
                })),
                arguments("nothing is ever refused as busy", Set.of("RACP-11", "RACP-12"), response(4, 8, 1)),
                arguments("≤ is all", Set.of("RACP-03"), new Mistake() {
                    @Override
                    byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                        if (!characteristic.equals(Gatt.RECORD_ACCESS) || value[1] != 2 || value.length != 11) {
                            return value;
                        }
                        byte[] heard = Arrays.copyOf(value, 7);
                        heard[1] = 1;
                        return heard;
                    }
                }),
                arguments("first is last", Set.of("RACP-04"), hears(Gatt.RECORD_ACCESS, 7, 0, request -> {
                    if (request[1] == 5) {
                        request[1] = 6;
                    }
                })),
                arguments("Tool Info is not notified", Set.of("INFO-03"), new Mistake() {
                    @Override
                    void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
                        if (!characteristic.equals(Gatt.TOOL_INFO)) {
                            pass.accept(value);
                        }
                    }
                }));
    }

    /** As somebody else would, while nobody is connected. */
    private static void asking(Tool tool, ControlRequest request) {
        tool.connect(64, Set.of(), (characteristic, value) -> {});
        tool.write(Gatt.CONTROL_POINT, request.encode());
        tool.disconnect();
    }

    /** What is read, and what is notified. */
    private static Mistake info(Consumer<byte[]> change) {
        return new Mistake() {
            @Override
            byte[] read(UUID characteristic, byte[] value) {
                return changed(characteristic, value);
            }

            @Override
            void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
                pass.accept(changed(characteristic, value));
            }

            private byte[] changed(UUID characteristic, byte[] value) {
                byte[] copy = value.clone();
                if (characteristic.equals(Gatt.TOOL_INFO)) {
                    change.accept(copy);
                }
                return copy;
            }
        };
    }

    /** Live and stored ones of a type, with a right CRC. */
    private static Mistake frames(int type, Consumer<byte[]> change) {
        return new Mistake() {
            @Override
            void notified(UUID characteristic, byte[] value, Consumer<byte[]> pass) {
                Set<UUID> frames = Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS, Gatt.RECORD_DATA);
                byte[] copy = value.clone();
                if (frames.contains(characteristic) && copy[0] == type) {
                    change.accept(copy);
                    pass.accept(sealed(copy));
                } else {
                    pass.accept(copy);
                }
            }
        };
    }

    /** What comes through one characteristic, with a right CRC. */
    private static Mistake live(UUID of, Consumer<byte[]> change) {
        return says(of, frame -> {
            change.accept(frame);
            return sealed(frame);
        });
    }

    private static Mistake sync(Consumer<byte[]> change) {
        return says(Gatt.TIME_SYNC, answer -> {
            change.accept(answer);
            return answer;
        });
    }

    private static Mistake cues(Consumer<byte[]> change) {
        return hears(Gatt.CUE, 10, 0, change);
    }

    private static Mistake limits(Consumer<byte[]> change) {
        return hears(Gatt.CONTROL_POINT, 18, 4, change);
    }

    private static Mistake hears(UUID of, int length, int op, Consumer<byte[]> change) {
        return new Mistake() {
            @Override
            byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                byte[] copy = value.clone();
                if (characteristic.equals(of) && copy.length == length && (op == 0 || copy[0] == op)) {
                    change.accept(copy);
                }
                return copy;
            }
        };
    }

    /** An op is always answered so, and not done. */
    private static Mistake answers(int op, int result) {
        return new Mistake() {
            @Override
            byte @Nullable [] written(UUID characteristic, byte[] value, Consumer<byte[]> answer) {
                if (!characteristic.equals(Gatt.CONTROL_POINT) || value[0] != op) {
                    return value;
                }
                answer.accept(new byte[] {(byte) 0x80, (byte) op, value[1], (byte) result});
                return null;
            }
        };
    }

    /** A response of the Record Access Control Point has another result. */
    private static Mistake response(int op, int from, int to) {
        return says(Gatt.RECORD_ACCESS, answer -> {
            if (answer[0] == 6 && answer[2] == op && answer[3] == from) {
                answer[3] = (byte) to;
            }
            return answer;
        });
    }
}
