package io.lightstroke.gateway.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.WildcardConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.io.IOCriticalErrorListener;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of Artemis, with its state in a folder or in memory. It ends of itself when the folder's disk fails it. */
final class BrokerRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerRun.class);

    private static final int START_LIMIT_S = 30;
    private static final int REWRITE_LIMIT_S = 30;
    private static final int LOOK_MS = 50;
    private static final int FILE_BYTES = 2 * 1024 * 1024;
    private static final long MAX_QUEUED_BYTES = 64L * 1024 * 1024;
    /** As many wait for one subscription where they cannot be paged to disk: the newest. */
    private static final long MAX_WAITING_MESSAGES = 10_000;

    private final ActiveMQServer server;
    /** Why it cannot start, or go on. */
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

    /**
     * Has a retained command delivered with its retain flag, so that it is known as one. Of itself Artemis keeps the
     * flag of what is published live only for subscriptions without wildcards, though they ask for it.
     */
    private static final class RetainedCommands implements ActiveMQServerMessagePlugin {
        @Override
        public void beforeSend(
                ServerSession session,
                @Nullable Transaction transaction,
                Message message,
                boolean direct,
                boolean noAutoCreateQueue) {
            if (message.getAddress() != null
                    && EmbeddedBroker.COMMAND.matcher(message.getAddress()).matches()
                    && message.getBooleanProperty(MQTTUtil.MQTT_MESSAGE_RETAIN_KEY)) {
                message.putBooleanProperty(MQTTUtil.MQTT_MESSAGE_RETAIN_INITIAL_DISTRIBUTION_KEY, true);
            }
        }
    }

    /**
     * Starts it.
     *
     * @param folder of its state; null: in memory
     */
    BrokerRun(@Nullable Path folder, int port, AccessList accessList) throws IOException {
        server = new ActiveMQServerImpl(configuration(folder, port), accessList);
        server.registerBrokerPlugin(new RetainedCommands());
        server.registerActivationFailureListener(this::failed);
        server.registerIOCriticalErrorListener(new IOCriticalErrorListener() {
            @Override
            public void onIOException(Throwable e, String message, @Nullable String file) {
                failed(e);
            }
        });
        boolean complete = false;
        try {
            server.start();
            awaitStart();
            complete = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) { // Artemis declares Exception
            throw new IOException(words(e), e);
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private void failed(Throwable e) {
        failure.compareAndSet(null, words(e));
    }

    private static String words(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** Artemis itself only logs that it does not start. */
    private void awaitStart() throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_S);
        while (!server.waitForActivation(LOOK_MS, TimeUnit.MILLISECONDS)) {
            String why = failure.get();
            if (why != null) {
                throw new IOException(why);
            } else if (System.nanoTime() > endNanos) {
                throw new IOException("it does not start within %d s".formatted(START_LIMIT_S));
            }
        }
        if (port() <= 0) {
            throw new IOException("nothing listens on its port");
        }
    }

    /** On which it listens; 0: on none. */
    int port() {
        return server.getRemotingService() != null
                        && server.getRemotingService().getAcceptor("mqtt") instanceof NettyAcceptor acceptor
                ? acceptor.getActualPort()
                : 0;
    }

    /** Why it has ended, or is about to; null while it runs. */
    @Nullable
    String ended() {
        String why = failure.get();
        return why == null && !server.isStarted() ? "it has stopped" : why;
    }

    /** Leaves the bytes of no message behind that is not kept any more; nothing in memory. */
    void rewrite() throws IOException {
        StorageManager storage = server.getStorageManager(); // null while it is not started
        if (storage != null && storage.getMessageJournal() instanceof JournalImpl journal) {
            try {
                journal.forceMoveNextFile(); // the one that is written to is not compacted
                journal.scheduleCompactAndBlock(REWRITE_LIMIT_S);
            } catch (Exception e) { // Artemis declares Exception
                throw new IOException(words(e), e);
            }
        }
    }

    private static Configuration configuration(@Nullable Path folder, int port) {
        Configuration configuration = new ConfigurationImpl();
        configuration.setName("lightstroke");
        String acceptor = "tcp://%s:%d?protocols=MQTT&closeMqttConnectionOnPublishAuthorizationFailure=false"
                .formatted(EmbeddedBroker.LOOPBACK, port);
        try {
            configuration.addAcceptorConfiguration("mqtt", acceptor);
        } catch (Exception e) { // Artemis declares Exception
            throw new IllegalArgumentException(acceptor, e);
        }
        WildcardConfiguration wildcards = new WildcardConfiguration();
        wildcards.setDelimiter('/');
        wildcards.setAnyWords('#');
        wildcards.setSingleWord('+');
        configuration.setWildCardConfiguration(wildcards);

        if (folder == null) {
            configuration.setPersistenceEnabled(false);
            configuration.setGlobalMaxSize(-1);
        } else {
            keepIn(folder, configuration);
        }
        configuration.setMessageExpiryScanPeriod(1000);
        configuration.setSecurityEnabled(true);
        // What a broker of one gateway does not need; each costs time at start or a thread.
        configuration.setJMXManagementEnabled(false);
        configuration.setCriticalAnalyzer(false);
        configuration.setSuppressSessionNotifications(true);
        configuration.setPersistIDCache(false);
        configuration.setFileDeployerScanPeriod(-1);
        configuration.setConfigurationFileRefreshPeriod(-1);
        configuration.setThreadPoolMaxSize(8);
        configuration.setScheduledThreadPoolMaxSize(2);

        AddressSettings any = new AddressSettings();
        any.setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE);
        if (folder == null) {
            any.setDefaultRingSize(MAX_WAITING_MESSAGES);
        }
        any.setAutoCreateAddresses(true);
        any.setAutoCreateQueues(true);
        configuration.addAddressSetting("#", any);
        return configuration;
    }

    private static void keepIn(Path folder, Configuration configuration) {
        configuration.setPersistenceEnabled(true);
        configuration.setJournalType(JournalType.NIO);
        configuration.setJournalDirectory(folder.resolve("journal").toString());
        configuration.setBindingsDirectory(folder.resolve("bindings").toString());
        configuration.setLargeMessagesDirectory(folder.resolve("large").toString());
        configuration.setPagingDirectory(folder.resolve("paging").toString());
        configuration.setNodeManagerLockDirectory(folder.resolve("journal").toString());
        configuration.setJournalFileSize(FILE_BYTES);
        configuration.setJournalPoolFiles(0); // a file that is used again still has its old bytes
        configuration.setJournalLockAcquisitionTimeout(5000);
        configuration.setGlobalMaxSize(MAX_QUEUED_BYTES);
        configuration.setMaxDiskUsage(-1);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) { // Artemis declares Exception
            LOG.warn("the embedded broker does not stop as it should: {}", e.toString());
        }
    }
}
