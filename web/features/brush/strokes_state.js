// Lists of the user's strokes. Lists are never mutated, so they can be compared by identity.

/** @typedef {import("../../../boxel-bindings.js").Stroke} Stroke */
/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** All strokes on one slice, in order; at least one. @typedef {{ slice: number, strokes: Stroke[] }} Edit */
/** By object number. @typedef {Record<number, Edit[]>} Edits */
/** The strokes that an object should have on a slice.
 * @typedef {{ number: number, slice: number, strokes: Stroke[] }} EditQuestion */

/** @type {Stroke[]} */
const NONE = [];

/** @type {(edits: Edit[] | undefined, slice: number) => Stroke[]} */
export const strokes_on = (edits, slice) => edits?.find((each) => each.slice === slice)?.strokes ?? NONE;

/** @type {(edits: Edit[] | undefined, slice: number, strokes: Stroke[]) => Edit[]} */
export const with_strokes = (edits = [], slice, strokes) =>
  [...edits.filter((each) => each.slice !== slice), ...(strokes.length ? [{ slice, strokes }] : [])];

/** An object's strokes on the shown slice. @type {(object: PromptedObject, image: State["image"]) => Stroke[]} */
export const strokes_here = ({ at, edits }, image) => image?.plane === at.plane ? strokes_on(edits, image.slice) : NONE;

/** The strokes that are already in the masks of the slice.
 * @type {(object: PromptedObject, state: Pick<State, "image" | "slice_masks">) => Stroke[]} */
export function drawn_here({ number, at }, { image, slice_masks }) {
  if (!image || image.plane !== at.plane || slice_masks?.plane !== image.plane || slice_masks.slice !== image.slice) {
    return NONE;
  }
  return strokes_on(slice_masks.edited[number], image.slice);
}

/** As many pending strokes are drawn; the earlier ones of a session appear with their mask. */
const MAX_DRAWN = 100;

/** The strokes that the mask on the screen does not contain yet, the latest ones.
 * @type {(object: PromptedObject, state: Pick<State, "image" | "slice_masks">) => Stroke[]} */
export function coming_strokes(object, state) {
  const [wanted, drawn] = [strokes_here(object, state.image), drawn_here(object, state)];
  // After an undo the mask contains more strokes than wanted, so none is pending.
  return drawn.every((stroke, i) => stroke === wanted[i])
    ? wanted.slice(Math.max(drawn.length, wanted.length - MAX_DRAWN)) : NONE;
}

/** Strokes of an object that the engine does not have.
 * @type {(state: Pick<State, "objects" | "edited" | "sessions">) => EditQuestion | null} */
export function wanted_edit({ objects, edited, sessions: { main } }) {
  for (const { number, edits } of objects) {
    if (!main.numbers.includes(number)) continue;
    const known = edited[number];
    const changed = [...edits, ...known ?? []].find(({ slice }) =>
      strokes_on(edits, slice) !== strokes_on(known, slice));
    if (changed) return { number, slice: changed.slice, strokes: strokes_on(edits, changed.slice) };
  }
  return null;
}
