package io.lightstroke.gateway.sink;

import io.lightstroke.messages.LiveFrame;
import io.lightstroke.messages.SessionStateMessage;
import io.lightstroke.messages.ToolInfoMessage;
import org.jspecify.annotations.Nullable;

/** Who looks on while a tool is judged. No method blocks. */
public interface LiveView {
    void live(String tool, LiveFrame frame);

    void info(String tool, ToolInfoMessage info);

    /** @param state null: no session runs, and what was retained is cleared */
    void sessionState(String tool, @Nullable SessionStateMessage state);
}
