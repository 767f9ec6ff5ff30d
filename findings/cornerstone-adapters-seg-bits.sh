#!/bin/sh
# What: @cornerstonejs/adapters infers the packing of a binary DICOM SEG from the length of its pixels. If both packings
#   have the same length, it reads frames that follow each other bit by bit (PS3.5 8.1.1) as frames that start on a byte.
#   It refuses a length that is padded to an even number of bytes (PS3.5 8.1.1) as unexpected.
# Versions: @cornerstonejs/adapters 5.14.0 with dcmjs 0.52.0, on Node.js 20; highdicom 0.28.2 writes.
# Seen: 2 frames of 7 x 5 pixels: 0 and 21 pixels differ.
#       6 frames of 7 x 5: Unexpected 1-bit SEG PixelData length 28 for 6 frame(s) of 35 pixels
#       1 frame of 8 x 5: Unexpected 1-bit SEG PixelData length 6 for 1 frame(s) of 40 pixels
# Fails if it reads them differently.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet highdicom==0.28.2 pydicom==3.0.2
npm install --silent --legacy-peer-deps @cornerstonejs/adapters@5.14.0 dcmjs@0.52.0
cat > read.mjs <<'END'
import { readFileSync } from "node:fs";
const print = console.log;
console.log = console.warn = () => {};
const { data } = (await import("dcmjs")).default;
const { decodeSegFramesFromMultiframe } = await import("@cornerstonejs/adapters/cornerstone3D/encodePixelData");
const expected = JSON.parse(readFileSync("frames.json", "utf8"));
const read = data.DicomMessage.readFile(new Uint8Array(readFileSync("seg.dcm")).buffer);
const set = data.DicomMetaDictionary.naturalizeDataset(read.dict);
set._meta = data.DicomMetaDictionary.namifyDataset(read.meta);
try {
  const frames = decodeSegFramesFromMultiframe(set);
  print(frames.map((frame, k) => expected[k].filter((value, i) => value !== frame[i]).length).join(" and "));
} catch (error) {
  print(error.message);
}
END
said=$(for shape in "7 5 2" "7 5 6" "8 5 1"; do
  env/bin/python "$here/write_seg.py" BINARY $shape 1 && node read.mjs
done)
echo "$said"
test "$said" = "0 and 21
Unexpected 1-bit SEG PixelData length 28 for 6 frame(s) of 35 pixels
Unexpected 1-bit SEG PixelData length 6 for 1 frame(s) of 40 pixels"
