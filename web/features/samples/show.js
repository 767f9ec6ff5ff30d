// The sample scans: buttons while nothing is open, and a list in the side panel.

import { element } from "../../ui/element.js";

/** @typedef {import("./loader.js").Sample} Sample */

/** @type {(samples: Sample[], on_sample: (sample: Sample) => void) => void} */
export function show_samples(samples, on_sample) {
  const select = element("sample", HTMLSelectElement);
  select.append(...samples.map(({ title }, i) => new Option(title, String(i))));
  select.addEventListener("change", () => {
    const sample = select.value === "" ? undefined : samples[Number(select.value)];
    select.value = "";
    if (sample) on_sample(sample);
  });

  element("samples", HTMLElement).append(...samples.map((sample) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sample.modality;
    button.title = sample.title;
    button.addEventListener("click", () => on_sample(sample));
    return button;
  }));
}
