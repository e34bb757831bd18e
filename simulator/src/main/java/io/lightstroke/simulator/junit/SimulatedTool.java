package io.lightstroke.simulator.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A {@link io.lightstroke.simulator.Tool} that is switched on for the test and ends with it: on a parameter of a test, of
 * a method before or after it or of a constructor, or on a field. That of a static field, of a constructor or of
 * {@code @BeforeAll} is one for all tests of the class.
 *
 * <pre>
 * {@code @Test}
 * void countsStrokes({@code @SimulatedTool(scenario = "too-deep", faults = "drop=5%@10s+5s")} Tool tool) {
 * </pre>
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SimulatedToolExtension.class)
public @interface SimulatedTool {
    /** What the person does: the name of a scenario, or the path of a YAML file. */
    String scenario() default "home";

    /** Decides everything that varies, together with {@link #number}; only the boot number is drawn anew each time. */
    long seed() default 1;

    /** 1 to 65535: its address {@code 02:4C:53:00:…}, its name and its serial number. Several tools of a test need one each. */
    int number() default 1;

    /** What goes wrong, as {@link io.lightstroke.simulator.Fault#parse} reads it: {@code drop=5%@30s+10s, short-mtu=40}. */
    String faults() default "";

    /** How its time passes. */
    Time time() default Time.REAL;

    /** How a tool's time passes. */
    enum Time {
        /** As it passes for all. */
        REAL,
        /** Only by {@link io.lightstroke.simulator.Tool#advanceTo}, so that an hour takes a moment. */
        VIRTUAL
    }
}
