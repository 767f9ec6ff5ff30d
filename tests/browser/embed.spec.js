// The package without the page, as `cargo xtask package` puts it together, under a path of another site.

import { readdirSync, readFileSync } from "node:fs";

import { mask_iou, own_case } from "./golden.js";
import { read_nifti } from "./nifti.js";
import { PACKAGE } from "./playwright.config.js";
import { serve } from "./server.js";
import { ellipsoid, is_inside, MIDDLE_BOX, MIDDLE_SLICE } from "./volumes.js";
import { expect, test } from "./watch.js";

const MIN_IOU = 0.995; // of the reference's mask, with f16 weights
const NIFTI_HEADER_BYTES = 352;
/** Near the upper end of the ellipsoid, so that its end is soon there; and its box there. */
const HIGH_SLICE = 17;
/** @type {[number, number, number, number]} */
const HIGH_BOX = [49, 45, 86, 74];
const mr = own_case("mr_brain");
const [first] = mr.boxes;
if (!first) throw new Error("the golden lacks a box");

/** Of the package. @type {() => string[]} */
const files = () => readdirSync(PACKAGE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(PACKAGE.replace(/\/$/, "").length + 1));

/** @type {(watch: import("./watch.js").Watch) => Promise<Awaited<ReturnType<typeof serve>>>} */
async function serve_package(watch) {
  const site = await serve(PACKAGE, { prefix: "/courses/anatomy/boxel/", with_headers: false });
  watch.page_is_at(site.url, files());
  return site;
}

/** @type {(page: import("@playwright/test").Page) => Promise<number[]>} */
const reds_of = (page) => page.locator("#canvas").evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
  const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  return Array.from(data).filter((_, i) => i % 4 === 0);
});

test("the example: a file, two clicks, the reference's mask, a download", async ({ page, watch }) => {
  const site = await serve_package(watch);
  await page.goto(`${site.url}embed/example/index.html`);
  await expect(page.getByRole("status")).toContainText("LiteMedSAM on");
  await page.getByLabel("Open a scan").setInputFiles(mr.image);
  await expect(page.getByRole("status")).toContainText("Click two");
  const before = await reds_of(page);
  const [x0, y0, x1, y1] = first.box;
  // From the wrong end: the corners are put in order.
  await page.locator("#canvas").click({ position: { x: x1, y: y1 } });
  await page.locator("#canvas").click({ position: { x: x0, y: y0 } });
  await expect(page.getByRole("status")).toContainText("Predicted IoU");
  // Where the image is at its brightest, the example's red does not show.
  const after = await reds_of(page);
  const shows = (/** @type {number} */ _, /** @type {number} */ i) => before[i] !== 255;
  const found = after.map((red, i) => Number(red === 255 && before[i] !== 255));
  expect(mask_iou(found.filter(shows), Array.from(first.mask).filter(shows))).toBeGreaterThanOrEqual(MIN_IOU);

  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save NIfTI" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("boxel-labels.nii.gz");
  const voxels = read_nifti(readFileSync(await download.path())).values;
  expect(voxels.filter(Boolean).length).toBeGreaterThan(0.99 * found.filter(Boolean).length);
  site.close();
});

