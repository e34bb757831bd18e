package io.lightstroke.dashboard.records;

import java.util.List;

/**
 * A place of the body to be worked on.
 *
 * @param region id of the guideline
 * @param side {@code left}, {@code right}; {@code both} and {@code none} are the region as a whole
 */
public record Area(String region, String side) {
    /** What rests by itself: a side, or each of both. */
    List<String> parts() {
        return side.equals("left") || side.equals("right")
                ? List.of(region + " " + side)
                : List.of(region + " left", region + " right");
    }

    boolean overlaps(Area other) {
        return parts().stream().anyMatch(other.parts()::contains);
    }

    /** For people. */
    public String words() {
        return side.equals("none") ? region : region + " " + side;
    }
}
