package io.lightstroke.gateway;

import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.journal.Journal;
import io.lightstroke.gateway.journal.JournalException;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.session.Findings;
import io.lightstroke.gateway.session.Order;
import io.lightstroke.gateway.session.Orders;
import io.lightstroke.gateway.session.SessionState;
import io.lightstroke.gateway.sink.CommandListener;
import io.lightstroke.gateway.update.FirmwareFolder;
import io.lightstroke.gateway.update.UpdateException;
import io.lightstroke.messages.Command;
import io.lightstroke.messages.CommandAnswer;
import io.lightstroke.messages.InvalidDocumentException;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.protocol.Cue;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Does what commands ask of tools and their sessions. Any thread may call; an update takes minutes, all else seconds, and
 * orders of sessions, which may have two tools, are given one after the other. An answer of ok means: the order is on disk.
 */
final class Commands implements CommandListener.Handler {
    private static final Duration DISK_LIMIT = Duration.ofSeconds(5);

    private final Map<String, ToolSession> tools = new LinkedHashMap<>();
    private final Guideline guideline;
    private final Orders orders;
    private final Journal journal;
    private final Clock clock;
    private final FirmwareFolder firmware;
    private final Eraser eraser;

    /** Why a command is not done, in words for people. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    Commands(
            List<ToolSession> tools,
            Guideline guideline,
            Journal journal,
            Clock clock,
            RandomGenerator random,
            FirmwareFolder firmware,
            Eraser eraser) {
        tools.forEach(tool -> this.tools.put(tool.id(), tool));
        this.guideline = guideline;
        this.orders = new Orders(guideline, random);
        this.journal = journal;
        this.clock = clock;
        this.firmware = firmware;
        this.eraser = eraser;
    }

    @Override
    public CommandAnswer handle(@Nullable String toolId, String name, byte[] payload) throws InterruptedException {
        try {
            if (toolId == null) {
                return erase((Command.Erase) Command.readOfGateway(name, payload));
            }
            ToolSession tool = tool(toolId);
            Command command = Command.read(name, payload);
            String updating = tool.updating();
            if (updating != null) {
                throw new RefusedException(updating);
            } else if (command instanceof Command.SessionStart start) {
                return start(tool, start);
            } else if (command instanceof Command.Tare) {
                tool.tareNow();
            } else if (command instanceof Command.Identify) {
                tool.identify();
            } else if (command instanceof Command.Calibrate calibrate) {
                return calibrate(tool, calibrate);
            } else if (command instanceof Command.Update update) {
                FirmwareImage image = firmware.read(update.file(), update.sha256());
                new FirmwareUpdate(tool, update.file(), image, FirmwareUpdate.AWAY_LIMIT).run();
                return CommandAnswer.updated(image.version());
            } else if (command instanceof Command.Cue cue) {
                if (!tool.cue(pattern(cue.pattern()))) {
                    throw new RefusedException(
                            "cue: want it written to %s at once, got no way to it".formatted(toolId));
                }
            } else {
                return change(tool, command);
            }
            return CommandAnswer.done(null, null);
        } catch (InvalidDocumentException e) {
            String mistakes = String.join("; ", e.mistakes());
            return CommandAnswer.refused(mistakes.startsWith(name + ": ") ? mistakes : name + ": " + mistakes);
        } catch (IllegalArgumentException | RefusedException | LinkException | UpdateException | JournalException e) {
            return CommandAnswer.refused(String.valueOf(e.getMessage()));
        }
    }

    private ToolSession tool(String id) throws RefusedException {
        ToolSession tool = tools.get(id);
        if (tool == null) {
            throw new RefusedException("tool: want one of %s, got %s".formatted(String.join(", ", tools.keySet()), id));
        }
        return tool;
    }

    private synchronized CommandAnswer start(ToolSession topic, Command.SessionStart command)
            throws RefusedException, JournalException, InterruptedException {
        List<ToolSession> chosen = new ArrayList<>();
        for (String id : command.tools() == null ? List.of(topic.id()) : command.tools()) {
            ToolSession tool = tool(id);
            SessionState running = tool.session();
            if (running != null && running.assigned()) {
                throw new RefusedException("session of %s: want none that runs, got %s".formatted(id, running.id()));
            } else if (tool.state() != ToolStatus.Link.STREAMING) {
                throw new RefusedException("tool %s: want it streaming, got %s"
                        .formatted(id, tool.state().word()));
            }
            String occupied = tool.occupied();
            if (occupied != null) {
                throw new RefusedException(occupied);
            }
            chosen.add(tool);
        }
        if (!chosen.contains(topic)) {
            throw new RefusedException("tools: want %s among them, for it was sent there, got %s"
                    .formatted(topic.id(), String.join(", ", command.tools() == null ? List.of() : command.tools())));
        }
        Order.Start start =
                orders.start(command, chosen.stream().map(ToolSession::id).toList(), clock.instant());
        journal.keepGuideline(guideline.version(), guideline.fingerprint(), guideline.text());
        List<ToolSession> asked = new ArrayList<>();
        for (ToolSession tool : chosen) {
            asked.add(tool);
            String refusal = refusal(tool, start);
            if (refusal != null) {
                for (ToolSession each : asked) {
                    String unused = refusal(each, new Order.End(start.session(), Order.By.COMMAND, null));
                }
                List<String> left = asked.stream()
                        .filter(each -> isIn(each, start.session()))
                        .map(ToolSession::id)
                        .toList();
                throw new RefusedException(
                        left.isEmpty() ? refusal : "%s; %s could not be taken out of it".formatted(refusal, left));
            }
            tool.wantTare();
        }
        return onDisk(start.session(), topic);
    }

    /** A spot is the topic's tool's own; all else is of the whole session. */
    private synchronized CommandAnswer change(ToolSession topic, Command command)
            throws RefusedException, LinkException, InterruptedException {
        SessionState running = topic.session();
        Order order = orders.of(command, running);
        String refusal = topic.order(order);
        if (refusal != null) {
            throw new RefusedException(refusal);
        }
        boolean ofOneTool = order instanceof Order.NextSpot || order instanceof Order.MarkSpot;
        List<String> failed = new ArrayList<>();
        if (!ofOneTool && running != null) {
            for (String id : running.start().tools()) {
                ToolSession other = tools.get(id);
                // It may have fallen silent, and its part be over.
                if (other != null && other != topic && isIn(other, order.session())) {
                    refusal = refusal(other, order);
                    if (refusal != null) {
                        failed.add(refusal);
                    }
                }
            }
        }
        CommandAnswer done = onDisk(order.session(), topic);
        if (!failed.isEmpty()) {
            throw new RefusedException("want it done by each tool of the session, got it by %s; but %s"
                    .formatted(topic.id(), String.join("; ", failed)));
        }
        return done;
    }

