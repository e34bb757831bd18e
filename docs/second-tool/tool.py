"""A scraping tool in one file: what its firmware decides, a sensor with a person, and a pipe. See README.md."""
import math
import random
import struct
import sys
from binascii import crc_hqx
from dataclasses import dataclass

# ---- What it is -----------------------------------------------------------------------------------------------------

CHARACTERISTICS = {
    "force-stream": "notify", "events": "notify", "control-point": "write,indicate", "time-sync": "write,indicate",
    "tool-info": "read,notify", "record-data": "notify", "cue": "write-without-response",
    "record-access": "write,indicate", "manufacturer-name": "read", "model-number": "read", "serial-number": "read",
    "firmware-revision": "read", "battery-level": "read,notify"}
TEXTS = {"manufacturer-name": b"Example", "model-number": b"Second tool", "serial-number": b"0002",
         "firmware-revision": b"1.0.0"}
HAPTIC, STORES_RECORDS = 1 << 1, 1 << 3  # features
MIN_HZ, MAX_HZ = 16, 200
STORE_BYTES = 480_000  # 2 a sample, 40 an event: more than 30 minutes at 100 Hz
CUE_US = 300_000
FIVE_MINUTES_US = 300_000_000
SENSOR_LIMIT_CN = 1500
NEVER = 0xFFFFFFFF

# Flags of a frame, kinds of an event, results of a request.
HISTORICAL, SATURATED, UNTARED, CUE_ACTIVE = 1, 2, 4, 8
STROKE, OVER_BEGINS, OVER_ENDS, TARED, CUE_BEGAN, LIMITS_CHANGED = 1, 2, 3, 4, 6, 8
TOO_DEEP = 2  # the pattern of a cue
OK, UNKNOWN_OP, BAD_PARAMETER, WRONG_STATE, BAD_LENGTH, SENSOR_FAULT = 1, 2, 3, 6, 7, 8


class Refused(Exception):
    """A request is not done; `args[0]` is the result that says why."""


# ---- Records: what is stored, and sent ------------------------------------------------------------------------------

def with_crc(body):
    return body + struct.pack("<H", crc_hqx(body, 0xFFFF))


@dataclass
class Run:
    """Samples one period apart, alike in all but their force: a force frame, or several."""
    boot: int
    first: int
    time_us: int
    period_us: int
    flags: int
    strokes: int
    forces_cn: list

    def takes(self, sample, most):
        n = len(self.forces_cn)
        return (n < most and not sample.flags & SATURATED
                and sample.time_us == self.time_us + n * self.period_us
                and (self.boot, self.first + n, self.period_us, self.flags, self.strokes)
                == (sample.boot, sample.first, sample.period_us, sample.flags, sample.strokes))

    def part(self, first, last):
        """Its samples from index first to last, both included; None if there are none."""
        begin, end = max(first - self.first, 0), min(last + 1 - self.first, len(self.forces_cn))
        return None if begin >= end else Run(self.boot, self.first + begin, self.time_us + begin * self.period_us,
                                             self.period_us, self.flags, self.strokes, self.forces_cn[begin:end])

    def bytes(self, more_flags=0):
        n = len(self.forces_cn)
        return with_crc(struct.pack(f"<BBHIIQHBBI{n}h", 1, 1, self.flags | more_flags, self.boot, self.first,
                                    self.time_us, self.period_us, n, 0, self.strokes, *self.forces_cn))


@dataclass
class Event:
    boot: int
    sequence: int
    index: int
    time_us: int
    kind: int
    strokes: int
    peak_cn: int
    duration_ms: int
    code: int

    def bytes(self, flags=0):
        return with_crc(struct.pack("<BBBBIIIQhIbbIH", 2, 1, self.kind, flags, self.boot, self.sequence, self.index,
                                    self.time_us, self.peak_cn, self.duration_ms, 127, 0, self.strokes, self.code))


