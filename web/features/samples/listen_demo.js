// Opens the demo in the page's address, and makes the link to the current demo.

import { element } from "../../ui/element.js";
import { wanted_from } from "../../wire/engine.js";
import { on_click } from "../../wire/listen.js";
import { work_of } from "../unsaved/state.js";
import { fragment_of, parameters_of, read_demo, short_name } from "./demo_link.js";
import { play } from "./demo_player.js";

/** @typedef {import("./loader.js").Sample} Sample */
/** @typedef {import("./demo_player.js").Playing} Playing */

/** `open` returns the serial of the sample that it opens, or null if the user keeps the present scan.
 * @type {(
 *   app: import("../../wire/listen.js").App, samples: Sample[], open: (sample: Sample) => Promise<number | null>,
 * ) => void} */
export function listen_to_demo({ state, dispatch, after }, samples, open) {
  /** @type {Playing | null} */
  let playing = null;
  function go_on() {
    if (!playing) return;
    const { actions, left } = play(state(), playing);
    playing = left; // before the actions, which call this again
    actions.forEach(dispatch);
    // The address can recreate this work.
    if (!left && actions.length) dispatch({ do: "work_saved", work: work_of(state()) });
  }
  async function begin() {
    const demo = read_demo(parameters_of(location));
    const sample = samples.find(({ file }) => short_name(file) === demo.sample);
    if (demo.sample && !sample) {
      const known = samples.map(({ file }) => short_name(file)).join(", ");
      return dispatch({
        do: "failed",
        failure: { code: "link_invalid", message: `This address names an unknown sample; there are ${known}.` },
      });
    }
    const wanted = wanted_from(demo.device);
    if (demo.device && wanted !== state().wanted) dispatch({ do: "device_wanted", wanted });
    playing = null;
    const serial = sample ? await open(sample) : null;
    if (sample && serial === null) return;
    playing = { demo, serial, asked: false };
    go_on();
  }

  after.push(go_on);
  addEventListener("hashchange", () => void begin());
  void begin();

  const button = element("demo-link", HTMLButtonElement);
  after.push(() => { button.hidden = fragment_of(state(), samples) === null; });
  on_click("demo-link", async () => {
    const fragment = fragment_of(state(), samples);
    if (!fragment) return;
    const link = `${location.origin}${location.pathname}${fragment}`;
    const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    dispatch({
      do: "told", code: "demo_link", text: copied ? "Link copied. It opens this sample with these prompts." : link,
    });
  });
}
