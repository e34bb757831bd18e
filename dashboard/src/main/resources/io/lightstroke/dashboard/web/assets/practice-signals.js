// What reaches a person who does not look: tone, vibration, and a screen that stays on. Each may be missing or forbidden,
// and says so.

import { isOn } from "./practice-local.js";

/** As the tool's own cue is repeated while the press goes on. */
const REPEAT_MS = 2000;
const PATTERNS = {
  "too-deep": { hz: 620, beeps: 2, vibrate: [180, 90, 180] },
  ceiling: { hz: 980, beeps: 4, vibrate: [400, 80, 400] },
  "move-on": { hz: 440, beeps: 1, vibrate: [120] },
};
const BEEP_S = 0.14;

export const canVibrate = typeof navigator.vibrate === "function";
export const canKeepAwake = "wakeLock" in navigator;

let audio = null;

/** A browser lets a page sound only after a touch or a key; call it in one. */
export function allowSound() {
  if (isOn("tone")) {
    audio ??= new AudioContext();
    audio.resume();
  }
}

/** Whether the tone is on, but the browser wants a touch before. */
export function isMuted() {
  return isOn("tone") && audio?.state !== "running";
}

function give(pattern) {
  const { hz, beeps, vibrate } = PATTERNS[pattern];
  if (isOn("vibration") && canVibrate) {
    navigator.vibrate(vibrate);
  }
  if (isOn("tone") && audio?.state === "running") {
    for (let i = 0; i < beeps; i++) {
      const at = audio.currentTime + i * BEEP_S * 1.6;
      const tone = new OscillatorNode(audio, { type: "triangle", frequency: hz });
      const loudness = new GainNode(audio, { gain: 0 });
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(0.5, at + 0.01);
      loudness.gain.linearRampToValueAtTime(0, at + BEEP_S);
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + BEEP_S);
    }
  }
}

/** Gives a signal when a press becomes too deep or a spot has lasted long enough, and again while it is too deep. */
export class Signals {
  #last = null;
  #lastMs = -Infinity;
  #movedOn = false;

  show(zone, movesOn, nowMs) {
    const press = zone === "too-deep" || zone === "ceiling" ? zone : null;
    const deeper = press === "ceiling" && this.#last !== "ceiling";
    if (press !== null && (deeper || nowMs - this.#lastMs >= REPEAT_MS)) {
      this.#lastMs = nowMs;
      give(press);
    } else if (press === null && movesOn && !this.#movedOn) {
      give("move-on");
    }
    this.#last = press;
    this.#movedOn = movesOn;
  }
}

/** Keeps the screen on while it is wanted; a browser takes it away whenever the page is hidden. */
export class Awake {
  #wanted = false;
  #lock = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#ask());
  }

  get held() {
    return this.#lock !== null && !this.#lock.released;
  }

  want(wanted) {
    if (wanted !== this.#wanted) {
      this.#wanted = wanted;
      if (wanted) {
        this.#ask();
      } else {
        this.#lock?.release();
        this.#lock = null;
      }
    }
  }

  async #ask() {
    if (!this.#wanted || !canKeepAwake || this.held || document.visibilityState !== "visible") {
      return;
    }
    try {
      const lock = await navigator.wakeLock.request("screen");
      if (this.#wanted) {
        this.#lock = lock;
      } else {
        lock.release();
      }
    } catch {
      // refused, as by a low battery: the page says that the screen may go dark
    }
  }
}
