package io.lightstroke.messages;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tool is, and the limits in force. Retained; sent after each connection and change of limits.
 *
 * @param link how it is reached: {@code simulated}, {@code tinyb}, {@code bluez}
 * @param trust what a tool must show to be accepted: {@code bonded}, {@code just-works}, {@code open}
 * @param features words of the protocol's feature bits, for example {@code motion-sensor}
 * @param limitsOnTool what the tool reads back; null while unknown, for example before the first connection
 */
public record ToolInfoMessage(
        @JsonProperty("v") int v,
        String address,
        String name,
        String link,
        String trust,
        String manufacturer,
        String model,
        String serial,
        String firmware,
        List<String> features,
        @JsonProperty("rate_Hz") int rateHz,
        long calibration,
        long boot,
        Limits limits,
        @Nullable Limits limitsOnTool) {
    public ToolInfoMessage withLimits(Limits inForce, Limits onTool) {
        return new ToolInfoMessage(
                v,
                address,
                name,
                link,
                trust,
                manufacturer,
                model,
                serial,
                firmware,
                features,
                rateHz,
                calibration,
                boot,
                inForce,
                onTool);
    }

    public ToolInfoMessage withCalibration(long inForce) {
        return new ToolInfoMessage(
                v,
                address,
                name,
                link,
                trust,
                manufacturer,
                model,
                serial,
                firmware,
                features,
                rateHz,
                inForce,
                boot,
                limits,
                limitsOnTool);
    }

    /** Newtons, ascending; see the guideline for their meaning. */
    public record Limits(
            @Nullable String version,
            @JsonProperty("light_N") double lightN,
            @JsonProperty("moderate_N") double moderateN,
            @JsonProperty("too_deep_N") double tooDeepN,
            @JsonProperty("ceiling_N") double ceilingN) {}
}
