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
        var client = new MqttClient("tcp://" + env.get("LIGHTSTROKE_HOST") + ":" + env.get("LIGHTSTROKE_PORT"), "watch-" + ProcessHandle.current().pid(), null);
        client.connect(options);
        IMqttMessageListener show = (topic, message) -> {
            var told = new JsonMapper().readTree(message.getPayload());
            var level = topic.split("/");
            var words = level[6].equals("stroke") ? told.get("peak_N") + " N, " + told.get("duration_s") + " s" : told.get("kind").asText() + " " + told.get("phase").asText();
            System.out.println(told.get("time").asText() + " " + level[5] + " " + level[6] + " " + words);
        };
        client.subscribe(
                new MqttSubscription[] {new MqttSubscription("lightstroke/v1/+/+/tool/+/stroke", 1), new MqttSubscription("lightstroke/v1/+/+/tool/+/alert", 1)},
                new IMqttMessageListener[] {show, show});
    }
}
