package io.lightstroke.dashboard;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The rules of the house that Maven cannot enforce. */
@AnalyzeClasses(packages = "io.lightstroke", importOptions = HouseRulesTest.NoTests.class)
class HouseRulesTest {
    /** Test classes of other modules come as a jar of their own. */
    static final class NoTests implements ImportOption {
        @Override
        public boolean includes(com.tngtech.archunit.core.importer.Location location) {
            return new DoNotIncludeTests().includes(location)
                    && !location.contains("-tests.jar")
                    && !location.contains("/test-classes/");
        }
    }

    private static final String GATEWAY = "io.lightstroke.gateway";

    @ArchTest
    static void everyModuleIsLookedAt(JavaClasses all) {
        for (String name : List.of(
                "protocol",
                "firmware",
                "messages",
                "recording",
                "simulator",
                "simulator.bluez",
                "gateway.engine",
                "dashboard.command")) {
            assertTrue(all.containPackage("io.lightstroke." + name), name);
        }
        assertEquals(
                List.of(),
                all.stream()
                        .filter(type -> type.getPackageName().equals("io.lightstroke.testing"))
                        .toList());
    }

    @ArchTest
    static final ArchRule modulesStandInOneLine = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.lightstroke..")
            .layer("device-protocol")
            .definedBy(
                    "io.lightstroke.protocol..",
                    "io.lightstroke.firmware..",
                    "io.lightstroke.messages..",
                    "io.lightstroke.recording..")
            .layer("simulator")
            .definedBy("io.lightstroke.simulator..")
            .layer("gateway")
            .definedBy(GATEWAY + "..")
            .layer("dashboard")
            .definedBy("io.lightstroke.dashboard..")
            .whereLayer("dashboard")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("gateway")
            .mayOnlyBeAccessedByLayers("dashboard")
            .whereLayer("simulator")
            .mayOnlyBeAccessedByLayers("gateway", "dashboard")
            .whereLayer("device-protocol")
            .mayOnlyBeAccessedByLayers("simulator", "gateway", "dashboard");

    @ArchTest
    static final ArchRule protocolKnowsOnlyTheJdk = classes()
            .that()
            .resideInAPackage("io.lightstroke.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.lightstroke.protocol..", "java..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule firmwareKnowsOnlyTheProtocolAndJackson = classes()
            .that()
            .resideInAPackage("io.lightstroke.firmware..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lightstroke.firmware..",
                    "io.lightstroke.protocol..",
                    "com.fasterxml.jackson..",
                    "java..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule engineKnowsOnlyProtocolAndGuideline = classes()
            .that()
            .resideInAPackage(GATEWAY + ".engine..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            GATEWAY + ".engine..", "io.lightstroke.protocol..", "java..", "org.jspecify.annotations..")
                    .or(guidelineValues()));

    @ArchTest
    static final ArchRule protocolAndEngineArePure = noClasses()
            .that()
            .resideInAnyPackage("io.lightstroke.protocol..", GATEWAY + ".engine..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "java.io..",
                            "java.nio.file..",
                            "java.nio.channels..",
                            "java.net..",
                            "java.sql..",
                            "javax.sql..",
                            "java.util.concurrent..")
                    .or(isOneOf(
                            "java.lang.Process",
                            "java.lang.ProcessBuilder",
                            "java.lang.Thread",
                            "java.time.Clock",
                            "java.time.InstantSource",
                            "java.util.Random",
                            "java.util.Timer")))
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule linkKnowsNoSibling = knowsNoSibling("link");

    @ArchTest
    static final ArchRule journalKnowsNoSibling = knowsNoSibling("journal");

    @ArchTest
    static final ArchRule recordsKnowNeitherPagesNorMqtt = noClasses()
            .that()
            .resideInAPackage("io.lightstroke.dashboard.records..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "io.lightstroke.dashboard.web..",
                    "io.lightstroke.dashboard.live..",
                    "io.lightstroke.dashboard.command..",
                    "io.javalin..",
                    "org.eclipse.paho.."));

