package io.lightstroke.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tests of this class talk to real programs. Where one is not installed they are left out, and the build's output
 * names them; with {@code -Dlightstroke.require=true} they fail instead.
 */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCondition.class)
public @interface Needs {
    Program[] value();

    /** A system property that has to be {@code true} as well; without it they are left out, and named, in any case. */
    String property() default "";
}
