// Reference masks that are wrong in some way, and one that lies the other way round: a message or an agreement, and the scan,
// the object and its mask stay.

import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { session_of } from "./made_session.js";
import { nifti } from "./nifti.js";
import { pick_all, state_of } from "./steps.js";
import { expect, test } from "./watch.js";

/** @type {[number, number, number]} */
const SIZE = [48, 40, 6];
const CORNER = /** @type {const} */ ([10, 8]);
const SIDE = 16;
/** @type {(x: number, y: number, z: number) => boolean} */
const is_inside = (x, y, z) => z > 0 && z < 5 && x >= CORNER[0] && x < CORNER[0] + SIDE && y >= CORNER[1] && y < CORNER[1] + SIDE;
/** @type {(x: number, y: number, z: number) => number} */
const label = (x, y, z) => Number(is_inside(x, y, z));
/** @type {[number, number, number]} */
const SPACING = [1, 1, 2];
const HEADER = 352;

/** The same labels in another type.
 * @type {(code: number, bytes: number, write: (file: Buffer, value: number, at: number) => void) => Buffer} */
function typed(code, bytes, write) {
  const of = nifti({ size: SIZE, spacing: SPACING }, label);
  const file = Buffer.alloc(HEADER + bytes * (of.length - HEADER) / 2);
  of.copy(file, 0, 0, HEADER);
  file.writeInt16LE(code, 70);
  file.writeInt16LE(8 * bytes, 72);
  for (let i = 0; i < (of.length - HEADER) / 2; i += 1) write(file, of.readInt16LE(HEADER + 2 * i), HEADER + bytes * i);
  return file;
}

/** A header that claims a size. @type {(size: number) => Buffer} */
function claiming(size) {
  const file = nifti({ size: SIZE, spacing: SPACING }, label);
  for (let i = 1; i <= 3; i += 1) file.writeInt16LE(size, 40 + 2 * i);
  return file;
}

/** Columns run the other way, in the file and in its affine. */
function turned() {
  const file = nifti({ size: SIZE, spacing: SPACING, signs: [-1, 1, 1] }, (x, y, z) => label(SIZE[0] - 1 - x, y, z));
  file.writeFloatLE(SIZE[0] - 1, 292);
  return file;
}

const whole = gzipSync(nifti({ size: SIZE, spacing: SPACING }, label));
const SAME = /Dice 1\.000, NSD 1\.000/;
/** The files, and what is said. @type {[string, string, Buffer, RegExp][]} */
const REFERENCES = [
  ["another grid", "grid.nii", nifti({ size: [40, 40, 6], spacing: [1.2, 1, 2] }, label), /its columns lie between the scan's columns/],
  ["claims 30,000 × 30,000 × 30,000", "huge.nii", claiming(30_000), /30000x30000 pixels; the limit/],
  ["truncated gzip", "cut.nii.gz", whole.subarray(0, whole.length >> 1), /ends too early/],
  ["not a file of any kind", "text.nii", Buffer.from("no mask\n".repeat(100)), /not an image/],
  ["empty", "zero.nii", nifti({ size: SIZE, spacing: SPACING }, () => 0), /0 different values besides 0/],
  ["NaN outside", "nan.nii", typed(16, 4, (file, value, at) => void file.writeFloatLE(value || NaN, at)), SAME],
  ["infinite inside", "infinite.nii", typed(16, 4, (file, value, at) => void file.writeFloatLE(value ? Infinity : 0, at)),
    /the value inf, and a label is a finite number/],
  ["labels of 70,000", "labels.nii", typed(8, 4, (file, value, at) => void file.writeInt32LE(70_000 * value, at)), SAME],
  ["fractions", "fractions.nii", typed(16, 4, (file, value, at) => void file.writeFloatLE(value * 0.5, at)), SAME],
  ["columns the other way round", "turned.nii.gz", gzipSync(turned()), SAME],
];

test("hostile references: each is refused in words, or read; nothing else changes", async ({ page }, info) => {
  const scan = nifti({ size: SIZE, spacing: SPACING }, (x, y, z) => 100 * label(x, y, z) + (x + y) % 7);
  const files = ["scan.nii", "session.json"].map((name) => info.outputPath(name));
  writeFileSync(files[0] ?? "", scan);
  writeFileSync(files[1] ?? "", JSON.stringify(session_of(scan, SIZE, [{ corner: [...CORNER], side: SIDE, slices: [1, 4] }])));
  await page.goto("");
  await pick_all(page, files);
  await expect.poll(async () => (await state_of(page)).replay?.phase).toBe("restored");
  const agreement = page.locator("#agreement");
  for (const [what, name, bytes, said] of REFERENCES) {
    await test.step(what, async () => {
      const path = info.outputPath(name);
      writeFileSync(path, bytes);
      await page.setInputFiles("#reference-file", path);
      const text = async () => await page.locator("#message-text").innerText() || await agreement.innerText();
      await expect.poll(text).toMatch(/^(?!.*…$)./);
      expect(await text()).toMatch(said);
      const { scan: now, boxes, reference, message } = await state_of(page);
      expect([now?.format, boxes.length]).toEqual(["NIfTI-1", 1]);
      if (message) await page.click("#message-close");
      if (reference) await page.click("#reference-remove");
    });
  }
});
