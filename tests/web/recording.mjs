// An engine whose masks are all that it was told, a page with it, and work done on that page.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { session_in } from "../../web/features/sessions/read.js";
import { session_of, text_of } from "../../web/features/sessions/write.js";
import { entry, MEMORY, open, page, ready, scan_of, settled } from "./page.mjs";

/** @typedef {import("../../web/features/sessions/format.js").SessionFile} SessionFile */
/** @typedef {import("../../boxel-bindings.js").PropagationStep} PropagationStep */

/** @type {(text: string) => Promise<SessionFile>} */
export const session_of_text = (text) => session_in(new TextEncoder().encode(text));

/** @type {(text: string) => string} */
export const sha256 = (text) => createHash("sha256").update(text).digest("hex");
/** @type {import("../../boxel-bindings.js").Window} */
export const window = { kind: "linear", level: 40, width: 400 };
export const KEY = sha256("scan");

/** An engine whose masks are all that it was told: another order, slice, window or prompt, another hash. It
 * carries a mask to slice 7 and to slice 2. @param {string} [scan_key] @param {(slice: number) => void} [on_carried] */
export function engine(scan_key = KEY, on_carried = () => {}) {
  /** @type {string[][]} */
  const told = [];
  /** @type {(number: number, what: unknown) => void} */
  const note = (number, what) => { told[number] = [...(told[number] ?? []), JSON.stringify(what)]; };
  let at = { slice: 0, window: /** @type {unknown} */ (null) };
  /** The model's own. @type {unknown} */
  let own = null;
  let id = 1;
  /** Versions of objects. @type {Record<string, string[]>} */
  const kept = {};
  /** @type {{ number: number, from: number, directions: ("up" | "down")[], next: number } | null} */
  let way = null;
  /** @type {Record<number, any>} */
  const segments = {};
  /** @returns {PropagationStep} */
  const step = () => {
    const [direction] = way?.directions ?? [];
    if (!way || !direction) return { step: "finished" };
    const slice = way.next;
    if (slice < 2 || slice > 7) {
      way = { ...way, directions: way.directions.slice(1), next: way.from - 1 };
      note(way.number, ["ended", direction]);
      return { step: "stopped", direction, slice, reason: "empty" };
    }
    note(way.number, ["carried", slice]);
    on_carried(slice);
    way.next += direction === "up" ? 1 : -1;
    return { step: "carried", slice, iou: 0.9, area_px: 1, doubts: [] };
  };
  const { shown, ...scan } = scan_of(scan_key, 9);
  /** @type {Record<string, (args: any[]) => any>} */
  const script = {
    open: () => {
      at = { slice: 4, window: shown.window };
      own = null;
      return { ...scan, shown };
    },
    show: ([, plane, slice, window, with_masks]) => {
      at = { slice, window };
      const key = `${scan_key} ${plane} ${slice} ${JSON.stringify(window)}`;
      return { shown: { ...shown, plane, slice, window, key }, masks: with_masks ? [] : null };
    },
    model_window: ([, window]) => { own = window; },
    segment: ([, prompts]) => prompts.map((/** @type {any} */ prompt) => {
      const { object, box, points, multimask, refine } = prompt;
      const asked = [
        { slice: at.slice, window: own ?? at.window }, box, points, multimask,
        refine === null ? null : segments[refine],
      ];
      segments[id] = asked;
      note(object, asked);
      const candidates = multimask ? [0.7, 0.9, 0.8] : [1];
      return {
        key: `${scan_key} axial ${at.slice} ${JSON.stringify(at.window)}`, id: id++, box, points, candidates, chosen: 0,
        iou: 1,
        mask: new Uint8Array(8), area_px: 1, bounds: box, decode_ms: 1,
      };
    }),
    choose: ([, id, candidate]) => {
      note(1, ["choose", candidate]);
      return {
        key: `${scan_key} axial ${at.slice} ${JSON.stringify(at.window)}`, id, box: null, points: [[1, 1, 1]],
        candidates: [0.7, 0.9, 0.8],
        chosen: candidate, iou: 1, mask: new Uint8Array(8), area_px: 1, bounds: null, decode_ms: 1,
      };
    },
    begin_propagation: ([number, from, directions, keep, window, rule]) => {
      kept[`${number} ${keep}`] = told[number] ?? [];
      way = { number, from, directions, next: directions[0] === "up" ? from + 1 : from - 1 };
      note(number, ["from", from, window ?? own ?? at.window, rule]);
    },
    propagation_step: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { step: step(), memory: MEMORY };
    },
    // None are left of those before on the slice.
    edit: ([number, slice, strokes]) => {
      told[number] = (told[number] ?? []).filter((each) => !each.startsWith(`["edit",${slice},`));
      note(number, ["edit", slice, strokes]);
    },
    restore_propagation: ([number, keep, version]) => {
      kept[`${number} ${keep}`] = told[number] ?? [];
      told[number] = kept[`${number} ${version}`] ?? told[number] ?? [];
    },
    unmark: ([number, slice]) => note(number, ["unmark", slice]),
    discard_propagation: ([number]) => {
      told[number] = (told[number] ?? []).filter((each) => !/carried|ended|from/.test(each));
    },
    saved_masks: ([number]) => ({
      ...fingerprint(number), masks: JSON.stringify({ size: [4, 2, 9], slices: [], told: told[number] }),
    }),
    stored_masks: ([number]) => JSON.stringify({ told: told[number] }),
    restore_object: ([number, , masks, , hash, only_loaded]) => {
      const before = told[number];
      const all = JSON.parse(masks).told;
      told[number] = only_loaded ? all.filter((/** @type {string} */ each) => each.startsWith('["load')) : all;
      if (!hash || fingerprint(number).sha256 === hash) return;
      told[number] = before ?? [];
      throw { code: "session_file", message: "another hash" };
    },
    // A Dice of the lines that it was told.
    check_object: ([number, , result, masks]) => {
      const now = fingerprint(number);
      const identical = now.sha256 === result.sha256;
      const about = { voxels: now.voxels, recorded_voxels: result.voxels, identical };
      if (identical) return { ...about, dice: 1, differing: 0, agrees: true };
      if (!masks) return {
        ...about, dice: null, differing: null, agrees: Math.abs(now.voxels - result.voxels) <= result.voxels / 1000,
      };
      const recorded = JSON.parse(masks).told;
      const both = recorded.filter((/** @type {string} */ each) => told[number]?.includes(each)).length;
      const dice = 2 * both / (recorded.length + now.voxels);
      return { ...about, dice, differing: recorded.length + now.voxels - 2 * both, agrees: dice >= 0.999 };
    },
  };
  // "from" is said once for both ways, or once for each.
  /** @param {number} number */
  const fingerprint = (number) => {
    const once = told[number]?.filter((each, i, all) => !each.startsWith('["from') || all.indexOf(each) === i) ?? [];
    return { sha256: sha256(once.join("\n")), voxels: once.length };
  };
  return script;
}

