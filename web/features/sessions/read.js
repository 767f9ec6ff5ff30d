// An untrusted session file → what to restore or replay. Unknown fields are ignored. It is read in slices, so that the page
// stays usable meanwhile, and counted before it is parsed: limits_state.js.

import { pauses } from "../../pauses.js";
import { is_of_model } from "../../state/steps.js";
import { FORMAT, MIN_VERSION, VERSION } from "./format.js";
import { JsonCursor, JsonFault } from "./json_cursor.js";
import {
  MAX_ALL_POINTS, MAX_ALL_PROMPTS, MAX_ALL_STEPS, MAX_FILE_BYTES, MAX_MASK_SLICES, MAX_NAME_LENGTH, MAX_OBJECTS, MAX_PROMPTS,
  MAX_RUNS, MAX_STEPS, MAX_STROKES, MAX_TAKE_BACKS, points_of_edit,
} from "./limits_state.js";
import {
  check, check_count, list, model_in, numbers, prompt_in, refusal, segment_in, SHA256, step_in, STOP, stroke_in,
  volume_edit_in, whole, window_in,
} from "./values.js";

/** @typedef {import("./format.js").SessionFile} SessionFile */
/** @typedef {import("./format.js").FileStep} FileStep */

/** A stroke of the most points, with all their digits. */
const MAX_STROKE_BYTES = 1024 * 1024;
/** A polygon or a path of the most points, with all their digits. */
const MAX_EDIT_BYTES = 8 * 1024 * 1024;
const MIB = 1024 * 1024;
/** Suffix of a scan's hash: which of several scans in the same files. */
const SCAN_KEY = /^[0-9a-f]{64}(\.\d{1,9})?$/;
const PLANES = ["stored", "axial", "coronal", "sagittal"];

/** Characters that show what a JSON file is. */
const HEAD = 4096;
/** The lists of COCO annotations, which are segments. */
const COCO = /"(images|annotations|categories)"\s*:/;

/** Whether a file is JSON, and neither a scan nor COCO annotations: by its name or, if it is the only file, by its
 * first byte.
 * @type {(file: File, alone: boolean) => Promise<boolean>} */
