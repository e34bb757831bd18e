package io.lightstroke.gateway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lightstroke.protocol.Gatt;
import io.lightstroke.protocol.ToolInfo;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimulatedLinkTest extends ToolLinkContractTest {
    private SimulatedLink simulated;

    @Override
    ToolLink open() {
        simulated = new SimulatedLink(tools);
        return simulated;
    }

    @Override
    void drop(String address) {
        simulated.drop(address);
    }

    @Override
    void silence(String address, boolean silent) {
        simulated.silence(address, silent);
    }

    @Override
    void remove(String address) {
        simulated.drop(address);
    }

    @Override
    void hangConnect(String address, boolean hang) {
        simulated.hangConnect(address, hang);
    }

    @Override
    void leaveConnected(String address) throws Exception {
        ToolConnection unused = simulated.connect(address, Duration.ofSeconds(1));
    }

    @Test
    void aToolThatStartsAnewLosesItsLinkAndCanBeConnectedAgain() throws Exception {
        String address = tool.identity().address();
        Duration limit = Duration.ofSeconds(10);
        ToolConnection connection = link.connect(address, limit);
        long boot = ToolInfo.decode(connection.read(Gatt.TOOL_INFO)).boot();
        simulated.reboot(address);
        assertEquals(
                "the link to %s is lost".formatted(address),
                assertThrows(LinkException.class, () -> connection.read(Gatt.TOOL_INFO))
                        .getMessage());
        try (ToolConnection next = link.connect(address, limit)) {
            assertNotEquals(boot, ToolInfo.decode(next.read(Gatt.TOOL_INFO)).boot());
        }
    }
}
