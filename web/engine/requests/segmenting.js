// Prompts and the masks that answer them.

import { failure_of } from "../../failure.js";

/** @typedef {import("../../../boxel-bindings.js").Found} Found */

/** @type {import("../driver.js").Fulfil<"segment" | "choose" | "remove">} */
export const segmenting = {
  /** One batch: each question has its answer, or none has. */
  async segment({ generation, dispatch, call }, { side, key, questions }) {
    const about = { generation, side };
    try {
      /** @type {Found[]} */
      const found = await call("segment", [side, questions.map(({ prompt }) => prompt)]);
      const answers = questions.map(({ number, serial }, i) => answer_of(number, serial, found[i]));
      dispatch({ do: "segmented", ...about, key: found[0]?.key ?? key, answers });
    } catch (error) {
      const asked = questions.map(({ number, serial }) => ({ number, serial }));
      dispatch({ do: "segment_failed", ...about, key, asked, failure: failure_of(error, "internal") });
    }
  },

  async choose({ generation, dispatch, call }, { side, key: asked_key, number, serial, id, candidate }) {
    const about = { generation, side };
    try {
      /** @type {Found} */
      const found = await call("choose", [side, id, candidate]);
      dispatch({ do: "segmented", ...about, key: found.key, answers: [answer_of(number, serial, found)] });
    } catch (error) {
      dispatch({ do: "choice_failed", ...about, key: asked_key, number, serial, failure: failure_of(error, "internal") });
    }
  },

  async remove({ generation, dispatch, call }, { side, id }) {
    // A segment that the engine does not know is as good as removed.
    await call("remove", [side, id]).catch(() => {});
    dispatch({ do: "segment_removed", generation, side, id });
  },
};

/** @type {(number: number, serial: number, found: Found | undefined) => import("../../state/objects.js").Answer} */
function answer_of(number, serial, found) {
  if (!found) throw { code: "internal", message: "The engine answered fewer prompts than it was asked." };
  const { box, id, mask, candidates, chosen, iou, area_px, bounds, decode_ms } = found;
  return { number, serial, box, segment: { id, mask, candidates, chosen, iou, area_px, bounds, decode_ms } };
}
