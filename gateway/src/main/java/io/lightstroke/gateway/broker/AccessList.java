package io.lightstroke.gateway.broker;

import java.util.Set;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager5;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what at the embedded broker: nobody without a password; the gateway publishes and subscribes to
 * everything; the dashboard subscribes to everything and publishes commands.
 */
final class AccessList implements ActiveMQSecurityManager5 {
    private final Credentials credentials;

    AccessList(Credentials credentials) {
        this.credentials = credentials;
    }

    @Override
    public @Nullable Subject authenticate(
            @Nullable String user,
            @Nullable String password,
            RemotingConnection connection,
            @Nullable String securityDomain) {
        if (!credentials.match(user, password)) {
            return null;
        }
        Subject subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(user));
        return subject;
    }

    @Override
    public @Nullable String getUserFromSubject(@Nullable Subject subject) {
        return subject == null
                ? null
                : subject.getPrincipals(UserPrincipal.class).stream()
                        .map(UserPrincipal::getName)
                        .findFirst()
                        .orElse(null);
    }

    /** @param address of MQTT topics {@code topic}, of their subscriptions {@code topic::client.filter} */
    @Override
    public boolean authorize(
            @Nullable Subject subject, @Nullable Set<Role> roles, CheckType action, @Nullable String address) {
        String user = getUserFromSubject(subject);
        if (Credentials.GATEWAY.equals(user)) {
            return true;
        } else if (!Credentials.DASHBOARD.equals(user)) {
            return false;
        }
        return switch (action) {
            case CONSUME,
                    CREATE_ADDRESS,
                    CREATE_DURABLE_QUEUE,
                    CREATE_NON_DURABLE_QUEUE,
                    DELETE_DURABLE_QUEUE,
                    DELETE_NON_DURABLE_QUEUE,
                    BROWSE -> true;
            case SEND ->
                address != null
                        && EmbeddedBroker.COMMAND.matcher(topic(address)).matches();
            // Over MQTT nobody asks for it: Artemis does, once the last subscription there is over.
            case DELETE_ADDRESS -> address != null && !address.startsWith(MQTTUtil.MQTT_RETAIN_ADDRESS_PREFIX);
            case MANAGE, VIEW, EDIT -> false;
        };
    }

    private static String topic(String address) {
        int end = address.indexOf("::");
        return end < 0 ? address : address.substring(0, end);
    }

    @Override
    public boolean validateUser(@Nullable String user, @Nullable String password) {
        return credentials.match(user, password);
    }

    @Override
    public boolean validateUserAndRole(
            @Nullable String user, @Nullable String password, @Nullable Set<Role> roles, CheckType action) {
        return credentials.match(user, password);
    }
}
