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
        var client = new MqttClient("tcp://" + env.get("LIGHTSTROKE_HOST") + ":" + env.get("LIGHTSTROKE_PORT"), "ask-" + ProcessHandle.current().pid(), null);
        client.connect(options);
        var request = new MqttProperties();
        request.setResponseTopic("answers/" + ProcessHandle.current().pid());
        request.setCorrelationData("1".getBytes());
        IMqttMessageListener show = (topic, message) -> {
            System.out.println(message);
            System.exit(0);
        };
        client.subscribe(new MqttSubscription[] {new MqttSubscription(request.getResponseTopic(), 1)}, new IMqttMessageListener[] {show});
        client.publish(env.get("LIGHTSTROKE_TOOL") + "/cmd/identify", new MqttMessage("{}".getBytes(), 1, false, request));
    }
}
