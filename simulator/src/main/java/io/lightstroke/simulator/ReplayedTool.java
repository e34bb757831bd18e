package io.lightstroke.simulator;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlAnswer.Result;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.protocol.TimeSync;
import io.lightstroke.protocol.ToolInfo;
import io.lightstroke.protocol.ToolLimits;
import io.lightstroke.recording.Passed;
import io.lightstroke.recording.Passed.What;
import io.lightstroke.recording.ToolRecording;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays a recording: what the recorded tool told unasked it tells again, as it was and when it was, from the client's start on;
 * what it is asked it answers as the recorded one did, else by the protocol. See docs/protocol.md.
 */
public final class ReplayedTool implements Tool {
    private static final Logger log = LoggerFactory.getLogger(ReplayedTool.class);
    private static final long NEVER = Long.MAX_VALUE;
    private static final long ARRIVES_WITHIN_US = 50_000;

    /** Played by its time. All else was an answer. */
    private static final Set<UUID> UNASKED = Set.of(Gatt.FORCE_STREAM, Gatt.EVENTS, Gatt.TOOL_INFO, Gatt.BATTERY_LEVEL);

    private final List<Passed> passed;
    private final Identity identity;
    private final List<Gatt.Characteristic> characteristics;
    private final RecordedClock time;
    private final List<Link> links;
    private final boolean stores;

    private RecordedAnswers answers;
    private RecordStore store;
    private RecordedStore filled;
    private ToolLimits limits;

    private long ageUs;
    private @Nullable LongSupplier clock;
    /** Place in the recording: what comes next. */
    private int next;

    /** The time in the recording. */
    private long atUs;

    /** Between two of the recorded links. */
    private boolean away;
    /** The client has asked it to stop. */
    private boolean held;

    private boolean over;

    private @Nullable Client client;
    private final Outbox outbox;

    /**
     * A link of the recording, by places in it.
     *
     * @param first that is not played before the client has asked for a start
     * @param start that was asked for; {@code first} where none was
     * @param lastUnasked told over it; −1 where none was
     */
    private record Link(
            int linked,
            int first,
            int start,
            int lastUnasked,
            @Nullable Integer mtu) {}

    private static final class Client {
        final Central central;
        final RecordAccess records;
        boolean started;
        /** Got something that was told unasked. */
        boolean served;

        Client(Central central, RecordAccess records) {
            this.central = central;
            this.records = records;
        }
    }

    /** @throws IllegalArgumentException if there is nothing in it to play, or no Tool Info, without which a tool is none */
    public ReplayedTool(ToolRecording recording) {
        this(recording, recording.header().address());
    }

    /** At another address than the recorded one. */
    public ReplayedTool(ToolRecording recording, String address) {
        passed = inOrder(recording.passed());
        if (!seen(Gatt.TOOL_INFO) || passed.stream().noneMatch(ReplayedTool::unasked)) {
            throw new IllegalArgumentException(
                    "recording of %s: want its tool-info, and something that it notified, got %s"
                            .formatted(
                                    recording.header().address(),
                                    seen(Gatt.TOOL_INFO) ? "no notification" : "no tool-info"));
        }
        characteristics = Gatt.TABLE.stream()
                .filter(row -> Gatt.REQUIRED.contains(row.uuid())
                        || (row.uuid().equals(Gatt.BATTERY_LEVEL) && seen(row.uuid())))
                .toList();
        String name = recording.header().name();
        identity = new Identity(
                address,
                name == null ? address : name,
                text(Gatt.MANUFACTURER_NAME),
                text(Gatt.MODEL_NUMBER),
                text(Gatt.SERIAL_NUMBER),
                text(Gatt.FIRMWARE_REVISION));
        outbox = new Outbox(identity.name());
        time = new RecordedClock(passed);
        answers = new RecordedAnswers(passed);
        links = links();
        store = new RecordStore(() -> RecordStore.SAMPLES, overwritten -> {});
        filled = new RecordedStore(store, passed);
        limits = readLimits();
        stores = stores();
        begin();
    }

