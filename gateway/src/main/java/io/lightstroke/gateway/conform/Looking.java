package io.lightstroke.gateway.conform;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lightstroke.firmware.SmpAssembly;
import io.lightstroke.firmware.SmpMessage;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.protocol.DeviceInformation;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.RecordAnswer;
import io.lightstroke.protocol.RecordRequest;
import io.lightstroke.protocol.ToolInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What shows without streaming: the GATT table, MTUs, and the firmware's own server. */
final class Looking {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final int UNDEFINED_FEATURES = 0xFFFF << 6;
    private static final int LEAST_HZ = 16;
    private static final List<Integer> MTUS = List.of(64, 65, 185, 247, 517);
    private static final int SMALL_MTU = 48;

    private static final Map<UUID, String> DEVICE = Map.of(
            Gatt.MANUFACTURER_NAME, "manufacturer",
            Gatt.MODEL_NUMBER, "model",
            Gatt.SERIAL_NUMBER, "serial number",
            Gatt.FIRMWARE_REVISION, "firmware");

    private final Run run;
    private final Findings findings;

    Looking(Run run) {
        this.run = run;
        findings = run.findings();
    }

    void look() throws LinkException, InterruptedException, StoppedException {
        Optional<Boolean> heard = run.subject().heard();
        heard.ifPresentOrElse(
                each -> findings.check(
                        Rule.ADVERTISED, each, () -> "in 5 s no tool with this service was heard at the address"),
                () -> findings.leaveOut(Rule.ADVERTISED, "a tool in software advertises nothing"));
        try (ToolConnection connection = run.subject().connect(Subject.ANY_MTU)) {
            try {
                connection.resolve(LIMIT);
            } catch (LinkException e) {
                if (connection.characteristics().isEmpty()) {
                    throw e;
                }
            }
            table(connection);
            device(connection);
            if (run.subject().simulated()) {
                findings.leaveOut(Rule.BONDED, "who reaches a tool in software needs no bond");
            } else {
                findings.check(
                        Rule.BONDED, connection.bond() != ToolConnection.Bond.NONE, () -> "it was used without a bond");
            }
            info(connection);
            mtu(connection);
        }
        try (Contact contact = run.connect()) {
            run.found(contact.limits());
        }
    }

    private void table(ToolConnection connection) throws LinkException, InterruptedException, StoppedException {
        Map<UUID, Set<Gatt.Property>> found = connection.characteristics();
        for (Gatt.Characteristic row : Gatt.TABLE) {
            Set<Gatt.Property> has = found.get(row.uuid());
            boolean isThere = has != null
                    || row.uuid().equals(Gatt.SMP) // a feature
                    || (row.uuid().equals(Gatt.BATTERY_LEVEL) && isKeptByTheHost(connection));
            findings.check(Rule.CHARACTERISTICS, isThere, () -> "%s, %s, is missing".formatted(row.name(), row.uuid()));
            if (has != null) {
                findings.check(
                        Rule.PROPERTIES,
                        has.equals(Set.copyOf(row.properties())),
                        () -> "%s: %s in place of %s".formatted(row.name(), words(has), words(row.properties())));
            }
        }
        if (findings.isBroken(Rule.CHARACTERISTICS)) {
            throw new StoppedException("%s failed before".formatted(Rule.CHARACTERISTICS.id()), true);
        }
    }

    /** BlueZ reads the battery itself, and need not show its characteristic. */
    private static boolean isKeptByTheHost(ToolConnection connection) throws InterruptedException {
        try {
            return connection.read(Gatt.BATTERY_LEVEL).length > 0;
        } catch (LinkException e) {
            return false;
        }
    }

    private static String words(Iterable<Gatt.Property> properties) {
        StringBuilder words = new StringBuilder();
        properties.forEach(each -> words.append(words.isEmpty() ? "" : ", ").append(each.word()));
        return words.isEmpty() ? "nothing" : words.toString();
    }

    private void mtu(ToolConnection connection) throws LinkException, InterruptedException, StoppedException {
        int mtu = connection.mtu().orElse(0);
        if (mtu == 0) {
            findings.leaveOut(Rule.MTU, "the host does not tell the MTU");
            findings.leaveOut(Rule.FITS, "the host does not tell the MTU");
        } else if (!findings.check(Rule.MTU, mtu >= Gatt.MIN_MTU, () -> "an MTU of " + mtu)) {
            throw new StoppedException(
                    "%s failed before: an MTU of %d is too small for events".formatted(Rule.MTU.id(), mtu), true);
        }
    }

    private void device(ToolConnection connection) throws LinkException, InterruptedException {
        for (Map.Entry<UUID, String> each : DEVICE.entrySet()) {
            byte[] value = connection.read(each.getKey());
            boolean right;
            try {
                right = !DeviceInformation.decode(each.getValue(), value).isEmpty();
            } catch (MalformedFrameException e) {
                right = false;
            }
            findings.check(
                    Rule.DEVICE_INFORMATION,
                    right,
                    () -> "%s: %s".formatted(each.getValue(), value.length == 0 ? "nothing" : Frames.hex(value)));
        }
    }

