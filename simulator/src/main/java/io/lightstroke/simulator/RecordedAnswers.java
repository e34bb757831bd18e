package io.lightstroke.simulator;

import io.lightstroke.protocol.ControlAnswer;
import io.lightstroke.protocol.ControlRequest;
import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.MalformedFrameException;
import io.lightstroke.recording.Passed;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a recorded tool answered at its Control Point: to the same request the same, in turn, the last one again and again. */
final class RecordedAnswers {
    /** What is asked, and for limits that are read, which were written before. */
    private record Asked(int op, String params, String limits) {}

    private record Exchange(Asked asked, int place) {}

    private final Map<Asked, Deque<ControlAnswer>> answers = new HashMap<>();
    private final Set<Integer> starts = new HashSet<>();
    private String limits = "";

    RecordedAnswers(List<Passed> passed) {
        Map<Integer, Exchange> open = new HashMap<>();
        for (int i = 0; i < passed.size(); i++) {
            Passed each = passed.get(i);
            if (!Gatt.CONTROL_POINT.equals(RecordedStore.uuid(each))) {
                continue;
            }
            try {
                if (each.what() == Passed.What.WRITTEN) {
                    ControlRequest request = ControlRequest.decode(each.value());
                    open.put(request.op() << 8 | request.txn(), new Exchange(asked(request), i));
                    if (request.op() == ControlRequest.WRITE_LIMITS) {
                        limits = hex(request);
                    }
                } else if (each.told()) {
                    ControlAnswer answer = ControlAnswer.decode(each.value());
                    Exchange exchange = open.remove(answer.op() << 8 | answer.txn());
                    if (exchange != null) {
                        answers.computeIfAbsent(exchange.asked, unheard -> new ArrayDeque<>())
                                .add(answer);
                        if (answer.op() == ControlRequest.START && answer.result() == ControlAnswer.Result.OK) {
                            starts.add(exchange.place);
                        }
                    }
                }
            } catch (MalformedFrameException e) {
                // no answer to anything
            }
        }
        limits = "";
    }

    /** Whether a start that succeeded stands at this place of the recording. */
    boolean startsAt(int place) {
        return starts.contains(place);
    }

    Optional<ControlAnswer> to(ControlRequest request) {
        Deque<ControlAnswer> recorded = answers.get(asked(request));
        if (request.op() == ControlRequest.WRITE_LIMITS) {
            limits = hex(request);
        }
        if (recorded == null) {
            return Optional.empty();
        }
        ControlAnswer answer = recorded.size() > 1 ? recorded.remove() : recorded.element();
        return Optional.of(new ControlAnswer(
                answer.op(), request.txn(), answer.resultCode(), Arrays.copyOf(answer.data(), answer.data().length)));
    }

    private Asked asked(ControlRequest request) {
        return new Asked(request.op(), hex(request), request.op() == ControlRequest.READ_LIMITS ? limits : "");
    }

    private static String hex(ControlRequest request) {
        return HexFormat.of().formatHex(request.params());
    }
}
