package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.bench.FaultBench;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything fails at random; {@code lightstroke bench faults} runs more of the same, and one seed again. */
@Tag("alone") // uses every core there is
class FaultRunTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void whateverFailsNothingIsLostAndNothingIsTwice() throws Exception {
        FaultBench.Result result = FaultBench.run(200, 1, folder, done -> {});
        assertEquals(List.of(), result.failed());
        assertEquals(200, result.seeds());
        // What was meant to happen did.
        assertTrue(result.samples() > 200 * 5_000, result.toString());
        assertTrue(result.lives() > 400, result.toString());
        assertTrue(result.notKept() > 0 && result.malformed() > 0, result.toString());
        assertTrue(result.overflowed() > 0 && result.setAside() > 0, result.toString());
        assertTrue(result.duplicate() > 0 && result.cues() > 200, result.toString());
    }
}
