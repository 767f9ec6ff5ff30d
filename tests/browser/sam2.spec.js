// SAM 2 in the page: weights that fit two models ask for theirs, a box gives a mask, and the mask is propagated with the
// memory of the slices before. Its numbers are compared with PyTorch's in tests/sam2_tiny.rs.

import { readFileSync, writeFileSync } from "node:fs";

import { nifti } from "./nifti.js";
import { seeded_sam2 } from "./sam2_weights.js";
import { mask_of, pick, state_of, type_box, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const SIDE = 64;
const SLICES = 4;
/** Slices that the propagation goes, one less than there are. */
const RANGE = 2;
const volume = nifti({ size: [SIDE, SIDE, SLICES], spacing: [1, 1, 2] }, (x, y, z) =>
  60 + (x * 7 + y * 3) % 11 + (Math.hypot(x - 30 - z, y - 32) < 12 ? 140 : 0));
/** @type {[number, number, number, number]} */
const BOX = [19, 17, 48, 46];

test("SAM 2: its recipe is asked, a box gives a mask, and memory carries it through the range", async (
  { page }, info,
) => {
  const [weights, scan] = [info.outputPath("sam2.safetensors"), info.outputPath("tube.nii")];
  writeFileSync(weights, seeded_sam2());
  writeFileSync(scan, volume);
  await page.goto("");
  await pick(page, scan);
  await wait_for_image(page, { width: SIDE, height: SIDE });
  await page.fill("#slice-number", "1");
  await page.press("#slice-number", "Enter");
  await expect.poll(async () => (await state_of(page)).image?.slice).toBe(0);

  await page.setInputFiles("#weights-file", weights);
  await expect(page.locator("#recipe-question")).toContainText("fits several models");
  await page.locator('#recipe-answers [data-recipe="medsam2"]').click();
  await expect.poll(async () => (await state_of(page)).engine.model?.id, { timeout: 60_000 }).toMatch(/^own:.*medsam2$/);

  await type_box(page, BOX);
  await wait_for_masks(page, 1);
  const first = await mask_of(page, 1);
  await expect(page.locator("#state-line")).toContainText("for research and education only");
  await page.fill("#propagation-range", String(RANGE));
  await page.press("#propagation-range", "Enter");
  await page.click("#propagate-up");
  await expect.poll(async () => (await state_of(page)).propagating).toBeNull();
  const { object_masks, message, stops } = await state_of(page);
  expect(message).toBeNull();
  expect(object_masks[1]?.slices.map(({ slice }) => slice)).toEqual([0, 1, 2]);
  expect(stops[1]?.up).toEqual({ slice: RANGE + 1, reason: "range" });
  expect(await mask_of(page, 1), "the user's own slice").toEqual(first);

  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  const session = JSON.parse(readFileSync(await (await coming).path(), "utf8"));
  expect(session.model.recipe).toBe("medsam2");
  expect(session.objects[0].masks.slices).toHaveLength(RANGE + 1);
  expect(session.objects[0].steps[1]).toMatchObject({ do: "propagate", from: 0, directions: ["up"], range: RANGE });
});
