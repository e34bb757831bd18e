package io.lightstroke.gateway;

import io.lightstroke.firmware.FirmwareImage;
import io.lightstroke.firmware.ImageState;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.update.ImageClient;
import io.lightstroke.gateway.update.UpdateException;
import io.lightstroke.messages.ToolStatus;
import io.lightstroke.messages.ToolStatus.Update.Step;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One update of a tool's firmware: upload, restart, and the new image confirmed once the tool streams with it. Goes on over
 * lost links. Until it is confirmed, the tool's bootloader puts the old image back.
 */
final class FirmwareUpdate {
    private static final Logger LOG = LoggerFactory.getLogger(FirmwareUpdate.class);

    /** So long a tool may take to restart, or a link to come back. */
    static final Duration AWAY_LIMIT = Duration.ofMinutes(3);
    /** A link that has failed and streams on after so long has not been lost. */
    private static final Duration LOST_AFTER = Duration.ofSeconds(10);

    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    /** Links in a row on which nothing is achieved. */
    private static final int MOST_TRIES = 5;

    private static final int MOST_RESTARTS = 3;

    private final ToolSession tool;
    private final String file;
    private final FirmwareImage image;
    private final Duration awayLimit;

    // Of the tool's thread while a pass runs, else of the caller's.
    private int percent;
    private int restarts;
    /** Whether the tool may have been told to try the image: its answer can be lost. */
    private boolean tried;

    private boolean confirming;
    private boolean done;
    private @Nullable UpdateException refusal;

    /**
     * @param file by which people know the image
     * @param awayLimit see {@link #AWAY_LIMIT}
     */
    FirmwareUpdate(ToolSession tool, String file, FirmwareImage image, Duration awayLimit) {
        this.tool = tool;
        this.file = file;
        this.image = image;
        this.awayLimit = awayLimit;
    }

    /**
     * Takes minutes.
     *
     * @throws LinkException it cannot begin, and why
     * @throws UpdateException it has failed, and what runs now
     */
    void run() throws LinkException, UpdateException, InterruptedException {
        tool.beginUpdate(new ToolStatus.Update(file, Step.CHECKING, 0));
        try {
            LOG.info("{}: update with {} of {}", tool.id(), image, file);
            int tries = 0;
            while (true) {
                int before = percent;
                long sinceNanos = System.nanoTime();
                String failure = "";
                try {
                    tool.overSmp(this::pass);
                } catch (LinkException e) {
                    failure = String.valueOf(e.getMessage());
                    LOG.warn("{}: update: {}", tool.id(), failure);
                }
                if (refusal != null) {
                    throw refusal;
                } else if (done) {
                    LOG.info("{}: updated to {}", tool.id(), image.version());
                    return;
                }
                tries = failure.isEmpty() || percent > before ? 0 : tries + 1;
                if (tries == MOST_TRIES) {
                    throw failed("want it to go on, got %s; %s".formatted(failure, whatRuns()));
                }
                awaitAnotherLink(sinceNanos, failure);
            }
        } finally {
            tool.endUpdate();
        }
    }

    /** As far as one connection goes; whether the tool starts anew now. */
    private boolean pass(ImageClient images) throws LinkException, InterruptedException {
        try {
            ImageState state = images.state();
            ImageState.Slot active = state.active()
                    .orElseThrow(() ->
                            failed("want an image that runs in the tool, got none of %s".formatted(state.slots())));
            if (active.hash().equals(image.hash())) {
                confirm(images, active);
                return false;
            }
            Optional<ImageState.Slot> stored = state.other(image.hash());
            if (restarts > 0 && !stored.map(ImageState.Slot::pending).orElse(false)) {
                throw failed("want %s running after the restart, got %s: the new image did not come up, and the"
                                .formatted(image.version(), active.version())
                        + " tool's bootloader has put the old one back");
            } else if (restarts == MOST_RESTARTS) {
                throw failed("want %s running after %d restarts, got %s, and the new image still to be tried"
                        .formatted(image.version(), restarts, active.version()));
            } else if (!active.confirmed()) {
                throw failed(
                        "want the image that runs confirmed, got %s on trial; restart the tool, or update it to that"
                                .formatted(active.version()));
            }
            if (stored.isEmpty()) {
                tell(Step.UPLOADING, percent);
                images.upload(image, each -> tell(Step.UPLOADING, each));
                stored = images.state().other(image.hash());
            }
            if (stored.isEmpty()) {
                throw failed("want the image whole in the tool, got none that is valid; %s runs on"
                        .formatted(active.version()));
            }
            tell(Step.RESTARTING, 100);
            tried = true;
            if (!stored.get().pending()) {
                images.test(image.hash());
            }
            restarts++;
            reset(images);
            return true;
        } catch (UpdateException e) {
            refusal = e;
            return false;
        }
    }

    private void reset(ImageClient images) throws LinkException, UpdateException, InterruptedException {
        try {
            images.reset();
        } catch (UpdateException e) {
            throw failed("%s; the new image is to be tried at the tool's next restart".formatted(e.getMessage()));
        }
    }

    private void confirm(ImageClient images, ImageState.Slot active)
            throws LinkException, UpdateException, InterruptedException {
        if (!active.confirmed()) {
            tell(Step.CONFIRMING, 100);
            confirming = true;
            if (!images.confirm().active().map(ImageState.Slot::confirmed).orElse(false)) {
                throw failed("want %s confirmed, got it on trial; the tool's bootloader puts the old one back at its"
                                .formatted(active.version())
                        + " next restart");
            }
        } else if (restarts == 0 && !confirming) {
            throw failed("want another image than the one that runs, got %s again".formatted(active.version()));
        }
        done = true;
    }

    private void tell(Step step, int percentNow) {
        percent = percentNow;
        tool.updateIs(new ToolStatus.Update(file, step, percentNow));
    }

    private void awaitAnotherLink(long sinceNanos, String failure) throws UpdateException, InterruptedException {
        long endNanos = System.nanoTime() + awayLimit.toNanos();
        while (!isThere(sinceNanos, !failure.isEmpty())) {
            if (System.nanoTime() - endNanos > 0) {
                throw failed("want it streaming within %d s, got %s%s; %s"
                        .formatted(
                                awayLimit.toSeconds(),
                                tool.state().word(),
                                failure.isEmpty() ? "" : " after: " + failure,
                                whatRuns()));
            }
            Thread.sleep(LOOK_EVERY.toMillis());
        }
    }

    private String whatRuns() {
        if (restarts > 0) {
            return "the new image is not confirmed, so the tool's bootloader puts the old one back at its next restart";
        }
        return tried ? "the tool may try the new image, once, at its next restart" : "nothing was changed";
    }

    /** On another link than at that time, or for long enough on the same. */
    private boolean isThere(long sinceNanos, boolean failed) {
        OptionalLong streaming = tool.streamingSinceNanos();
        return streaming.isPresent()
                && (streaming.getAsLong() - sinceNanos > 0
                        || (failed && System.nanoTime() - sinceNanos > LOST_AFTER.toNanos()));
    }

    private UpdateException failed(String what) {
        return new UpdateException("update of %s: %s".formatted(tool.id(), what));
    }
}
