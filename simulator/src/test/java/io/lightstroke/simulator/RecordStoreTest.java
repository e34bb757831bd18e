package io.lightstroke.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.EventFrame;
import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordAnswer.Result;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.StoredBoots.StoredBoot;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws of the store, over the air: what was sampled is what is read, index by index. */
class RecordStoreTest {
    private static final Scenario HOME = Scenario.builtIn("home");
    private static final RecordAnswer REPORTED = RecordAnswer.response(RecordRequest.REPORT, Result.SUCCESS);
    private static final RecordAnswer NONE = RecordAnswer.response(RecordRequest.REPORT, Result.NO_RECORDS_FOUND);

    /** What is known of a sample. */
    private record Sample(long boot, long timeUs, int periodUs, short cn, boolean untared) {}

    private static Map<Long, Sample> samples(Stream<?> frames) {
        Map<Long, Sample> samples = new TreeMap<>();
        frames.filter(ForceFrame.class::isInstance).map(ForceFrame.class::cast).forEach(frame -> {
            for (int i = 0; i < frame.count(); i++) {
                Sample sample = new Sample(
                        frame.boot(),
                        frame.timeUs() + (long) i * frame.periodUs(),
                        frame.periodUs(),
                        frame.forceCn()[i],
                        frame.has(ForceFrame.UNTARED));
                assertEquals(null, samples.put(frame.first() + i, sample), "twice: " + (frame.first() + i));
            }
        });
        return samples;
    }

    /** Says only the first index that differs. */
    private static void assertSamples(Map<Long, Sample> wanted, Map<Long, Sample> got) {
        wanted.forEach((index, sample) -> assertEquals(sample, got.get(index), () -> "sample " + index));
        assertEquals(wanted.size(), got.size(), "samples");
    }

    private static List<EventFrame> events(List<Object> records) {
        return records.stream()
                .filter(EventFrame.class::isInstance)
                .map(EventFrame.class::cast)
                .toList();
    }

    private static long indexOf(Object record) {
        return record instanceof ForceFrame frame ? frame.first() : ((EventFrame) record).index();
    }

