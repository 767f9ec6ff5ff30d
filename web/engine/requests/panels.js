// Requests for the side panels.

import { failure_of } from "../../failure.js";

/** @type {import("../driver.js").Fulfil<import("../next_panels.js").PanelRequest["do"]>} */
export const panels = {
  async refusals({ generation, dispatch, call }, { scan_key }) {
    // Without an answer, the export itself will report what is wrong.
    const refusals = await call("export_refusals", []).catch(() => ({}));
    const warnings = await call("export_warnings", []).catch(() => ({}));
    dispatch({ do: "refusals_found", generation, scan_key, refusals, warnings });
  },

  async terms({ generation, dispatch, call }, { of }) {
    dispatch({ do: "terms_found", generation, of, found: await call("terms", [of.split("\n")]).catch(() => []) });
  },

  async measure({ generation, dispatch, call }, { question: { of, key, number, plane, slice } }) {
    const about = /** @type {const} */ ({ generation, side: "main", key, of });
    try {
      dispatch({ do: "measure_found", ...about, measured: await call("measure", [number, plane, slice]) });
    } catch (error) {
      dispatch({ do: "measure_refused", ...about, failure: failure_of(error, "internal") });
    }
  },

  async curve({ generation, dispatch, call }, { question: { of, number, plane, label } }) {
    try {
      const values = label === null ? { areas: await call("slice_areas", [number, plane]) }
        : { dice: await call("slice_dice", [number, label, plane]) };
      dispatch({ do: "curve_found", generation, of, values });
    } catch {
      dispatch({ do: "curve_refused", generation, of });
    }
  },

  async overlay({ generation, dispatch, call }, { question: { of, serial, label, plane, slice, number } }) {
    const values = await call("reference_slice", [label, plane, slice, number]).catch(() => null);
    dispatch({ do: "overlay_found", generation, serial, of, values: /** @type {Uint8Array<ArrayBuffer> | null} */ (values) });
  },

  async model_input({ generation, dispatch, call }, { question }) {
    const about = /** @type {const} */ ({ generation, side: "main", key: question.key, question });
    try {
      dispatch({
        do: "model_input_found", ...about, input: await call("model_input", [question.box, question.points]),
      });
    } catch (error) {
      dispatch({ do: "model_input_refused", ...about, failure: failure_of(error, "internal") });
    }
  },

  async give_reference({ generation, dispatch, call }, { serial, scan }) {
    try {
      const { labels, names } = await call("open_reference", [scan]);
      dispatch({ do: "reference_taken", generation, serial, labels, names });
    } catch (error) {
      dispatch({ do: "reference_refused", generation, serial, failure: failure_of(error, "internal") });
    }
  },

  async agreement({ generation, dispatch, call }, { question: { of, serial, number, label } }) {
    const about = { generation, serial, of };
    try {
      dispatch({ do: "agreement_found", ...about, agreement: await call("compare", [number, label]) });
    } catch (error) {
      dispatch({ do: "agreement_refused", ...about, failure: failure_of(error, "internal") });
    }
  },
};
