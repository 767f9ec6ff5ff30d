// models.json, and which of its models is loaded by itself.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { read_catalogue } from "../../web/models/catalogue.js";
import { default_model, warning_of } from "../../web/features/models/default_state.js";

const GIB = 1024 ** 3;
const good = {
  name: "A", file: "a.safetensors", bytes: 10, sha256: "0".repeat(64), recipe: "litemedsam", licence: "Apache-2.0",
};
const vit = { ...good, name: "MedSAM", file: "medsam/vit_b.safetensors", bytes: 100, recipe: "medsam" };

/** @type {(entry: unknown) => string} */
const fault = (entry) => read_catalogue(JSON.stringify([entry])).faults[0] ?? "";

test("the project's own list is good", () => {
  const { entries, faults } =
    read_catalogue(readFileSync(new URL("../../models/models.json", import.meta.url), "utf8"));
  assert.deepEqual([entries.length > 0, faults], [true, []]);
  assert.ok(entries.every(({ id, file }) => id === `site:${file}`));
});

test("a broken entry says what is wrong with it, and the others are offered", () => {
  const { entries, faults } = read_catalogue(JSON.stringify([good, { ...vit, bytes: -1 }, vit]));
  assert.deepEqual(entries.map(({ name }) => name), ["A", "MedSAM"]);
  assert.deepEqual(faults, [
    'models.json, entry 2 (MedSAM): "bytes" must be a whole number above 0. It is not offered.',
  ]);
});

/** @type {[string, unknown, RegExp][]} */
const bad = [
  ["no object", "a.safetensors", /not an object \{ … \}/],
  ["null", null, /not an object \{ … \}/],
  ...Object.keys(good).map((field) => /** @type {[string, unknown, RegExp]} */ (
    [`without ${field}`, { ...good, [field]: undefined }, new RegExp(`"${field}" is missing`)])),
  ["an empty name", { ...good, name: " " }, /"name" must be text/],
  ["a path that leaves models/", { ...good, file: "../secret" }, /must lie in models/],
  ["a path that leaves it later", { ...good, file: "a/../../b" }, /must lie in models/],
  ["a path from the root", { ...good, file: "/etc/a" }, /must lie in models/],
  ["a backslash", { ...good, file: "..\\a" }, /letters, digits/],
  ["an escaped path", { ...good, file: "%2e%2e/a" }, /letters, digits/],
  ["a query", { ...good, file: "a?b" }, /letters, digits/],
  ["an address", { ...good, file: "https:" + "//example.invalid/a" }, /an address/],
  ["an address without a scheme", { ...good, file: "//example.invalid/a" }, /an address/],
  ["data", { ...good, file: "data:,a" }, /an address/],
  ["a size of zero", { ...good, bytes: 0 }, /"bytes" must be/],
  ["a size with a fraction", { ...good, bytes: 1.5 }, /"bytes" must be/],
  ["a size as text", { ...good, bytes: "10" }, /"bytes" must be/],
  ["a memory of minus one", { ...good, gpu_bytes: -1 }, /"gpu_bytes" must be/],
  ["a short checksum", { ...good, sha256: "abc" }, /64 digits/],
  ["an unknown recipe", { ...good, recipe: "sam3" }, /one of sam, medsam, litemedsam, sam2, medsam2/],
];
for (const [what, entry, pattern] of bad) {
  test(`refused: ${what}`, () => assert.match(fault(entry), pattern));
}

test("the same file or name twice is offered once", () => {
  assert.match(read_catalogue(JSON.stringify([good, good])).faults[0] ?? "", /a\.safetensors is already in the list/);
  assert.match(
    read_catalogue(JSON.stringify([good, { ...good, file: "b" }])).faults[0] ?? "", /name A is already in the list/,
  );
});

test("what is no list at all is an error", () => {
  assert.throws(() => read_catalogue("{}"), { code: "catalogue" });
  assert.throws(() => read_catalogue("[{"), { code: "catalogue" });
  assert.deepEqual(read_catalogue("[]"), { entries: [], faults: [] });
});

/** @type {(
 *   kind: "gpu" | "cpu", buffer?: number, software?: boolean, binding?: number,
 * ) => import("../../web/features/models/default_state.js").Device} */
const device = (kind, buffer = 2 * GIB, software = false, binding = GIB) =>
  ({ kind, software, binding_bytes: binding, buffer_bytes: buffer });

test("the default is the first of the list that the device can run, and LiteMedSAM everywhere else", () => {
  const { entries } = read_catalogue(JSON.stringify([vit, good]));
  /** @type {(
   *   device: import("../../web/features/models/default_state.js").Device, list?: typeof entries,
   * ) => string | undefined} */
  const chosen = (device, list = entries) => default_model(list, device)?.name;
  assert.equal(chosen(device("gpu")), "MedSAM");
  assert.equal(chosen(device("gpu", GIB)), "A");
  assert.equal(chosen(device("gpu", 2 * GIB, true)), "A");
  assert.equal(chosen(device("cpu")), "A");
  const small = read_catalogue(
    JSON.stringify([{ ...vit, gpu_bytes: 0.5 * GIB, minimum_binding_bytes: 256 * 1024 ** 2 }, good]),
  ).entries;
  assert.equal(chosen(device("gpu", GIB), small), "MedSAM");
  assert.equal(chosen(device("gpu", GIB, false, 128 * 1024 ** 2), small), "A");
  assert.equal(chosen(device("cpu"), read_catalogue(JSON.stringify([vit])).entries), "MedSAM");
  assert.equal(chosen(device("cpu"), []), undefined);
});

test("a model that does not fit says so", () => {
  const [entry] = read_catalogue(JSON.stringify([vit])).entries;
  assert.ok(entry);
  assert.match(warning_of(entry, device("cpu")), /slow/);
  assert.match(warning_of(entry, device("gpu", GIB)), /memory/);
  assert.equal(warning_of(entry, device("gpu")), "");
});
