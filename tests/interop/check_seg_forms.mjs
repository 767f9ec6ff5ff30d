// Reads a segmentation with JavaScript readers and compares it with the masks that were drawn.
//
//     node check_seg_forms.mjs MODULES FOLDER...
//
// MODULES is the folder of the packages, `node_modules`. A FOLDER holds `seg.dcm`, `1.mask`, `2.mask` (a byte for each
// voxel, columns fastest; they don't overlap) and `case.json`: `size` (columns, rows, slices), `sources` (the SOP
// Instance UID of each slice) and `patient_from_voxel` in mm. Prints lines as `check_seg_forms.py` does.

import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...folders] = process.argv.slice(2).map((path) => resolve(path));
const load = (/** @type {string} */ file) => import(pathToFileURL(join(modules, file)).href);

// The readers write warnings to the console.
const print = console.log;
for (const name of ["log", "info", "warn", "error", "debug", "trace"]) console[name] = () => {};

const { adaptersSEG } = await load("@cornerstonejs/adapters/dist/esm/index.js");
const { metaData } = await load("@cornerstonejs/core/dist/esm/index.js");
const { readSegmentationNode } = await load("@itk-wasm/dicom/dist/index-node.js");

/** What cornerstone asks of the source images, whose ids are their SOP Instance UIDs. */
function metadata_of({ size, sources, patient_from_voxel: place }) {
  const [columns, rows] = size;
  const axis = (number) => place.map((row) => row[number]);
  const length = (vector) => Math.hypot(...vector);
  const unit = (vector) => vector.map((value) => value / length(vector));
  const [rowCosines, columnCosines] = [unit(axis(0)), unit(axis(1))];
  const orientation = [...rowCosines, ...columnCosines];
  const spacing = [length(axis(1)), length(axis(0))];
  return (type, id) => {
    const slice = sources.indexOf(id);
    if (slice < 0) return undefined;
    const position = place.map((row) => row[3] + slice * row[2]);
    switch (type) {
      case "generalImageModule":
        return { sopInstanceUID: id };
      case "generalSeriesModule":
        return { seriesInstanceUID: "1.2.826.0.1.11111.2", modality: "MR" };
      case "imagePixelModule":
        return { bitsAllocated: 8, bitsStored: 8, highBit: 7, samplesPerPixel: 1, pixelRepresentation: 0 };
      case "imagePlaneModule":
        return {
          rows,
          columns,
          rowCosines,
          columnCosines,
          imageOrientationPatient: orientation,
          imagePositionPatient: position,
          pixelSpacing: spacing,
          rowPixelSpacing: spacing[0],
          columnPixelSpacing: spacing[1],
          sliceThickness: length(axis(2)),
          frameOfReferenceUID: "1.2.826.0.1.11111.3",
        };
      case "instance":
        return {
          SOPInstanceUID: id,
          Rows: rows,
          Columns: columns,
          ImageOrientationPatient: orientation,
          ImagePositionPatient: position,
          PixelSpacing: spacing,
        };
      default:
        return undefined;
    }
  };
}

/** The number of the segment in each voxel, as OHIF gets it. */
async function with_adapters(folder, given) {
  const get = metadata_of(given);
  metaData.addProvider(get);
  try {
    const file = readFileSync(join(folder, "seg.dcm"));
    const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
    const { createFromDICOMSegBuffer } = adaptersSEG.Cornerstone3D.Segmentation;
    const read = await createFromDICOMSegBuffer(given.sources, buffer, { metadataProvider: { get } });
    const values = (image) => [...image.voxelManager.getScalarData()];
    // Where segments overlap, there is more than one layer of images.
    const layers = read.labelMapImages.map((images) => images.flatMap(values));
    return layers.reduce((sum, layer) => sum.map((value, voxel) => value + layer[voxel]));
  } finally {
    metaData.removeProvider(get);
  }
}

/** The number of the segment in each voxel; nothing where the image lies elsewhere than the scan. */
async function with_itk_wasm(folder, { size, patient_from_voxel: place }) {
  const { segImage: image } = await readSegmentationNode(join(folder, "seg.dcm"));
  const { origin, spacing, direction, data } = image;
  const last = size.map((length) => length - 1);
  const is_at = (index) =>
    place.every((row, axis) => {
      const expected = row[3] + index.reduce((sum, at, number) => sum + at * row[number], 0);
      const step = (number) => direction[3 * axis + number] * spacing[number];
      const got = origin[axis] + index.reduce((sum, at, number) => sum + at * step(number), 0);
      return Math.abs(got - expected) < 1e-3;
    });
  const lies_as_drawn = size.every((length, axis) => length === image.size[axis]) && [[0, 0, 0], last].every(is_at);
  return lies_as_drawn ? [...data] : [];
}

const is_same = (got, expected) => got.length === expected.length && got.every((value, at) => value === expected[at]);

async function verdict(read, folder) {
  const given = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  const [first, second] = [1, 2].map((number) => readFileSync(join(folder, `${number}.mask`)));
  const expected = [...first].map((value, voxel) => value + 2 * second[voxel]);
  let got;
  try {
    got = await read(folder, given);
  } catch {
    return "refused";
  }
  if (is_same(got, expected)) return "right";
  return is_same(got, expected.map(Math.sign)) ? "merged" : "wrong";
}

const READERS = { "@cornerstonejs/adapters": with_adapters, "@itk-wasm/dicom": with_itk_wasm };

for (const folder of folders) {
  for (const [name, read] of Object.entries(READERS)) {
    print(`${basename(folder)}: ${name}: ${await verdict(read, folder)}`);
  }
}

// itk-wasm's modules set the exit code when they throw.
process.exitCode = 0;