class Store:
    """All samples and events of all boots, in order, as flash keeps them. The oldest are overwritten."""

    def __init__(self):
        self.records = []
        self.size = 0
        self.events = {}  # of each boot, how many there were

    def add_sample(self, sample):
        self.size += 2
        newest = self.records[-1] if self.records else None
        if isinstance(newest, Run) and newest.takes(sample, 100):
            newest.forces_cn.append(sample.forces_cn[0])
            return
        at = len(self.records)
        while sample.first == 0 and at > 0 and self.records[at - 1].boot == sample.boot:
            at -= 1  # events before the first sample have its index, and come after it
        self.records.insert(at, sample)
        while self.size > STORE_BYTES:
            gone = self.drop_oldest()
            while isinstance(self.records[0], Event) and self.records[0].boot == gone.boot:
                self.drop_oldest()

    def add_event(self, event):
        self.size += 40
        self.records.append(event)
        self.events[event.boot] = event.sequence + 1

    def drop_oldest(self):
        gone = self.records.pop(0)
        self.size -= 2 * len(gone.forces_cn) if isinstance(gone, Run) else 40
        return gone

    def select(self, boot, first, last):
        parts = (r.part(first, last) if isinstance(r, Run) else r if first <= r.index <= last else None
                 for r in self.records if r.boot == boot)
        return [part for part in parts if part]

    def frames(self, boot, first, last, most):
        """As Record Data brings them, with at most so many samples in each."""
        for record in self.select(boot, first, last):
            if isinstance(record, Event):
                yield record.bytes(HISTORICAL)
            else:
                for i in range(record.first, record.first + len(record.forces_cn), most):
                    yield record.part(i, i + most - 1).bytes(HISTORICAL)

    def erase(self, boot, index):
        others = [r for r in self.records if r.boot != boot]
        kept = self.select(boot, index + 1, NEVER)
        before = next((i for i, r in enumerate(self.records) if r.boot == boot), 0)
        self.records = others[:before] + kept + others[before:]
        self.size = sum(2 * len(r.forces_cn) if isinstance(r, Run) else 40 for r in self.records)

    def boots(self):
        """The data of stored boots, the oldest first."""
        for boot in dict.fromkeys(r.boot for r in self.records):
            runs = [r for r in self.records if r.boot == boot and isinstance(r, Run)]
            oldest, newest = (runs[0].first, runs[-1].first + len(runs[-1].forces_cn) - 1) if runs else (1, 0)
            yield struct.pack("<IIII", boot, oldest, newest, self.events.get(boot, 0))


# ---- What the tool decides ------------------------------------------------------------------------------------------

