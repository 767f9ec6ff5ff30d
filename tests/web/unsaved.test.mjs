// What counts as unsaved, the question before it is lost, and unsaved work that is kept in the browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Autosave } from "../../web/features/unsaved/autosave.js";
import { save, saved_session } from "../../web/features/exports/exporter.js";
import { FORMATS } from "../../web/features/exports/formats.js";
import { autosave_words, found_words, question } from "../../web/features/unsaved/words.js";
import { holds_work, is_unsaved } from "../../web/features/unsaved/state.js";
import { open, settled } from "./page.mjs";
import { KEY, long, saved_with_masks, sha256, with_scan, worked } from "./recording.mjs";

/** @typedef {import("../../web/features/unsaved/autosave.js").Files} Files */

test("work is unsaved until it is saved, and again after each change; "
  + "an undo comes back to what was saved", async () => {
  const { dispatch, state } = await worked();
  assert.equal(is_unsaved(state()), true);
  dispatch({ do: "work_saved", work: "" });
  assert.equal(is_unsaved(state()), true);
  const { work_of } = await import("../../web/features/unsaved/state.js");
  const mark = () => dispatch({ do: "work_saved", work: work_of(state()) });
  mark();
  assert.equal(is_unsaved(state()), false);
  for (const change of /** @type {import("../../web/state/reduce.js").Action[]} */ ([
    { do: "box_added", box: [0, 0, 1, 1] },
    { do: "object_named", number: 1, name: "kidney" },
    { do: "stroke_drawn", number: 1, slice: 3, stroke: { kind: "paint", radius_px: 1, path: [[0, 0]] } },
    { do: "propagation_wanted", number: 1, directions: ["up"] },
    { do: "object_removed", number: 2 },
  ])) {
    dispatch(change);
    assert.equal(is_unsaved(state()), true, change.do);
    dispatch({ do: "undone" });
    await long();
    assert.equal(is_unsaved(state()), false, `undone: ${change.do}`);
  }
  // Looking around, hiding and selecting lose nothing.
  dispatch({ do: "object_hidden", number: 1, on: true });
  dispatch({ do: "object_selected", number: 1 });
  dispatch({ do: "rendering_wanted", slice: 2 });
  await settled();
  assert.equal(is_unsaved(state()), false);
  // Nothing is nothing to lose.
  dispatch({ do: "objects_cleared" });
  assert.equal(is_unsaved(state()), false);
});

test("a session, NIfTI, DICOM SEG and .seg.nrrd hold the work; a picture and a table do not", () => {
  assert.deepEqual(FORMATS.filter(({ format }) => holds_work(format)).map(({ format }) => format), [
    "nifti", "dicom_seg", "seg_nrrd", "session",
  ]);
});

test("a format that holds the work marks it as saved once it is written; one that fails, or that lacks "
  + "shared voxels, does not", async (t) => {
  const { dispatch, state, driver } = await worked();
  /** @type {(name: string) => import("../../web/features/exports/formats.js").Format} */
  const format = (name) => FORMATS.find((each) => each.format === name) ?? assert.fail();
  /** @type {any} */
  const writer = {
    overlaps: async () => [], saved_masks: (/** @type {number} */ number) => driver.saved_masks(number),
    export_file: async () => ({ bytes: new Uint8Array(1), name: "boxel-labels.nii.gz", type: "application/gzip" }),
  };
  const failing = { ...writer, export_file: () => Promise.reject({ code: "export_unavailable", message: "no" }) };
  assert.equal(await save(format("nifti"), state, dispatch, failing), false);
  assert.deepEqual([is_unsaved(state()), state().message?.text], [true, "no"]);

  /** @type {string[]} */
  const downloaded = [];
  const link = { href: "", download: "", click: () => void downloaded.push(link.download) };
  /** @type {any} */ (globalThis).document = { createElement: () => link };
  t.after(() => { delete (/** @type {any} */ (globalThis).document); });
  t.mock.timers.enable({ apis: ["setTimeout"], now: 0 });
  const saved = async (/** @type {string} */ name, /** @type {"later" | null} */ winner = null) => {
    dispatch({ do: "work_saved", work: "" });
    const done = save(format(name), state, dispatch, writer, winner);
    for (let i = 0; i < 9; i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      t.mock.timers.tick(200);
    }
    return [await done, is_unsaved(state())];
  };
  assert.deepEqual(await saved("nifti"), [true, false]);
  assert.deepEqual(await saved("nifti", "later"), [true, true]);
  assert.deepEqual(await saved("csv"), [true, true]);
  assert.deepEqual(await saved("session"), [true, false]);
  assert.deepEqual(downloaded.at(-1), "boxel-session.json");
});

test("the question names what would be lost, and what counts as saved", async () => {
  const { state } = await worked();
  assert.equal(question(state()), "Opening another scan or session removes liver, Object 2. "
    + "Save the session first to continue later. Work saved as a session, NIfTI, DICOM SEG or .seg.nrrd counts as saved.");
});

