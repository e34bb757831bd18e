package io.lightstroke.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.TimeSync;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealTimeTest {
    private final Iterator<SimulatedTool> tools =
            SimulatedTools.fleet(2, Scenario.builtIn("home"), 1).iterator();

    @Test
    void toolTimeFollowsTheMonotonicClockAndBringsEachSampleItOwes() {
        SimulatedTool tool = tools.next();
        AtomicLong samples = new AtomicLong();
        tool.connect(247, Set.of(Gatt.FORCE_STREAM), (uuid, value) -> samples.addAndGet((value.length - 30) / 2));
        tool.write(Gatt.CONTROL_POINT, ControlRequest.start(1, 100).encode());
        long beforeNanos = System.nanoTime();
        try (RealTime time = new RealTime()) {
            time.add(tool);
            await().atMost(30, SECONDS).until(() -> samples.get() >= 300);
            time.remove(tool);
        }
        long elapsedUs = (System.nanoTime() - beforeNanos) / 1000;
        assertTrue(tool.nowUs() <= elapsedUs, tool.nowUs() + " us of tool time in " + elapsedUs);
        long owed = tool.nowUs() / 10_000;
        assertEquals(owed - owed % 5, samples.get());
    }

    @Test
    void aToolThatThrowsDoesNotStopTheOthers() {
        SimulatedTool bad = tools.next();
        bad.connect(247, Set.of(Gatt.FORCE_STREAM), (uuid, value) -> {
            throw new IllegalStateException("thrown by the test");
        });
        bad.write(Gatt.CONTROL_POINT, ControlRequest.start(1, 1000).encode());
        SimulatedTool good = tools.next();
        try (RealTime time = new RealTime()) {
            time.add(bad);
            time.add(good);
            await().atMost(30, SECONDS).until(() -> good.nowUs() > 200_000 && bad.nowUs() > 200_000);
        }
    }

    @Test
    void timeStandsStillForAToolThatWasRemovedAndForAllOnceClosed() {
        SimulatedTool removed = tools.next();
        SimulatedTool stays = tools.next();
        RealTime time = new RealTime();
        time.add(removed);
        time.add(stays);
        await().atMost(30, SECONDS).until(() -> removed.nowUs() > 20_000);
        time.remove(removed);
        long whenRemovedUs = removed.nowUs();
        await().atMost(30, SECONDS).until(() -> stays.nowUs() > whenRemovedUs + 100_000);
        assertTrue(removed.nowUs() < stays.nowUs());
        time.close();
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("simulated-time") && thread.isAlive()));
        List<Long> whenClosedUs = List.of(removed.nowUs(), stays.nowUs());
        time.close();
        assertEquals(whenClosedUs, List.of(removed.nowUs(), stays.nowUs()));
    }

    @Test
    void whoWritesOrReadsFindsTheToolAtItsPresentTime() throws Exception {
        AtomicLong nanos = new AtomicLong(5_000);
        SimulatedTool tool = tools.next();
        List<byte[]> answers = new ArrayList<>();
        try (RealTime time = new RealTime(nanos::get)) {
            time.add(tool);
            tool.connect(247, Set.of(Gatt.TIME_SYNC), (uuid, value) -> answers.add(value));
            nanos.addAndGet(3_333_000);
            tool.write(Gatt.TIME_SYNC, TimeSync.request(1));
            nanos.addAndGet(1_000_000_000);
            tool.read(Gatt.TOOL_INFO);
            assertEquals(1_003_333, tool.nowUs());
            tool.reboot();
            nanos.addAndGet(2_000_000);
            tool.read(Gatt.TOOL_INFO);
            assertEquals(2_000, tool.nowUs());
            assertEquals(1_005_333, tool.ageUs());
        }
        assertEquals(1, answers.size());
        assertEquals(3_333, TimeSync.decode(answers.get(0)).receivedUs());
        assertEquals(3_333, TimeSync.decode(answers.get(0)).sentUs());
    }

    @ParameterizedTest
    @CsvSource({"0, 10000000000", "500, 10005000000", "-120.5, 9998795000"})
    void aClockThatDriftsRunsTooFastOrTooSlow(double ppm, long afterTenThousandSeconds) {
        AtomicLong nanos = new AtomicLong();
        SimulatedTool tool = new SimulatedTool(Central.IDENTITY, Scenarios.drifting(ppm), 1);
        try (RealTime time = new RealTime(nanos::get)) {
            time.add(tool);
            nanos.set(10_000_000_000_000L);
            tool.read(Gatt.TOOL_INFO);
            assertEquals(afterTenThousandSeconds, tool.ageUs());
        }
    }
}
