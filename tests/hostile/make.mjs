// Untrusted files, made by hand: truncated, inconsistent, or claiming far more data than they hold. Each must end in an
// error or in a scan within the limits, quickly and with little memory. Native tests read the written folder
// (crates/imaging/tests), the browser tests import this module.
//
//   node tests/hostile/make.mjs FOLDER     writes a folder for each case, and cases.json

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { dicom_cases } from "./dicom_cases.mjs";
import { dicom_pixel_cases } from "./dicom_pixels.mjs";
import { dicom_series_cases } from "./dicom_series.mjs";
import { nifti_cases } from "./nifti.mjs";
import { raster_cases } from "./raster.mjs";
import { tiff_cases } from "./tiff.mjs";
import { volume_cases } from "./volumes.mjs";

/** @typedef {{ name: string, bytes: Buffer }} NamedFile */
/**
 * `refused`: an error; `either`: an error, or a scan within the limits; `opens`: a control, like its neighbours before
 * they were altered, which shows that these aren't rejected for another reason.
 * @typedef {"refused" | "either" | "opens"} Outcome
 */
/** Files that are opened together; the name says their fault. @typedef {{ name: string, outcome: Outcome, files: NamedFile[] }} Case */

/** All cases, one at a time, since some are large. @type {() => Generator<Case>} */
export function* hostile_cases() {
  yield* raster_cases();
  yield* tiff_cases();
  yield* nifti_cases();
  yield* volume_cases();
  yield* dicom_cases();
  yield* dicom_pixel_cases();
  yield* dicom_series_cases();
}

/** @type {(folder: string) => void} */
function write(folder) {
  const list = [];
  for (const { name, outcome, files } of hostile_cases()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (const file of files) writeFileSync(join(folder, name, file.name), file.bytes);
    list.push({ name, outcome, files: files.map((file) => file.name) });
  }
  writeFileSync(join(folder, "cases.json"), JSON.stringify(list, null, 1));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, ...more] = process.argv.slice(2);
  if (!folder || more.length) throw new Error("usage: node make.mjs FOLDER");
  write(folder);
}
