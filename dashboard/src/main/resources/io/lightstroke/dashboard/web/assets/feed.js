// What all pages know: the tools, their gateways, and how the line to them stands. No DOM but what the connection needs.

import { connect } from "./connection.js";
import { number, text, wordOf } from "./texts.js";
import { Tool } from "./tool.js";

const TOPIC = /^lightstroke\/v1\/([^/]+\/[^/]+)\/(?:status|tool\/([^/]+)\/([^/]+))$/;
/** After a connection is back, a tool that is not announced again within this time is gone. */
const ANNOUNCE_MS = 3000;
/** A page that is older than its server loads itself again, once. */
const RELOADED_FOR = "reloaded-for";

export class Feed {
  /** By their keys, site/gateway/tool/slug. */
  tools = new Map();
  /** "connecting", "live", or what is missing: "broker", "dashboard". */
  line = "connecting";
  /** The last word of the dashboard on its broker: {connected, url?, problem?: {kind, words}}; null before the first. */
  broker = null;

  #gateways = new Map();
  #announcedMs = new Map();
  /** By topic, on the dashboard's clock: what of the past has been seen before is not taken again. */
  #newestAt = new Map();
  #lostMs = -Infinity;
  #liveSinceMs = -Infinity;
  #onChange;

  /** onChange("line"), ("added", tool), ("removed", tool), ("message", tool, leaf, message). */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  start() {
    connect(
      (message, arrivalMs) => {
        if ("topic" in message) {
          this.#takeMessage(message, arrivalMs);
        } else {
          this.#takeHeartbeat(message);
        }
      },
      () => this.#setLine("dashboard"),
    );
    setInterval(() => this.#removeUnannounced(), 250);
  }

  #takeHeartbeat(beat) {
    if (beat.build !== document.documentElement.dataset.build && sessionStorage.getItem(RELOADED_FOR) !== beat.build) {
      sessionStorage.setItem(RELOADED_FOR, beat.build);
      location.reload();
      return;
    }
    const before = this.broker?.problem?.words;
    this.broker = beat.broker;
    this.#setLine(this.broker.connected ? "live" : "broker", before !== this.broker.problem?.words);
  }

  /** ago: the message is of the past, in ms; what a viewer that comes or returns has missed. */
  #takeMessage({ topic, at, message, ago = 0 }, arrivalMs) {
    const [, gateway, slug, leaf] = TOPIC.exec(topic) ?? [];
    if (gateway === undefined || (ago > 0 && at <= this.#newestAt.get(topic))) {
      return;
    }
    this.#newestAt.set(topic, at);
    if (slug === undefined) {
      this.#takeGateway(gateway, message);
      return;
    }
    const key = `${gateway}/tool/${slug}`;
    let tool = this.tools.get(key);
    if (tool === undefined) {
      if (message === null) {
        return;
      }
      tool = new Tool(key);
      this.tools.set(key, tool);
      this.#onChange("added", tool);
    }
    if (message !== null && ago === 0) {
      this.#announcedMs.set(key, arrivalMs);
    }
    tool.take(leaf, message, arrivalMs - ago);
    if (message === null && tool.status === null && tool.info === null) {
      this.#remove(tool);
    } else {
      this.#onChange("message", tool, leaf, message);
    }
  }

  /** A last will that comes after the birth of a newer run speaks of the past. */
  #takeGateway(gateway, status) {
    if (status === null) {
      this.#gateways.delete(gateway);
    } else if (!(status.state === "lost" && this.#gateways.has(gateway) && this.#gateways.get(gateway).run !== status.run)) {
      this.#gateways.set(gateway, status);
    }
  }

  #remove(tool) {
    this.tools.delete(tool.key);
    this.#announcedMs.delete(tool.key);
    this.#onChange("removed", tool);
  }

  #removeUnannounced() {
    if (this.line === "live" && performance.now() - this.#liveSinceMs > ANNOUNCE_MS) {
      for (const tool of [...this.tools.values()]) {
        if ((this.#announcedMs.get(tool.key) ?? -Infinity) < this.#lostMs) {
          this.#remove(tool);
        }
      }
    }
  }

  #setLine(now, problemChanged = false) {
    if (this.line === now && !problemChanged) {
      return;
    }
    if (this.line !== now && now === "live") {
      this.#liveSinceMs = performance.now();
    } else if (this.line === "live") {
      this.#lostMs = performance.now();
      this.#gateways.clear();
    }
    this.line = now;
    this.#onChange("line");
  }

  /** What may be said of the tool's pressure now, see Tool.zone. */
  zoneOf(tool, nowMs) {
    return tool.zone(nowMs, this.line === "live");
  }

  /** Why a tool has no data: the nearest missing part of its way here. */
  reasonFor(tool, nowMs) {
    if (this.line !== "live") {
      return text(this.line === "broker" ? "reason.broker" : "reason.dashboard");
    }
    const gateway = this.#gateways.get(tool.gateway);
    if (gateway !== undefined && gateway.state !== "ready") {
      return wordOf("reason.gateway", gateway.state);
    }
    const link = tool.status?.link;
    if (link === undefined) {
      return text("reason.waiting");
    }
    if (link === "streaming" && nowMs - tool.arrivedMs < 1000) {
      return text("reason.late", { seconds: number(tool.ageMs(nowMs) / 1000, 1) });
    }
    return wordOf("reason.link", link);
  }

  /** What a tool's gateway has said of it, while the gateway can still say otherwise; null when it cannot. */
  statusOf(tool) {
    return this.line === "live" && (this.#gateways.get(tool.gateway)?.state ?? "ready") === "ready" ? tool.status : null;
  }
}
