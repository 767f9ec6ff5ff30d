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
/** The browser names only tasks of more than 50 ms. @type {(ms: number) => string} */
const task = (ms) => ms ? seconds(ms) : "at most 50 ms";
/** @type {(bytes: number) => string} */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
/** @type {(bytes: number) => string} */
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
/** @type {(rows: string[][]) => string} */
const table = ([head = [], ...rows]) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** @type {(ours: number, theirs: number | undefined) => string} */
const ratio = (ours, theirs) => theirs ? (ours / theirs).toFixed(2) : "not measured";

/** On a GPU the first run counts, or else the median. @type {(device: string) => (who: any, what: "encode" | "decode") => number} */
const time_of = (device) => (who, what) => device === "gpu" ? who?.first[`${what}_ms`] : who?.[`${what}_ms`].median;

/** @param {any} report */
function speed({ turns, device, rounds }) {
  const { Boxel: ours, [PEER]: theirs } = turns;
  const of = time_of(device);
  const rows = /** @type {const} */ (["encode", "decode"]).map((what) => [
    `${what}, ${device === "gpu" ? "WebGPU, first run" : "CPU, one thread"}`, seconds(of(ours, what)), theirs ? seconds(of(theirs, what)) : "-", ratio(of(ours, what), of(theirs, what)),
  ]);
  const lines = [table([["", "Boxel", PEER, "ratio"], ...rows])];
  if (device !== "gpu") lines.push(`Medians of ${rounds} rounds after a warm-up, the two in turn.`);
  if (!theirs) lines.push(`${PEER} was not measured, since its models are missing. \`bench/peers/make_onnx.py\` makes them, and \`--peers\` names their folder.`);
  for (const [name, { first }] of Object.entries(turns)) {
    if (!first?.gpu) continue;
    const { encode, both, again } = first.gpu;
    lines.push(`${name} encodes with ${encode.dispatches} dispatches in ${encode.submits} submissions, buffers of ${mebibytes(encode.buffer_bytes)} in all; including one decode ${both.dispatches} dispatches. A second box on the same image takes ${again.dispatches - both.dispatches} dispatches and ${again.readbacks - both.readbacks} ${again.readbacks - both.readbacks === 1 ? "readback" : "readbacks"}.`);
  }
  return lines.join("\n\n");
}

/** @param {any} report */
function rest({ turns, batches, sizes, slices, wasm, visits }) {
  const lines = ["### Where the encoder's time goes", table([["stage", "Boxel"], ...Object.entries(turns.Boxel.stages_ms).map(([stage, ms]) => [stage, seconds(/** @type {number} */ (ms))])])];
  lines.push("### Boxes", table([["", "boxes", "together", "one by one", "ratio"], ...batches.map((/** @type {any} */ { name, count, together_ms, single_ms }) =>
    [name, count, seconds(together_ms.median), seconds(single_ms.median), ratio(together_ms.median, single_ms.median)])]));
  lines.push("### Size of the image", table([["side", "open", "encode"], ...sizes.map((/** @type {any} */ { side, open_ms, encode_ms }) =>
    [`${side} px`, seconds(open_ms.median), seconds(encode_ms.median)])]));
  lines.push("### Slices of a volume", table([["slices", "propagation", "a slice"], ...slices.map((/** @type {any} */ { slices: count, ms }) =>
    [count, seconds(ms.median), seconds(ms.median / count)])]));
  lines.push("### The page", table([["", "first visit", "second visit"],
    ["address to first mask", seconds(visits.first.mask_ms), seconds(visits.second.mask_ms)],
    ["bytes, brotli where it helps", megabytes(visits.first.bytes), megabytes(visits.second.bytes)],
    ["longest task of the main thread while encoding", task(visits.first.encoding_task_ms), task(visits.second.encoding_task_ms)],
    ["the same from the address on", task(visits.first.longest_task_ms), task(visits.second.longest_task_ms)],
    ["memory of the module", mebibytes(visits.first.module_bytes), mebibytes(visits.second.module_bytes)]]),
  `The module takes ${megabytes(wasm.bytes)}, with brotli ${megabytes(wasm.brotli_bytes)}.`);
  return lines.join("\n\n");
}

const COLOURS = { Boxel: "#b58900", [PEER]: "#657b83" };
/** @type {(x: number, y: number, text: string, more?: string) => string} */
const label = (x, y, text, more = "") => `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" ${more}>${text}</text>`;

/** One pair for each thing measured: medians, or on a GPU the first run. @param {any} report @param {number} top */
function bars({ turns, device }, top) {
  const of = time_of(device);
  const pairs = /** @type {const} */ (["encode", "decode"]).flatMap((what) =>
    Object.entries(turns).map(([name, each]) => ({ what, name, ms: of(each, what) })));
  const most = { encode: 0, decode: 0 };
  for (const { what, ms } of pairs) most[what] = Math.max(most[what], ms);
  return pairs.map(({ what, name, ms }, i) => {
    const y = top + i * 26;
    const length = 320 * ms / most[what];
    const colour = COLOURS[/** @type {keyof typeof COLOURS} */ (name)];
    return `${label(10, y + 15, `${what}, ${name}`)}<rect x="190" y="${y}" width="${length.toFixed(1)}" height="20" fill="${colour}"/>${label(198 + length, y + 15, seconds(ms))}`;
  }).join("");
}

