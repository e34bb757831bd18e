package io.lightstroke.gateway.junit;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives the gateway of the innermost {@link LightstrokeGateway}: of the method, its class, or a class around it. */
final class LightstrokeGatewayExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(LightstrokeGatewayExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RunningGateway.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        for (Optional<ExtensionContext> scope = Optional.of(context);
                scope.isPresent();
                scope = scope.get().getParent()) {
            AnnotatedElement element = scope.get().getElement().orElse(null);
            Optional<LightstrokeGateway> wanted = AnnotationSupport.findAnnotation(element, LightstrokeGateway.class);
            if (wanted.isPresent()) {
                return scope.get()
                        .getStore(NAMESPACE)
                        .getOrComputeIfAbsent(
                                element, ignored -> RunningGateway.start(wanted.get()), RunningGateway.class);
            }
        }
        throw new IllegalStateException("no @LightstrokeGateway"); // JUnit has found one
    }
}
