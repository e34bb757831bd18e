// The body map: where to work, chosen on a drawing or in a list. The list is what the keyboard and screen readers use, and
// has a target for every finger; the drawing shows the same choice. Half a body is drawn, and mirrored.

import { choice, drawing, element } from "./parts.js";
import { has, text } from "./texts.js";

/** The outline below the head, from the middle of the neck down; x is to the side, y down. */
const OUTLINE =
  "M0,38 H9.5 C10,54 20,58 40,63 C54,66 59,76 59,90 C62,108 62,122 60.5,134 C63,150 62,166 59,184 C63,194 62,206 58,211" +
  " C54,215 49,208 49.5,198 L50,184 C47,166 46,150 47,134 C46,120 45.5,106 44,100 C41,120 38,138 41,158 C46,190 46,226 37,258" +
  " C38,270 36,276 36,282 C41,298 39,324 32,346 C34,358 39,366 36,371 C30,375 21,374 18,369 C17,360 19,352 19.5,346" +
  " C13,322 12,298 16,280 C14,268 15,262 15,256 C9,232 6,212 4,196 L0,192 Z";

const SHOULDER = "M41,64.5 C52,66 57,76 57.5,88 L47,90 C45,82 43,78 38,73 Z";
const UPPER_ARM = "M47,93 L58,91 C60.5,106 60.5,118 59,130 L48.5,130 C48,116 47.5,106 47,93 Z";
const FOREARM = "M48.5,134 H59 C61.5,150 60.5,164 57.5,181 H51.5 C49,166 48,150 48.5,134 Z";

/** {region, path, whole: it has no side}, of the half that is drawn. */
const FRONT = [
  { region: "neck-front", path: "M-9,39.5 H9 C9.5,47 10.5,52 12,55.5 H-12 C-10.5,52 -9.5,47 -9,39.5 Z", whole: true },
  { region: "shoulder", path: SHOULDER },
  { region: "breast", path: "M2,72 L36.5,75 C42,80 44,84 45,92 C43,103 28,108 2,104 Z" },
  { region: "upper-arm", path: UPPER_ARM },
  { region: "forearm", path: FOREARM },
  { region: "abdomen", path: "M-42,106 C-28,111 -10,108 0,107.5 C10,108 28,111 42,106 C39.5,124 37,140 39.5,155 H-39.5 C-37,140 -39.5,124 -42,106 Z", whole: true },
  { region: "groin", path: "M2,159 H40 L41,166 L9,194 L2,190 Z" },
  { region: "thigh", path: "M41.5,170 C45,200 44,230 36,255 H16.5 C11,232 9,214 8,199 Z" },
  { region: "near-bone", path: "M16.5,259 H36 C37,268 35.5,274 35,280 H17.5 C16,272 15.5,266 16.5,259 Z" },
  { region: "bone", path: "M18,284 H25 V343 H21 C16,320 15,300 18,284 Z" },
  { region: "calf", path: "M28,284 H35 C39.5,300 37.5,322 31.5,343 H28 Z" },
  { region: "foot", path: "M20.5,348 H32 C33.5,358 37.5,366 35,370 C30,373 22,372 19.5,368 C18.5,362 20,356 20.5,348 Z" },
];
const BACK = [
  { region: "neck-back", path: "M1.5,39.5 H9 C9,43 9.3,45 9.7,47.5 L5,54 H1.5 Z" },
  { region: "upper-trapezius", path: "M11,50 C14,57 24,60 38,64 L35.5,72 L7,70 V56 Z" },
  { region: "spine", path: "M-4,58 H4 V172 H-4 Z", whole: true },
  { region: "shoulder", path: SHOULDER },
  { region: "mid-back", path: "M7,73.5 L36.5,76 C42,81 44,86 45,93 C43,104 41,112 40,118 H7 Z" },
  { region: "upper-arm", path: UPPER_ARM },
  { region: "forearm", path: FOREARM },
  { region: "lumbar", path: "M7,122 H39.5 C38,134 38,144 39.5,154 L7,158 Z" },
  { region: "glute", path: "M7,162 L40,158 C44,172 44,186 42,193 C30,201 14,201 5,196 L5,176 H7 Z" },
  { region: "thigh", path: "M42,197 C45,216 42,238 36,255 H16.5 C11,236 9,218 8,201 C18,205 32,204 42,197 Z" },
  { region: "knee-back", path: "M16.5,259 H36 C37,266 36,272 35,276 H17.5 C16,270 16,264 16.5,259 Z" },
  { region: "calf", path: "M18,280 H35 C40,297 37.5,322 31,343 H20.5 C15,322 14,298 18,280 Z" },
  { region: "foot", path: "M20.5,348 H31 C33,356 34,362 33,368 C28,371 22,371 19.5,368 C18.5,360 20,354 20.5,348 Z" },
];

/** Sides that can be chosen; the map has no region without one. */
const SIDES = ["left", "right", "both"];

let made = 0;

/** The name of an area, for people. */
export function areaName(region, side) {
  const place = has(`region.${region}`) ? text(`region.${region}`) : String(region);
  return side === "left" || side === "right" || side === "both" ? text("practice.area.of", { region: place, side: text(`side.${side}`) }) : place;
}

