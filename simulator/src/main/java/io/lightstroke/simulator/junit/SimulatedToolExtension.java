package io.lightstroke.simulator.junit;

import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.simulator.Fault;
import io.lightstroke.simulator.RealTime;
import io.lightstroke.simulator.Scenario;
import io.lightstroke.simulator.SimulatedTools;
import io.lightstroke.simulator.Tool;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ModifierSupport;

/** Puts the tool of each {@link SimulatedTool} where it is wanted, and lets it live until JUnit closes the store. */
final class SimulatedToolExtension implements ParameterResolver, BeforeAllCallback, BeforeEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(SimulatedToolExtension.class);

    /** A tool and its time. */
    private record Life(Tool tool, Optional<RealTime> time) implements AutoCloseable {
        @Override
        public void close() {
            tool.disconnect();
            time.ifPresent(RealTime::close);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(SimulatedTool.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return tool(
                parameter.findAnnotation(SimulatedTool.class).orElseThrow(),
                parameter.getParameter().getType(),
                "@SimulatedTool",
                context);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        fill(context.getRequiredTestClass(), null, ModifierSupport::isStatic, context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            fill(instance.getClass(), instance, ModifierSupport::isNotStatic, context);
        }
    }

    private static void fill(
            Class<?> type, @Nullable Object instance, Predicate<Field> which, ExtensionContext context) {
        for (Field field : AnnotationSupport.findAnnotatedFields(type, SimulatedTool.class, which)) {
            String where = "@SimulatedTool " + field.getDeclaringClass().getSimpleName() + "." + field.getName();
            if (ModifierSupport.isFinal(field)) {
                throw mistake(where, "want a field that is not final", null);
            }
            Tool tool = tool(field.getAnnotation(SimulatedTool.class), field.getType(), where, context);
            try {
                field.setAccessible(true);
                field.set(instance, tool);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e); // it was made accessible
            }
        }
    }

    private static Tool tool(SimulatedTool wanted, Class<?> type, String where, ExtensionContext context) {
        Tool tool;
        try {
            tool = SimulatedTools.faulty(
                    wanted.number(),
                    SimulatedTools.address(wanted.number()),
                    Scenario.named(wanted.scenario()),
                    wanted.faults().isBlank() ? List.of() : Fault.parse(wanted.faults()),
                    wanted.seed());
        } catch (IOException | InvalidDocumentException | IllegalArgumentException e) {
            throw mistake(where, e.getMessage(), e);
        }
        if (!type.isInstance(tool)) {
            throw mistake(where, "type: want %s, got %s".formatted(Tool.class.getName(), type.getName()), null);
        }
        Optional<RealTime> time =
                wanted.time() == SimulatedTool.Time.REAL ? Optional.of(new RealTime(List.of(tool))) : Optional.empty();
        context.getStore(NAMESPACE).put(tool, new Life(tool, time));
        return tool;
    }

    private static ExtensionConfigurationException mistake(
            String where, @Nullable String what, @Nullable Throwable cause) {
        return new ExtensionConfigurationException(where + ": " + what, cause);
    }
}
