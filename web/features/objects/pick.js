// The object under a click.

import { is_here, mask_here } from "../../state/here.js";
import { box_of, last_prompt } from "../prompts/state.js";

/** Number of the topmost object with a mask there, else of the one with the smallest box there.
 * @type {(
 *   at: import("../../draw/screen_transform.js").Point,
 *   state: Pick<import("../../state/reduce.js").State, "image" | "objects" | "slice_masks">,
 * ) => number | null} */
export function object_at({ x, y }, state) {
  const { image, objects } = state;
  if (!image || x < 0 || y < 0 || x >= image.width || y >= image.height) return null;
  const at = Math.floor(y) * image.width + Math.floor(x);
  const masked = objects.findLast((object) => !object.hidden && mask_here(object, state)?.mask[at] === 1);
  if (masked) return masked.number;
  const boxed = objects.flatMap((object) => {
    const box = box_of(last_prompt(object));
    if (!box || object.hidden || !is_here(object, image) || x < box[0] || y < box[1] || x > box[2] || y > box[3]) {
      return [];
    }
    return { number: object.number, area: (box[2] - box[0]) * (box[3] - box[1]) };
  });
  return boxed.sort((a, b) => a.area - b.area)[0]?.number ?? null;
}
