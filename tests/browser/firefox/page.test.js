// The main way through the page, on the CPU, in a second browser engine.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PNG } from "pngjs";

import { mask_iou, own_case } from "../golden.js";
import { read_nifti } from "../nifti.js";
import { DIST } from "../playwright.config.js";
import { serve } from "../server.js";
import { ellipsoid, is_inside, MIDDLE_BOX, MIDDLE_SLICE } from "../volumes.js";
import { launch, WHY_NOT } from "./launch.js";
import { click_point, draw_box, mask_of, pick, save, state_of, until, wait_for_masks } from "./steps.js";

const MIN_IOU = 0.995; // with f16 weights
const SLICES = 24;

if (WHY_NOT) console.log(`SKIPPED: Firefox: ${WHY_NOT}`);
const options = WHY_NOT ? { skip: WHY_NOT } : {};

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof serve>>} */
let site;
/** @type {import("puppeteer-core").Browser} */
let firefox;
/** What went wrong on a page. @type {string[]} */
const faults = [];

before(async () => {
  if (WHY_NOT) return;
  folder = mkdtempSync(join(tmpdir(), "boxel-firefox-"));
  site = await serve(DIST);
  firefox = await launch(folder);
});

after(async () => {
  if (WHY_NOT) return;
  await firefox.close();
  site.close();
  rmSync(folder, { recursive: true });
});

/** A page whose engine is ready. */
async function new_page() {
  const page = await firefox.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const is_own = `${url.origin}/` === site.url && request.method() === "GET" && url.search === "";
    // Neither leaves the browser; an empty page of Firefox's brings a font of its own as data.
    if (!is_own && url.protocol !== "blob:" && url.protocol !== "data:") faults.push(`${request.method()} ${url}`);
  });
  await page.goto(site.url);
  await until("an engine with its model", async () => (await state_of(page)).engine.has_weights);
  return page;
}

test("an image: box, point, undo, saved mask, and what the reference says", options, async () => {
  const golden = own_case("mr_brain");
  const [expected] = golden.boxes;
  assert.ok(expected);
  const page = await new_page();
  const { engine } = await state_of(page);
  assert.deepEqual([engine.kind, engine.phase], ["cpu", "ready"]);
  await pick(page, golden.image);
  await until("the image", async () => (await state_of(page)).image?.width === golden.width);
  await draw_box(page, expected.box);
  await wait_for_masks(page, 1);
  const [object] = (await state_of(page)).boxes;
  assert.deepEqual(object?.box, expected.box);
  const mask = await mask_of(page, 1);
  assert.ok(mask_iou(mask, expected.mask) >= MIN_IOU, `IoU ${mask_iou(mask, expected.mask)}`);
  assert.ok(Math.abs((object?.prediction?.iou ?? 0) - expected.iou) < 0.01);

  await page.keyboard.press("p");
  const [x0, y0, x1, y1] = expected.box;
  await click_point(page, { x: (x0 + x1) / 2, y: (y0 + y1) / 2 });
  await until("the answer to the point", async () => (await state_of(page)).boxes[0]?.points.length === 1);
  await wait_for_masks(page, 1);
  await page.keyboard.down("Control");
  await page.keyboard.press("z");
  await page.keyboard.up("Control");
  await until("the box alone", async () => (await state_of(page)).boxes[0]?.points.length === 0);
  await wait_for_masks(page, 1);
  assert.equal(mask_iou(await mask_of(page, 1), mask), 1);

  const path = join(folder, "boxel-mask.png");
  await save(page, "#save-mask", path);
  const saved = PNG.sync.read(readFileSync(path));
  assert.deepEqual(Array.from(saved.data).filter((_, i) => i % 4 === 0), mask.map((inside) => 255 * inside));
  await page.close();
  assert.deepEqual(faults, []);
});

test("a volume: slices, planes, a box, one slice up, and its NIfTI", options, async () => {
  const page = await new_page();
  const path = join(folder, "volume.nii");
  writeFileSync(path, ellipsoid());
  await pick(page, path);
  await until("the volume", async () => (await state_of(page)).image?.slices === SLICES);
  assert.equal((await state_of(page)).image?.slice, MIDDLE_SLICE);
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  const truth = Uint8Array.from({ length: 128 * 128 }, (_, i) =>
    Number(is_inside({ x: i % 128, y: Math.floor(i / 128), slice: MIDDLE_SLICE })));
  assert.ok(mask_iou(await mask_of(page, 1), truth) > 0.9);

  await page.click("#propagate-up");
  await until("the next slice", async () => ((await state_of(page)).object_masks[1]?.slices.length ?? 0) > 1);
  await page.click("#progress-cancel");
  await until("the end", async () => (await state_of(page)).propagating === null);
  await page.keyboard.press("ArrowUp");
  await until("another slice", async () => (await state_of(page)).image?.slice !== MIDDLE_SLICE);
  await until("all of the object", async () => {
    const { object_masks, object_masks_version } = await state_of(page);
    return object_masks[1]?.version === object_masks_version;
  });
  const { object_masks } = await state_of(page);

  const file = join(folder, "boxel-labels.nii.gz");
  await save(page, "#save-nifti", file);
  const labels = read_nifti(readFileSync(file));
  assert.deepEqual([labels.size, labels.spacing], [[128, 128, SLICES], [1, 1, 3]]);
  assert.equal(labels.values.filter(Boolean).length, object_masks[1]?.voxels);
  await page.close();
  assert.deepEqual(faults, []);
});
