// The tools: what a press on the scan does.

import { FIRST_BRUSH } from "../features/brush/state.js";

/** @typedef {"box" | "positive" | "negative" | "polygon" | "brush" | "eraser"
 *   | import("../features/edits/state.js").EditTool} Tool */
/**
 * `refine`: a new point refines the current mask; `multimask`: new objects get three candidate masks.
 * @typedef {object} Tools
 * @property {Tool} tool
 * @property {boolean} refine
 * @property {boolean} multimask
 * @property {import("../features/brush/state.js").BrushSize} brush
 */
/** @typedef {{ do: "tool_chosen", tool: Tool } | { do: "refine_set", on: boolean }} ToolAction */

/** @type {Tools} */
export const FIRST_TOOLS = { tool: "box", refine: true, multimask: false, brush: FIRST_BRUSH };

/** @type {import("./slices.js").Handlers<ToolAction>} */
export const tool_actions = {
  tool_chosen: (state, { tool }) => ({ ...state, tools: { ...state.tools, tool } }),
  refine_set: (state, { on }) => ({ ...state, tools: { ...state.tools, refine: on } }),
};

/** @type {import("./slices.js").Slice<ToolAction, "tools">} */
export const tools_slice = { initial: { tools: FIRST_TOOLS }, actions: tool_actions };
