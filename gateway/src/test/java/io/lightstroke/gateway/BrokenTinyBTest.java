package io.lightstroke.gateway;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.TinyBLink;
import io.lightstroke.gateway.link.ToolLink;

class BrokenTinyBTest extends BrokenBluetoothTest {
    @Override
    ToolLink link(String busAddress) throws LinkException, InterruptedException {
        return new TinyBLink(null, busAddress);
    }
}