    private CommandAnswer erase(Command.Erase command) throws RefusedException, JournalException, InterruptedException {
        Journal.Erased erased;
        synchronized (this) { // so that none of their sessions begins meanwhile
            for (ToolSession tool : tools.values()) {
                SessionState running = tool.session();
                if (running != null && command.person().equals(running.start().person())) {
                    throw new RefusedException("erase: want no session of theirs that runs, got %s on %s"
                            .formatted(running.id(), tool.id()));
                }
            }
            if (!journal.flush(DISK_LIMIT)) {
                throw new RefusedException(
                        "journal: want what has come on disk within %d s, got no answer; nothing is erased"
                                .formatted(DISK_LIMIT.toSeconds()));
            }
            erased = eraser.eraseRecords(command.person());
        }
        return CommandAnswer.erased(eraser.places(command.person(), erased));
    }

    private static CommandAnswer calibrate(ToolSession tool, Command.Calibrate command)
            throws LinkException, InterruptedException {
        if (command.referenceN() != null) {
            int referenceMn = (int) Math.round(command.referenceN() * 1000);
            return CommandAnswer.calibrated(tool.calibrateReference(referenceMn));
        } else if (command.step().equals("zero")) {
            tool.calibrateZero();
        } else {
            tool.cancelCalibration();
        }
        return CommandAnswer.done(null, null);
    }

    private static boolean isIn(ToolSession tool, String session) {
        SessionState running = tool.session();
        return running != null && running.id().equals(session);
    }

    /** Why the tool did not execute the order, or may have done so in part; null when it did. */
    private static @Nullable String refusal(ToolSession tool, Order order) throws InterruptedException {
        try {
            return tool.order(order);
        } catch (LinkException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private CommandAnswer onDisk(String session, ToolSession tool) throws RefusedException {
        if (!journal.flush(DISK_LIMIT)) {
            throw new RefusedException(
                    "journal: want the order on disk within %d s, got no answer; it is in force, but a crash would lose it"
                            .formatted(DISK_LIMIT.toSeconds()));
        }
        return CommandAnswer.done(session, Findings.newtons(tool.limits()));
    }

    private static Cue.Pattern pattern(String word) {
        for (Cue.Pattern pattern : Cue.Pattern.values()) {
            if (pattern.word().equals(word)) {
                return pattern;
            }
        }
        throw new IllegalArgumentException("pattern: want one that a tool knows, got " + word);
    }
}
