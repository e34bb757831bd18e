package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.guideline.PressureLimits;
import java.math.BigDecimal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Four numbers in newtons as pressure limits, of two decimals at most. */
final class ReplayLimits implements ITypeConverter<PressureLimits> {
    @Override
    public PressureLimits convert(String text) {
        String[] parts = text.split(",", -1);
        try {
            if (parts.length != 4) {
                throw new NumberFormatException();
            }
            return limits(cn(parts[0]), cn(parts[1]), cn(parts[2]), cn(parts[3]));
        } catch (ArithmeticException e) {
            throw new TypeConversionException("want at most two decimals, got '%s'".formatted(text));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(
                    "want four numbers in newtons, 0.5 < light < moderate < too deep < ceiling <= 14, got '%s'"
                            .formatted(text));
        }
    }

    private static int cn(String newtons) {
        BigDecimal value = new BigDecimal(newtons.strip());
        if (value.abs().compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new NumberFormatException();
        }
        return value.movePointRight(2).intValueExact();
    }

    private static PressureLimits limits(int lightCn, int moderateCn, int tooDeepCn, int ceilingCn) {
        return new PressureLimits(
                "configured %s/%s/%s/%s N"
                        .formatted(lightCn / 100.0, moderateCn / 100.0, tooDeepCn / 100.0, ceilingCn / 100.0),
                lightCn,
                moderateCn,
                tooDeepCn,
                ceilingCn);
    }
}
