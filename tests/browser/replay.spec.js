// Sessions and demos: what is saved comes to the same masks again, and an address opens a sample with its masks.

import { readFileSync, writeFileSync } from "node:fs";

import { nifti } from "./nifti.js";
import {
  click_point, draw_box, pick, pick_all, pick_anyway, state_of, wait_for_image, wait_for_masks,
} from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

/** A bright disc in a body of texture on the three slices in the middle, of five. */
const volume = nifti({ size: [64, 64, 5], spacing: [1, 1, 2] }, (x, y, z) => {
  if (z === 0 || z === 4) return 0;
  return 300 + ((x * 7 + y * 13) % 17) * 4 + (Math.hypot(x - 30, y - 34) < 12 ? 500 : 0);
});
const SIZE = { width: 64, height: 64 };
/** Of the disc in the axial view, whose left is the patient's right. @type {[number, number, number, number]} */
const BOX = [20, 16, 46, 42];
const MINUTES = 60_000;

/** As version 1 has it, which is replayed. @type {(session: any) => any} */
const version_1 = (session) => ({
  ...session, version: 1,
  objects: session.objects.map((/** @type {object} */ object) => ({ ...object, masks: undefined, at: undefined })),
});

/** Saves the session, and reads it. @type {(page: Page) => Promise<any>} */
async function saved_session(page) {
  await expect(page.locator("#save-session")).toBeEnabled();
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  const download = await coming;
  expect(download.suggestedFilename()).toBe("boxel-session.json");
  return JSON.parse(readFileSync(await download.path(), "utf8"));
}

test("a session without masks, opened with its scan, is replayed to the same ones; "
  + "what differs is said", async ({ page }, info) => {
  const path = info.outputPath("a name of a patient.nii");
  writeFileSync(path, volume);
  /** @type {(session: object, name: string) => string} */
  const written = (session, name) => {
    const session_path = info.outputPath(name);
    writeFileSync(session_path, JSON.stringify(session));
    return session_path;
  };
  await page.goto("");
  await pick(page, path);
  await wait_for_image(page, SIZE);
  await draw_box(page, BOX);
  await wait_for_masks(page, 1);
  await page.getByRole("button", { name: "Both ways" }).click();
  await expect(page.locator("#save-session")).toBeDisabled();
  await expect.poll(async () => (await state_of(page)).propagating, { timeout: 3 * MINUTES }).toBeNull();
  await page.keyboard.press("e");
  const { voxels } = (await state_of(page)).object_masks[1] ?? { voxels: 0 };
  await click_point(page, { x: 33, y: 29 });
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.voxels).toBeLessThan(voxels);
  const before = (await state_of(page)).object_masks[1];
  const session = version_1(await saved_session(page));
  expect(session.scan.sha256).toBe((await state_of(page)).scan?.key);
  expect(session.objects[0].steps.map((/** @type {{ do: string }} */ step) => step.do))
    .toEqual(["prompt", "propagate", "edit"]);
  expect(session.objects[0].result.voxels).toBe(before?.voxels);
  expect(JSON.stringify(session)).not.toContain("patient");

  await page.reload();
  await pick_all(page, [path, written(session, "session.json")]);
  const note = page.locator("#session-text");
  await expect(page.locator("#progress-label")).toContainText("Replaying Object 1, step");
  await expect(note).toHaveText("Replayed: the object is the same, voxel for voxel.", { timeout: 3 * MINUTES });
  const now = await state_of(page);
  expect([now.object_masks[1]?.slices, now.message, now.rendering]).toEqual([before?.slices, null, session.view]);

  // Alone, on the scan that is open: the encodings are kept.
  const [object] = session.objects;
  const changed = { ...session, objects: [{ ...object, result: { voxels: 1, sha256: session.scan.sha256 } }] };
  await pick_anyway(page, written(changed, "changed.json"));
  await expect(note).toHaveText(new RegExp(
    `^Replayed: the object differs\\. Object 1 has ${object.result.voxels.toLocaleString("en")} voxels, and had 1\\.`,
  ));
  await page.click("#session-close");
  await expect(page.locator("#session-note")).toBeHidden();

  await pick_anyway(page, written({ ...session, scan: { sha256: session.model.sha256 } }, "another.json"));
  await expect(note).toHaveText(/^This session belongs to another scan\./);
  await page.click("#session-close");
  await pick(page, written({ ...session, version: 3 }, "later.json"));
  await expect(page.getByRole("alert")).toContainText("its version is 3, but this page reads versions 1 to 2");
  expect((await state_of(page)).boxes).toHaveLength(1);
});

test("an address opens a sample with its masks, and the page gives that address", async (
  { page, context, baseURL },
) => {
  await context.grantPermissions(["clipboard-write"]);
  // The page's own policy lets nobody read the clipboard.
  await page.addInitScript(() => {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => {
      /** @type {any} */ (globalThis).copied = text;
      return write(text);
    };
  });
  const demo = "#sample=ct-abdomen&box=170,176,237,251&box=240,90,300,150&point=270,120,1&model=litemedsam";
  await page.goto(`${demo}&device=cpu`);
  await wait_for_masks(page, 2);
  const { boxes, wanted, scan, message } = await state_of(page);
  expect([wanted, scan?.title.slice(0, 3), message]).toEqual(["cpu", "CT,", null]);
  expect(boxes.map(({ box, points }) => [box, points]))
    .toEqual([[[170, 176, 237, 251], []], [[240, 90, 300, 150], [[270, 120, 1]]]]);
  await page.getByRole("button", { name: "Copy link to this demo" }).click();
  await expect(page.getByRole("alert")).toContainText("Link copied");
  expect(await page.evaluate(() => /** @type {any} */ (globalThis).copied)).toBe(`${baseURL}${demo}`);

  await page.goto("?sample=fundus&box=1,2&slice=2");
  await wait_for_image(page, { width: 360, height: 480 });
  await expect(page.getByRole("alert"))
    .toContainText("box=1,2 must be x0,y0,x1,y1 in pixels of the image; slice=2 does not exist: this sample has 1");
  await page.evaluate(() => { location.hash = "#sample=elsewhere"; });
  await expect(page.getByRole("alert")).toContainText("there are ct-abdomen, mr-brain, fundus");
  expect((await state_of(page)).scan?.title).toMatch(/^Fundus/);
});