export const a = { ...entry("a"), sha256: sha256("a") };
export const b = { ...entry("b"), sha256: sha256("b") };

/** @param {string} [scan_key] @param {(slice: number) => void} [on_carried] */
export async function with_scan(scan_key, on_carried) {
  const made = page(engine(scan_key, on_carried), "cpu", 9, () => scan_key ?? KEY);
  made.dispatch({ do: "models_listed", faults: [], entries: [a, b] });
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  return made;
}
export const long = () => new Promise((resolve) => setTimeout(resolve, 120));

/** @type {(made: Pick<Awaited<ReturnType<typeof with_scan>>, "state" | "driver">) => Promise<SessionFile>} */
export const saved_with_masks = async ({ state, driver }) => {
  const results = await Promise.all(state().objects.map(({ number }) => driver.saved_masks(number)));
  const session = session_of(state(), results);
  assert.deepEqual(JSON.parse(text_of(session)), {
    ...session, objects: session.objects.map((object) => ({ ...object, masks: JSON.parse(object.masks ?? "") })),
  });
  return session_of_text(text_of(session));
};
/** As version 1 has it, which is replayed.
 * @type {(made: Parameters<typeof saved_with_masks>[0]) => Promise<SessionFile>} */
export const saved = async (made) => {
  const session = await saved_with_masks(made);
  return { ...session, objects: session.objects.map((object) => ({ ...object, masks: null })) };
};

/** Two objects: one carried both ways and corrected, another with three masks, carried and halted. */
export async function worked() {
  const made = await with_scan();
  const { dispatch } = made;
  dispatch({ do: "rendering_wanted", window });
  dispatch({ do: "box_added", box: [0, 0, 2, 2] });
  await settled();
  dispatch({ do: "point_added", point: [1, 1, 0] });
  await settled();
  dispatch({ do: "propagation_wanted", number: 1, directions: ["up", "down"] });
  await long();
  dispatch({ do: "rendering_wanted", slice: 6 });
  await settled();
  dispatch({ do: "box_added", box: [1, 0, 2, 2], to_selected: true });
  await settled();
  dispatch({
    do: "stroke_drawn", number: 1, slice: 5, stroke: { kind: "erase", radius_px: 1.5, path: [[1, 1], [2, 1]] },
  });
  await settled();
  dispatch({ do: "stroke_drawn", number: 1, slice: 5, stroke: { kind: "paint", radius_px: 1, path: [[3, 0]] } });
  await settled();
  dispatch({ do: "undone" });
  await settled();
  dispatch({ do: "object_named", number: 1, name: "liver" });
  dispatch({ do: "unmark_wanted", number: 1, slice: 4 });
  await settled();
  dispatch({ do: "object_selected", number: null });
  dispatch({ do: "box_added", box: [3, 0, 4, 1] });
  await settled();
  return made;
}

/** What the user has made of each object. @type {(state: import("../../web/state/reduce.js").State) => unknown[]} */
export const work_in = ({ objects }) => objects.map(({ name, colour, at, prompts, edits }) => [
  name, colour, at, prompts.map(({ box, points }) => [box, points]), edits,
]);

/** The model that a session names. @type {(session: SessionFile) => import("../../web/features/prompts/state.js").Maker} */
export function model_in({ model }) {
  assert.ok(model);
  return model;
}
