package com.example;

import io.lightstroke.protocol.ForceFrame;
import io.lightstroke.protocol.MalformedFrameException;

/** What one wants to know of a tool's force stream. */
public final class ForceReader {
    private long next = -1;
    private long samples;
    private long missing;
    private long damagedFrames;
    private double highestN;

    /** To be called with each notification of the Force Stream. */
    public void arrived(byte[] notification) {
        ForceFrame frame;
        try {
            frame = ForceFrame.decode(notification);
        } catch (MalformedFrameException e) {
            damagedFrames++;
            return;
        }
        if (next >= 0) {
            missing += frame.first() - next;
        }
        next = frame.first() + frame.count();
        samples += frame.count();
        for (short centinewtons : frame.forceCn()) {
            highestN = Math.max(highestN, centinewtons / 100.0); // what is no valid sample is negative
        }
    }

    public long samples() {
        return samples;
    }

    /** Between the first and the last sample that came. */
    public long missing() {
        return missing;
    }

    public long damagedFrames() {
        return damagedFrames;
    }

    public double highestN() {
        return highestN;
    }
}
