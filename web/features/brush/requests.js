// Requests for the user's strokes.

import { failure_of } from "../../failure.js";
import { pauses } from "../../pauses.js";
import { to_send } from "./packed.js";

/** @type {import("../../engine/driver.js").Fulfil<"edit">} */
export const editing = {
  async edit({ generation, state, dispatch, call }, { edit }) {
    try {
      const strokes = await to_send(edit.strokes, pauses());
      if (state().engine.generation !== generation) return;
      await call("edit", [edit.number, edit.slice, strokes]);
      dispatch({ do: "edited", generation, edit });
    } catch (error) {
      dispatch({ do: "edit_refused", generation, edit, failure: failure_of(error, "internal") });
    }
  },
};