    private void info(ToolConnection connection) throws LinkException, InterruptedException, StoppedException {
        byte[] value = connection.read(Gatt.TOOL_INFO);
        ToolInfo info;
        try {
            info = ToolInfo.decode(value);
        } catch (MalformedFrameException e) {
            findings.check(Rule.INFO_LAYOUT, false, () -> "%s: %s".formatted(e.getMessage(), Frames.hex(value)));
            throw new StoppedException(
                    "%s failed before: Tool Info cannot be read".formatted(Rule.INFO_LAYOUT.id()), true);
        }
        findings.check(
                Rule.INFO_LAYOUT,
                (info.features() & UNDEFINED_FEATURES) == 0 && info.state() <= ToolInfo.UPDATING,
                () -> "features 0x%04x, state %d".formatted(info.features(), info.state()));
        findings.check(
                Rule.INFO_RATES,
                info.minHz() >= LEAST_HZ && info.minHz() <= info.rateHz() && info.rateHz() <= info.maxHz(),
                () -> "min_hz %d, rate_hz %d, max_hz %d".formatted(info.minHz(), info.rateHz(), info.maxHz()));
        findings.check(Rule.BOOT_DRAWN, info.boot() != 0, () -> "boot 0");
        boolean smp = connection.characteristics().containsKey(Gatt.SMP);
        findings.check(
                Rule.SMP_THERE,
                smp == info.has(ToolInfo.FIRMWARE_UPDATE),
                () -> smp ? "it is there without the feature" : "the feature is there without it");
        run.met(info);
    }

    void mtus() throws LinkException, InterruptedException, StoppedException {
        if (!run.subject().choosesMtu()) {
            findings.leaveOut(Rule.RACP_MTU, "this link chooses the MTU itself");
            return;
        }
        for (int mtu : MTUS) {
            try (Contact contact = new Contact(run, mtu)) {
                contact.start(run.usualHz());
                contact.pass(Duration.ofSeconds(2));
                contact.stop();
            }
            if (run.has(ToolInfo.STORES_RECORDS)) {
                try (Contact contact = new Contact(run, mtu)) {
                    long newest = run.live(contact.boot()).newest();
                    new Records(run, contact)
                            .report(RecordRequest.GREATER_OR_EQUAL, contact.boot(), Math.max(0, newest - 150));
                }
            }
        }
        run.requireStore();
        try (Contact contact = new Contact(run, SMALL_MTU)) {
            if (contact.mtu() >= Gatt.MIN_MTU) {
                findings.leaveOut(Rule.RACP_MTU, "the tool agrees to no MTU below 64");
                return;
            }
            new Records(run, contact)
                    .expect(
                            Rule.RACP_MTU,
                            RecordAnswer.Result.PROCEDURE_NOT_COMPLETED,
                            Records.request(RecordRequest.COUNT, RecordRequest.ALL, contact.boot()));
        }
    }

    void firmware() throws LinkException, InterruptedException, StoppedException {
        if (!run.has(ToolInfo.FIRMWARE_UPDATE)) {
            throw new StoppedException("the tool has not the feature firmware update");
        }
        try (Contact contact = run.connect()) {
            Smp smp = new Smp(contact);
            ObjectNode echo = SmpMessage.newBody().put("d", "lightstroke");
            Optional<SmpMessage> answer =
                    smp.ask(new SmpMessage(SmpMessage.WRITE, SmpMessage.OS, 7, SmpMessage.ECHO, echo));
            findings.check(
                    Rule.SMP_ECHO,
                    answer.isPresent() && answer.get().body().path("r").asText().equals("lightstroke"),
                    () -> answer.map(each -> each.body().toString()).orElse("no answer"));
            Optional<SmpMessage> state = smp.ask(
                    new SmpMessage(SmpMessage.READ, SmpMessage.IMAGES, 8, SmpMessage.STATE, SmpMessage.newBody()));
            boolean active = false;
            if (state.isPresent()) {
                for (var image : state.get().body().path("images")) {
                    active |= image.path("active").asBoolean()
                            && !image.path("version").asText().isEmpty()
                            && image.path("hash").isBinary();
                }
            }
            findings.check(
                    Rule.SMP_STATE,
                    active,
                    () -> state.map(each -> each.body().toString()).orElse("no answer"));
        }
    }

    /** By a request over the link. */
    void reset(Contact contact) throws LinkException, InterruptedException, StoppedException {
        new Smp(contact)
                .ask(new SmpMessage(SmpMessage.WRITE, SmpMessage.OS, 9, SmpMessage.RESET, SmpMessage.newBody()));
    }

    /** The firmware's server, over one connection. */
    private final class Smp {
        private final Contact contact;
        private final Queue<byte[]> fragments = new ConcurrentLinkedQueue<>();
        private final SmpAssembly answers = new SmpAssembly();

        Smp(Contact contact) throws LinkException, InterruptedException {
            this.contact = contact;
            contact.connection().subscribe(Gatt.SMP, (value, nanos) -> fragments.add(value));
        }

        /** Again when no answer comes, for a notification may get lost. */
        Optional<SmpMessage> ask(SmpMessage request) throws LinkException, InterruptedException {
            Optional<SmpMessage> answer = Optional.empty();
            for (int tries = 0; tries < 3 && answer.isEmpty(); tries++) {
                answer = askOnce(request);
            }
            return answer;
        }

        private Optional<SmpMessage> askOnce(SmpMessage request) throws LinkException, InterruptedException {
            answers.reset();
            int most = (contact.mtu() == 0 ? Gatt.MIN_MTU : contact.mtu()) - 3;
            for (byte[] fragment : request.fragments(most)) {
                contact.connection().writeWithoutResponse(Gatt.SMP, fragment);
            }
            long endNanos = run.subject().nanoTime() + ANSWER_LIMIT.toNanos();
            while (run.subject().nanoTime() < endNanos) {
                run.subject().pass(Duration.ofMillis(20));
                for (byte[] next = fragments.poll(); next != null; next = fragments.poll()) {
                    try {
                        Optional<SmpMessage> answer = answers.add(next);
                        if (answer.isPresent() && answer.get().answers(request)) {
                            return answer;
                        }
                    } catch (MalformedFrameException e) {
                        return Optional.empty();
                    }
                }
            }
            return Optional.empty();
        }
    }
}
