package io.lightstroke.gateway.conform;

import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.ToolConnection;
import io.lightstroke.gateway.link.ToolLink;
import java.time.Duration;
import java.util.Optional;

/** A tool over a link, in real time. */
public final class LinkSubject implements Subject {
    private static final Duration LISTEN = Duration.ofSeconds(5);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final ToolLink link;
    private final String address;

    /** @param link closed by whoever made it */
    public LinkSubject(ToolLink link, String address) {
        this.link = link;
        this.address = address;
    }

    @Override
    public String name() {
        return "%s over %s".formatted(address, link.name());
    }

    @Override
    public boolean simulated() {
        return false;
    }

    @Override
    public Optional<Boolean> heard() throws LinkException, InterruptedException {
        return Optional.of(
                link.scan(LISTEN).stream().anyMatch(tool -> tool.address().equalsIgnoreCase(address)));
    }

    @Override
    public ToolConnection connect(int mtu) throws LinkException, InterruptedException {
        return link.connect(address, CONNECT_LIMIT);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void pass(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }

    @Override
    public void restart() {
        throw new UnsupportedOperationException("a tool over a link restarts by a request");
    }
}
