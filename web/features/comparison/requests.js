// Requests for the comparison model and its agreement with the first one.

import { failure_of } from "../../failure.js";

/** @type {import("../../engine/driver.js").Fulfil<"begin_comparison" | "end_comparison" | "dice">} */
export const comparison = {
  async begin_comparison({ generation, dispatch, call }) {
    try {
      await call("begin_comparison", []);
      dispatch({ do: "comparison_begun", generation });
    } catch (error) {
      dispatch({ do: "comparison_failed", generation, failure: failure_of(error, "internal") });
    }
  },

  async end_comparison({ generation, dispatch, call }) {
    await call("end_comparison", []).catch(() => {});
    dispatch({ do: "comparison_ended", generation });
  },

  async dice({ generation, dispatch, call }, { key, number, id, comparison_id }) {
    // NaN: the page goes on and does not ask again.
    const dice = await call("dice", [id, comparison_id]).catch(() => NaN);
    dispatch({ do: "dice_found", generation, side: "main", key, number, id, comparison_id, dice });
  },
};
