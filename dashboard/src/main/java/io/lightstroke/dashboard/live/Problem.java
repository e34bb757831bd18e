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

/** Why there is no connection to the broker, in words that help whoever reads them. */
final class Problem {
    private static final String CLOSED = "it closed the connection";

    private Problem() {}

    static String of(@Nullable Throwable cause) {
        if (cause == null) {
            return CLOSED;
        }
        Throwable root = cause;
        for (int depth = 0; root.getCause() != null && depth < 10; depth++) {
            root = root.getCause();
        }
        if (root instanceof ConnectException) {
            return "nothing answers at that address";
        } else if (root instanceof EOFException || root instanceof SocketException) {
            return CLOSED;
        } else if (root instanceof UnknownHostException) {
            return "there is no host of that name";
        } else if (root instanceof CertPathBuilderException) {
            return "its TLS certificate is not signed by an authority that this computer trusts";
        } else if (root instanceof MqttException mqtt) {
            return switch (mqtt.getReasonCode()) {
                case MqttReturnCode.RETURN_CODE_BAD_USERNAME_OR_PASSWORD, MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED ->
                    "it refuses this user name and password";
                case MqttClientException.REASON_CODE_CLIENT_TIMEOUT -> "it does not answer in time";
                case MqttClientException.REASON_CODE_CONNECTION_LOST -> "the connection was lost";
                default -> mqtt.getMessage() + " (code " + mqtt.getReasonCode() + ")";
            };
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