    /** By their times; a link is lost a little later, so that what came last arrives. */
    private static List<Passed> inOrder(List<Passed> recorded) {
        List<Passed> passed = new ArrayList<>(recorded);
        passed.sort(Comparator.comparingLong(Passed::us));
        long linkedUs = NEVER;
        for (int i = passed.size() - 1; i >= 0; i--) {
            long us = passed.get(i).us();
            if (passed.get(i).what() == What.LINKED) {
                linkedUs = us;
            } else if (passed.get(i).what() == What.UNLINKED) {
                passed.set(i, Passed.unlinked(Math.min(linkedUs, us + ARRIVES_WITHIN_US)));
            }
        }
        passed.sort(Comparator.comparingLong(Passed::us));
        return List.copyOf(passed);
    }

    private boolean seen(UUID characteristic) {
        return passed.stream()
                .anyMatch(each -> each.what() != What.WRITTEN && characteristic.equals(RecordedStore.uuid(each)));
    }

    private String text(UUID characteristic) {
        return passed.stream()
                .filter(each -> each.what() == What.READ && characteristic.equals(RecordedStore.uuid(each)))
                .findFirst()
                .map(each -> new String(each.value(), StandardCharsets.UTF_8))
                .orElse("unknown");
    }

    private boolean stores() {
        try {
            return ToolInfo.decode(seen(Gatt.TOOL_INFO, 0)).has(ToolInfo.STORES_RECORDS);
        } catch (MalformedFrameException e) {
            return false;
        }
    }

    /** The first that were read, else any. */
    private ToolLimits readLimits() {
        for (Passed each : passed) {
            try {
                if (each.told() && Gatt.CONTROL_POINT.equals(RecordedStore.uuid(each))) {
                    ControlAnswer answer = ControlAnswer.decode(each.value());
                    if (answer.op() == ControlRequest.READ_LIMITS && answer.result() == Result.OK) {
                        return ToolLimits.decode(answer.data());
                    }
                }
            } catch (MalformedFrameException e) {
                // the next one may be right
            }
        }
        return new ToolLimits(300, 650, 900, 1400, 150, 200, 90, 2000, 0);
    }

    private List<Link> links() {
        List<Link> found = new ArrayList<>();
        int at = 0;
        while (at < passed.size()) {
            int end = at + 1;
            while (end < passed.size() && passed.get(end).what() != What.LINKED) {
                end++;
            }
            int first = -1;
            int start = -1;
            int last = -1;
            for (int i = at; i < end; i++) {
                boolean starts = answers.startsAt(i);
                if (first < 0 && (starts || unasked(passed.get(i)))) {
                    first = i;
                }
                start = start < 0 && starts ? i : start;
                last = unasked(passed.get(i)) ? i : last;
            }
            if (first >= 0) {
                found.add(new Link(
                        at,
                        first,
                        start < 0 ? first : start,
                        last,
                        passed.get(at).mtu()));
            }
            at = end;
        }
        return List.copyOf(found);
    }

    private static boolean unasked(Passed each) {
        return each.what() == What.NOTIFIED && UNASKED.contains(RecordedStore.uuid(each));
    }

