// Words for the offer of a refined mask.

import { offered_object, open_offer } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {(part: number) => string} */
const percent = (part) => `${Math.round(part * 100)} %`;

/** Empty if nothing is offered. @type {(state: Pick<State, "objects" | "selected">) => string} */
export function offer_text(state) {
  const object = offered_object(state);
  const offer = object && open_offer(object);
  if (!object || !offer) return "";
  const { lost_fraction, point_outside, point_inside } = offer.why;
  const faults = [
    lost_fraction > 0.5 ? `loses ${percent(lost_fraction)} of the current mask` : "",
    point_outside ? "leaves out a point of the object" : "",
    point_inside ? "covers a point outside the object" : "",
  ].filter(Boolean);
  return `${object.name}: the refined mask (hatched) ${faults.join(" and ")}. `
    + "The current mask stays until you accept the new one.";
}
