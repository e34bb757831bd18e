package io.lightstroke.gateway.link;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link that cannot be opened yet, for example because no adapter is plugged in. Every use tries again; until it
 * succeeds no tool is heard.
 */
public final class AwaitedLink implements ToolLink {
    private static final Logger LOG = LoggerFactory.getLogger(AwaitedLink.class);

    /** What failed in opening fails again for so long without another try. */
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

    /** Opens the link that is awaited. */
    @FunctionalInterface
    public interface Opening {
        ToolLink open() throws LinkException, InterruptedException;
    }

    private final String name;
    private final Opening opening;
    private volatile @Nullable ToolLink link;
    private volatile String failure;
    /** Guarded by this. */
    private long failedNanos = System.nanoTime();

    private boolean closed;

    private AwaitedLink(String name, Opening opening, String failure) {
        this.name = name;
        this.opening = opening;
        this.failure = failure;
    }

    /**
     * The link itself when it can be opened at once, else one that awaits it.
     *
     * @param name the word for it until it is there
     */
    public static ToolLink of(String name, Opening opening) throws InterruptedException {
        try {
            return opening.open();
        } catch (LinkException e) {
            LOG.warn("link {} cannot be opened yet, trying again: {}", name, e.getMessage());
            return new AwaitedLink(name, opening, String.valueOf(e.getMessage()));
        }
    }

    /** Why it is not there; empty when it is. */
    public Optional<String> problem() {
        return link == null ? Optional.of(failure) : Optional.empty();
    }

    /** @throws NotHeardException while it is not there: over no link is anything heard */
    private synchronized ToolLink link() throws LinkException, InterruptedException {
        if (closed) {
            throw new LinkException("the link is closed");
        }
        ToolLink open = link;
        if (open != null) {
            return open;
        }
        if (System.nanoTime() - failedNanos >= AGAIN_AFTER.toNanos()) {
            try {
                open = opening.open();
                link = open;
                LOG.info("link {} is open now", open.name());
                return open;
            } catch (LinkException e) {
                failure = String.valueOf(e.getMessage());
                failedNanos = System.nanoTime();
            }
        }
        throw new NotHeardException(failure);
    }

    @Override
    public String name() {
        ToolLink open = link;
        return open == null ? name : open.name();
    }

    @Override
    public List<HeardTool> scan(Duration time) throws LinkException, InterruptedException {
        return link().scan(time);
    }

    @Override
    public ToolConnection connect(String address, Duration limit) throws LinkException, InterruptedException {
        return link().connect(address, limit);
    }

    @Override
    public boolean forget(String address) throws LinkException, InterruptedException {
        return link().forget(address);
    }

    @Override
    public void powerCycle() throws LinkException, InterruptedException {
        link().powerCycle();
    }

    @Override
    public synchronized void close() {
        closed = true;
        ToolLink open = link;
        if (open != null) {
            open.close();
        }
    }
}