export class BodyMap {
  #id = `body-${++made}`;
  #shapes = [];
  #told = element("p", { class: "body-told", role: "status" });
  #onChange;
  #lists;

  /** host: an empty element; regions as in the guideline; onChange(): another area was chosen. */
  constructor(host, regions, onChange) {
    this.#onChange = onChange;
    const offered = regions.offered.map(({ id }) => id);
    const refused = new Map(regions.not_offered.map(({ id, reason }) => [id, has(`practice.not.${id}`) ? text(`practice.not.${id}`) : (reason ?? "")]));
    const figures = element(
      "div",
      { class: "body-figures", "aria-hidden": "true" },
      this.#figure("front", FRONT, offered, refused),
      this.#figure("back", BACK, offered, refused),
    );
    const regionList = this.#group("region", text("practice.area.region"), offered.map((id) => [id, areaName(id)]));
    const sideList = this.#group("side", text("practice.area.side"), SIDES.map((side) => [side, text(`side.${side}`)]));
    const reasons = element("dl", {});
    for (const [id, reason] of refused) {
      reasons.append(element("div", {}, element("dt", {}, areaName(id)), element("dd", {}, reason)));
    }
    const not = element("details", { class: "body-not" }, element("summary", {}, text("practice.area.notOffered")), reasons);
    this.#lists = element("div", { class: "body-lists" }, sideList, regionList, not, this.#told);
    host.append(figures, this.#lists);
    this.#lists.addEventListener("change", () => this.#chosen());
  }

  /** {region, side}; null while either is not chosen. */
  get area() {
    const region = this.#picked("region");
    const side = this.#picked("side");
    return region === null || side === null ? null : { region, side };
  }

  #picked(what) {
    return this.#lists.querySelector(`input[name="${this.#id}-${what}"]:checked`)?.value ?? null;
  }

  #pick(what, value) {
    const input = this.#lists.querySelector(`input[name="${this.#id}-${what}"][value="${value}"]`);
    if (input !== null) {
      input.checked = true;
    }
  }

  #group(what, legend, choices) {
    const chips = choices.map(([value, words]) => choice("radio", `${this.#id}-${what}`, value, words));
    return element("fieldset", {}, element("legend", {}, legend), element("div", { class: "chips" }, ...chips));
  }

  #figure(view, parts, offered, refused) {
    const hatch = `${this.#id}-${view}-hatch`;
    const pattern = drawing(
      "pattern",
      { id: hatch, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      drawing("path", { class: "body-hatch", d: "M0,0 V5" }),
    );
    const svg = drawing("svg", { class: "body-figure", viewBox: "-66 -14 132 404" }, drawing("defs", {}, pattern));
    const mirrored = { transform: "scale(-1 1)" };
    svg.append(
      drawing("ellipse", { class: "body-outline", cx: 0, cy: 20, rx: 14.5, ry: 18 }),
      drawing("path", { class: "body-outline", d: OUTLINE }),
      drawing("path", { class: "body-outline", d: OUTLINE, ...mirrored }),
    );
    // A person who is seen from the front has the left side on the right.
    const [drawn, other] = view === "front" ? ["left", "right"] : ["right", "left"];
    for (const { region, path, whole } of parts) {
      for (const [side, way] of whole ? [[null, {}]] : [[drawn, {}], [other, mirrored]]) {
        const open = offered.includes(region);
        const shape = drawing("path", { class: open ? "body-region" : "body-refused", d: path, fill: open ? null : `url(#${hatch})`, ...way });
        if (open) {
          shape.addEventListener("click", () => this.#tap(region, side));
          this.#shapes.push({ region, side, shape });
        } else if (refused.has(region)) {
          shape.addEventListener("click", () => this.#tell(text("practice.area.refused", { region: areaName(region), reason: refused.get(region) })));
        }
        shape.append(drawing("title", {}, areaName(region, side)));
        svg.append(shape);
      }
    }
    const label = (x, words) => drawing("text", { class: "body-label", x, y: 388, "text-anchor": "middle" }, words);
    svg.append(
      label(-44, text(`practice.body.${other}`)),
      label(44, text(`practice.body.${drawn}`)),
      drawing("text", { class: "body-label body-view", x: 0, y: -4, "text-anchor": "middle" }, text(`practice.body.${view}`)),
    );
    return svg;
  }

  /** On one side, then on the other as well: both. */
  #tap(region, side) {
    const before = this.area;
    const both = before?.region === region && before.side !== side && before.side !== "both";
    this.#pick("region", region);
    this.#pick("side", both ? "both" : side);
    this.#chosen();
  }

  #chosen() {
    this.show();
    this.#onChange();
  }

  /** What the list says, on the drawing; also after a form has forgotten its answers. */
  show() {
    const region = this.#picked("region");
    const side = this.#picked("side");
    for (const one of this.#shapes) {
      one.shape.classList.toggle("chosen", one.region === region && (side === "both" || one.side === side));
      one.shape.classList.toggle("hinted", one.region === region && side === null);
    }
    this.#tell("");
  }

  #tell(words) {
    this.#told.textContent = words;
  }
}