export async function is_json(file, alone) {
  const is_named = /\.json$/i.test(file.name);
  if (!is_named && !alone) return false;
  const head = await file.slice(0, HEAD).text().catch(() => "");
  return (is_named || head.trimStart().startsWith("{")) && (head.includes(FORMAT) || !COCO.test(head));
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

/** @type {(bytes: Uint8Array, goes_on?: (part: number) => boolean) => Promise<SessionFile>} */
export async function session_in(bytes, goes_on = () => true) {
  const pause = pauses();
  const json = new JsonCursor(bytes, async (at) => {
    if (await pause() && !goes_on(at / bytes.length)) throw CANCELLED;
  });
  try {
    return await new Reader(json).session();
  } catch (error) {
    throw error instanceof JsonFault ? refusal("it is not valid JSON") : error;
  }
}

/** Rejects if the masks of a session that was just written exceed a limit, which only their text shows.
 * @type {(bytes: Uint8Array) => Promise<void>} */
export async function check_masks(bytes) {
  const pause = pauses();
  await new Reader(new JsonCursor(bytes, async () => void await pause())).masks();
}

/** Reads what has lists, each of which is counted before it is parsed. */
class Reader {
  #json;
  #has_model = true;
  #steps = 0;
  #prompts = 0;
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
    this.#has_model = (model ?? null) !== null;
    return {
      scan: { sha256: scan.sha256 },
      model: this.#has_model ? model_in(model, "model") : null,
      view: { plane: view.plane, slice: whole(view.slice, "view.slice"), window: window_in(view.window, "view.window") },
      objects: await this.#list("objects", MAX_OBJECTS, "objects", (where) => this.#object(where)),
    };
  }

  /** Counts the slices and the runs of all masks. */
  async masks() {
    const json = this.#json;
    const slices = () => json.list(MAX_MASK_SLICES, STOP * MAX_MASK_SLICES, () => this.#runs("masks"))
      .then((listed) => check_count(listed?.count ?? 0, MAX_MASK_SLICES, "slices of a mask"));
    await json.fields({ objects: () => json.list(MAX_OBJECTS, STOP * MAX_OBJECTS, () =>
      json.fields({ steps: () => json.pass(), masks: () => json.fields({ slices }) })) });
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
      number, name, colour, hidden = false, locked = false, plane, at = null, steps, model = null, segment = null, reviewed = [],
      result, masks = null,
    } = await this.#json.fields({
      steps: () => this.#list(`${where}.steps`, MAX_STEPS, "steps", (place) => this.#step(place)),
      masks: () => this.#masks(`${where}.masks`),
      reviewed: () => this.#reviewed(`${where}.reviewed`),
    }) ?? {};
    check(typeof name === "string" && PLANES.includes(plane), where);
    check(typeof hidden === "boolean" && typeof locked === "boolean", where);
    check(SHA256.test(result?.sha256), `${where}.result`);
    /** @type {FileStep[]} */
    const read = list(steps, `${where}.steps`);
    const [first] = read;
    check(first?.do === "prompt" || first?.do === "edit_volume" || (first?.do === "load" && masks !== null), `${where}.steps`);
    check(read.every((step, i) => step.do !== "load" || i === 0), `${where}.steps`);
    check(this.#has_model || model !== null || !is_of_model(read), "model");
    this.#steps += read.length;
    check_count(this.#steps, MAX_ALL_STEPS, "steps of all objects");
    check_count(read.filter((step) => step.do === "take_back").length, MAX_TAKE_BACKS, `discarded propagations in "${where}"`);
    check(at === null || read.some((step) => step.do === "prompt" && step.slice === at), `${where}.at`);
    return {
      number: whole(number, `${where}.number`), name: name.slice(0, MAX_NAME_LENGTH),
      colour: whole(colour, `${where}.colour`), hidden, locked, plane, at, steps: read,
      ...(model === null ? {} : { model: model_in(model, `${where}.model`) }),
      ...(segment === null ? {} : { segment: segment_in(segment, `${where}.segment`) }),
      ...(masks && reviewed.length ? { reviewed } : {}),
      result: { voxels: whole(result.voxels, `${where}.result`), sha256: result.sha256 },
      masks: masks?.text ?? null, ...(masks ? { reach: masks.reach } : {}),
    };
  }

  /** @param {string} where @returns {Promise<number[]>} */
  async #reviewed(where) {
    const read = async () => whole(await this.#json.value(), where);
    const slices = await this.#list(where, MAX_MASK_SLICES, "reviewed slices", read);
    check(slices.every((slice, i) => i === 0 || slice > Number(slices[i - 1])), where);
    return slices;
  }

  /** @param {string} where @returns {Promise<FileStep>} */
  async #step(where) {
    const found = await this.#json.fields({
      prompts: () => this.#list(where, MAX_PROMPTS, "prompts of a slice", () => this.#prompt(where)),
      strokes: () => this.#list(where, MAX_STROKES, "strokes on a slice", () => this.#stroke(where)),
      edit: () => this.#json.value(MAX_EDIT_BYTES),
      other: () => this.#other(`${where}.other`),
    });
    switch (found?.do) {
      case "prompt": {
        const prompts = list(found.prompts, where);
        check(prompts.length > 0, where);
        return { do: "prompt", slice: whole(found.slice, where), window: window_in(found.window, where), prompts };
      }
      case "edit": return { do: "edit", slice: whole(found.slice, where), strokes: list(found.strokes, where) };
      case "edit_volume": {
        const edit = volume_edit_in(found.edit, `${where}.edit`);
        this.#count_points(points_of_edit(edit));
        return { do: "edit_volume", edit, ...(found.other ? { other: found.other } : {}) };
      }
      default: return step_in(found, where);
    }
  }

  /** The mask of another object, which the engine checks against the scan's grid when it is replayed.
   * @param {string} where @returns {Promise<import("../../../boxel-bindings.js").RecordedEdit["other"]>} */
  async #other(where) {
    const json = this.#json;
    if (!json.is_object()) {
      check(await json.value() === null, where);
      return undefined;
    }
    const { size, runs } = await json.fields({ runs: async () => {
      const start = json.at;
      const count = await json.counts();
      check(count !== null, `${where}.runs`);
      check_count(count ?? 0, MAX_RUNS, `runs in "${where}"`);
      return JSON.parse(json.text_from(start));
    } });
    check(Array.isArray(runs), `${where}.runs`);
    return { size: numbers(size, 3, `${where}.size`), runs };
  }

  /** @param {string} where */
  async #prompt(where) {
    const prompt = prompt_in(await this.#json.value(), where);
    this.#prompts += 1;
    check_count(this.#prompts, MAX_ALL_PROMPTS, "prompts of all objects");
    this.#count_points(prompt.points.length + (prompt.polygon?.length ?? 0));
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
    const { slice, runs } = await this.#runs(where) ?? {};
    check(Number.isInteger(runs), `${where}.runs`);
    return whole(slice, `${where}.slice`);
  }
  /** The fields of a slice of a mask; of its runs the count.
   * @param {string} where @returns {Promise<any>} */
  #runs(where) {
    return this.#json.fields({ runs: async () => {
      const count = await this.#json.counts();
      check_count(count ?? 0, MAX_RUNS, `runs in "${where}"`);
      return count;
    } });
  }
}
