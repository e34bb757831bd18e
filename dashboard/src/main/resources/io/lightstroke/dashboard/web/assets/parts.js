// Small help for building and changing a page: elements are made with textContent only, and touched only on change.

/** A new element; an attribute that is null or false is left out, one that is true is empty. Children are nodes or texts. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** As element, for SVG. */
export function drawing(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  made.append(...children);
  return made;
}

/** A radio button or check box with a large target round it. */
export function choice(type, name, value, words, checked = false) {
  const input = element("input", { type, name, value, checked });
  return element("label", { class: "chip" }, input, element("span", {}, words));
}

/** A box that says that none of the others of the group applies: it and they are never checked together. */
export function choosesNone(none, group) {
  group.addEventListener("change", ({ target }) => {
    if (target === none && none.checked) {
      group.querySelectorAll(":checked").forEach((each) => (each.checked = each === none));
    } else if (target !== none && target.checked) {
      none.checked = false;
    }
  });
}

/** The parts of a piece of page, by their data-part. */
export class Parts {
  #shown = new Map();

  constructor(root) {
    for (const part of root.querySelectorAll("[data-part]")) {
      this[part.dataset.part] = part;
    }
  }

  /** Calls change only when the value of that name is another one than last time. Lists and objects are compared by what is in them. */
  set(name, value, change) {
    const now = typeof value === "object" && value !== null ? JSON.stringify(value) : value;
    if (!this.#shown.has(name) || this.#shown.get(name) !== now) {
      this.#shown.set(name, now);
      change(value);
    }
  }

  text(name, words) {
    this.set(name, words, () => {
      this[name].textContent = words;
    });
  }

  attribute(name, attribute, value) {
    this.set(`${name} ${attribute}`, value, () => {
      if (value === null) {
        this[name].removeAttribute(attribute);
      } else {
        this[name].setAttribute(attribute, value);
      }
    });
  }

  hidden(name, hidden) {
    this.set(`${name} hidden`, hidden, () => {
      this[name].hidden = hidden;
    });
  }

  /** A button that rests takes no clicks, but keeps the focus. */
  resting(name, resting) {
    this.attribute(name, "aria-disabled", String(resting));
  }
}
