// A report: its trends, and its button.

// Paper is finer than a screen; a chart is drawn as fine as this says.
Object.defineProperty(window, "devicePixelRatio", { value: 3 });
await import("./trends.js");

document.querySelector(".print").addEventListener("click", () => print());
