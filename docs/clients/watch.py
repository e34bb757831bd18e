"""Prints a line for each stroke and each over-pressure of all tools."""
import json, os
from paho.mqtt import subscribe

def show(client, userdata, message):
    tool, kind = message.topic.split("/")[5:]
    told = json.loads(message.payload)
    words = f'{told["peak_N"]} N, {told["duration_s"]} s' if kind == "stroke" else f'{told["kind"]} {told["phase"]}'
    print(told["time"], tool, kind, words, flush=True)

env = os.environ
subscribe.callback(show, [f"lightstroke/v1/+/+/tool/+/{kind}" for kind in ("stroke", "alert")], qos=1,
                   hostname=env["LIGHTSTROKE_HOST"], port=int(env["LIGHTSTROKE_PORT"]),
                   auth={"username": env["LIGHTSTROKE_USER"], "password": env["LIGHTSTROKE_PASSWORD"]})
