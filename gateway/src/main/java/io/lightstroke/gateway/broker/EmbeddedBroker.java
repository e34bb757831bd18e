package io.lightstroke.gateway.broker;

import io.lightstroke.messages.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.WildcardConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
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

/**
 * An MQTT 5 broker in this process (Apache Artemis), on loopback only. Retained messages and sessions are kept in a
 * folder over restarts. Users and passwords are drawn at the first start and kept beside them.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int START_LIMIT_S = 30;
    private static final int FILE_BYTES = 2 * 1024 * 1024;
    private static final long MAX_QUEUED_BYTES = 64L * 1024 * 1024;

    /** The topic of a command. */
    static final Pattern COMMAND = Pattern.compile(Topics.PREFIX + "/[^/]+/[^/]+/tool/[^/]+/cmd/[^/]+");

    private final ActiveMQServer server;
    private final Credentials credentials;
    private final int port;

    /** A user's name and password. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

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
                    && COMMAND.matcher(message.getAddress()).matches()
                    && message.getBooleanProperty(MQTTUtil.MQTT_MESSAGE_RETAIN_KEY)) {
                message.putBooleanProperty(MQTTUtil.MQTT_MESSAGE_RETAIN_INITIAL_DISTRIBUTION_KEY, true);
            }
        }
    }

    private EmbeddedBroker(ActiveMQServer server, Credentials credentials, int port) {
        this.server = server;
        this.credentials = credentials;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @param folder of its messages and its file {@code credentials}, created when missing
     * @param port 0: any free one
     * @throws IOException when the port is taken or the folder cannot be used
     */
    public static EmbeddedBroker start(Path folder, int port) throws IOException {
        Files.createDirectories(folder);
        Credentials credentials = Credentials.in(credentialsFile(folder));
        requireFree(port);
        ActiveMQServer server;
        try {
            server = new ActiveMQServerImpl(configuration(folder, port), new AccessList(credentials));
            server.registerBrokerPlugin(new RetainedCommands());
            server.start();
            if (!server.waitForActivation(START_LIMIT_S, TimeUnit.SECONDS)) {
                server.stop();
                throw new IOException(
                        "want the folder %s for itself, got it not within %d s; is another gateway running on it?"
                                .formatted(folder, START_LIMIT_S));
            }
            if (server.getRemotingService().getAcceptor("mqtt") instanceof NettyAcceptor acceptor
                    && acceptor.getActualPort() > 0) {
                return new EmbeddedBroker(server, credentials, acceptor.getActualPort());
            }
            server.stop();
            throw new IOException("nothing listens on its port");
        } catch (IOException e) {
            throw new IOException("the embedded broker does not start: " + e.getMessage(), e);
        } catch (Exception e) { // Artemis declares Exception
            throw new IOException("the embedded broker does not start: " + e, e);
        }
    }

    /** Artemis itself only logs that it cannot listen. */
    private static void requireFree(int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new IOException(
                    "the embedded broker cannot listen on %s:%d (%s); free the port or configure another"
                            .formatted(LOOPBACK, port, e.getMessage()),
                    e);
        }
    }

    private static Configuration configuration(Path folder, int port) throws Exception {
        Configuration configuration = new ConfigurationImpl();
        configuration.setName("lightstroke");
        configuration.addAcceptorConfiguration(
                "mqtt",
                "tcp://%s:%d?protocols=MQTT&closeMqttConnectionOnPublishAuthorizationFailure=false"
                        .formatted(LOOPBACK, port));
        WildcardConfiguration wildcards = new WildcardConfiguration();
        wildcards.setDelimiter('/');
        wildcards.setAnyWords('#');
        wildcards.setSingleWord('+');
        configuration.setWildCardConfiguration(wildcards);

        configuration.setPersistenceEnabled(true);
        configuration.setJournalType(JournalType.NIO);
        configuration.setJournalDirectory(folder.resolve("journal").toString());
        configuration.setBindingsDirectory(folder.resolve("bindings").toString());
        configuration.setLargeMessagesDirectory(folder.resolve("large").toString());
        configuration.setPagingDirectory(folder.resolve("paging").toString());
        configuration.setNodeManagerLockDirectory(folder.resolve("journal").toString());
        configuration.setJournalFileSize(FILE_BYTES);
        configuration.setJournalLockAcquisitionTimeout(5000);
        configuration.setGlobalMaxSize(MAX_QUEUED_BYTES);
        configuration.setMaxDiskUsage(-1);

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
        any.setAutoCreateAddresses(true);
        any.setAutoCreateQueues(true);
        configuration.addAddressSetting("#", any);
        return configuration;
    }

    /** Whether a broker has run with its state in {@code folder}, and so has drawn passwords. */
    public static boolean hasCredentials(Path folder) {
        return Files.exists(credentialsFile(folder));
    }

    /** The login of dashboards at a broker that another process runs with its state in {@code folder}. */
    public static Login dashboardLogin(Path folder) throws IOException {
        return Credentials.in(credentialsFile(folder)).login(Credentials.DASHBOARD);
    }

    /** Where a broker with its state in {@code folder} keeps its users and passwords. */
    public static Path credentialsFile(Path folder) {
        return folder.resolve("credentials");
    }

    /** {@code tcp://127.0.0.1:port}. */
    public String url() {
        return "tcp://" + LOOPBACK + ":" + port;
    }

    /** May publish and subscribe to everything. */
    public Login gateway() {
        return credentials.login(Credentials.GATEWAY);
    }

    /** May subscribe to everything, and publish commands only. */
    public Login dashboard() {
        return credentials.login(Credentials.DASHBOARD);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) { // Artemis declares Exception
            throw new IllegalStateException("the embedded broker does not stop: " + e, e);
        }
    }
}
