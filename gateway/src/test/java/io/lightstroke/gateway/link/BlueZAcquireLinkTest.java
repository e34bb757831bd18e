package io.lightstroke.gateway.link;

/** The same with notifications by socket. */
class BlueZAcquireLinkTest extends BlueZLinkTest {
    @Override
    BlueZLink.Notify notifications() {
        return BlueZLink.Notify.SOCKET;
    }
}
