// Requests for the user's strokes.

import { failure_of } from "../../failure.js";

/** @type {import("../../engine/driver.js").Fulfil<"edit">} */
export const editing = {
  async edit({ generation, dispatch, call }, { edit }) {
    try {
      await call("edit", [edit.number, edit.slice, edit.strokes]);
      dispatch({ do: "edited", generation, edit });
    } catch (error) {
      dispatch({ do: "edit_refused", generation, edit, failure: failure_of(error, "internal") });
    }
  },
};