    /** 100 Hz, a pause, other rates and a tare, over 95 s; without a link for 20 s of it if {@code drops}. */
    private static Central lived(int mtu, boolean drops) {
        Central central = new Central(HOME, 4);
        central.connect(mtu);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(2.05);
        central.ask(ControlRequest.tare(2));
        central.goOn(20.123456);
        central.ask(ControlRequest.stop(3));
        central.goOn(5);
        central.ask(ControlRequest.start(4, 128));
        central.goOn(30);
        if (drops) {
            central.tool.disconnect();
        }
        central.goOn(20);
        if (drops) {
            central.connect(mtu);
        }
        central.ask(ControlRequest.start(5, 50));
        central.goOn(18);
        central.ask(ControlRequest.stop(6));
        return central;
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 100, 247, 517})
    void whatWasSampledIsWhatIsReadAlsoOverALostLink(int mtu) {
        Central truth = lived(mtu, false);
        Central central = lived(mtu, true);
        assertTrue(central.frames.size() < truth.frames.size() - 100, "something was missed");

        StoredBoot boot = central.storedBoots().get(0);
        assertEquals(REPORTED, central.ask(RecordRequest.reportAll(Central.BOOT)));
        assertSamples(samples(truth.frames.stream()), samples(central.records.stream()));
        assertEquals(
                truth.events.stream().map(EventFrame::historical).toList(),
                events(central.records).stream()
                        .sorted((a, b) -> Long.compare(a.sequence(), b.sequence()))
                        .toList());
        assertEquals(
                new StoredBoot(Central.BOOT, 0, samples(truth.frames.stream()).size() - 1, truth.events.size()), boot);
    }

    /** One of two equal tools loses its link now and then; of the other the stream tells what was sampled. */
    @Property(tries = 50)
    void inAnyLifeWhatWasSampledIsWhatIsRead(@ForAll long seed) {
        Random random = new Random(seed);
        Central truth = new Central(HOME, 1);
        Central central = new Central(HOME, 1);
        List<Long> boots = new ArrayList<>(List.of(Central.BOOT));
        List<Map<Long, Sample>> wanted = new ArrayList<>();
        List<Integer> events = new ArrayList<>();
        for (int turn = 0; turn < 20; turn++) {
            ControlRequest request = switch (random.nextInt(4)) {
                case 0 -> ControlRequest.stop(turn);
                case 1 -> ControlRequest.tare(turn);
                default -> ControlRequest.start(turn, 16 + random.nextInt(300));
            };
            double lostS = random.nextInt(3) == 0 ? random.nextDouble() * 20 : 0;
            double linkedS = random.nextDouble() * 5;
            truth.ask(request);
            central.connect(64 + random.nextInt(200));
            central.ask(request);
            if (lostS > 0) {
                central.tool.disconnect();
                central.goOn(lostS);
                central.connect(247);
                truth.goOn(lostS);
            }
            truth.goOn(linkedS);
            central.goOn(linkedS);
            if (turn == 19 || random.nextInt(6) == 0) {
                truth.ask(ControlRequest.stop(0));
                central.ask(ControlRequest.stop(0));
                wanted.add(samples(truth.frames.stream()));
                events.add(truth.events.size());
                truth.frames.clear();
                truth.events.clear();
                truth.tool.reboot();
                truth.connect(247);
                central.tool.reboot();
                central.connect(64 + random.nextInt(200));
                boots.add(central.info().boot());
            }
        }
        for (int i = 0; i < wanted.size(); i++) {
            central.ask(RecordRequest.reportAll(boots.get(i)));
            Map<Long, Sample> read = samples(central.records.stream());
            assertEquals(wanted.get(i).keySet(), read.keySet());
            wanted.get(i).forEach((index, sample) -> {
                Sample stored = Objects.requireNonNull(read.get(index));
                assertEquals(sample.timeUs(), stored.timeUs(), () -> "time of " + index);
                assertEquals(sample.cn(), stored.cn(), () -> "force of " + index);
                assertEquals(sample.untared(), stored.untared(), () -> "untared at " + index);
            });
            assertEquals(events.get(i), events(central.records).size());
        }
    }

    @ParameterizedTest
    @CsvSource({"64, 15", "247, 100", "517, 100"})
    void recordsComeByIndexEventsAfterTheirSampleInFramesThatFit(int mtu, int most) {
        Central central = lived(mtu, true);
        central.ask(RecordRequest.reportAll(Central.BOOT));
        long next = 0;
        long index = 0;
        int longest = 0;
        for (Object record : central.records) {
            assertTrue(indexOf(record) >= index, record.toString());
            index = indexOf(record);
            if (record instanceof ForceFrame frame) {
                assertTrue(frame.has(ForceFrame.HISTORICAL));
                assertEquals(next, frame.first());
                next = frame.lastIndex() + 1;
                longest = Math.max(longest, frame.count());
            } else {
                assertEquals(ForceFrame.HISTORICAL, ((EventFrame) record).flags());
                assertTrue(index < next, record.toString());
            }
        }
        assertEquals(most, longest);
    }

    @Test
    void flagsAndStrokesOfAStoredFrameHoldForEachOfItsSamples() {
        Central central = new Central(HOME, 4);
        central.connect(35); // one sample in a live frame
        central.ask(ControlRequest.start(1, 100));
        central.goOn(60);
        central.connect(247);
        central.ask(RecordRequest.reportRange(Central.BOOT, 0, 5999));
        Map<Long, ForceFrame> live = new TreeMap<>();
        central.frames.forEach(frame -> live.put(frame.first(), frame));
        int active = 0;
        for (Object record : central.records) {
            if (record instanceof ForceFrame frame) {
                for (long index = frame.first(); index <= frame.lastIndex(); index++) {
                    assertEquals(live.get(index).flags() | ForceFrame.HISTORICAL, frame.flags(), "of " + index);
                    assertEquals(live.get(index).strokes(), frame.strokes(), "at " + index);
                    active += frame.has(ForceFrame.CUE_ACTIVE) ? 1 : 0;
                }
            }
        }
        assertTrue(active > 50, active + " samples while a cue was active");
    }

    @Test
    void eachSaturatedSampleHasAFrameOfItsOwn() {
        Scenario.Sensor small = new Scenario.Sensor(16, 1000, 8, 0, 0, 0);
        Central central = new Central(Scenarios.pressing(small, 0.085, 12, 0.03, 100), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(0.2);
        central.ask(ControlRequest.stop(2));
        central.ask(RecordRequest.reportAll(Central.BOOT));
        assertEquals(
                List.of("8 x1", "9 x1", "10 x1"),
                central.records.stream()
                        .filter(ForceFrame.class::isInstance)
                        .map(ForceFrame.class::cast)
                        .filter(frame -> frame.has(ForceFrame.SATURATED))
                        .map(frame -> "%d x%d".formatted(frame.first(), frame.count()))
                        .toList());
    }

    @Test
    void theStreamGoesOnWhileRecordsAreReadAndAtMostFourOfThemComeInTenMilliseconds() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 1000));
        central.goOn(60);
        long sampled = central.frames.size() * 5L;
        central.frames.clear();
        central.tool.write(
                Gatt.RECORD_ACCESS, RecordRequest.reportAll(Central.BOOT).encode());
        int before = 0;
        int rounds = 0;
        while (central.recordAnswers.isEmpty()) {
            central.goOn(0.01);
            assertTrue(central.records.size() - before <= 4, "4 in 10 ms");
            before = central.records.size();
            rounds++;
        }
        assertEquals((central.records.size() + 3) / 4, rounds);
        assertEquals(sampled, samples(central.records.stream()).size(), "nothing that was sampled after the request");
        assertEquals(10L * rounds, samples(central.frames.stream()).size(), "the stream");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 0, 4999",
        "2, 0, 1234, 0, 1234",
        "3, 4321, 0, 4321, 4999",
        "3, 4999, 0, 4999, 4999",
        "4, 1000, 1000, 1000, 1000",
        "4, 150, 3210, 150, 3210",
        "4, 4900, 6000, 4900, 4999",
    })
    void operatorsChooseByIndexBothEndsIncludedAndACountIsTheNumberOfFrames(
            int operator, long first, long last, long from, long to) {
        for (int mtu : new int[] {64, 247}) {
            Central central = new Central(HOME, 1);
            central.ask(ControlRequest.start(1, 100));
            central.goOn(50);
            central.ask(ControlRequest.stop(2));
            central.connect(mtu);
            assertEquals(REPORTED, central.ask(new RecordRequest(1, operator, Central.BOOT, first, last)));
            Map<Long, Sample> read = samples(central.records.stream());
            assertEquals(to - from + 1, read.size());
            assertTrue(read.keySet().stream().allMatch(index -> from <= index && index <= to));
            assertEquals(
                    central.events.stream()
                            .filter(event -> from <= event.index() && event.index() <= to)
                            .count(),
                    events(central.records).size());
            int frames = central.records.size();
            assertEquals(
                    RecordAnswer.number(frames),
                    central.ask(new RecordRequest(4, operator, Central.BOOT, first, last)));
            assertEquals(List.of(), central.records);
        }
    }

    @Test
    void firstAndLastAreTheOneFrameThatAllWouldSendFirstOrLast() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(20);
        central.ask(ControlRequest.stop(2));
        central.ask(RecordRequest.reportAll(Central.BOOT));
        List<Object> all = List.copyOf(central.records);
        assertEquals(REPORTED, central.ask(new RecordRequest(1, RecordRequest.FIRST, Central.BOOT, 0, 0)));
        assertEquals(List.of(all.get(0)), central.records);
        assertEquals(REPORTED, central.ask(RecordRequest.reportLast(Central.BOOT)));
        assertEquals(List.of(all.get(all.size() - 1)), central.records);
        assertEquals(RecordAnswer.number(1), central.ask(new RecordRequest(4, RecordRequest.LAST, Central.BOOT, 0, 0)));
    }

    @Test
    void whatIsNotThereIsNoRecordsFoundAndCountsZero() {
        Central central = new Central(HOME, 1);
        assertEquals(List.of(), central.storedBoots());
        assertEquals(NONE, central.ask(RecordRequest.reportAll(Central.BOOT)));
        assertEquals(RecordAnswer.number(0), central.ask(RecordRequest.countAll(Central.BOOT)));
        central.ask(ControlRequest.start(1, 100));
        central.goOn(1);
        assertEquals(NONE, central.ask(RecordRequest.reportAll(Central.BOOT + 1)));
        assertEquals(NONE, central.ask(RecordRequest.reportLast(Central.BOOT + 1)));
        assertEquals(NONE, central.ask(RecordRequest.reportRange(Central.BOOT, 100, 200)));
    }

    @ParameterizedTest(name = "{0}: {1} is answered {2}")
    @CsvSource({
        "delete,                  02 01 80 0300ed5e, 06 00 02 02",
        "op 9,                    09 01 80 0300ed5e, 06 00 09 02",
        "report with no operator, 01 00, 06 00 01 03",
        "abort with an operator,  03 01, 06 00 03 03",
        "operator 7,              04 07 80 0300ed5e, 06 00 04 04",
        "a range backwards,       01 04 80 0300ed5e 05000000 04000000, 06 00 01 05",
        "half an operand,         01 01 80 0300, 06 00 01 05",
        "nothing to report,       01 01 80 0300ed5e, 06 00 01 06",
        "nothing to count,        04 01 80 0300ed5e, 05 00 00000000",
        "nothing to abort,        03 00, 06 00 03 07",
        "operand by time,         01 03 02 0300ed5e 05000000, 06 00 01 09",
    })
    void requestsThatCannotBeAreAnsweredByTheCodesOfTheSig(String name, String request, String answer) {
        Central central = new Central(HOME, 1);
        central.tool.write(Gatt.RECORD_ACCESS, HexFormat.of().parseHex(request.replace(" ", "")));
        assertEquals(1, central.recordAnswers.size());
        assertEquals(
                answer.replace(" ", ""),
                HexFormat.of().formatHex(central.recordAnswers.get(0).encode()));
    }

    @Test
    void aWriteThatHoldsNoRequestIsRefused() {
        Central central = new Central(HOME, 1);
        assertEquals(
                "record request: want at least 2 bytes, got 1",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> central.tool.write(Gatt.RECORD_ACCESS, new byte[] {1}))
                        .getMessage());
        assertEquals(
                "time sync request: want 4 bytes, got 5",
                assertThrows(IllegalArgumentException.class, () -> central.tool.write(Gatt.TIME_SYNC, new byte[5]))
                        .getMessage());
    }

    @Test
    void anMtuBelowTheLeastIsNotCompleted() {
        Central central = new Central(HOME, 1);
        central.connect(63);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(1);
        assertEquals(
                RecordAnswer.response(RecordRequest.REPORT, Result.PROCEDURE_NOT_COMPLETED),
                central.ask(RecordRequest.reportAll(Central.BOOT)));
    }

    private static Central reading() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(300);
        central.tool.write(
                Gatt.RECORD_ACCESS, RecordRequest.reportAll(Central.BOOT).encode());
        central.goOn(0.05);
        assertEquals(20, central.records.size());
        assertEquals(List.of(), central.recordAnswers);
        return central;
    }

    @Test
    void aSecondRequestMeanwhileIsNotCompletedAndTheReportGoesOn() {
        Central central = reading();
        central.tool.write(
                Gatt.RECORD_ACCESS, RecordRequest.countAll(Central.BOOT).encode());
        assertEquals(
                List.of(RecordAnswer.response(RecordRequest.COUNT, Result.PROCEDURE_NOT_COMPLETED)),
                central.recordAnswers);
        central.goOn(60);
        assertEquals(30_000, samples(central.records.stream()).size());
        assertEquals(List.of(REPORTED), central.recordAnswers.subList(1, central.recordAnswers.size()));
    }

    @Test
    void anAbortEndsTheReportWithoutAnotherAnswer() {
        Central central = reading();
        central.tool.write(Gatt.RECORD_ACCESS, RecordRequest.abort().encode());
        central.goOn(60);
        assertEquals(20, central.records.size());
        assertEquals(List.of(RecordAnswer.response(RecordRequest.ABORT, Result.SUCCESS)), central.recordAnswers);
        assertEquals(REPORTED, central.ask(RecordRequest.reportRange(Central.BOOT, 0, 10)));
    }

    @Test
    void aLostLinkEndsTheReport() {
        Central central = reading();
        central.tool.disconnect();
        central.goOn(1);
        central.connect(247);
        central.goOn(60);
        assertEquals(20, central.records.size());
        assertEquals(List.of(), central.recordAnswers);
        assertEquals(REPORTED, central.ask(RecordRequest.reportRange(Central.BOOT, 0, 10)));
    }

    @Test
    void theOldestIsOverwrittenAndHalfAnHourAtAHundredHertzIsReadInSeconds() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 1000));
        central.goOn(250);
        central.ask(ControlRequest.stop(2));
        StoredBoot boot = central.storedBoots().get(0);
        assertEquals(249_999, boot.newestIndex());
        assertTrue(49_900 <= boot.oldestIndex() && boot.oldestIndex() <= 50_000, boot.toString());
        assertEquals(central.events.size(), boot.events());

        assertEquals(NONE, central.ask(RecordRequest.reportRange(Central.BOOT, 0, boot.oldestIndex() - 1)));
        List<EventFrame> events = List.copyOf(central.events);
        long beforeUs = central.tool.nowUs();
        assertEquals(REPORTED, central.ask(RecordRequest.reportAll(Central.BOOT)));
        assertTrue(central.tool.nowUs() - beforeUs < 15_000_000, central.tool.nowUs() - beforeUs + " us");
        Map<Long, Sample> live = samples(central.frames.stream());
        live.keySet().removeIf(index -> index < boot.oldestIndex());
        assertSamples(live, samples(central.records.stream()));
        assertEquals(
                events.stream()
                        .filter(event -> event.index() >= boot.oldestIndex())
                        .map(EventFrame::historical)
                        .sorted(Comparator.comparingLong(EventFrame::index))
                        .toList(),
                events(central.records));
    }

    @Test
    void eventsAreOverwrittenByEvents() {
        // over and over again for 10 ms: an over-pressure begins, a cue begins, it ends
        Central central = new Central(Scenarios.pressing(0, 20, 0.02, 0.28), 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(1900);
        central.ask(ControlRequest.stop(2));
        List<EventFrame> happened = List.copyOf(central.events);
        assertTrue(happened.size() > RecordStore.EVENTS, happened.size() + " events");
        assertEquals(happened.size(), central.storedBoots().get(0).events());
        central.ask(RecordRequest.reportAll(Central.BOOT));
        assertEquals(190_000, samples(central.records.stream()).size());
        assertEquals(
                happened.subList(happened.size() - RecordStore.EVENTS, happened.size()).stream()
                        .map(EventFrame::historical)
                        .toList(),
                events(central.records));
    }

    @Test
    void aRebootBeginsFromNothingButWhatIsStored() throws MalformedFrameException {
        ToolLimits passing = new ToolLimits(200, 400, 600, 800, 100, 100, 90, 1000, 0);
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 200));
        central.goOn(30);
        central.ask(ControlRequest.tare(2));
        central.ask(ControlRequest.writeLimits(3, passing));
        Map<Long, Sample> before = samples(central.frames.stream());
        int events = central.events.size();
        central.tool.reboot();
        assertThrows(IllegalStateException.class, () -> central.ask(ControlRequest.stop(1)), "the central is gone");
        assertEquals(0, central.tool.nowUs());
        assertEquals(30_000_000, central.tool.ageUs());

        central.goOn(3.5);
        central.connect(64);
        ToolInfo info = central.info();
        assertNotEquals(Central.BOOT, info.boot());
        assertEquals(ToolInfo.IDLE, info.state());
        assertEquals(ToolInfo.NEVER_TARED, info.tareAgeS());
        assertEquals(100, info.rateHz());
        assertEquals(
                HOME.limits().ofTool(),
                ToolLimits.decode(central.ask(ControlRequest.readLimits(4)).data()));
        central.frames.clear();
        central.events.clear();
        central.ask(ControlRequest.start(5, 100));
        central.goOn(20);
        central.ask(ControlRequest.stop(6));
        assertEquals(0, central.frames.get(0).first());
        assertEquals(3_510_000, central.frames.get(0).timeUs());
        assertEquals(0, central.frames.get(0).strokes());
        assertEquals(info.boot(), central.frames.get(0).boot());
        assertEquals(0, central.events.get(0).sequence());

        assertEquals(
                List.of(
                        new StoredBoot(Central.BOOT, 0, 5999, events),
                        new StoredBoot(info.boot(), 0, 1999, central.events.size())),
                central.storedBoots());
        Map<Long, Sample> now = samples(central.frames.stream());
        central.ask(RecordRequest.reportAll(Central.BOOT));
        assertSamples(before, samples(central.records.stream()));
        central.ask(RecordRequest.reportAll(info.boot()));
        assertSamples(now, samples(central.records.stream()));
    }

    @Test
    void limitsWrittenToBeKeptOutliveReboots() throws MalformedFrameException {
        ToolLimits kept = new ToolLimits(200, 400, 600, 800, 100, 100, 90, 1000, 1);
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.writeLimits(1, kept));
        central.ask(ControlRequest.writeLimits(2, new ToolLimits(100, 200, 300, 400, 100, 100, 90, 1000, 0)));
        for (int i = 0; i < 2; i++) {
            central.tool.reboot();
            central.connect(247);
            assertEquals(
                    kept,
                    ToolLimits.decode(central.ask(ControlRequest.readLimits(3)).data()));
        }
    }

    @Test
    void bootsAreListedOnPagesOfThreeTheOldestFirst() {
        Central central = new Central(HOME, 1);
        central.connect(64);
        List<Long> boots = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            boots.add(central.info().boot());
            central.ask(ControlRequest.start(1, 100));
            central.goOn(1 + i);
            central.tool.reboot();
            central.tool.reboot(); // of this one nothing is stored
            central.connect(64);
        }
        assertEquals(
                List.of(3, 3, 1, 0),
                Stream.of(0, 1, 2, 3)
                        .map(page -> central.storedBoots(page).boots().size())
                        .toList());
        assertEquals(
                List.of(true, true, false, false),
                Stream.of(0, 1, 2, 3)
                        .map(page -> central.storedBoots(page).more())
                        .toList());
        assertEquals(boots, central.storedBoots().stream().map(StoredBoot::boot).toList());
        assertEquals(
                List.of(99L, 199L, 299L, 399L, 499L, 599L, 699L),
                central.storedBoots().stream().map(StoredBoot::newestIndex).toList());
    }

    @Test
    void overwritingReachesOverBootsAndForgetsThoseOfWhichNothingIsLeft() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.writeLimits(1, new ToolLimits(100, 200, 300, 400, 100, 100, 90, 1000, 0)));
        central.tool.reboot(); // before it only an event
        central.connect(247);
        long second = central.info().boot();
        central.ask(ControlRequest.start(1, 1000));
        central.goOn(10);
        central.tool.reboot();
        central.connect(247);
        long third = central.info().boot();
        assertEquals(
                List.of(new StoredBoot(Central.BOOT, 1, 0, 1)),
                central.storedBoots().subList(0, 1));
        central.ask(ControlRequest.start(1, 1000));
        central.goOn(195);
        List<StoredBoot> boots = central.storedBoots();
        assertEquals(
                List.of(second, third), boots.stream().map(StoredBoot::boot).toList());
        assertTrue(4_900 <= boots.get(0).oldestIndex() && boots.get(0).oldestIndex() <= 5_000, boots.toString());
        central.goOn(6);
        assertEquals(
                List.of(third),
                central.storedBoots().stream().map(StoredBoot::boot).toList());
    }

    @Test
    void erasingTakesSamplesAndEventsUpToAnIndexOfOneBoot() {
        Central central = new Central(HOME, 1);
        central.ask(ControlRequest.start(1, 100));
        central.goOn(30);
        central.tool.reboot();
        central.connect(247);
        long second = central.info().boot();
        central.ask(ControlRequest.start(1, 100));
        central.goOn(30);
        central.ask(ControlRequest.stop(2));

        erase(central, Central.BOOT, 1234);
        central.ask(RecordRequest.reportAll(Central.BOOT));
        Map<Long, Sample> left = samples(central.records.stream());
        assertEquals(3000 - 1235, left.size());
        assertTrue(left.containsKey(1235L));
        assertTrue(central.records.stream().allMatch(record -> indexOf(record) >= 1235));
        assertEquals(1235, central.storedBoots().get(0).oldestIndex());
        long events = central.storedBoots().get(0).events();
        erase(central, Central.BOOT, 100);
        assertEquals(
                new StoredBoot(Central.BOOT, 1235, 2999, events),
                central.storedBoots().get(0));

        erase(central, Central.BOOT, 2999);
        assertEquals(
                List.of(second),
                central.storedBoots().stream().map(StoredBoot::boot).toList());
        assertEquals(3000, central.storedBoots().get(0).newestIndex() + 1);
        assertEquals(NONE, central.ask(RecordRequest.reportAll(Central.BOOT)));
        erase(central, Central.BOOT, 2999);

        erase(central, second, 0xFFFF_FFFFL);
        assertEquals(List.of(), central.storedBoots());
        central.ask(ControlRequest.start(3, 100));
        central.goOn(1);
        assertEquals(3000, central.storedBoots().get(0).oldestIndex());
        assertEquals(REPORTED, central.ask(RecordRequest.reportAll(second)));
    }

    @Test
    void whatIsErasedWhileItIsReadIsAbsent() {
        Central central = reading();
        erase(central, Central.BOOT, 20_050);
        central.records.clear();
        central.goOn(60);
        assertEquals(List.of(REPORTED), central.recordAnswers);
        // one frame was made before the erasure
        List<Object> after = central.records.subList(1, central.records.size());
        assertEquals(20_051, indexOf(after.get(0)));
        assertEquals(30_000 - 20_051, samples(after.stream()).size());
    }

    private static void erase(Central central, long boot, long index) {
        assertEquals(
                ControlAnswer.Result.OK,
                central.ask(ControlRequest.eraseStored(9, boot, index)).result());
    }

    @Test
    void timeSyncSaysTheToolsTime() {
        Central central = new Central(HOME, 1).goOn(12.345678);
        central.tool.write(Gatt.TIME_SYNC, TimeSync.request(0xFFFF_FFFFL));
        central.tool.reboot();
        central.goOn(1.000001);
        central.connect(64);
        central.tool.write(Gatt.TIME_SYNC, TimeSync.request(7));
        assertEquals(
                List.of(
                        new TimeSync(0xFFFF_FFFFL, Central.BOOT, 12_345_678, 12_345_678),
                        new TimeSync(7, central.info().boot(), 1_000_001, 1_000_001)),
                central.syncs);
    }
}
