package io.lightstroke.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.lightstroke.messages.Json;
import io.lightstroke.protocol.ToolLimits;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A {@link Recording} as the two files that docs/simulation.md describes. The same recording gives the same bytes. */
public final class RecordingFiles {
    public static final String FRAMES = "frames.hex";
    public static final String TRUTH = "truth.json";

    /** Each element of a list on a line of its own. */
    private static final ObjectWriter JSON = Json.MAPPER
            .copy()
            .setPropertyNamingStrategy(PropertyNamingStrategies.LOWER_CAMEL_CASE)
            .registerModule(new SimpleModule("six decimals")
                    .addSerializer(Double.class, new SixDecimals())
                    .addSerializer(Double.TYPE, new SixDecimals()))
            .writer(new DefaultPrettyPrinter(
                            Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.NONE))
                    .withObjectIndenter(DefaultPrettyPrinter.FixedSpaceIndenter.instance)
                    .withArrayIndenter(new DefaultIndenter("  ", "\n")));

    private record Truth(
            String scenario,
            long seed,
            int tool,
            @Nullable Long boot,
            int rateHz,
            Limits limits,
            long samples,
            double lengthS,
            List<GroundTruth.Stroke> strokes,
            List<GroundTruth.OverPressure> overPressure,
            List<GroundTruth.Spot> spots,
            @Nullable List<ToolTruth.Start> starts,
            @Nullable List<Happened> faults) {}

    private record Happened(String fault, @Nullable Double value, long fromUs, long toUs, long changed) {
        static Happened of(FaultyTool.Happened happened) {
            Fault fault = happened.fault();
            return new Happened(
                    fault.kind().toString(),
                    fault.kind().unit == Fault.Unit.NONE ? null : Double.valueOf(fault.value()),
                    happened.fromUs(),
                    happened.toUs(),
                    happened.changed());
        }
    }

    private record Limits(double lightN, double moderateN, double tooDeepN, double ceilingN) {
        static Limits of(ToolLimits limits) {
            return new Limits(
                    limits.lightCn() / 100.0,
                    limits.moderateCn() / 100.0,
                    limits.tooDeepCn() / 100.0,
                    limits.ceilingCn() / 100.0);
        }
    }

    private RecordingFiles() {}

    /**
     * Writes both into the folder, which is made when there is none.
     *
     * @throws FileAlreadyExistsException if a file of that name with other content is there; then nothing is written
     */
    public static void write(Recording recording, Path folder) throws IOException {
        write(folder, Map.of(FRAMES, frames(recording), TRUTH, truth(recording.what(), recording.rateHz())));
    }

    /**
     * The truth only, of a tool that has been used.
     *
     * @throws FileAlreadyExistsException if a file of that name with other content is there; then nothing is written
     */
    public static void write(ToolTruth what, Path folder) throws IOException {
        int rateHz = what.sampled().isEmpty()
                ? 0
                : (int) Math.round(1e6 / what.sampled().get(0).periodUs());
        write(folder, Map.of(TRUTH, truth(what, rateHz)));
    }

    private static void write(Path folder, Map<String, byte[]> contents) throws IOException {
        Map<String, byte[]> files = new TreeMap<>(contents);
        try {
            Files.createDirectories(folder);
        } catch (FileSystemException e) {
            throw new FileSystemException(
                    folder.toString(), null, "want a folder that can be written, got none there, and none can be made");
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            requireNoOther(folder.resolve(file.getKey()), file.getValue());
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
    }

    private static void requireNoOther(Path file, byte[] content) throws IOException {
        if (Files.exists(file) && !(Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), content))) {
            throw new FileAlreadyExistsException(
                    file.toString(),
                    null,
                    "want no file, or one with the same content, got other content; nothing was written");
        }
    }

    private static byte[] frames(Recording recording) {
        StringBuilder lines = new StringBuilder();
        for (byte[] notification : recording.notifications()) {
            HexFormat.of().formatHex(lines, notification).append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] truth(ToolTruth what, int rateHz) throws IOException {
        GroundTruth truth = what.truth();
        String json = JSON.writeValueAsString(new Truth(
                what.scenario().name(),
                what.seed(),
                what.number(),
                what.starts().isEmpty()
                        ? null
                        : Long.valueOf(what.starts().get(0).boot()),
                rateHz,
                Limits.of(truth.limits()),
                what.samples(),
                what.lengthS(),
                truth.strokes(),
                truth.overPressure(),
                truth.spots(),
                what.starts().size() < 2 ? null : what.starts(),
                what.faults().isEmpty()
                        ? null
                        : what.faults().stream().map(Happened::of).toList()));
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static final class SixDecimals extends StdSerializer<Double> {
        SixDecimals() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeNumber(new BigDecimal(value)
                    .setScale(6, RoundingMode.HALF_UP)
                    .stripTrailingZeros()
                    .toPlainString());
        }
    }
}
