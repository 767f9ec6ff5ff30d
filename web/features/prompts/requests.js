// Requests for predictions.

import { failure_of } from "../../failure.js";
import { asked_step } from "../../state/steps.js";
import { measured_with_answer } from "../measures/state.js";

/** @typedef {import("../../../boxel-bindings.js").Prediction} Prediction */

/** @type {import("../../engine/driver.js").Fulfil<"segment" | "choose" | "accept" | "remove">} */
export const segmenting = {
  /** One batch: either all questions are answered or none. */
  async segment({ generation, state, dispatch, call }, { side, key, questions }) {
    const about = { generation, side };
    const steps = questions.map(({ number, serial }) => asked_step(state(), number, serial));
    try {
      const found = await call("segment", [side, questions.map(({ prompt }) => prompt), measured_with_answer(state(), side)]);
      const answers = questions.map(({ number, serial }, i) => answer_of(number, serial, found[i], steps[i]));
      dispatch({ do: "predicted", ...about, key: found[0]?.key ?? key, answers });
    } catch (error) {
      const asked = questions.map(({ number, serial }) => ({ number, serial }));
      dispatch({ do: "prediction_failed", ...about, key, asked, failure: failure_of(error, "internal") });
    }
  },

  async choose({ generation, state, dispatch, call }, { side, key: asked_key, number, serial, id, candidate }) {
    const about = { generation, side };
    const step = asked_step(state(), number, serial);
    try {
      const found = await call("choose", [side, id, candidate, measured_with_answer(state(), side)]);
      dispatch({ do: "predicted", ...about, key: found.key, answers: [answer_of(number, serial, found, step)] });
    } catch (error) {
      dispatch({
        do: "choice_failed", ...about, key: asked_key, number, serial, failure: failure_of(error, "internal"),
      });
    }
  },

  async accept({ generation, state, dispatch, call }, { side, key, number, serial, id }) {
    const step = asked_step(state(), number, serial);
    try {
      const found = await call("accept", [side, id, measured_with_answer(state(), side)]);
      dispatch({
        do: "predicted", generation, side, key: found.key, answers: [answer_of(number, serial, found, step)],
      });
    } catch (error) {
      const asked = [{ number, serial }];
      dispatch({ do: "prediction_failed", generation, side, key, asked, failure: failure_of(error, "internal") });
    }
  },

  async remove({ generation, dispatch, call }, { side, id }) {
    // A prediction that the engine does not know counts as removed.
    await call("remove", [side, id]).catch(() => {});
    dispatch({ do: "prediction_removed", generation, side, id });
  },
};

/** @type {(
 *   number: number,
 *   serial: number,
 *   found: Prediction | undefined,
 *   step: import("../../state/steps.js").AskedStep | undefined,
 * ) => import("../objects/state.js").Answer} */
function answer_of(number, serial, found, step) {
  if (!found) throw { code: "internal", message: "The engine answered fewer prompts than were asked." };
  const { box, id, mask, candidates, chosen, iou, area_px, bounds, decode_ms, offered = null, updated } = found;
  return {
    number, serial, box, offered, updated, step,
    prediction: { id, mask, candidates, chosen, iou, area_px, bounds, decode_ms },
  };
}