test("a volume from memory: segment, propagate, measure, export, errors and giving up", async ({ page, watch }) => {
  const site = await serve_package(watch);
  await page.goto(`${site.url}embed/example/index.html`);
  await expect(page.getByRole("status")).toContainText("LiteMedSAM on");
  const file = ellipsoid();
  const seen = await page.evaluate(async ({ module, base64, header, middle, high }) => {
    /** @type {typeof import("../../embed/api.js")} */
    const { Boxel, BoxelError } = await import(module);
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    /** @type {(attempt: Promise<unknown>) => Promise<string>} */
    const code_of = (attempt) =>
      attempt.then(() => "none", (error) => error instanceof BoxelError ? error.code : String(error));
    /** @type {Set<string>} */
    const stages = new Set();
    const boxel = await Boxel.create({ device: "cpu", on_progress: ({ stage }) => stages.add(stage) });

    const of_file = await boxel.open(bytes.buffer);
    // The same voxels, as a viewer has them: columns to the right, rows to the front, in LPS.
    const scan = await boxel.open({
      data: new Int16Array(bytes.buffer.slice(header)), dimensions: [128, 128, 24], spacing_mm: [1, 1, 3],
      direction: [-1, 0, 0, 0, -1, 0, 0, 0, 1],
    });
    const same_pixels = scan.shown.rgba.every((value, i) => value === of_file.shown.rgba[i]);
    const views = scan.info.views.map(({ plane, slices, spacing_mm, letters }) => ({
      plane, slices, spacing_mm, left: letters?.left,
    }));

    // Given up once it has begun.
    const abort = new AbortController();
    const off = boxel.on("progress", ({ stage }) => { if (stage === "embed") abort.abort(); });
    const codes = [await code_of(scan.embed({ signal: abort.signal }))];
    off();
    const found = await scan.segment({ box: middle.box, slice: middle.slice });
    const kept = await scan.embed();
    const measured = await scan.measure(found.object);
    const cap = await scan.segment({ box: high.box, slice: high.slice });
    const steps = [];
    for await (const step of scan.propagate(cap.object, { directions: ["up"] })) steps.push(step);
    const structure = await scan.structure(cap.object);
    const before = await scan.fingerprint(cap.object);
    await scan.draw(cap.object, [{ kind: "paint", radius_px: 2, path: [[4.5, 4.5], [8.5, 4.5]] }], {
      slice: high.slice,
    });
    const drawn = await scan.fingerprint(cap.object);
    await scan.draw(cap.object, [], { slice: high.slice });
    const undrawn = await scan.fingerprint(cap.object);
    const saved = await scan.export("nifti", [{ object: cap.object, name: "cap" }]);
    /** @type {[number, number][]} */
    const polygon = [[4, 4], [8, 4], [8, 7], [4, 7]];
    const edit = { lasso_v1: { plane: cap.plane, slice: high.slice, kind: /** @type {const} */ ("paint"), polygon } };
    const edited = [await scan.edit(cap.object, edit), await scan.edit(cap.object, edit)];
    const after = await scan.fingerprint(cap.object);
    const copy = await scan.edit(null, { union_v1: { object: cap.object } });
    const copied = await scan.fingerprint(copy?.object ?? 0);
    let text = "";
    for (const byte of new Uint8Array(await saved.arrayBuffer())) text += String.fromCharCode(byte);

    codes.push(
      await code_of(of_file.embed()), await code_of(scan.segment({ box: [500, 500, 600, 600] })),
      await code_of(scan.segment({})),
      await code_of(scan.draw(cap.object, [{ kind: "paint", radius_px: -1, path: [[4, 4]] }])),
      await code_of(scan.edit(cap.object, { margin_v1: { mm: 5000 } })), await code_of(scan.edit(99, { largest_v1: {} })),
      await code_of(scan.show({ slice: 24 })), await code_of(scan.structure(99)),
      await code_of(boxel.open(new Blob(["no scan"]))),
    );
    const still = await scan.masks({ slice: middle.slice });
    boxel.close();
    codes.push(await code_of(scan.embed()));
    return {
      same_pixels, views, codes, mask: Array.from(found.mask), size: [found.width, found.height], kept: kept.encode_ms,
      measured, steps,
      before, drawn, undrawn, edited, after, copied, voxels: structure.voxels, slices: structure.slices.map(({ slice }) => slice),
      saved: [saved.name, saved.type], text: btoa(text),
      still: still.map(({ object }) => object), stages: [...stages],
    };
  }, {
    module: `${site.url}embed/boxel.js`, base64: file.toString("base64"), header: NIFTI_HEADER_BYTES,
    middle: { box: MIDDLE_BOX, slice: MIDDLE_SLICE }, high: { box: HIGH_BOX, slice: HIGH_SLICE },
  });

  expect(seen.same_pixels).toBe(true);
  expect(seen.views[0]).toEqual({ plane: "axial", slices: 24, spacing_mm: [1, 1, 3], left: "R" });
  expect(seen.size).toEqual([128, 128]);
  const truth = seen.mask.map((_, i) => Number(is_inside({ x: i % 128, y: Math.floor(i / 128), slice: MIDDLE_SLICE })));
  expect(mask_iou(seen.mask, truth)).toBeGreaterThan(0.9);
  expect(seen.kept, "the slice that was segmented is embedded").toBeNull();
  expect(seen.measured.slice?.area_mm2).toBe(seen.mask.filter(Boolean).length);
  expect(seen.steps[0]).toMatchObject({ step: "carried", slice: HIGH_SLICE + 1 });
  expect(seen.steps.at(-1)).toMatchObject({ step: "stopped", direction: "up" });
  expect(seen.slices).toContain(HIGH_SLICE + 1);
  expect(seen.before).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), voxels: seen.voxels });
  expect(seen.undrawn).toEqual(seen.before);
  expect(seen.drawn.voxels - seen.voxels).toBeGreaterThan(16);
  expect(seen.edited, "the second time nothing changes").toEqual([{ object: 2, slices: [HIGH_SLICE] }, null]);
  expect([seen.after.voxels - seen.voxels, seen.copied]).toEqual([12, seen.after]);
  const labels = read_nifti(Buffer.from(seen.text, "base64"));
  expect([labels.size, labels.spacing, seen.saved])
    .toEqual([[128, 128, 24], [1, 1, 3], ["boxel-labels.nii.gz", "application/gzip"]]);
  expect(labels.values.filter(Boolean).length).toBe(seen.voxels);
  expect(seen.codes).toEqual([
    "cancelled", "scan_replaced", "box_outside", "prompt_empty", "stroke_invalid", "edit_invalid", "session_order",
    "session_order", "session_order", "image_format", "closed",
  ]);
  expect(seen.still, "files that can't be read leave the scan").toContain(1);
  expect(seen.stages.sort()).toEqual(["check", "download", "embed", "load", "read"]);
  site.close();
});
