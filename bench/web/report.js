// The measurements of bench.js as a table and a plot: node report.js cpu.json [gpu.json] > REPORT.md; the plot goes to
// the file of the last argument with `--plot`.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values: { plot }, positionals } = parseArgs({ options: { plot: { type: "string" } }, allowPositionals: true });
/** @type {any[]} */
const reports = positionals.map((path) => JSON.parse(readFileSync(path, "utf8")));
const PEER = "ONNX Runtime Web";

/** @type {(ms: number) => string} */
const seconds = (ms) => ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(0)} ms`;
/** @type {(bytes: number) => string} */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
/** @type {(bytes: number) => string} */
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
/** @type {(rows: string[][]) => string} */
const table = ([head = [], ...rows]) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** @type {(ours: number, theirs: number | undefined) => string} */
const ratio = (ours, theirs) => theirs ? (ours / theirs).toFixed(2) : "not measured";

/** @param {any} report */
function speed({ turns, device, rounds }) {
  const { Boxel: ours, [PEER]: theirs } = turns;
  const key = device === "gpu" ? "first" : "median";
  const of = (/** @type {any} */ who, /** @type {"encode" | "decode"} */ what) => key === "first" ? who?.first[`${what}_ms`] : who?.[`${what}_ms`].median;
  const rows = /** @type {const} */ (["encode", "decode"]).map((what) => [
    `${what}, ${device === "gpu" ? "WebGPU, first run" : "CPU, one thread"}`, seconds(of(ours, what)), theirs ? seconds(of(theirs, what)) : "-", ratio(of(ours, what), of(theirs, what)),
  ]);
  const lines = [table([["", "Boxel", PEER, "ratio"], ...rows])];
  if (device !== "gpu") lines.push(`Medians of ${rounds} rounds after one that warms up, the two in turn.`);
  if (!theirs) lines.push(`${PEER} was not measured: its models were not there (\`--peers\`: the folder with litemedsam_encoder.onnx and litemedsam_decoder.onnx).`);
  for (const [name, { first }] of Object.entries(turns)) {
    if (!first?.gpu) continue;
    const { encode, both } = first.gpu;
    lines.push(`${name} encodes with ${encode.dispatches} dispatches in ${encode.submits} submissions, buffers of ${mebibytes(encode.buffer_bytes)} in all; with one decode ${both.dispatches} dispatches.`);
  }
  return lines.join("\n\n");
}

/** @param {any} report */
function rest({ turns, batches, sizes, wasm, visits }) {
  const lines = ["### Where the encoder's time goes", table([["stage", "Boxel"], ...Object.entries(turns.Boxel.stages_ms).map(([stage, ms]) => [stage, seconds(/** @type {number} */ (ms))])])];
  lines.push("### Boxes", table([["", "boxes", "together", "one by one", "ratio"], ...batches.map((/** @type {any} */ { name, count, together_ms, single_ms }) =>
    [name, count, seconds(together_ms.median), seconds(single_ms.median), ratio(together_ms.median, single_ms.median)])]));
  lines.push("### Size of the image", table([["side", "open", "encode"], ...sizes.map((/** @type {any} */ { side, open_ms, encode_ms }) =>
    [`${side} px`, seconds(open_ms.median), seconds(encode_ms.median)])]));
  lines.push("### The page", table([["", "first visit", "second visit"],
    ["address to first mask", seconds(visits.first.mask_ms), seconds(visits.second.mask_ms)],
    ["bytes, brotli where it helps", megabytes(visits.first.bytes), megabytes(visits.second.bytes)],
    ["longest task of the main thread", seconds(visits.first.longest_task_ms), seconds(visits.second.longest_task_ms)],
    ["memory of the module", mebibytes(visits.first.module_bytes), mebibytes(visits.second.module_bytes)]]),
  `The module takes ${megabytes(wasm.bytes)}, with brotli ${megabytes(wasm.brotli_bytes)}.`);
  return lines.join("\n\n");
}

/** Bars of the medians; one pair for each thing measured. @param {any} report */
function bars({ turns }) {
  const pairs = /** @type {const} */ (["encode", "decode"]).flatMap((what) =>
    Object.entries(turns).map(([name, each]) => ({ what, name, ms: /** @type {any} */ (each)[`${what}_ms`].median })));
  const most = { encode: 0, decode: 0 };
  for (const { what, ms } of pairs) most[what] = Math.max(most[what], ms);
  const rows = pairs.map(({ what, name, ms }, i) => {
    const y = 30 + i * 34 + (what === "decode" ? 20 : 0);
    const length = 320 * ms / most[what];
    const colour = name === "Boxel" ? "#b58900" : "#657b83";
    return `<text x="10" y="${y + 15}">${what}, ${name}</text><rect x="190" y="${y}" width="${length.toFixed(1)}" height="20" fill="${colour}"/><text x="${(198 + length).toFixed(1)}" y="${y + 15}">${seconds(ms)}</text>`;
  });
  const height = 60 + pairs.length * 34;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="620" height="${height}" viewBox="0 0 620 ${height}" font-family="sans-serif" font-size="13" role="img" aria-label="Encode and decode on one CPU thread"><rect width="620" height="${height}" fill="white"/><text x="10" y="18" font-weight="bold">LiteMedSAM in a browser, one CPU thread (shorter is better)</text>${rows.join("")}</svg>\n`;
}

const [first] = reports;
const { machine } = first;
const parts = [
  "# Boxel and ONNX Runtime Web",
  "Made by `cargo xtask bench web`: the same weights (LiteMedSAM), the same browser, in turn. What counts are the ratios: the machine does other work too.",
  `${machine.cpu}, ${machine.threads} threads, ${machine.memory_gib.toFixed(0)} GiB; Chromium ${machine.browser}; ${reports.map((report) => report.machine.devices.map((/** @type {any} */ { name }) => name).join(", ")).join("; ")}.`,
  ...reports.map((report) => `## ${report.device === "gpu" ? "WebGPU" : "CPU"}\n\n${speed(report)}`),
  ...reports.filter(({ device }) => device !== "gpu").map(rest),
];
console.log(parts.join("\n\n"));
const of_cpu = reports.find(({ device }) => device !== "gpu");
if (plot && of_cpu) writeFileSync(plot, bars(of_cpu));