    @ArchTest
    static final ArchRule historyKnowsNeitherPagesNorPeople = noClasses()
            .that()
            .resideInAPackage("io.lightstroke.dashboard.history..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "io.lightstroke.dashboard.web..",
                    "io.lightstroke.dashboard.live..",
                    "io.lightstroke.dashboard.records..",
                    "io.lightstroke.dashboard.command..",
                    "io.javalin.."));

    /**
     * A bench is a root too: it measures a whole gateway, and reads what that has written. So is the extension that gives a
     * test a whole gateway. History opens a journal for each
     * question, for it may be moved aside and begun anew meanwhile.
     */
    @ArchTest
    static final ArchRule onlyTheRootTheCommandAndABenchBuildThings = noClasses()
            .that()
            .resideOutsideOfPackages(
                    GATEWAY,
                    GATEWAY + ".bench",
                    GATEWAY + ".junit",
                    "io.lightstroke.dashboard.command",
                    "io.lightstroke.dashboard.history")
            .should()
            .callCodeUnitWhere(new DescribedPredicate<>("a link, journal, sink, broker or gateway is built elsewhere") {
                @Override
                public boolean test(JavaCall<?> call) {
                    JavaClass owner = call.getTargetOwner();
                    return isPart(owner)
                            && builds(call)
                            && !owner.getPackageName()
                                    .equals(call.getOriginOwner().getPackageName());
                }
            });

    /** Who runs a gateway has no JUnit. */
    @ArchTest
    static final ArchRule onlyTheExtensionsKnowJUnit = noClasses()
            .that()
            .resideOutsideOfPackages("io.lightstroke.simulator.junit", GATEWAY + ".junit")
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.junit..", "io.lightstroke..junit.."));

    @ArchTest
    static final ArchRule noCyclesBetweenPackages =
            slices().matching("io.lightstroke.(**)").namingSlices("$1").should().beFreeOfCycles();

    @ArchTest
    static void everyPackageSaysWhatItIs(JavaClasses all) {
        assertEquals(
                "",
                all.stream()
                        .map(JavaClass::getPackage)
                        .distinct()
                        .filter(one -> one.tryGetPackageInfo().isEmpty())
                        .map(JavaPackage::getName)
                        .collect(Collectors.toCollection(TreeSet::new))
                        .stream()
                        .collect(Collectors.joining(", ")),
                "packages without a package-info.java");
    }

    private static ArchRule knowsNoSibling(String name) {
        String own = GATEWAY + "." + name + "..";
        return noClasses()
                .that()
                .resideInAPackage(own)
                .should()
                .dependOnClassesThat(
                        resideInAPackage(GATEWAY + "..").and(DescribedPredicate.not(resideInAPackage(own))));
    }

    /** Records and enums: what the guideline has worked out, not the working out. */
    private static DescribedPredicate<JavaClass> guidelineValues() {
        return resideInAPackage(GATEWAY + ".guideline..").and(DescribedPredicate.describe("value types", type -> {
            JavaClass one = type.getBaseComponentType();
            return one.isRecord() || one.isEnum();
        }));
    }

    private static DescribedPredicate<JavaClass> isOneOf(String... names) {
        List<String> wanted = List.of(names);
        return DescribedPredicate.describe("one of " + wanted, type -> wanted.contains(type.getName()));
    }

    /** A constructor, or a static method that gives one of its own class, as {@code open} and {@code start} do. */
    private static boolean builds(JavaCall<?> call) {
        return call.getTarget()
                .resolveMember()
                .map(unit -> unit.isConstructor()
                        || (unit.getModifiers().contains(JavaModifier.STATIC)
                                && unit.getRawReturnType().equals(call.getTargetOwner())))
                .orElse(false);
    }

    /** Something that owns threads, files or connections: closeable, in a package of parts. */
    private static boolean isPart(JavaClass type) {
        return resideInAnyPackage(
                                GATEWAY,
                                GATEWAY + ".link",
                                GATEWAY + ".journal",
                                GATEWAY + ".sink",
                                GATEWAY + ".broker")
                        .test(type)
                && type.isAssignableTo(AutoCloseable.class);
    }
}
