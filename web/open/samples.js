// The bundled sample scans, listed in samples/samples.json.

import { fetch_asset } from "./fetch.js";

/** @typedef {{ file: string, title: string, modality: string, box: import("../state/prompts.js").ImageBox }} Sample */

/** @type {() => Promise<Sample[]>} */
export const fetch_samples = async () => (await fetch_asset("samples/samples.json")).json();

/** @type {(sample: Sample) => Promise<Blob>} */
export async function fetch_sample(sample) {
  const response = await fetch_asset(`samples/${sample.file}`);
  return response.blob();
}
