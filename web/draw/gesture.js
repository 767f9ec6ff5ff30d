// Pointer gestures on a canvas. The tools are an ordered list: the first one that takes a press holds the pointer until
// it is released, and Escape or the browser can cancel it.

/** @typedef {import("./screen_transform.js").Point} Point */
/**
 * One tool of the list. `T` is what it remembers of a press; its functions get it until the gesture ends. Points are
 * in screen space.
 * @template T
 * @typedef {object} Tool
 * @property {(event: PointerEvent, at: Point, cancel: (pointer: number) => void) => boolean} [intercept] sees each
 *   pointer event first; true keeps the event from the tools after it, and `cancel` ends their gesture
 * @property {(event: PointerEvent, at: Point) => T | null} [begin] null leaves the press to the next tool
 * @property {(held: T, event: PointerEvent, at: Point) => void} [move]
 * @property {(held: T, event: PointerEvent, at: Point) => void} [end] the pointer was released
 * @property {(held: T) => void} [cancel] undoes what the gesture shows; without it Escape does not end the gesture
 * @property {(event: PointerEvent, at: Point, held: T | null) => void} [hover] every move, whichever tool holds the
 *   pointer
 * @property {() => void} [leave] the pointer has left the canvas
 */

/** In CSS pixels from the canvas's top left corner.
 * @type {(canvas: Element, event: Pick<MouseEvent, "clientX" | "clientY">) => Point} */
export function screen_of(canvas, { clientX, clientY }) {
  const { left, top } = canvas.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

/** `tools` in order of precedence.
 * @type {(page: Window, canvas: HTMLCanvasElement, tools: readonly Tool<any>[]) => void} */
export function listen_to_tools(page, canvas, tools) {
  /** @type {{ tool: Tool<any>, held: unknown, pointer: number } | null} */
  let gesture = null;

  const release = () => {
    if (gesture && canvas.hasPointerCapture(gesture.pointer)) canvas.releasePointerCapture(gesture.pointer);
    gesture = null;
  };
  const cancel = (/** @type {number} */ pointer) => {
    if (gesture?.pointer !== pointer) return;
    const { tool, held } = gesture;
    release();
    tool.cancel?.(held);
  };
  /** @type {(event: PointerEvent, at: Point) => void} */
  const press = (event, at) => {
    if (gesture) return;
    for (const tool of tools) {
      const held = tool.begin?.(event, at) ?? null;
      if (held === null) continue;
      gesture = { tool, held, pointer: event.pointerId };
      canvas.setPointerCapture(event.pointerId); // so that moves outside the canvas arrive too
      return;
    }
  };
  /** @type {(event: PointerEvent, at: Point) => void} */
  const move = (event, at) => {
    if (gesture && gesture.pointer !== event.pointerId) return;
    gesture?.tool.move?.(gesture.held, event, at);
    for (const tool of tools) tool.hover?.(event, at, gesture?.tool === tool ? gesture.held : null);
  };
  /** @type {(event: PointerEvent, at: Point) => void} */
  const lift = (event, at) => {
    if (gesture?.pointer !== event.pointerId) return;
    const { tool, held } = gesture;
    release();
    tool.end?.(held, event, at);
  };

  for (const [type, act] of /** @type {const} */ ([
    ["pointerdown", press], ["pointermove", move], ["pointerup", lift],
    ["pointercancel", (/** @type {PointerEvent} */ event) => cancel(event.pointerId)],
  ])) {
    canvas.addEventListener(type, (event) => {
      const at = screen_of(canvas, event);
      if (tools.some((tool) => tool.intercept?.(event, at, cancel))) event.stopImmediatePropagation();
      else act(event, at);
    }, { capture: true });
  }
  canvas.addEventListener("pointerleave", () => {
    for (const tool of tools) tool.leave?.();
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !gesture?.tool.cancel) return;
    cancel(gesture.pointer);
    event.stopImmediatePropagation(); // this Escape cancels the gesture, not the selection
  }, { capture: true });
}
