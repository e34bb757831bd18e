package io.lightstroke.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class IndexLedgerTest {
    private static IndexLedger.Range range(long first, long last) {
        return new IndexLedger.Range(first, last);
    }

    @Test
    void theFirstToComeBeginsTheCount() {
        IndexLedger ledger = new IndexLedger();
        assertEquals(List.of(range(500, 504)), ledger.take(500, 504));
        assertEquals(0, missing(ledger));
        assertEquals(504, ledger.highest());
    }

    @Test
    void whatCouldNotBeKeptIsAwaitedAgain() {
        IndexLedger ledger = new IndexLedger();
        ledger.take(500, 509);
        for (long first = 510; first < 600; first += 10) {
            ledger.take(first, first + 9);
            ledger.notKept(first, first + 9);
        }
        ledger.take(600, 609);
        assertEquals(90, ledger.awaited());
        assertEquals(20, ledger.came());
        assertEquals(List.of(range(510, 599)), ledger.awaitedIn(0, 1000));
        assertEquals(List.of(range(550, 554)), ledger.take(550, 554));
        ledger.notKept(550, 554);
        assertEquals(List.of(range(510, 599)), ledger.awaitedIn(0, 1000));
        assertEquals(90, ledger.awaited());
        ledger.notKept(500, 509);
        assertEquals(List.of(range(500, 599)), ledger.awaitedIn(0, 1000));
    }

    @Test
    void whatIsSkippedIsMissingUntilItComesLate() {
        IndexLedger ledger = new IndexLedger(0, 9, List.of());
        assertEquals(List.of(range(20, 24)), ledger.take(20, 24));
        assertEquals(10, missing(ledger));
        assertEquals(List.of(range(12, 14)), ledger.take(12, 14));
        assertEquals(7, missing(ledger));
        assertEquals(List.of(range(10, 11), range(15, 19), range(25, 26)), ledger.take(8, 26));
        assertEquals(0, missing(ledger));
    }

    @Test
    void ofTooManyGapsTheOldestStayMissing() {
        IndexLedger ledger = new IndexLedger(0, 0, List.of());
        for (long index = 2; index <= 2 * IndexLedger.MAX_GAPS + 2; index += 2) {
            ledger.take(index, index);
        }
        assertEquals(IndexLedger.MAX_GAPS + 1, missing(ledger));
        assertEquals(List.of(), ledger.take(1, 1));
        assertEquals(List.of(range(3, 3)), ledger.take(3, 3));
        assertEquals(IndexLedger.MAX_GAPS, missing(ledger));
    }

    @Test
    void whatIsOlderThanTheFirstIsTakenButWasNotMissed() {
        IndexLedger ledger = new IndexLedger();
        ledger.take(5, 9);
        assertEquals(0, missing(ledger));
        assertEquals(List.of(range(0, 4)), ledger.take(0, 4));
        assertEquals(0, missing(ledger));
        assertEquals(List.of(), ledger.take(0, 9));
    }

    @Test
    void whatIsKnownToExistAfterTheHighestIsAwaitedAndTaken() {
        IndexLedger ledger = new IndexLedger(0, 9, List.of());
        ledger.expectUpTo(9);
        assertEquals(0, missing(ledger));
        ledger.expectUpTo(14);
        assertEquals(5, missing(ledger));
        assertEquals(List.of(range(10, 14)), ledger.awaitedIn(0, 100));
        assertEquals(List.of(range(10, 12)), ledger.take(5, 12));
        assertEquals(2, missing(ledger));
        assertEquals(List.of(range(13, 14), range(15, 19)), ledger.take(13, 19));
        assertEquals(0, missing(ledger));
    }

    @Test
    void theSameTwiceIsNothingNew() {
        IndexLedger ledger = new IndexLedger();
        ledger.take(0, 4);
        assertEquals(List.of(), ledger.take(0, 4));
        assertEquals(List.of(range(5, 7)), ledger.take(3, 7));
    }

    /** Against the plainest model: one bit an index. */
    @Property
    void agreesWithOneBitAnIndex(@ForAll @Size(max = 40) List<@IntRange(min = 0, max = 199) Integer> firsts) {
        IndexLedger ledger = new IndexLedger();
        BitSet seen = new BitSet();
        int begin = -1;
        for (int first : firsts) {
            int last = first + first % 7;
            begin = begin < 0 ? first : begin;
            BitSet fresh = new BitSet();
            for (IndexLedger.Range range : ledger.take(first, last)) {
                assertTrue(fresh.length() <= range.first(), "ascending");
                fresh.set((int) range.first(), (int) range.last() + 1);
            }
            BitSet expected = new BitSet();
            expected.set(first, last + 1);
            expected.andNot(seen);
            assertEquals(expected, fresh);
            seen.or(fresh);
            assertEquals(seen.length() - begin - seen.get(begin, seen.length()).cardinality(), missing(ledger));
        }
    }

    @Test
    void whatExistsIsAwaitedUntilItComesOrIsLost() {
        IndexLedger ledger = new IndexLedger();
        ledger.expect(10, 29);
        assertEquals(20, ledger.awaited());
        assertEquals(List.of(range(10, 14)), ledger.take(10, 14));
        assertEquals(List.of(range(15, 29)), ledger.awaitedIn(0, 100));
        ledger.expect(5, 29); // now from 5 on
        assertEquals(List.of(range(5, 9), range(15, 29)), ledger.awaitedIn(0, 100));
        ledger.giveUp(0, 19, IndexLedger.Loss.OVERWRITTEN);
        assertEquals(10, ledger.awaited());
        assertEquals(Map.of(IndexLedger.Loss.OVERWRITTEN, 10L), ledger.lost());
        assertEquals(5, ledger.came());
        assertEquals(
                List.of(range(17, 18)), ledger.take(17, 18), "what was given up is taken when it comes all the same");
        assertEquals(Map.of(IndexLedger.Loss.OVERWRITTEN, 8L), ledger.lost());
        assertEquals(7, ledger.came());
        assertTrue(ledger.came(10, 17));
        assertFalse(ledger.came(5, 9));
    }

    @Test
    void whatCameBeforeTheFirstAndWasNotKeptHidesNothingThatIsAwaited() {
        IndexLedger ledger = new IndexLedger();
        ledger.expect(10, 19);
        assertEquals(List.of(range(5, 9)), ledger.take(5, 9));
        ledger.notKept(5, 9);
        assertEquals(List.of(range(10, 19)), ledger.awaitedIn(0, 100));
        assertEquals(List.of(range(5, 9)), ledger.take(5, 9));
        assertEquals(List.of(range(10, 19)), ledger.take(10, 19));
        assertEquals(0, ledger.awaited());
    }

    private static long missing(IndexLedger ledger) {
        return ledger.awaited()
                + ledger.lost().values().stream().mapToLong(count -> count).sum();
    }
}
