// A demo in an address, for teaching and tests: a bundled sample with its prompts, as
//   #sample=ct-abdomen&box=170,176,237,251&point=200,210,1&model=litemedsam&device=cpu&slice=1&window=40,400
// The fragment is not sent to the host. It can name only the page's own samples and models, never a user's scan.

import { is_here } from "../../state/here.js";
import { last_prompt } from "../prompts/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./loader.js").Sample} Sample */
/** @typedef {import("../models/state.js").ModelEntry} ModelEntry */
/** @typedef {import("../prompts/state.js").ImageBox} ImageBox */
/** @typedef {import("../prompts/state.js").ImagePoint} ImagePoint */
/** Points after a box belong to its object; points before any box form one object. `slice` is counted from 0.
 * @typedef {object} Demo
 * @property {string | null} sample
 * @property {string | null} model
 * @property {string | null} device
 * @property {number | null} slice
 * @property {{ level: number, width: number } | null} window
 * @property {{ box: ImageBox | null, points: ImagePoint[] }[]} objects
 * @property {string[]} faults what is wrong with the address
 */

const MAX_OBJECTS = 64;
const MAX_SHOWN = 40;

/** The parameters of an address: from the fragment, else from the query.
 * @type {(location: Pick<Location, "hash" | "search">) => URLSearchParams} */
export const parameters_of = ({ hash, search }) => new URLSearchParams(hash.includes("=") ? hash.slice(1) : search);

/** The page's address with or without `offline=off`; its other parameters stay.
 * @type {(location: Pick<Location, "hash" | "search" | "pathname">, on: boolean) => string} */
export function with_offline({ hash, search, pathname }, on) {
  const asked = (hash.includes("=") ? hash.slice(1) : search.slice(1)).split("&");
  const others = asked.filter((part) => part && !part.startsWith("offline="));
  const all = on ? others : [...others, "offline=off"];
  return `${pathname}${all.length ? `#${all.join("&")}` : ""}`;
}

/** The name of a sample or model in addresses: its file without folder and ending. @type {(file: string) => string} */
export const short_name = (file) => (file.split("/").at(-1) ?? "").replace(/\.[^.]*$/, "").toLowerCase();

/** Parses comma-separated numbers. @type {(text: string, count: number) => number[] | null} */
function numbers(text, count) {
  const parts = text.split(",");
  const found = parts.map((part) => part.trim() === "" ? NaN : Number(part));
  return found.length === count && found.every(Number.isFinite) ? found : null;
}

/** @type {(parameters: URLSearchParams) => Demo} */
export function read_demo(parameters) {
  /** @type {Demo} */
  const demo = { sample: null, model: null, device: null, slice: null, window: null, objects: [], faults: [] };
  for (const [key, text] of parameters) {
    const fault = read_parameter(demo, key, text);
    if (fault) demo.faults.push(`${key.slice(0, MAX_SHOWN)}=${text.slice(0, MAX_SHOWN)} ${fault}`);
  }
  if (!demo.sample && (demo.objects.length || demo.slice !== null || demo.window)) {
    demo.faults.push("boxes, points, slice and window need a sample, such as sample=ct-abdomen");
  }
  return demo;
}

/** What is wrong with a parameter; empty if it is valid. @type {(demo: Demo, key: string, text: string) => string} */
function read_parameter(demo, key, text) {
  switch (key) {
    case "sample": case "model":
      demo[key] = text.toLowerCase();
      return text ? "" : "is empty";
    case "device":
      demo.device = text;
      return ["auto", "cpu", "gpu"].includes(text) ? "" : "must be auto, cpu or gpu";
    case "offline": // read by features/offline/listen.js
      return text === "off" ? "" : "must be off, or left out";
    case "slice": {
      const number = Number(text);
      if (!Number.isSafeInteger(number) || number < 1) return "must be a slice's number, from 1";
      demo.slice = number - 1;
      return "";
    }
    case "window": {
      const [level, width] = numbers(text, 2) ?? [];
      if (level === undefined || width === undefined || width <= 0) {
        return "must be a level and a width above 0, such as 40,400";
      }
      demo.window = { level, width };
      return "";
    }
    case "box": {
      const box = numbers(text, 4);
      if (!box) return "must be x0,y0,x1,y1 in pixels of the image";
      if (demo.objects.length === MAX_OBJECTS) return `is one too many: at most ${MAX_OBJECTS} objects`;
      demo.objects.push({ box: /** @type {ImageBox} */ (box), points: [] });
      return "";
    }
    case "point": {
      const [x, y, label] = numbers(text, 3) ?? [];
      if (x === undefined || y === undefined || (label !== 0 && label !== 1)) {
        return "must be x,y,1 for a point inside the object, or x,y,0 for one outside";
      }
      if (!demo.objects.length) demo.objects.push({ box: null, points: [] });
      demo.objects.at(-1)?.points.push([x, y, label]);
      return "";
    }
    default: return "is not known to this page";
  }
}

/** The model of the site that an address names.
 * @type {(entries: ModelEntry[], name: string) => ModelEntry | undefined} */
export const model_named = (entries, name) =>
  entries.find((entry) => entry.source === "site" && [short_name(entry.file), entry.name.toLowerCase()].includes(name));

/** The fragment that reopens the present sample and prompts; null if it is not a bundled sample.
 * @type {(state: State, samples: Sample[]) => string | null} */
export function fragment_of({ scan, image, objects, models, sessions: { main } }, samples) {
  const sample = samples.find(({ title }) => scan?.title === title);
  if (!sample || !image) return null;
  const parts = [`sample=${short_name(sample.file)}`];
  if (image.slices > 1) parts.push(`slice=${image.slice + 1}`);
  if ("level" in image.window) parts.push(`window=${image.window.level},${image.window.width}`);
  // An address has no polygons.
  for (const object of objects.filter((each) => is_here(each, image) && !last_prompt(each).polygon)) {
    const { box, points } = last_prompt(object);
    // Each box starts an object; points alone can only be the first object.
    if (!box && parts.some((part) => /^(box|point)=/.test(part))) continue;
    if (box) parts.push(`box=${box.join()}`);
    parts.push(...points.map((point) => `point=${point.join()}`));
  }
  const model = models.entries.find(({ id }) => id === main.model?.id);
  if (model?.source === "site") parts.push(`model=${short_name(model.file)}`);
  return `#${parts.join("&")}`;
}