/** @typedef {{ name: string, colour: string, points: [number, number][] }} Line */
/** A plot of lines from zero on: what grows, in which unit, and how long it takes.
 * @type {(title: string, unit: string, lines: Line[], left: number, top: number) => string} */
function growth(title, unit, lines, left, top) {
  const [width, height] = [150, 110];
  const all = lines.flatMap(({ points }) => points);
  const [most_x, most_y] = [Math.max(...all.map(([x]) => x)), Math.max(...all.map(([, y]) => y))];
  const at = (/** @type {[number, number]} */ [x, y]) => `${(left + width * x / most_x).toFixed(1)},${(top + height - height * y / most_y).toFixed(1)}`;
  const drawn = lines.map(({ colour, points }) =>
    `<polyline points="${points.map(at).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>${points.map((point) => `<circle cx="${at(point).split(",")[0]}" cy="${at(point).split(",")[1]}" r="3" fill="${colour}"/>`).join("")}`);
  return label(left, top - 8, title, 'font-weight="bold"')
    + `<path d="M${left},${top}v${height}h${width}" fill="none" stroke="#93a1a1"/>${drawn.join("")}`
    + label(left, top + height + 16, `to ${most_x} ${unit}, ${seconds(most_y)}`);
}

/** Encode and decode next to the peer, and how Boxel's times grow. @param {any} report @param {any} of_gpu */
function plots(report, of_gpu) {
  /** @type {Line[]} */
  const boxes = Object.entries(COLOURS).map(([name, colour]) => ({
    name, colour, points: report.batches.filter((/** @type {any} */ row) => row.name === name).map((/** @type {any} */ row) => [row.count, row.together_ms.median]),
  })).filter(({ points }) => points.length);
  const own = (/** @type {[number, number][]} */ points) => [{ name: "Boxel", colour: COLOURS.Boxel, points }];
  const below = of_gpu ? 150 : 0;
  const [width, height] = [620, 330 + below];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" role="img" aria-label="Encode and decode on one CPU thread and on WebGPU, and how the times grow with boxes, image size and slices"><rect width="${width}" height="${height}" fill="white"/>`
    + label(10, 18, "LiteMedSAM in a browser, one CPU thread (shorter is better)", 'font-weight="bold"') + bars(report, 30)
    + (of_gpu ? label(10, 168, `WebGPU, first run, on ${adapter_name(of_gpu.machine.adapter)}`, 'font-weight="bold"') + bars(of_gpu, 180) : "")
    + growth("boxes", "boxes", boxes, 20, 180 + below)
    + growth("image, opened and encoded", "px a side", own(report.sizes.map((/** @type {any} */ { side, open_ms, encode_ms }) => [side, open_ms.median + encode_ms.median])), 220, 180 + below)
    + growth("slices of a volume", "slices", own(report.slices.map((/** @type {any} */ { slices, ms }) => [slices, ms.median])), 440, 180 + below)
    + "</svg>\n";
}

/** @type {(adapter: any) => string} */
const adapter_name = ({ vendor, architecture, device, description, is_fallback }) =>
  `${[vendor, architecture, device, description].filter(Boolean).join(", ")}${is_fallback ? " (a software adapter)" : ""}`;

const [first] = reports;
const { machine } = first;
const parts = [
  "# Boxel and ONNX Runtime Web",
  "Made by `cargo xtask bench web`: the same weights (LiteMedSAM), the same browser, in turn. Compare the ratios: the machine does other work too. What limits each is in [docs/performance.md](../../docs/performance.md).",
  `${machine.cpu}, ${machine.threads} threads, ${machine.memory_gib.toFixed(0)} GiB; Chromium ${machine.browser}; ${reports.map((report) => report.machine.devices.map((/** @type {any} */ { name }) => name.trim()).join(", ")).join("; ")}.`,
  ...reports.map((report) => `## ${report.device === "gpu" ? "WebGPU" : "CPU"}\n\n${report.machine.adapter ? `Adapter: ${adapter_name(report.machine.adapter)}.\n\n` : ""}${speed(report)}`),
  ...reports.filter(({ device }) => device !== "gpu").map(rest),
];
console.log(parts.join("\n\n"));
const of_cpu = reports.find(({ device }) => device !== "gpu");
const of_gpu = reports.find(({ device, machine: { adapter } }) => device === "gpu" && adapter);
if (plot && of_cpu) writeFileSync(plot, plots(of_cpu, of_gpu));
