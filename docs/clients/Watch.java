import com.fasterxml.jackson.databind.json.JsonMapper;
import org.eclipse.paho.mqttv5.client.*;
import org.eclipse.paho.mqttv5.common.*;

/** Prints a line for each stroke and each over-pressure of all tools. */
class Watch {
    public static void main(String[] arguments) throws Exception {
        var env = System.getenv();
        var options = new MqttConnectionOptions();
        options.setUserName(env.get("LIGHTSTROKE_USER"));
        options.setPassword(env.get("LIGHTSTROKE_PASSWORD").getBytes());
        var url = "tcp://" + env.get("LIGHTSTROKE_HOST") + ":" + env.get("LIGHTSTROKE_PORT");
        var client = new MqttClient(url, "watch-" + ProcessHandle.current().pid(), null);
        try {
            client.connect(options);
        } catch (MqttException refused) {
            System.err.println(refused);
            System.exit(1);
        }
        for (var kind : new String[] {"stroke", "alert"}) {
            var subscription = new MqttSubscription("lightstroke/v1/+/+/tool/+/" + kind, 1);
            client.subscribe(new MqttSubscription[] {subscription}, new IMqttMessageListener[] {Watch::show});
        }
    }

    private static void show(String topic, MqttMessage message) throws Exception {
        var told = new JsonMapper().readTree(message.getPayload());
        var tool = topic.split("/")[5];
        System.out.println(told.get("time").asText() + " " + tool + (topic.endsWith("/stroke")
                ? " stroke " + told.get("peak_N") + " N, " + told.get("duration_s") + " s"
                : " alert " + told.get("kind").asText() + " " + told.get("phase").asText()));
    }
}
