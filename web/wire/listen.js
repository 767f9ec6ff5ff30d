// What the page's listeners have access to.

import { element } from "../ui/element.js";

/**
 * @typedef {object} App
 * @property {() => import("../state/reduce.js").State} state
 * @property {(action: import("../state/reduce.js").Action) => void} dispatch
 * @property {import("../engine/driver.js").Driver} driver
 * @property {import("../models/load.js").Loader} loader
 * @property {import("../models/own.js").OwnModels} own_models
 * @property {import("../models/kept.js").Kept} kept
 * @property {import("../features/offline/offline.js").Offline} offline
 * @property {import("../features/unsaved/autosave.js").Autosave} autosave
 * @property {(format: import("../features/exports/formats.js").Format) => Promise<boolean>} save returns whether it
 *   was saved
 * @property {() => Promise<boolean>} may_leave whether the scan may be replaced
 * @property {() => Worker} new_worker of an engine
 * @property {() => Worker} new_parser
 * @property {(() => void)[]} after called after every change of the state
 * @property {{ canvas: HTMLCanvasElement, painted: import("../draw/canvas.js").ImageCanvas }[]} canvases
 */

/** @param {string} id @param {() => void} on_click */
export const on_click = (id, on_click) => element(id, HTMLElement).addEventListener("click", on_click);