/** Files as the browser has them, in memory. */
function storage() {
  /** @type {Map<string, { at_ms: number, text: string }>} */
  const texts = new Map();
  let is_on = false;
  /** @type {Files} */
  const files = {
    id: "this-tab", name: "autosave/this-tab.json",
    is_possible: () => true,
    is_on: async () => is_on,
    begin: async () => { is_on = true; },
    write: async (file) => void texts.set("this-tab", { at_ms: 1000, text: await file.text() }),
    left: async () => [...texts].filter(([id]) => id !== "this-tab")
      .map(([id, { at_ms, text }]) => ({ id, at_ms, file: new File([text], id) })),
    remove: async (id) => void texts.delete(id),
    clear: async () => {
      is_on = false;
      texts.clear();
    },
  };
  return { files, texts };
}
const after_pause = () => new Promise((resolve) => setTimeout(resolve, 3200));

/** @type {(made: Awaited<ReturnType<typeof with_scan>>, files: Files) => Autosave} */
const autosave_of = ({ dispatch, state, driver }, files) =>
  new Autosave(state, dispatch, (now) => saved_session(now, driver), files);

test("nothing is kept in the browser unless it is switched on; what is kept is the session file", async () => {
  const made = await worked();
  const { files, texts } = storage();
  const autosave = autosave_of(made, files);
  await autosave.begin();
  autosave.follow();
  await after_pause();
  assert.deepEqual([texts.size, made.state().autosave.is_on], [0, false]);
  assert.match(autosave_words(made.state()), /^Off: unsaved work is lost with this tab\./);

  await autosave.set(true);
  autosave.follow();
  await after_pause();
  assert.deepEqual(
    JSON.parse(texts.get("this-tab")?.text ?? ""), JSON.parse(await (await saved_session(made.state(), made.driver)).text()),
  );
  assert.match(autosave_words(made.state()), /^On: autosave\/this-tab\.json, \d+ KB, .*no pixels, no tags\.$/);

  // Once it is saved, or the user does not want it any more, nothing is left.
  const { work_of } = await import("../../web/features/unsaved/state.js");
  made.dispatch({ do: "work_saved", work: work_of(made.state()) });
  autosave.follow();
  await settled();
  assert.deepEqual([texts.size, made.state().autosave.at_ms], [0, 0]);
  made.dispatch({ do: "object_named", number: 1, name: "kidney" });
  autosave.follow();
  await after_pause();
  assert.equal(texts.size, 1);
  await autosave.set(false);
  assert.deepEqual([texts.size, await files.is_on(), made.state().autosave.is_on], [0, false, false]);
});

test("work of a tab that is gone is offered, comes back with its scan, and is then this tab's", async () => {
  const session = await worked();
  const text = await (await saved_session(session.state(), session.driver)).text();
  const { files, texts } = storage();
  await files.begin();
  texts.set("gone", { at_ms: Date.UTC(2026, 10, 27, 14, 5), text });
  texts.set("broken", { at_ms: 1, text: "{" });
  texts.set("of-another-scan", { at_ms: 0, text: text.replaceAll(KEY, sha256("another")) });

  const made = await with_scan(sha256("a third"));
  const autosave = autosave_of(made, files);
  await autosave.begin();
  // What can't be read stays: a later version may.
  assert.deepEqual([[...texts.keys()], made.state().autosave.is_on], [["gone", "broken", "of-another-scan"], true]);
  assert.match(
    found_words(made.state()),
    /^Unsaved work from 27 Nov 2026, .* found: liver, Object 2\. Open its scan to continue\. 1 more after it\.$/,
  );
  await autosave.discard("of-another-scan");
  assert.deepEqual([[...texts.keys()], made.state().found.length], [["gone", "broken"], 1]);

  const again = await with_scan();
  const other = autosave_of(again, files);
  await other.begin();
  other.follow();
  await long();
  other.follow();
  assert.deepEqual([again.state().objects.map(({ name }) => name), again.state().found, is_unsaved(again.state())], [
    ["liver", "Object 2"], [], true,
  ]);
  assert.ok(texts.has("gone"), "not before this tab has it");
  await after_pause();
  other.follow();
  await settled();
  assert.deepEqual([...texts.keys()], ["broken", "this-tab"]);
  assert.deepEqual(
    (await saved_with_masks(again)).objects.map(({ result }) => result),
    (await saved_with_masks(session)).objects.map(({ result }) => result),
  );
});

test("storage that fails is said, and the work goes on", async () => {
  const made = await worked();
  const { files } = storage();
  const autosave =
    autosave_of(made, { ...files, begin: () => Promise.reject(new DOMException("full", "QuotaExceededError")) });
  await autosave.set(true);
  assert.equal(autosave_words(made.state()), "Unsaved work cannot be stored: the browser has no room left.");
  assert.equal(made.state().autosave.is_on, false);
  made.dispatch(open(2));
});

test("a browser that runs out of room while it writes is said, and is not taken for a dead engine", async () => {
  const made = await worked();
  const { files } = storage();
  const autosave =
    autosave_of(made, { ...files, write: () => Promise.reject(new DOMException("full", "QuotaExceededError")) });
  await autosave.set(true);
  autosave.follow();
  await after_pause();
  assert.equal(autosave_words(made.state()), "Unsaved work cannot be stored: the browser has no room left.");
});
