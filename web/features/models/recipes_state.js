// What the page knows about the families of weights.

/** @typedef {import("../../state/sessions.js").Recipe} Recipe */
/** @typedef {import("../../state/reduce.js").State} State */

/** Models that find an object on a slice by what they found on the slices before. @type {readonly Recipe[]} */
const WITH_MEMORY = ["sam2", "medsam2"];

/** What weights may be used for, if not for everything: the authors of MedSAM2 say so on its page of Hugging Face.
 * @type {Partial<Record<Recipe, string>>} */
const USES = { medsam2: "for research and education only" };

/** @type {(recipe: Recipe | undefined) => string} */
export const use_of = (recipe) => recipe && USES[recipe] || "";

/** The family of the model that the main engine holds.
 * @type {(state: Pick<State, "sessions" | "models">) => Recipe | undefined} */
export const recipe_in_use = ({ sessions: { main }, models: { entries } }) =>
  entries.find(({ id }) => id === main.model?.id)?.recipe;

/** @type {(state: Pick<State, "sessions" | "models">) => boolean} */
export function has_memory(state) {
  const recipe = recipe_in_use(state);
  return recipe !== undefined && WITH_MEMORY.includes(recipe);
}
