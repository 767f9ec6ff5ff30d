// An untrusted session file → what to replay. Unknown fields are ignored.

import { RECIPES } from "../../models/catalogue.js";
import { FORMAT, MIN_VERSION, VERSION } from "./format.js";

/** @typedef {import("./format.js").SessionFile} SessionFile */
/** @typedef {import("./format.js").FileStep} FileStep */
/** @typedef {import("./format.js").FilePrompt} FilePrompt */
/** @typedef {import("../../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../../boxel-bindings.js").Stroke} Stroke */

/** Masks take about 4 bytes for each run boundary in a row: 250 KB for a liver on 100 slices. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_NAME_LENGTH = 64;
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

/** @type {(file: Blob) => Promise<SessionFile>} */
export async function read_session(file) {
  if (file.size > MAX_BYTES) throw refusal(`the file is larger than ${MAX_BYTES / 1048576} MiB`);
  const text = await file.text().catch(() => {
    throw refusal("the file could not be read");
  });
  return session_in(text);
}

/** @type {(why: string) => import("../../failure.js").Failure} */
const refusal = (why) => ({ code: "session_invalid", message: `This session cannot be opened: ${why}.` });

/** @type {(text: string) => SessionFile} */
export function session_in(text) {
  /** @type {any} */
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw refusal("it is not valid JSON");
  }
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
  return {
    scan: { sha256: scan.sha256 },
    model: model_in(model, "model"),
    view: { plane: view.plane, slice: whole(view.slice, "view.slice"), window: window_in(view.window, "view.window") },
    objects: list(objects, "objects").map((object, i) => object_in(object, `objects[${i}]`)),
  };
}

/** @type {(holds: boolean, where: string) => void} */
function check(holds, where) {
  if (!holds) throw refusal(`"${where}" does not match docs/session-file.md`);
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
  check(value.published === undefined || typeof value.published === "boolean", `${where}.published`);
  return {
    name: value.name.slice(0, MAX_NAME_LENGTH), recipe: value.recipe, sha256: value.sha256,
    ...(value.published === false ? { published: false } : {}),
  };
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

/** @type {(value: any, where: string) => import("./format.js").FileObject} */
function object_in(value, where) {
  const {
    number, name, colour, hidden = false, locked = false, plane, at = null, steps, model = null, result, masks = null,
  } = value ?? {};
  check(typeof name === "string" && PLANES.includes(plane), where);
  check(typeof hidden === "boolean" && typeof locked === "boolean", where);
  check(SHA256.test(result?.sha256), `${where}.result`);
  const read = list(steps, `${where}.steps`).map((step, i) => step_in(step, `${where}.steps[${i}]`));
  check(read[0]?.do === "prompt", `${where}.steps`);
  check(at === null || read.some((step) => step.do === "prompt" && step.slice === at), `${where}.at`);
  return {
    number: whole(number, `${where}.number`), name: name.slice(0, MAX_NAME_LENGTH),
    colour: whole(colour, `${where}.colour`), hidden, locked, plane, at, steps: read,
    ...(model === null ? {} : { model: model_in(model, `${where}.model`) }),
    result: { voxels: whole(result.voxels, `${where}.result`), sha256: result.sha256 },
    masks: masks_in(masks, `${where}.masks`),
  };
}

/** The engine checks the runs against the scan's grid when it gets them.
 * @type {(value: any, where: string) => string | null} */
function masks_in(value, where) {
  if (value === null) return null;
  numbers(value?.size, 3, `${where}.size`);
  for (const [i, each] of list(value.slices, `${where}.slices`).entries()) {
    const { slice, runs } = each ?? {};
    whole(slice, `${where}.slices[${i}].slice`);
    check(
      Array.isArray(runs) && runs.every((run) => Number.isSafeInteger(run) && run >= 0), `${where}.slices[${i}].runs`,
    );
  }
  return JSON.stringify(value);
}

/** @type {(value: any, where: string) => FileStep} */
function step_in(value, where) {
  switch (value?.do) {
    case "prompt": {
      const prompts = list(value.prompts, where).map((each) => prompt_in(each, where));
      check(prompts.length > 0, where);
      return { do: "prompt", slice: whole(value.slice, where), window: window_in(value.window, where), prompts };
    }
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
    case "edit": return {
      do: "edit", slice: whole(value.slice, where),
      strokes: list(value.strokes, where).map((each) => stroke_in(each, where)),
    };
    default: throw refusal(`"${where}" is a step that this page does not know`);
  }
}

/** @type {(value: any, where: string) => FilePrompt} */
function prompt_in(value, where) {
  const { box = null, points = [], multimask = false, candidate = null, refine_carried = false } = value ?? {};
  const read = list(points, where).map((each) => {
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
  return { kind, radius_px, path: list(path, where).map((point) => numbers(point, 2, where)) };
}
