// How the line stands, in the bar of every page; and, while there is nothing to show, in the page's notice.

import { has, text } from "./texts.js";

function problemOf(broker) {
  const { kind, words } = broker?.problem ?? {};
  return has(`broker.${kind}`) ? text(`broker.${kind}`) : words;
}

export class Line {
  #feed;
  #isEmpty;
  #word = document.querySelector(".line-word");
  #notice = document.querySelector(".notice");
  #shown = null;

  /** isEmpty(): whether there is nothing else on the page. */
  constructor(feed, isEmpty) {
    this.#feed = feed;
    this.#isEmpty = isEmpty;
  }

  show() {
    const { line, broker } = this.#feed;
    const now = `${line} ${broker?.problem?.words}`;
    if (now !== this.#shown) {
      this.#shown = now;
      document.body.dataset.line = line;
      this.#word.textContent = text(`line.${line}`);
      const which = line === "live" ? "none" : line;
      const [title, words, command] = ["h2", "p", "code"].map((part) => this.#notice.querySelector(part));
      title.textContent = text(`empty.${which}.title`);
      words.textContent = text(`empty.${which}.text`, { url: broker?.url, problem: problemOf(broker) });
      command.hidden = !has(`empty.${which}.command`);
      command.textContent = command.hidden ? "" : text(`empty.${which}.command`);
    }
    this.#notice.hidden = !this.#isEmpty();
  }
}
