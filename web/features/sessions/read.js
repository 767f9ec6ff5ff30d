// An untrusted session file → what to restore or replay. Unknown fields are ignored. It is read in slices, so that the page
// stays usable meanwhile, and counted before it is parsed: limits_state.js.

import { RECIPES } from "../../models/catalogue.js";
import { FORMAT, MIN_VERSION, VERSION } from "./format.js";
import { JsonCursor, JsonFault } from "./json_cursor.js";
import {
  MAX_ALL_POINTS, MAX_FILE_BYTES, MAX_MASK_SLICES, MAX_NAME_LENGTH, MAX_OBJECTS, MAX_PATH_POINTS, MAX_POINTS, MAX_PROMPTS,
  MAX_RUNS, MAX_STEPS, MAX_STROKES,
} from "./limits_state.js";

/** @typedef {import("./format.js").SessionFile} SessionFile */
/** @typedef {import("./format.js").FileStep} FileStep */
/** @typedef {import("./format.js").FilePrompt} FilePrompt */
/** @typedef {import("../../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../../boxel-bindings.js").Stroke} Stroke */

/** How long the page's thread may be busy at a time; the rest of 50 ms is for what the page does in between. */
const SLICE_MS = 20;
/** A stroke of the most points, with all their digits. */
const MAX_STROKE_BYTES = 1024 * 1024;
const MIB = 1024 * 1024;
const SHA256 = /^[0-9a-f]{64}$/;
/** Suffix of a scan's hash: which of several scans in the same files. */
const SCAN_KEY = /^[0-9a-f]{64}(\.\d{1,9})?$/;
const PLANES = ["stored", "axial", "coronal", "sagittal"];

/** Whether a file is JSON and so not a scan: by its name or, if it is the only file, by its first byte.
 * @type {(file: File, alone: boolean) => Promise<boolean>} */
export async function is_json(file, alone) {
  if (/\.json$/i.test(file.name)) return true;
  if (!alone) return false;
  const head = await file.slice(0, 16).text().catch(() => "");
  return head.trimStart().startsWith("{");
}

export const CANCELLED = { code: "cancelled", message: "Reading the session was cancelled." };

/** `goes_on` is called between two slices of the work with the part done, 0 to 1; if it returns false, this rejects with
 * `CANCELLED`.
 * @type {(file: Blob, goes_on?: (part: number) => boolean) => Promise<SessionFile>} */
export async function read_session(file, goes_on = () => true) {
  if (file.size > MAX_FILE_BYTES) {
    throw refusal(`it has ${Math.ceil(file.size / MIB)} MiB, and the limit is ${MAX_FILE_BYTES / MIB} MiB`);
  }
  const bytes = await file.arrayBuffer().catch(() => {
    throw refusal("the file could not be read");
  });
  return session_in(new Uint8Array(bytes), goes_on);
}

/** @type {(why: string) => import("../../failure.js").Failure} */
const refusal = (why) => ({ code: "session_invalid", message: `This session cannot be opened: ${why}.` });

/** @type {(bytes: Uint8Array, goes_on?: (part: number) => boolean) => Promise<SessionFile>} */
export async function session_in(bytes, goes_on = () => true) {
  let begun_ms = performance.now();
  const json = new JsonCursor(bytes, async (at) => {
    if (performance.now() - begun_ms < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!goes_on(at / bytes.length)) throw CANCELLED;
    begun_ms = performance.now();
  });
  try {
    return await new Reader(json).session();
  } catch (error) {
    throw error instanceof JsonFault ? refusal("it is not valid JSON") : error;
  }
}

/** @type {(holds: boolean, where: string) => void} */
function check(holds, where) {
  if (!holds) throw refusal(`"${where}" does not match docs/session-file.md`);
}

/** @type {(count: number) => string} */
const thousands = (count) => count.toLocaleString("en");

/** Lists are counted up to this many times their limit. */
const STOP = 20;

/** @type {(count: number, most: number, what: string) => void} */
function check_count(count, most, what) {
  if (count <= most) return;
  const many = `${count < STOP * most ? "" : "at least "}${thousands(count)} ${what}`;
  throw refusal(`it has ${many}, and the limit is ${thousands(most)}, far more than is drawn by hand. `
    + "Check which program wrote it, or let that program write several sessions");
}

/** @type {(value: any, where: string) => any[]} */
function list(value, where) {
  check(Array.isArray(value), where);
  return value;
}

/** @type {(value: any, where: string) => number} */
function whole(value, where) {
  check(Number.isSafeInteger(value) && value >= 0, where);
  return value;
}

