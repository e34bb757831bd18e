package io.lightstroke.gateway.link;

import io.lightstroke.testing.Needs;
import io.lightstroke.testing.Program;

/** Over a real dbus-daemon; notifications by signal. */
@Needs(Program.DBUS_DAEMON)
class BlueZLinkTest extends BlueZContractTest {
    BlueZLink.Notify notifications() {
        return BlueZLink.Notify.SIGNAL;
    }

    @Override
    ToolLink open() throws LinkException, InterruptedException {
        return new BlueZLink(bus.address(), null, notifications());
    }
}