class Tool:
    """
    The firmware. It knows of the world `sense(age_us)`, what the sensor shows in cN, not yet tared, and
    `notify(name, value)`. It is told of time, link and what is written. Ages go on over reboots, times do not.
    """

    def __init__(self, sense, notify):
        self.sense, self.radio = sense, notify
        self.store = Store()
        self.kept_limits = struct.pack("<hhhhHHBHB", 300, 650, 900, 1400, 150, 200, 90, 2000, 0)
        self.scale, self.calibration = 1.0, 1
        self.age_us = 0
        self.mtu = None  # no link
        self.battery_at_us = 0
        self.start_anew()

    def start_anew(self):
        """After power-on, reset and crash. What is in flash was set before."""
        self.boot = random.randrange(1, 1 << 32)
        self.began_us = self.age_us
        self.index = self.sequence = self.strokes = 0  # of the next sample and event; how many
        self.zero_cn, self.tared_us = 0.0, None
        self.set_limits(self.kept_limits)
        self.rate_hz, self.sample_at_us = 100, None  # None: idle
        self.paused, self.last_time_us = True, 0
        self.stroke_began_us, self.peak_cn = None, 0
        self.over, self.over_since_us, self.cue_at_us = False, None, 0
        self.cues = {}  # pattern: until which age
        self.live = self.report = self.calibrating = None
        self.alone_since_us = self.age_us  # without link and contact

    def now_us(self):
        return self.age_us - self.began_us

    def notify(self, name, value):
        if self.mtu and len(value) <= self.mtu - 3:
            self.radio(name, value)

    def samples_a_frame(self):
        return min((self.mtu - 33) // 2, 100)

    # Time

    def live_on(self, age_us):
        """Does what is due until then, each at its own time."""
        while True:
            due = [at for at in (self.sample_at_us, self.battery_at_us, self.report and self.report[0])
                   if at is not None]
            self.age_us = max(min(min(due), age_us), self.age_us)
            if min(due) > age_us:
                return
            if self.sample_at_us == self.age_us:
                self.sample()
            if self.battery_at_us == self.age_us:
                self.battery_at_us += 600_000_000
                self.notify("battery-level", self.battery())
            if self.report and self.report[0] == self.age_us:
                self.send_records()

    def battery(self):
        return bytes([max(100 - self.age_us // 600_000_000, 0)])

    def sample(self):
        raw_cn = self.sense(self.age_us)
        force_cn = round(raw_cn * self.scale - self.zero_cn)
        self.paused, self.last_time_us = False, self.now_us()
        happened = self.judge(force_cn)
        flags = ((SATURATED if raw_cn >= SENSOR_LIMIT_CN else 0) | (UNTARED if self.tared_us is None else 0)
                 | (CUE_ACTIVE if any(until > self.age_us for until in self.cues.values()) else 0))
        period_us = round(1e6 / self.rate_hz)
        values = (self.boot, self.index, self.now_us(), period_us, flags, self.strokes)
        self.store.add_sample(Run(*values, [force_cn]))
        if self.mtu:
            self.stream(Run(*values, [force_cn]))
        self.index += 1
        self.sample_at_us += period_us
        for event in happened:
            self.tell(*event)
        if self.mtu or force_cn >= 50:
            self.alone_since_us = self.age_us
        elif self.age_us - self.alone_since_us >= FIVE_MINUTES_US:
            self.stop()

    def stream(self, sample):
        """A frame about every 50 ms, and a new one where flags or strokes change."""
        most = min(max(self.rate_hz // 20, 1), self.samples_a_frame())
        if self.live and self.live.takes(sample, most):
            self.live.forces_cn.append(sample.forces_cn[0])
        else:
            self.flush()
            self.live = sample
        if len(self.live.forces_cn) >= most:
            self.flush()

    def flush(self):
        if self.live:
            self.notify("force-stream", self.live.bytes())
        self.live = None

    # Strokes, over-pressure, cues

    def judge(self, force_cn):
        """What happened with this sample: arguments of `tell`."""
        now_us, happened = self.age_us, []
        if self.stroke_began_us is None and force_cn >= 50:
            self.stroke_began_us, self.peak_cn = now_us, 0
        if self.stroke_began_us is not None:
            self.peak_cn = max(self.peak_cn, force_cn)
            if force_cn < 30:
                duration_ms = (now_us - self.stroke_began_us) // 1000
                if duration_ms >= 200:
                    self.strokes += 1
                    happened.append((STROKE, 0, self.peak_cn, duration_ms))
                self.stroke_began_us = None
        changes = (force_cn < self.exit_percent * self.too_deep_cn / 100 if self.over
                   else force_cn >= self.too_deep_cn)
        self.over_since_us = (now_us if self.over_since_us is None else self.over_since_us) if changes else None
        if changes and now_us - self.over_since_us >= (self.exit_us if self.over else self.enter_us):
            self.over, self.over_since_us = not self.over, None
            happened.append((OVER_BEGINS if self.over else OVER_ENDS,))
        if self.over and now_us >= self.cue_at_us:
            self.cue_at_us = now_us + self.repeat_us
            happened += self.cue(TOO_DEEP, 0)
        return happened

    def cue(self, pattern, code):
        if self.cues.get(pattern, 0) > self.age_us:
            return []  # merged with the one that is active
        self.cues[pattern] = self.age_us + CUE_US
        return [(CUE_BEGAN, code)]

    def tell(self, kind, code=0, peak_cn=0, duration_ms=0):
        time_us = self.now_us() if self.paused else self.last_time_us
        event = Event(self.boot, self.sequence, max(self.index - 1, 0), time_us, kind, self.strokes, peak_cn,
                      duration_ms, code)
        self.sequence += 1
        self.store.add_event(event)
        self.notify("events", event.bytes())

    # Link

    def connect(self, mtu):
        self.mtu = mtu

    def disconnect(self):
        self.mtu = self.live = self.report = self.calibrating = None
        self.alone_since_us = self.age_us

    def read(self, name):
        return TEXTS.get(name) or {"tool-info": self.info, "battery-level": self.battery}[name]()

    def write(self, name, value):
        {"control-point": self.control, "time-sync": self.sync, "cue": self.cue_written,
         "record-access": self.record_access}[name](value)

    def info(self):
        tare_age_s = NEVER if self.tared_us is None else (self.age_us - self.tared_us) // 1_000_000
        return struct.pack("<BHHHHIIIB", 1, HAPTIC | STORES_RECORDS, self.rate_hz, MIN_HZ, MAX_HZ, self.calibration,
                           self.boot, tare_age_s, self.sample_at_us is not None)

    def sync(self, value):
        self.notify("time-sync", value + struct.pack("<IQQ", self.boot, self.now_us(), self.now_us()))

    def cue_written(self, value):
        pattern, txn, expires_us = struct.unpack("<BBQ", value)
        if 1 <= pattern <= 4 and self.now_us() <= expires_us:
            for event in self.cue(pattern, txn):
                self.tell(*event)

    # Control Point

    def control(self, value):
        op, txn, params = value[0], value[1], value[2:]
        ops = {1: ("<H", self.start), 2: ("<", self.stop), 3: ("<", self.tare), 4: ("<16s", self.write_limits),
               5: ("<", lambda: self.limits), 7: ("<Bi", self.calibrate), 9: ("<", lambda: None),
               10: ("<B", self.stored_boots), 11: ("<II", self.store.erase)}
        told, self.after = self.info(), []
        try:
            if op not in ops:
                raise Refused(UNKNOWN_OP)
            layout, do = ops[op]
            if len(params) != struct.calcsize(layout):
                raise Refused(BAD_LENGTH)
            result, data = OK, do(*struct.unpack(layout, params)) or b""
        except Refused as refusal:
            result, data = refusal.args[0], b""
        self.notify("control-point", bytes([0x80, op, txn, result]) + data)
        for kind in self.after:
            self.tell(kind)
        if self.info() != told:
            self.notify("tool-info", self.info())

    def start(self, rate_hz):
        if not MIN_HZ <= rate_hz <= MAX_HZ:
            raise Refused(BAD_PARAMETER)
        if self.sample_at_us is None or rate_hz != self.rate_hz:
            self.flush()
            self.rate_hz, self.paused = rate_hz, True
            self.sample_at_us = self.age_us + round(1e6 / rate_hz)

    def stop(self):
        self.flush()
        self.sample_at_us, self.paused = None, True
        self.stroke_began_us = self.over_since_us = None

    def still_cn(self):
        """The mean of the last second, by the scale in force; refused if the force moved in it."""
        quarters = [sum(self.sense(self.age_us - (5 * quarter + i) * 50_000) for i in range(5)) / 5
                    for quarter in range(4)]
        if max(quarters) - min(quarters) > 30:
            raise Refused(WRONG_STATE)
        return sum(quarters) / 4 * self.scale

    def tare(self):
        if self.is_calibrating():
            raise Refused(WRONG_STATE)
        self.zero(self.still_cn())
        return struct.pack("<h", round(self.zero_cn))

    def zero(self, zero_cn):
        self.flush()
        self.zero_cn, self.tared_us = zero_cn, self.age_us
        self.after.append(TARED)

    def write_limits(self, limits):
        light, moderate, too_deep, ceiling, _, _, exit_percent, _, keep = struct.unpack("<hhhhHHBHB", limits)
        if not (0 < light < moderate < too_deep < ceiling <= 1400 and exit_percent <= 100):
            raise Refused(BAD_PARAMETER)
        self.set_limits(limits)
        if keep == 1:
            self.kept_limits = limits
        self.after.append(LIMITS_CHANGED)

    def set_limits(self, limits):
        self.limits = limits
        _, _, self.too_deep_cn, _, enter_ms, exit_ms, self.exit_percent, repeat_ms, _ = struct.unpack(
            "<hhhhHHBHB", limits)
        self.enter_us, self.exit_us, self.repeat_us = enter_ms * 1000, exit_ms * 1000, repeat_ms * 1000

    def is_calibrating(self):
        if self.calibrating and self.age_us - self.calibrating["step_us"] >= FIVE_MINUTES_US:
            self.calibrating = None
        return self.calibrating is not None

    def calibrate(self, step, reference_mn):
        if step > 4:
            raise Refused(BAD_PARAMETER)
        if step == 0:
            self.calibrating = {}
        elif step == 4:
            self.calibrating = None
            return None
        elif not self.is_calibrating():
            raise Refused(WRONG_STATE)
        elif step == 1:
            self.calibrating["zero_cn"] = self.still_cn()
        elif step == 2:
            if "zero_cn" not in self.calibrating:
                raise Refused(WRONG_STATE)
            if not 1000 <= reference_mn <= 20_000:
                raise Refused(BAD_PARAMETER)
            if self.sense(self.age_us) >= SENSOR_LIMIT_CN:
                raise Refused(SENSOR_FAULT)
            factor = reference_mn / 10 / max(self.still_cn() - self.calibrating["zero_cn"], 0.01)
            if not 0.5 <= factor <= 2:
                raise Refused(BAD_PARAMETER)
            self.calibrating["factor"] = factor
        elif step == 3:
            if "factor" not in self.calibrating:
                raise Refused(WRONG_STATE)
            self.scale *= self.calibrating["factor"]
            self.zero(self.calibrating["zero_cn"] * self.calibrating["factor"])
            self.calibration += 1
            self.calibrating = None
            return struct.pack("<I", self.calibration)
        self.calibrating["step_us"] = self.age_us
        return None

    def stored_boots(self, page):
        boots = list(self.store.boots())
        shown = boots[3 * page:3 * page + 3]
        return bytes([len(boots) > 3 * page + 3, len(shown)]) + b"".join(shown)

    # Record Access

    def record_access(self, value):
        op, operator, operand = value[0], value[1], value[2:]
        try:
            if op == 3:
                self.abort(operator, operand)
                result = 1
            else:
                frames = self.requested(op, operator, operand)
                if op == 4:
                    self.notify("record-access", struct.pack("<BBI", 5, 0, len(frames)))
                    return
                if frames:
                    self.report = (self.age_us + 10_000, iter(frames))
                    return
                result = 6
        except Refused as refusal:
            result = refusal.args[0]
        self.notify("record-access", bytes([6, 0, op, result]))

    def abort(self, operator, operand):
        if operator != 0:
            raise Refused(3)
        if operand:
            raise Refused(5)
        if not self.report:
            raise Refused(7)
        self.report = None

    def requested(self, op, operator, operand):
        if op not in (1, 4):
            raise Refused(2)
        if operator == 0:
            raise Refused(3)
        if operator > 6:
            raise Refused(4)
        if operand[:1] not in (b"", b"\x80"):
            raise Refused(9)
        numbers = 3 if operator == 4 else 2 if operator in (2, 3) else 1
        if len(operand) != 1 + 4 * numbers:
            raise Refused(5)
        boot, *bounds = struct.unpack(f"<{numbers}I", operand[1:])
        if operator == 4 and bounds[0] > bounds[1]:
            raise Refused(5)
        if self.report or self.mtu < 64:
            raise Refused(8)
        first, last = {2: [0, *bounds], 3: [*bounds, NEVER], 4: bounds}.get(operator, [0, NEVER])
        frames = list(self.store.frames(boot, first, last, self.samples_a_frame()))
        return {5: frames[:1], 6: frames[-1:]}.get(operator, frames)

    def send_records(self):
        at_us, frames = self.report
        for _ in range(4):
            frame = next(frames, None)
            if frame is None:
                self.report = None
                self.notify("record-access", bytes([6, 0, 1, 1]))
                return
            self.notify("record-data", frame)
        self.report = (at_us + 10_000, frames)


# ---- In place of a board: a sensor in somebody's hand, and a pipe for a radio ---------------------------------------

def sense(age_us):
    """
    In cN, as somebody works for 12 minutes and rests for 6. Each half minute of work: ten seconds at rest, then
    strokes of 1.2 s, every fourth one as hard as the sensor can tell.
    """
    half_minute, at_s = divmod(age_us / 1e6 - 10, 30)
    stroke, into_s = divmod(at_s, 2)
    if half_minute % 36 >= 24 or stroke >= 10 or into_s >= 1.2:
        return 20
    return min(20 + (1600 if stroke % 4 == 3 else 550) * math.sin(math.pi * into_s / 1.2), SENSOR_LIMIT_CN)


def main():
    lines = []
    tool = Tool(sense, lambda name, value: lines.append(f"notify {name} {value.hex()}"))
    for command in sys.stdin:
        word, *rest = command.split()
        end = "ok"
        if word == "hello":
            lines.append("name Second tool")
            lines.extend(f"characteristic {name} {properties}" for name, properties in CHARACTERISTICS.items())
        elif word == "time":
            tool.live_on(int(rest[0]))
        elif word == "connect":
            tool.connect(int(rest[0]))
        elif word == "disconnect":
            tool.disconnect()
        elif word == "read":
            end = f"ok {tool.read(rest[0]).hex()}".strip()
        elif word == "write":
            try:
                tool.write(rest[0], bytes.fromhex(rest[1] if len(rest) > 1 else ""))
            except (IndexError, struct.error):
                end = "refused invalid attribute length"
        elif word == "reboot":
            tool.start_anew()
        print(*lines, end, sep="\n", flush=True)
        lines.clear()


if __name__ == "__main__":
    main()
