package io.lightstroke.dashboard.live;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no connection to the broker.
 *
 * @param kind one that the pages have words for, or "other"
 * @param words that help whoever reads them, in English
 */
record Problem(String kind, String words) {
    static final Problem NOT_YET = new Problem("not-yet", "not connected yet");
    private static final Problem CLOSED = new Problem("closed", "it closed the connection");

    static Problem of(@Nullable Throwable cause) {
        if (cause == null) {
            return CLOSED;
        }
        Throwable root = cause;
        for (int depth = 0; root.getCause() != null && depth < 10; depth++) {
            root = root.getCause();
        }
        if (root instanceof ConnectException) {
            return new Problem("absent", "nothing answers at that address");
        } else if (root instanceof EOFException || root instanceof SocketException) {
            return CLOSED;
        } else if (root instanceof UnknownHostException) {
            return new Problem("no-host", "there is no host of that name");
        } else if (root instanceof CertPathBuilderException) {
            return new Problem(
                    "untrusted", "its TLS certificate is not signed by an authority that this computer trusts");
        } else if (root instanceof MqttException mqtt) {
            return switch (mqtt.getReasonCode()) {
                case MqttReturnCode.RETURN_CODE_BAD_USERNAME_OR_PASSWORD, MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED ->
                    new Problem("login", "it refuses this user name and password");
                case MqttClientException.REASON_CODE_CLIENT_TIMEOUT ->
                    new Problem("silent", "it does not answer in time");
                case MqttClientException.REASON_CODE_CONNECTION_LOST -> new Problem("lost", "the connection was lost");
                default -> new Problem("other", mqtt.getMessage() + " (code " + mqtt.getReasonCode() + ")");
            };
        }
        return new Problem("other", root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage());
    }
}
