// What is saved, byte by byte, of a scan whose file is called after a patient.

import { readFileSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";

import { read_nifti } from "./nifti.js";
import { CANARY, LARGE_BOX, MIDDLE, phantom, phantom_series, SIZE, SMALL_BOX } from "./phantom.js";
import { draw_box, mask_of, pick, pick_all, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
const [width, height] = SIZE;

/** @type {(page: Page, button: string) => Promise<{ name: string, bytes: Buffer }>} */
async function saved(page, button) {
  const coming = page.waitForEvent("download");
  await page.click(button);
  // The phantom's objects overlap: what holds one for each voxel asks first.
  const question = page.locator("#overlap-later");
  await Promise.race([coming, question.waitFor()]);
  if (await question.isVisible()) await question.click();
  const download = await coming;
  const file = { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  expect(file.name).not.toContain("CANARY");
  expect(file.bytes.length).toBeGreaterThan(0);
  expect(file.bytes.includes("CANARY"), `${file.name} carries the name`).toBe(false);
  return file;
}

/** @type {(
 *   bytes: Buffer,
 * ) => { width: number, height: number, channels: number, at: (i: number, channel?: number) => number }} */
function pixels_of(bytes) {
  const { width, height, data } = PNG.sync.read(bytes, { skipRescale: true });
  const channels = data.length / width / height;
  return { width, height, channels, at: (i, channel = 0) => data[i * channels + channel] ?? -1 };
}

/** The scan with two objects, the first of them named. @type {(page: Page, path: string) => Promise<Uint8Array[]>} */
async function open_two(page, path) {
  writeFileSync(path, phantom());
  await page.goto("");
  await pick(page, path);
  await wait_for_image(page, { width, height });
  await draw_box(page, LARGE_BOX);
  await wait_for_masks(page, 1);
  await draw_box(page, SMALL_BOX);
  await wait_for_masks(page, 2);
  await page.getByLabel("Name of object 1").fill("Large one");
  await page.keyboard.press("Enter");
  return [await mask_of(page, 1), await mask_of(page, 2)];
}

test("every format holds the masks, and none the file's name", async ({ page }, info) => {
  const masks = await open_two(page, info.outputPath(`${CANARY}.nii`));
  const [large, small] = masks;
  if (!large || !small) throw new Error("no masks");
  expect((await state_of(page)).image?.slice).toBe(MIDDLE);
  /** The later object lies over the first. @type {(i: number) => number} */
  const label = (i) => small[i] ? 2 : large[i] ? 1 : 0;

  await test.step("label PNG", async () => {
    const png = pixels_of((await saved(page, "#save-labels")).bytes);
    expect([png.width, png.height]).toEqual([width, height]);
    expect(large.findIndex((_, i) => png.at(i) !== label(i))).toBe(-1);
  });
  await test.step("mask PNG", async () => {
    const png = pixels_of((await saved(page, "#save-mask")).bytes);
    expect([png.width, png.height]).toEqual([width, height]);
    expect(large.findIndex((_, i) => png.at(i) !== (label(i) ? 255 : 0))).toBe(-1);
  });
  await test.step("probability PNG", async () => {
    const { bytes } = await saved(page, "#save-probability");
    const png = pixels_of(bytes);
    expect([png.width, png.height, bytes[24]]).toEqual([width, height, 16]);
    // Half of 65535 is where the mask begins; resampling may move a pixel of its edge.
    const different = large.filter((_, i) => (png.at(i) > 32767.5) !== label(i) > 0).length;
    expect(different).toBeLessThan(large.length / 500);
  });
  for (const [button, least] of /** @type {const} */ ([["#save-overlay", width], ["#save-figure", 2 * width]])) {
    await test.step(button, async () =>
      expect(pixels_of((await saved(page, button)).bytes).width).toBeGreaterThanOrEqual(least));
  }
  await test.step("SVG", async () => {
    const text = (await saved(page, "#save-svg")).bytes.toString();
    // In a page without a policy: Boxel's allows no text to become a document.
    const empty = await page.context().newPage();
    const paths = await empty.evaluate((svg) => {
      const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
      if (parsed.querySelector("parsererror")) return null;
      return Array.from(parsed.querySelectorAll("path, polygon"), (path) =>
        path.getAttribute("d") ?? path.getAttribute("points"));
    }, text);
    await empty.close();
    expect(paths?.length).toBeGreaterThanOrEqual(2);
    expect(text).toContain("Large one");
  });
  await test.step("NIfTI", async () => {
    const { name, bytes } = await saved(page, "#save-nifti");
    expect(name).toMatch(/\.nii\.gz$/);
    const volume = read_nifti(bytes);
    expect(volume.size).toEqual(SIZE);
    [0.8, 0.8, 2.5].forEach((mm, i) => expect(volume.spacing[i]).toBeCloseTo(mm, 5));
    expect(volume.rows.map((row, i) => row[i])).toEqual([-0.8, -0.8, 2.5].map(Math.fround));
    const slice_size = width * height;
    const wrong = volume.values.findIndex((value, i) =>
      value !== (Math.floor(i / slice_size) === MIDDLE ? label(i % slice_size) : 0));
    expect(wrong).toBe(-1);
  });
  await test.step("npz", async () => {
    const { name, bytes } = await saved(page, "#save-npz");
    expect(name).toMatch(/\.npz$/);
    expect(bytes.subarray(0, 4)).toEqual(Buffer.from("PK\x03\x04", "latin1"));
    expect(bytes.includes(".npy")).toBe(true);
  });
  await test.step("COCO", async () => {
    const coco = JSON.parse((await saved(page, "#save-coco")).bytes.toString());
    expect(coco.annotations.length).toBe(2);
    expect(coco.categories.map((/** @type {{ name: string }} */ { name }) => name)).toContain("Large one");
  });
  await test.step("CSV", async () => {
    const [head, ...rows] = (await saved(page, "#save-csv")).bytes.toString().trim().split(/\r?\n/);
    const columns = head?.split(",") ?? [];
    expect(columns.length).toBeGreaterThan(4);
    expect(rows.length).toBeGreaterThanOrEqual(2);
    for (const row of rows) expect(row.split(",").length).toBe(columns.length);
    expect(rows.join("\n")).toContain("Large one");
  });
  await test.step("3D Slicer's segmentation", async () => {
    const { name, bytes } = await saved(page, "#save-seg-nrrd");
    expect(name).toMatch(/\.seg\.nrrd$/);
    const header = bytes.subarray(0, bytes.indexOf("\n\n")).toString();
    expect(header).toContain("Segment0_Name:=Large one\n");
    expect(header).toContain("Segment1_LabelValue:=2\n");
  });
  await test.step("surfaces", async () => {
    const stl = await saved(page, "#save-stl");
    expect(stl.bytes.length).toBe(84 + 50 * stl.bytes.readUInt32LE(80));
    expect((await saved(page, "#save-ply")).bytes.subarray(0, 4).toString()).toBe("ply\n");
    expect((await saved(page, "#save-obj")).bytes.toString()).toContain("\no Large one\nv ");
  });
  await test.step("DICOM SEG, which a scan from elsewhere can't have, says so", async () => {
    await expect(page.locator("#save-seg")).toBeDisabled();
    await expect(page.locator("#save-seg-why")).toContainText(/DICOM/);
    await expect(page.locator("#save-seg-why")).toBeVisible();
    await expect(page.locator("#save-rt-struct")).toBeDisabled();
  });
  await test.step("files saved faster than the browser takes them come all the same", async () => {
    const FILES = 15;
    let came = 0;
    page.on("download", () => { came += 1; });
    await page.evaluate(async (files) => {
      const button = document.getElementById("save-csv");
      if (!(button instanceof HTMLButtonElement)) throw new Error("no button");
      for (let i = 0; i < files; i += 1) {
        button.click();
        do await new Promise((resolve) => setTimeout(resolve)); while (button.disabled);
      }
    }, FILES);
    await expect.poll(() => came, { timeout: 10_000 }).toBe(FILES);
  });
  expect((await state_of(page)).message).toBeNull();
});

test("a DICOM SEG is the patient's, or nobody's; letters in the pixels are warned about", async ({ page }, info) => {
  const paths = phantom_series().map((bytes, i) => {
    const path = info.outputPath(`${CANARY} ${i}.dcm`);
    writeFileSync(path, bytes);
    return path;
  });
  await page.goto("");
  await pick_all(page, paths);
  await wait_for_image(page, { width, height });
  await draw_box(page, LARGE_BOX);
  await wait_for_masks(page, 1);
  await expect(page.locator("#measure-list")).toContainText("HU");
  await expect(page.locator("#exports-warning")).toContainText("pixels may contain text, such as a name");
  await page.getByLabel("Name of object 1").fill("Large one");
  await page.keyboard.press("Enter");

  await expect(page.locator("#save-seg")).toBeDisabled();
  await expect(page.locator("#save-seg-why")).toContainText("whether it names the patient");
  await page.getByLabel("Linked").check();
  const coming = page.waitForEvent("download");
  await page.click("#save-seg");
  const linked = await coming;
  expect(linked.suggestedFilename()).toBe("boxel-segmentation.dcm");
  const bytes = readFileSync(await linked.path());
  expect(bytes.toString("latin1", 128, 132)).toBe("DICM");
  expect(bytes.includes(CANARY), "linked, it says whose it is").toBe(true);

  await page.getByLabel("De-identified").check();
  const { bytes: of_nobody } = await saved(page, "#save-seg");
  expect(of_nobody.toString("latin1", 128, 132)).toBe("DICM");
  expect(of_nobody.includes("Large one")).toBe(true);
  for (const button of ["#save-nifti", "#save-npz", "#save-coco", "#save-csv", "#save-svg"]) await saved(page, button);
});

test("why nothing can be saved is said in words, and a name is kept, undone and typed on", async ({ page }, info) => {
  await page.goto("");
  await expect(page.locator("#exports-why")).toHaveText("Open a scan first");
  await expect(page.locator("#save-nifti")).toBeDisabled();
  await open_two(page, info.outputPath(`${CANARY}.nii`));
  await expect(page.locator("#exports-why")).toBeHidden();
  await expect(page.locator("#save-nifti")).toBeEnabled();

  const name = page.getByLabel("Name of object 1");
  await expect(name).toHaveValue("Large one");
  await page.locator("#undo").click();
  await expect(name).toHaveValue("Object 1");
  await name.fill("  ");
  await name.press("Enter");
  await expect(name).toHaveValue("Object 1");

  // Typing goes on while the list is rebuilt by what the engine answers.
  await name.fill("Half a na");
  await page.evaluate(() => document.getElementById("tool-positive")?.click());
  await page.evaluate(() =>
    /** @type {HTMLElement | null} */ (document.querySelector("[data-act='select 1']"))?.click());
  await expect(name).toHaveValue("Half a na");
  await expect(name).toBeFocused();
  await page.keyboard.type("me");
  await page.keyboard.press("Enter");
  await expect(name).toHaveValue("Half a name");
});
