// The engine of a second model, and how far the two agree.

import { failure_of } from "../../failure.js";

/** @type {import("../driver.js").Fulfil<"begin_beside" | "end_beside" | "dice">} */
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
    // Without a number the page goes on; it is not asked for again.
    const dice = await call("dice", [id, comparison_id]).catch(() => NaN);
    dispatch({ do: "dice_found", generation, side: "main", key, number, id, comparison_id, dice });
  },
};
