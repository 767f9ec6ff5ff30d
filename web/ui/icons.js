// Icons for buttons, which also have names.

const SVG = "http://www.w3.org/2000/svg";
const EYE = "M1 8s2.6-4.5 7-4.5S15 8 15 8s-2.6 4.5-7 4.5S1 8 1 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z";
const CHEST = "M3.5 7.5h9v6h-9Z";

/** Outlines on a 16 × 16 grid. */
const OUTLINES = {
  shown: EYE,
  hidden: `${EYE}M2.5 13.5l11-11`,
  locked: `${CHEST}M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5`,
  unlocked: `${CHEST}M5.5 7.5V4a2.5 2.5 0 0 1 4.8-1`,
};

/** @type {(name: keyof typeof OUTLINES) => SVGElement} */
export function icon(name) {
  const made = document.createElementNS(SVG, "svg");
  const outline = document.createElementNS(SVG, "path");
  made.setAttribute("class", "icon");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("aria-hidden", "true");
  outline.setAttribute("d", OUTLINES[name]);
  made.append(outline);
  return made;
}
