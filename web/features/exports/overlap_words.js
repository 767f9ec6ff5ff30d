// Words for the question which object keeps shared voxels.

/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("./state.js").Overlap} Overlap */

/** @type {(overlaps: Overlap[], objects: PromptedObject[]) => { text: string, later: string, earlier: string }} */
export function overlap_words(overlaps, objects) {
  const name = (/** @type {number} */ number) =>
    objects.find((object) => object.number === number)?.name ?? `Object ${number}`;
  const shared = overlaps.map(({ first, second, voxels }) =>
    `${name(first)} and ${name(second)} share ${voxels.toLocaleString("en")} ${voxels === 1 ? "voxel" : "voxels"}`);
  const text = `${shared.join("; ")}. This format stores one object per voxel, so one of them will be smaller in the `
    + "file than on the page. Which object keeps the shared voxels?";
  const [only, ...more] = overlaps;
  const winners = only && more.length === 0
    ? [name(only.second), name(only.first)]
    : ["The later one in the list", "The earlier one in the list"];
  return { text, later: winners[0] ?? "", earlier: winners[1] ?? "" };
}
