// What a press on the scan can mean, in order of precedence. A new tool is added here.

import { listen_to_tools } from "../draw/gesture.js";
import { brush_on } from "../features/brush/listen.js";
import { listen_to_space, move_tool } from "../features/display/pan_and_pinch.js";
import { edits_on } from "../features/edits/listen.js";
import { handles_on, prompts_on } from "../features/prompts/listen.js";
import { window_on } from "../features/window/listen.js";

/** @type {(app: import("./listen.js").App) => void} */
export function listen_to_pointer(app) {
  const is_space_held = listen_to_space(window);
  const prompts = prompts_on(app);
  for (const on of app.canvases) {
    const moves = move_tool(on.canvas, on.painted, {
      is_space_held, on_framing: (framing) => app.dispatch({ do: "framed", framing }),
    });
    listen_to_tools(window, on.canvas, [
      moves, handles_on(app, on), brush_on(app, on), edits_on(app, on), prompts(on), window_on(app),
    ]);
  }
}
