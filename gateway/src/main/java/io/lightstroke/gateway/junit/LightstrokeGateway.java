package io.lightstroke.gateway.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A whole gateway with an MQTT broker and simulated tools, in this process, on free ports and in a temporary folder; given to each
 * parameter of type {@link RunningGateway}. On a class it is one for all its tests, on a method one for that test. It starts
 * when it is first wanted, and takes about two seconds.
 *
 * <pre>
 * {@code @LightstrokeGateway(scenario = "too-deep")}
 * class MyClientTest {
 *     {@code @Test}
 *     void showsAlerts(RunningGateway gateway) {
 * </pre>
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(LightstrokeGatewayExtension.class)
public @interface LightstrokeGateway {
    /** Simulated tools, 1 to 16; their ids are {@code tool-1} and on. */
    int tools() default 1;

    /** What the person at each tool does: the name of a scenario, or the path of a YAML file. */
    String scenario() default "home";

    /** Decides everything that varies at the tools. */
    long seed() default 1;

    /**
     * What goes wrong at each tool, as {@link io.lightstroke.simulator.Fault#parse} reads it: {@code link-loss@3s+2s}.
     */
    String faults() default "";
}
