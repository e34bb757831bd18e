import org.eclipse.paho.mqttv5.client.*;
import org.eclipse.paho.mqttv5.common.*;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Lets the tool LIGHTSTROKE_TOOL show itself, and prints the gateway's answer. */
class Ask {
    public static void main(String[] arguments) throws Exception {
        var env = System.getenv();
        var options = new MqttConnectionOptions();
        options.setUserName(env.get("LIGHTSTROKE_USER"));
        options.setPassword(env.get("LIGHTSTROKE_PASSWORD").getBytes());
        var url = "tcp://" + env.get("LIGHTSTROKE_HOST") + ":" + env.get("LIGHTSTROKE_PORT");
        var client = new MqttClient(url, "ask-" + ProcessHandle.current().pid(), null);
        try {
            client.connect(options);
        } catch (MqttException refused) {
            System.err.println(refused);
            System.exit(1);
        }
        var request = new MqttProperties();
        request.setResponseTopic("answers/" + ProcessHandle.current().pid());
        request.setCorrelationData("1".getBytes());
        var subscription = new MqttSubscription(request.getResponseTopic(), 1);
        client.subscribe(new MqttSubscription[] {subscription}, new IMqttMessageListener[] {Ask::show});
        client.publish(env.get("LIGHTSTROKE_TOOL") + "/cmd/identify", new MqttMessage("{}".getBytes(), 1, false, request));
    }

    private static void show(String topic, MqttMessage answer) {
        System.out.println(answer);
        System.exit(0);
    }
}