/** @type {(values: any, count: number, where: string) => any} */
function numbers(values, count, where) {
  check(Array.isArray(values) && values.length === count && values.every(Number.isFinite), where);
  return [...values];
}

/** @type {(value: any, where: string) => import("../prompts/state.js").Maker} */
function model_in(value, where) {
  check(typeof value?.name === "string" && RECIPES.includes(value.recipe) && SHA256.test(value.sha256), where);
  return { name: value.name.slice(0, MAX_NAME_LENGTH), recipe: value.recipe, sha256: value.sha256 };
}

/** A window with its fields in a fixed order, since windows are compared as text.
 * @type {(value: any, where: string) => Window} */
function window_in(value, where) {
  switch (value?.kind) {
    case "stored": case "percentiles": return { kind: value.kind };
    case "lut": return { kind: "lut", index: whole(value.index, where) };
    case "linear": case "dicom_linear": case "sigmoid": {
      const [level, width] = numbers([value.level, value.width], 2, where);
      check(width > 0, where);
      return { kind: value.kind, level, width };
    }
    default: throw refusal(`"${where}" is not a window`);
  }
}

/** The steps in which nothing is listed. @type {(value: any, where: string) => FileStep} */
function step_in(value, where) {
  switch (value?.do) {
    case "propagate": {
      const directions = list(value.directions, where);
      check(["up", "down", "up,down"].includes(directions.join()), where);
      /** @type {FileStep} */
      const step = {
        do: "propagate", from: whole(value.from, where), window: window_in(value.window, where),
        directions: [...directions],
      };
      if (value.until === undefined || value.until === null) return step;
      const [lowest, highest] = list(value.until, where).map((slice) => whole(slice, where));
      check(value.until.length === 2 && lowest !== undefined && highest !== undefined && lowest <= step.from
        && step.from <= highest, where);
      return { ...step, until: /** @type {[number, number]} */ ([lowest, highest]) };
    }
    case "take_back": return { do: "take_back" };
    case "unmark": return { do: "unmark", slice: whole(value.slice, where) };
    default: throw refusal(`"${where}" is a step that this page does not know`);
  }
}

/** @type {(value: any, where: string) => FilePrompt} */
function prompt_in(value, where) {
  const { box = null, points = [], multimask = false, candidate = null, refine_carried = false } = value ?? {};
  check_count(list(points, where).length, MAX_POINTS, `points of a prompt in "${where}"`);
  const read = points.map((/** @type {any} */ each) => {
    const [x, y, label] = numbers(each, 3, where);
    check(label === 0 || label === 1, where);
    return /** @type {import("../prompts/state.js").ImagePoint} */ ([x, y, label]);
  });
  check(
    typeof multimask === "boolean" && typeof refine_carried === "boolean" && [null, 0, 1, 2].includes(candidate), where,
  );
  check(box !== null || read.length > 0, where);
  return {
    box: box && numbers(box, 4, where), points: read, multimask, candidate,
    ...(refine_carried ? { refine_carried } : {}),
  };
}

/** @type {(value: any, where: string) => Stroke} */
function stroke_in(value, where) {
  const { kind, radius_px, path } = value ?? {};
  check((kind === "paint" || kind === "erase") && Number.isFinite(radius_px) && radius_px > 0, where);
  check_count(list(path, where).length, MAX_PATH_POINTS, `points of a stroke in "${where}"`);
  return { kind, radius_px, path: path.map((/** @type {any} */ point) => numbers(point, 2, where)) };
}

/** Reads what has lists, each of which is counted before it is parsed. */
class Reader {
  #json;
  #points = 0;

  /** @param {JsonCursor} json */
  constructor(json) {
    this.#json = json;
  }

  /** @returns {Promise<SessionFile>} */
  async session() {
    const json = this.#json;
    // Only a session's objects are read, and only after its head.
    const found = await json.fields({ objects: async () => {
      const { at } = json;
      await json.pass();
      return at;
    } });
    json.end();
    if (found?.format !== FORMAT) throw {
      code: "session_invalid", message: `This JSON file is not a Boxel session: its "format" is not "${FORMAT}".`,
    };
    if (!Number.isInteger(found.version) || found.version < MIN_VERSION || found.version > VERSION) {
      throw refusal(
        `its version is ${String(found.version).slice(0, 20)}, but this page reads versions ${MIN_VERSION} to ${VERSION}`,
      );
    }
    const { scan, model, view, objects } = found;
    check(SCAN_KEY.test(scan?.sha256), "scan.sha256");
    check(PLANES.includes(view?.plane), "view.plane");
    check(objects !== undefined, "objects");
    json.go_to(objects);
    return {
      scan: { sha256: scan.sha256 },
      model: model_in(model, "model"),
      view: { plane: view.plane, slice: whole(view.slice, "view.slice"), window: window_in(view.window, "view.window") },
      objects: await this.#list("objects", MAX_OBJECTS, "objects", (where) => this.#object(where)),
    };
  }

