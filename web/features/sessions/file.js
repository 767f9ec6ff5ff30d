// A session → its file, in slices of the page's time. A session that could not be opened again is not saved.

import { pauses } from "../../pauses.js";
import {
  MAX_ALL_POINTS, MAX_ALL_PROMPTS, MAX_ALL_STEPS, MAX_FILE_BYTES, MAX_OBJECTS, MAX_STEPS, MAX_TAKE_BACKS, totals_of,
} from "./limits_state.js";
import { check_masks } from "./read.js";
import { check_count, refusal } from "./values.js";
import { pieces_of } from "./write.js";

/** @typedef {import("./write.js").WrittenSession} WrittenSession */

/** Characters that are turned into bytes at once. */
const MAX_PART = 1024 * 1024;
const MIB = 1024 * 1024;

/** Rejects with a `Failure` if the reader would refuse the file.
 * @type {(session: WrittenSession, max_bytes?: number) => Promise<Blob>} */
export async function session_file(session, max_bytes = MAX_FILE_BYTES) {
  try {
    check_counts(session);
    const file = await written(session);
    if (file.size > max_bytes) {
      throw refusal(`it would have ${Math.ceil(file.size / MIB)} MiB, and the limit is ${max_bytes / MIB} MiB`);
    }
    await check_masks(new Uint8Array(await file.arrayBuffer()));
    return file;
  } catch (error) {
    const why = /** @type {{ why?: string }} */ (error).why;
    throw why === undefined ? error : {
      code: "session_limit",
      message: `The session is not saved, because it could not be opened again: ${why}. Masks can be saved as NIfTI.`,
    };
  }
}

/** What the page lets nobody exceed by drawing, except by undoing and redoing for hours.
 * @type {(session: WrittenSession) => void} */
function check_counts({ objects }) {
  check_count(objects.length, MAX_OBJECTS, "objects");
  const all = { steps: 0, prompts: 0, points: 0 };
  for (const { name, steps } of objects) {
    const { prompts, points, take_backs } = totals_of(steps);
    check_count(steps.length, MAX_STEPS, `steps of ${name}`);
    check_count(take_backs, MAX_TAKE_BACKS, `discarded propagations of ${name}`);
    all.steps += steps.length;
    all.prompts += prompts;
    all.points += points;
  }
  check_count(all.steps, MAX_ALL_STEPS, "steps of all objects");
  check_count(all.prompts, MAX_ALL_PROMPTS, "prompts of all objects");
  check_count(all.points, MAX_ALL_POINTS, "points of all prompts and strokes");
}

/** @type {(session: WrittenSession) => Promise<Blob>} */
async function written(session) {
  const pause = pauses();
  /** @type {Blob[]} */
  const parts = [];
  let text = "";
  for (const piece of pieces_of(session)) {
    text += piece;
    if (text.length >= MAX_PART) {
      parts.push(new Blob([text]));
      text = "";
    }
    await pause();
  }
  return new Blob([...parts, text], { type: "application/json" });
}
