package io.lightstroke.gateway.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lightstroke.gateway.Gateway;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.simulator.Tool;
import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project of docs/example-project as a newcomer builds it, by Maven. What this build has made lies in a local
 * repository of its own; all else comes from this build's local repository, as from a remote one.
 */
@Needs(Program.MVN)
class ExampleProjectTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    /** For what is over soon. */
    private static final String QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private static final String SETTINGS = """
            <settings>
              <profiles>
                <profile>
                  <id>at-hand</id>
                  <repositories>
                    <repository><id>at-hand</id><url>%1$s</url><releases><checksumPolicy>ignore</checksumPolicy></releases></repository>
                  </repositories>
                  <pluginRepositories>
                    <pluginRepository><id>at-hand</id><url>%1$s</url><releases><checksumPolicy>ignore</checksumPolicy></releases></pluginRepository>
                  </pluginRepositories>
                </profile>
              </profiles>
              <activeProfiles><activeProfile>at-hand</activeProfile></activeProfiles>
            </settings>
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void itsTestsPass() throws Exception {
        Path project = copy(ROOT.resolve("docs").resolve("example-project"), folder.resolve("project"));
        Path repository = folder.resolve("repository");
        String version = version();
        install(repository, "lightstroke", version, ROOT.resolve("pom.xml"));
        Map<String, Class<?>> modules =
                Map.of("device-protocol", Gatt.class, "simulator", Tool.class, "gateway", Gateway.class);
        for (Map.Entry<String, Class<?>> module : modules.entrySet()) {
            Path to = install(
                    repository,
                    module.getKey(),
                    version,
                    ROOT.resolve(module.getKey()).resolve("pom.xml"));
            jar(whence(module.getValue()), to.resolve("%s-%s.jar".formatted(module.getKey(), version)));
        }
        Path atHand = whence(Test.class); // org/junit/jupiter/junit-jupiter-api/5.x/junit-jupiter-api-5.x.jar
        for (int i = 0; i < 6; i++) {
            atHand = atHand.getParent();
        }
        Path settings = Files.writeString(folder.resolve("settings.xml"), SETTINGS.formatted(atHand.toUri()));

        try (Program.Running mvn = Program.MVN.start(
                project,
                Map.of("JAVA_HOME", System.getProperty("java.home"), "MAVEN_OPTS", QUICK),
                "--batch-mode",
                "--settings",
                settings.toString(),
                "-Dmaven.repo.local=" + repository,
                "-DargLine=" + QUICK,
                "test")) {
            assertTrue(mvn.process().waitFor(3, TimeUnit.MINUTES), () -> read(mvn.output()));
            assertEquals(0, mvn.process().exitValue(), () -> read(mvn.output()));
        }
        assertEquals(
                Set.of(
                        "aHeavyHandIsSeen",
                        "whatIsDroppedIsMissing",
                        "whatIsDamagedIsLeftOut",
                        "strokesAndWarningsArrive",
                        "aLostLinkLosesNothing"),
                passed(project.resolve("target").resolve("surefire-reports")));
    }

    private static String version() throws IOException {
        Matcher version = Pattern.compile("<artifactId>lightstroke</artifactId>\\s*<version>(.+?)</version>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertTrue(version.find());
        return version.group(1);
    }

    /** Its folder. */
    private static Path install(Path repository, String name, String version, Path pom) throws IOException {
        Path to = Files.createDirectories(
                repository.resolve("io").resolve("lightstroke").resolve(name).resolve(version));
        Files.copy(pom, to.resolve("%s-%s.pom".formatted(name, version)));
        return to;
    }

    private static Path whence(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Before packaging there are only the classes. */
    private static void jar(Path classes, Path jar) throws IOException {
        if (Files.isRegularFile(classes)) {
            Files.copy(classes, jar);
            return;
        }
        assertEquals(
                0,
                ToolProvider.findFirst("jar")
                        .orElseThrow()
                        .run(
                                System.out,
                                System.err,
                                "--create",
                                "--file",
                                jar.toString(),
                                "-C",
                                classes.toString(),
                                "."));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each :
                    all.filter(path -> !path.startsWith(from.resolve("target"))).toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
        return to;
    }

    private static Set<String> passed(Path reports) throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(reports)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".xml")).toList()) {
                Matcher test = Pattern.compile("<testcase name=\"(\\w+)").matcher(Files.readString(file));
                while (test.find()) {
                    names.add(test.group(1));
                }
            }
        }
        return names;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
