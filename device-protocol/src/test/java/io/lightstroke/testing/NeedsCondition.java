package io.lightstroke.testing;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Leaves a class out, by name, when a program that it {@link Needs} is missing. */
final class NeedsCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isPresent()) {
            return ConditionEvaluationResult.enabled("decided for the class");
        }
        Needs needs = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Needs.class)
                .orElseThrow();
        String name = context.getRequiredTestClass().getSimpleName();
        if (!needs.property().isEmpty() && !Boolean.getBoolean(needs.property())) {
            String what = "%s needs -D%s=true".formatted(name, needs.property());
            System.out.println("LEFT OUT: " + what);
            return ConditionEvaluationResult.disabled(what);
        }
        List<Program> missing = Arrays.stream(needs.value())
                .filter(program -> program.path().isEmpty())
                .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("all programs are installed");
        }
        String what = "%s needs %s".formatted(name, missing);
        if (Boolean.getBoolean("lightstroke.require")) {
            throw new IllegalStateException(what + ", which is not installed");
        }
        System.out.println("LEFT OUT: " + what + ", not installed here. ./check installs it and runs these tests.");
        return ConditionEvaluationResult.disabled(what);
    }
}