    private void begin() {
        away = false;
        held = false;
        over = false;
        next = links.get(0).first;
        atUs = passed.get(next).us();
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public List<Gatt.Characteristic> characteristics() {
        return characteristics;
    }

    @Override
    public synchronized int mtu(int offered) {
        Integer recorded = link().mtu();
        return recorded == null ? offered : Math.min(offered, recorded);
    }

    @Override
    public synchronized boolean reachable() {
        catchUp();
        return !away;
    }

    /** Whether all of it has been played. */
    public synchronized boolean over() {
        return over;
    }

    @Override
    public synchronized long ageUs() {
        return ageUs;
    }

    /** The recorded link that a client has now, or would get. */
    private Link link() {
        Link link = links.get(0);
        for (Link each : links) {
            boolean begun = each.linked < next;
            boolean wanted = link.start < next && link.lastUnasked < next && (client == null || !client.served);
            if (begun || wanted) {
                link = each;
            }
            if (!begun) {
                return link;
            }
        }
        return link;
    }

    /** What the client may know: all before this place. */
    private int known() {
        return Math.max(next, link().start);
    }

    /** The link that waits for the client's start; null when none does. */
    private @Nullable Link awaited() {
        boolean started = client != null && client.started;
        return started
                ? null
                : links.stream().filter(each -> each.first == next).findFirst().orElse(null);
    }

    private long dueUs() {
        if (next == passed.size() || held || awaited() != null) {
            return NEVER;
        }
        return ageUs + Math.max(0, passed.get(next).us() - atUs);
    }

    @Override
    public synchronized void advanceTo(long toUs) {
        if (toUs < ageUs) {
            throw new IllegalArgumentException(
                    "time of %s: want at least %d us since its start, got %d".formatted(identity.name(), ageUs, toUs));
        }
        while (true) {
            long recordsUs = client == null ? NEVER : client.records.dueUs();
            long due = Math.min(dueUs(), recordsUs);
            if (due > toUs) {
                passTo(toUs);
                return;
            }
            passTo(due);
            if (due == recordsUs) {
                Objects.requireNonNull(client).records.goOn();
            } else {
                play();
            }
            outbox.deliver();
        }
    }

    private void passTo(long toUs) {
        if (next < passed.size() && !held && awaited() == null) {
            atUs = Math.min(passed.get(next).us(), atUs + toUs - ageUs);
        }
        ageUs = toUs;
    }

    /** What comes next in the recording. */
    private void play() {
        Passed each = passed.get(next++);
        filled.passed(each);
        switch (each.what()) {
            case LINKED -> away = false;
            case UNLINKED -> {
                if (next < passed.size()) {
                    away = true;
                    lose();
                }
            }
            default -> {
                if (unasked(each)) {
                    tell(Objects.requireNonNull(RecordedStore.uuid(each)), each.value());
                    if (client != null) {
                        client.served = true;
                    }
                }
            }
        }
        if (next == passed.size() && !over) {
            over = true;
            log.info("{}: the recording is over, it stands still", identity.name());
        }
    }

    /** The recorded link is gone, and so is the client's, unless it is already the one after. */
    private void lose() {
        Client lost = client;
        if (lost != null && lost.served) {
            outbox.deliver();
            disconnect();
            lost.central.lost();
        }
    }

    @Override
    public synchronized void liveBy(@Nullable LongSupplier ageUs) {
        clock = ageUs;
    }

    @Override
    public synchronized void catchUp() {
        if (clock != null && !outbox.delivering()) {
            advanceTo(Math.max(ageUs, clock.getAsLong()));
        }
    }

    /** The recording begins anew. */
    @Override
    public synchronized void reboot() {
        catchUp();
        disconnect();
        answers = new RecordedAnswers(passed);
        store = new RecordStore(() -> RecordStore.SAMPLES, overwritten -> {});
        filled = new RecordedStore(store, passed);
        limits = readLimits();
        begin();
    }

    @Override
    public synchronized byte[] read(UUID characteristic) {
        catchUp();
        if (!has(characteristic, Gatt.Property.READ)) {
            throw new IllegalArgumentException("read: want a characteristic with property read, got " + characteristic);
        }
        return seen(characteristic, known());
    }

    /** Its last value before this place, else the first after it. */
    private byte[] seen(UUID characteristic, int before) {
        byte[] value = {};
        boolean found = false;
        for (int i = 0; i < passed.size() && (i < before || !found); i++) {
            Passed each = passed.get(i);
            if (characteristic.equals(RecordedStore.uuid(each)) && each.what() != What.WRITTEN) {
                value = each.value().clone();
                found = true;
            }
        }
        return value;
    }

    @Override
    public synchronized void write(UUID characteristic, byte[] value) {
        if (client == null) {
            throw new IllegalStateException("write to %s: want a connection, got none".formatted(identity.name()));
        }
        catchUp();
        Client by = client;
        if (by == null) {
            throw new IllegalStateException("write to %s: its link is gone".formatted(identity.name()));
        }
        try {
            if (characteristic.equals(Gatt.CONTROL_POINT)) {
                control(by, ControlRequest.decode(value));
            } else if (characteristic.equals(Gatt.TIME_SYNC)) {
                long boot = time.bootBefore(known());
                long nowUs = time.toolUs(boot, atUs);
                tell(Gatt.TIME_SYNC, new TimeSync(TimeSync.nonceOfRequest(value), boot, nowUs, nowUs).encode());
            } else if (characteristic.equals(Gatt.RECORD_ACCESS)) {
                by.records.write(value, ageUs);
            } else if (!characteristic.equals(Gatt.CUE)) { // a hand that has gone feels none
                throw new IllegalArgumentException(
                        "write: want a characteristic with property write, got " + characteristic);
            }
        } catch (MalformedFrameException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        outbox.deliver();
    }

    private void control(Client by, ControlRequest request) {
        ControlAnswer answer = answer(request);
        tell(Gatt.CONTROL_POINT, answer.encode());
        if (answer.result() == Result.OK && request.op() == ControlRequest.START) {
            start(by);
        } else if (answer.result() == Result.OK && request.op() == ControlRequest.STOP) {
            held = true;
        }
    }

    /** What waited for it comes at once; what came after the recorded start comes as long after this one. */
    private void start(Client by) {
        Link waited = awaited();
        by.started = true;
        int start = waited != null ? waited.start : held ? startWithoutForce() : -1;
        held = false;
        while (next <= start) {
            play();
        }
        atUs = start < 0 ? atUs : passed.get(start).us();
    }

    /** Where the recorded tool was started again, if it was at rest, too; −1 if it was not. */
    private int startWithoutForce() {
        for (int i = next; i < passed.size() && passed.get(i).what() != What.UNLINKED; i++) {
            if (answers.startsAt(i)) {
                return i;
            } else if (passed.get(i).what() == What.NOTIFIED
                    && Gatt.FORCE_STREAM.equals(RecordedStore.uuid(passed.get(i)))) {
                return -1;
            }
        }
        return -1;
    }

    private ControlAnswer answer(ControlRequest request) {
        ControlAnswer recorded = answers.to(request).orElse(null);
        if (recorded != null && recorded.result() != Result.OK) {
            return recorded;
        }
        try {
            return switch (request.op()) {
                case ControlRequest.START -> {
                    int unused = request.rateHz();
                    yield ControlAnswer.to(request, Result.OK);
                }
                case ControlRequest.STOP -> ControlAnswer.to(request, bare(request, Result.OK));
                case ControlRequest.WRITE_LIMITS -> {
                    ToolLimits wanted = ToolLimits.decode(request.params());
                    boolean right = wanted.problem().isEmpty();
                    limits = right ? wanted : limits;
                    yield ControlAnswer.to(request, right ? Result.OK : Result.BAD_PARAMETER);
                }
                case ControlRequest.READ_LIMITS ->
                    recorded != null
                            ? recorded
                            : bare(request, Result.OK) == Result.OK
                                    ? ControlAnswer.limits(request, limits)
                                    : ControlAnswer.to(request, Result.BAD_LENGTH);
                case ControlRequest.STORED_BOOTS -> {
                    int page = request.page();
                    yield stores
                            ? ControlAnswer.storedBoots(request, store.page(page))
                            : ControlAnswer.to(request, Result.UNKNOWN_OP);
                }
                case ControlRequest.ERASE_STORED -> {
                    store.erase(request.erasedBoot(), request.erasedIndex());
                    yield ControlAnswer.to(request, stores ? Result.OK : Result.UNKNOWN_OP);
                }
                case ControlRequest.TARE, ControlRequest.IDENTIFY ->
                    recorded != null ? recorded : ControlAnswer.to(request, bare(request, Result.BUSY_OR_WRONG_STATE));
                case ControlRequest.CALIBRATE -> {
                    boolean known = request.calibrationStep().isPresent();
                    yield recorded != null
                            ? recorded
                            : ControlAnswer.to(request, known ? Result.BUSY_OR_WRONG_STATE : Result.BAD_PARAMETER);
                }
                default -> recorded != null ? recorded : ControlAnswer.to(request, Result.UNKNOWN_OP);
            };
        } catch (MalformedFrameException wrongLength) {
            return ControlAnswer.to(request, Result.BAD_LENGTH);
        }
    }

    private static Result bare(ControlRequest request, Result otherwise) {
        return request.params().length == 0 ? otherwise : Result.BAD_LENGTH;
    }

    @Override
    public synchronized void connect(int mtu, Set<UUID> subscribed, Central central) {
        catchUp();
        disconnect();
        outbox.connect(mtu, subscribed, central);
        client = new Client(central, new RecordAccess(store, mtu, this::tell));
    }

    @Override
    public synchronized void disconnect() {
        client = null;
        outbox.disconnect();
    }

    private void tell(UUID characteristic, byte[] bytes) {
        outbox.add(characteristic, bytes.clone());
    }
}
