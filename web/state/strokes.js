// Lists of the user's strokes. A list that changes is another list, so that two are the same if they are identical.

/** @typedef {import("../../boxel-bindings.js").Stroke} Stroke */
/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("./prompts.js").PromptedObject} PromptedObject */
/** All strokes on a slice of the object's plane, in order: at least one. @typedef {{ slice: number, strokes: Stroke[] }} Edit */
/** By the object's number. @typedef {Record<number, Edit[]>} Edits */
/** What an object's strokes on a slice are to be. @typedef {{ number: number, slice: number, strokes: Stroke[] }} EditQuestion */

/** @type {Stroke[]} */
const NONE = [];

/** @type {(edits: Edit[] | undefined, slice: number) => Stroke[]} */
export const strokes_on = (edits, slice) => edits?.find((each) => each.slice === slice)?.strokes ?? NONE;

/** @type {(edits: Edit[] | undefined, slice: number, strokes: Stroke[]) => Edit[]} */
export const with_strokes = (edits = [], slice, strokes) =>
  [...edits.filter((each) => each.slice !== slice), ...(strokes.length ? [{ slice, strokes }] : [])];

/** Of an object on the slice that is shown. @type {(object: PromptedObject, image: State["image"]) => Stroke[]} */
export const strokes_here = ({ at, edits }, image) => image?.plane === at.plane ? strokes_on(edits, image.slice) : NONE;

/** The strokes that the masks of the slice have in them, as far as they are the first of those that are wanted.
 * @type {(object: PromptedObject, state: Pick<State, "image" | "slice_masks">) => Stroke[]} */
export function drawn_here({ number, at }, { image, slice_masks }) {
  if (!image || image.plane !== at.plane || slice_masks?.plane !== image.plane || slice_masks.slice !== image.slice) return NONE;
  return strokes_on(slice_masks.edited[number], image.slice);
}

/** The strokes that the mask on the screen has not got yet. @type {(object: PromptedObject, state: Pick<State, "image" | "slice_masks">) => Stroke[]} */
export function coming_strokes(object, state) {
  const [wanted, drawn] = [strokes_here(object, state.image), drawn_here(object, state)];
  // After an undo the mask has more than is wanted, and nothing is to come.
  return drawn.every((stroke, i) => stroke === wanted[i]) ? wanted.slice(drawn.length) : NONE;
}

/** What the engine is to be told: it has other strokes than the object.
 * @type {(state: Pick<State, "objects" | "edited" | "sessions">) => EditQuestion | null} */
export function wanted_edit({ objects, edited, sessions: { main } }) {
  for (const { number, edits } of objects) {
    if (!main.numbers.includes(number)) continue;
    const known = edited[number];
    const changed = [...edits, ...known ?? []].find(({ slice }) => strokes_on(edits, slice) !== strokes_on(known, slice));
    if (changed) return { number, slice: changed.slice, strokes: strokes_on(edits, changed.slice) };
  }
  return null;
}
