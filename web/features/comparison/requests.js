// Requests for the comparison model and its agreement with the first one.

import { failure_of } from "../../failure.js";

/** @type {import("../../engine/driver.js").Fulfil<"begin_beside" | "end_beside" | "dice">} */
export const comparison = {
  async begin_beside({ generation, dispatch, call }) {
    try {
      await call("begin_beside", []);
      dispatch({ do: "comparison_begun", generation });
    } catch (error) {
      dispatch({ do: "comparison_failed", generation, failure: failure_of(error, "internal") });
    }
  },

  async end_beside({ generation, dispatch, call }) {
    await call("end_beside", []).catch(() => {});
    dispatch({ do: "comparison_ended", generation });
  },

  async dice({ generation, dispatch, call }, { key, number, id, comparison_id }) {
    // NaN: the page goes on and does not ask again.
    const dice = await call("dice", [id, comparison_id]).catch(() => NaN);
    dispatch({ do: "dice_found", generation, side: "main", key, number, id, comparison_id, dice });
  },
};
