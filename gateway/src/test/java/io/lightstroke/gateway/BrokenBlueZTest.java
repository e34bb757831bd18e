package io.lightstroke.gateway;

import io.lightstroke.gateway.link.BlueZLink;
import io.lightstroke.gateway.link.ToolLink;

class BrokenBlueZTest extends BrokenBluetoothTest {
    @Override
    ToolLink link(String busAddress) throws Exception {
        return new BlueZLink(busAddress, null, BlueZLink.Notify.values()[0]);
    }
}
