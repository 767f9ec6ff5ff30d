// Wires the questions about an opened session file.

import { failure_of } from "../../failure.js";
import { on_click } from "../../wire/listen.js";
import { CANCELLED, is_json, read_session } from "./read.js";
import { session_note } from "./words.js";

/** @typedef {import("../../wire/listen.js").App} App */

/** @type {(app: App) => void} */
export function listen_to_session({ state, dispatch }) {
  on_click("session-load", () => {
    const id = session_note(state())?.load?.id;
    if (id) dispatch({ do: "model_wanted", id });
  });
  on_click("session-anyway", () => dispatch({ do: "replay_model_accepted" }));
  on_click("session-close", () => dispatch({ do: "replay_closed" }));
}

/** Counts the sessions that were begun to be read. */
let readings = 0;

/** Takes a session file out of files of unknown kind; the rest is a scan or weights. Nothing is left if the user cancels.
 * @type {(
 *   files: File[], app: Pick<App, "state" | "dispatch">,
 * ) => Promise<{ files: File[], session: import("./format.js").SessionFile | null }>} */
export async function without_session(files, { state, dispatch }) {
  const are_json = await Promise.all(files.map((file) => is_json(file, files.length === 1)));
  const session = files.find((_, i) => are_json[i]);
  if (!session) return { files, session: null };
  const others = files.filter((_, i) => !are_json[i]);
  readings += 1;
  const own = readings;
  let has_begun = false;
  /** Small files are read before this is called. A session that is dropped later replaces one that is still being read.
   * @param {number} part */
  const goes_on = (part) => {
    if (own !== readings || (has_begun && state().reading_session === null)) return false;
    has_begun = true;
    dispatch({ do: "session_reading", part });
    return true;
  };
  try {
    return { files: others, session: await read_session(session, goes_on) };
  } catch (error) {
    if (error === CANCELLED) return { files: [], session: null };
    dispatch({ do: "failed", failure: failure_of(error, "session_invalid") });
    // Next to a scan it may be any other JSON.
  } finally {
    if (has_begun && own === readings) dispatch({ do: "session_read" });
  }
  return { files: others, session: null };
}
