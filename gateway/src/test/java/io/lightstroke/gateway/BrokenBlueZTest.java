package io.lightstroke.gateway;

import io.lightstroke.gateway.link.BlueZLink;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolLink;

class BrokenBlueZTest extends BrokenBluetoothTest {
    @Override
    ToolLink link(String busAddress) throws LinkException, InterruptedException {
        return new BlueZLink(busAddress, null, BlueZLink.Notify.values()[0]);
    }
}
