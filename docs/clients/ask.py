"""Lets the tool LIGHTSTROKE_TOOL show itself, and prints the gateway's answer."""
import os, sys
from paho.mqtt import client as mqtt
from paho.mqtt.properties import PacketTypes, Properties

env, request = os.environ, Properties(PacketTypes.PUBLISH)
request.ResponseTopic, request.CorrelationData = f"answers/{os.getpid()}", b"1"

def connected(client, userdata, flags, reason, properties):
    if reason.value >= 128:
        sys.exit(str(reason))
    client.subscribe(request.ResponseTopic, qos=1)

def subscribed(client, *_):
    client.publish(env["LIGHTSTROKE_TOOL"] + "/cmd/identify", "{}", qos=1, properties=request)

def answered(client, userdata, message):
    print(message.payload.decode())
    client.disconnect()

version = [mqtt.CallbackAPIVersion.VERSION2] if hasattr(mqtt, "CallbackAPIVersion") else []  # paho-mqtt 2 wants it
client = mqtt.Client(*version, protocol=mqtt.MQTTv5)
client.username_pw_set(env["LIGHTSTROKE_USER"], env["LIGHTSTROKE_PASSWORD"])
client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, answered
client.connect(env["LIGHTSTROKE_HOST"], int(env["LIGHTSTROKE_PORT"]))
client.loop_forever()
