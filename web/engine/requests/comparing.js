// The comparison engine, and the agreement of both models.

import { failure_of } from "../../failure.js";

/** @type {import("../driver.js").Fulfil<"begin_beside" | "end_beside" | "dice">} */
export const comparing = {
  async begin_beside({ generation, dispatch, call }) {
    try {
      await call("begin_beside", []);
      dispatch({ do: "beside_begun", generation });
    } catch (error) {
      dispatch({ do: "beside_failed", generation, failure: failure_of(error, "internal") });
    }
  },

  async end_beside({ generation, dispatch, call }) {
    await call("end_beside", []).catch(() => {});
    dispatch({ do: "beside_ended", generation });
  },

  async dice({ generation, dispatch, call }, { key, number, id, other_id }) {
    // NaN is an answer too: the page does not ask again.
    const dice = await call("dice", [id, other_id]).catch(() => NaN);
    dispatch({ do: "dice_found", generation, side: "main", key, number, id, other_id, dice });
  },
};
