package io.lightstroke.gateway.link;

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
}
