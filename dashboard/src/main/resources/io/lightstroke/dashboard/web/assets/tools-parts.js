// The parts of a piece of a page, by their data-part. The DOM is touched only where something has changed.

export class Parts {
  #shown = new Map();

  constructor(root) {
    for (const part of root.querySelectorAll("[data-part]")) {
      this[part.dataset.part] = part;
    }
  }

  /** Calls change only when the value of that name is another one than last time. Lists and objects are compared by what is in them. */
  set(name, value, change) {
    const now = JSON.stringify(value);
    if (this.#shown.get(name) !== now) {
      this.#shown.set(name, now);
      change();
    }
  }

  text(name, words) {
    this.set(name, words, () => {
      this[name].textContent = words;
    });
  }

  hidden(name, hidden) {
    this.set(`${name} hidden`, hidden, () => {
      this[name].hidden = hidden;
    });
  }

  /** failed: in words and colour; "" for none. */
  state(name, state) {
    this.set(`${name} state`, state, () => {
      this[name].dataset.state = state;
    });
  }

  /** A button that rests takes no clicks, but keeps the focus. */
  resting(name, resting) {
    this.set(`${name} resting`, resting, () => this[name].setAttribute("aria-disabled", String(resting)));
  }
}

/** An element with words. */
export function element(name, className, words) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  made.textContent = words;
  return made;
}