  /** Reads each value of a list, which has at most `most`.
   * @template T
   * @param {string} where @param {number} most @param {string} what @param {(where: string) => Promise<T>} read
   * @returns {Promise<T[]>} */
  async #list(where, most, what, read) {
    const listed = await this.#json.list(most, STOP * most, (place) => read(`${where}[${place}]`));
    if (!listed) throw refusal(`"${where}" does not match docs/session-file.md`);
    check_count(listed.count, most, `${what} in "${where}"`);
    return listed.found;
  }

  /** @param {number} count */
  #count_points(count) {
    this.#points += count;
    check_count(this.#points, MAX_ALL_POINTS, "points of all prompts and strokes");
  }

  /** @param {string} where @returns {Promise<import("./format.js").FileObject>} */
  async #object(where) {
    const {
      number, name, colour, hidden = false, locked = false, plane, at = null, steps, model = null, result, masks = null,
    } = await this.#json.fields({
      steps: () => this.#list(`${where}.steps`, MAX_STEPS, "steps", (place) => this.#step(place)),
      masks: () => this.#masks(`${where}.masks`),
    }) ?? {};
    check(typeof name === "string" && PLANES.includes(plane), where);
    check(typeof hidden === "boolean" && typeof locked === "boolean", where);
    check(SHA256.test(result?.sha256), `${where}.result`);
    /** @type {FileStep[]} */
    const read = list(steps, `${where}.steps`);
    check(read[0]?.do === "prompt", `${where}.steps`);
    check(at === null || read.some((step) => step.do === "prompt" && step.slice === at), `${where}.at`);
    return {
      number: whole(number, `${where}.number`), name: name.slice(0, MAX_NAME_LENGTH),
      colour: whole(colour, `${where}.colour`), hidden, locked, plane, at, steps: read,
      ...(model === null ? {} : { model: model_in(model, `${where}.model`) }),
      result: { voxels: whole(result.voxels, `${where}.result`), sha256: result.sha256 },
      masks: masks?.text ?? null, ...(masks ? { reach: masks.reach } : {}),
    };
  }

  /** @param {string} where @returns {Promise<FileStep>} */
  async #step(where) {
    const found = await this.#json.fields({
      prompts: () => this.#list(where, MAX_PROMPTS, "prompts of a slice", () => this.#prompt(where)),
      strokes: () => this.#list(where, MAX_STROKES, "strokes on a slice", () => this.#stroke(where)),
    });
    switch (found?.do) {
      case "prompt": {
        const prompts = list(found.prompts, where);
        check(prompts.length > 0, where);
        return { do: "prompt", slice: whole(found.slice, where), window: window_in(found.window, where), prompts };
      }
      case "edit": return { do: "edit", slice: whole(found.slice, where), strokes: list(found.strokes, where) };
      default: return step_in(found, where);
    }
  }

  /** @param {string} where */
  async #prompt(where) {
    const prompt = prompt_in(await this.#json.value(), where);
    this.#count_points(prompt.points.length);
    return prompt;
  }

  /** @param {string} where */
  async #stroke(where) {
    const stroke = stroke_in(await this.#json.value(MAX_STROKE_BYTES), where);
    this.#count_points(stroke.path.length);
    return stroke;
  }

  /** The text for the engine, which checks the runs against the scan's grid when it gets them, and the lowest and the
   * highest slice.
   * @param {string} where @returns {Promise<{ text: string, reach: [number, number] } | null>} */
  async #masks(where) {
    const json = this.#json;
    const start = json.at;
    if (!json.is_object()) {
      check(await json.value() === null, where);
      return null;
    }
    const { size, slices } = await json.fields({
      slices: () => this.#list(`${where}.slices`, MAX_MASK_SLICES, "slices of a mask", (place) => this.#mask_slice(place)),
    });
    numbers(size, 3, `${where}.size`);
    const found = list(slices, `${where}.slices`);
    return { text: json.text_from(start), reach: [found.at(0) ?? 0, found.at(-1) ?? 0] };
  }

  /** @param {string} where @returns {Promise<number>} */
  async #mask_slice(where) {
    const { slice, runs } = await this.#json.fields({
      runs: async () => {
        const count = await this.#json.counts();
        check_count(count ?? 0, MAX_RUNS, `runs in "${where}"`);
        return count;
      },
    }) ?? {};
    check(Number.isInteger(runs), `${where}.runs`);
    return whole(slice, `${where}.slice`);
  }
}
