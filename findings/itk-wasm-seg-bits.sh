#!/bin/sh
# What: @itk-wasm/dicom silently reads the wrong bits for frames of a binary DICOM SEG that start within a byte. Frames
#   that start on a byte are right.
# Versions: @itk-wasm/dicom 7.6.4, on Node.js 20; highdicom 0.28.2 writes.
# Seen: 5 frames of 7 x 5 pixels: 17,18,1,0,0 pixels differ on the slices; of 8 x 5: 0,0,0,0,0
# Fails if they are read differently.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet highdicom==0.28.2 pydicom==3.0.2
npm install --silent @itk-wasm/dicom@7.6.4
cat > read.mjs <<'END'
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readSegmentationNode } from "@itk-wasm/dicom";
// highdicom writes the top slice first.
const frames = JSON.parse(readFileSync("frames.json", "utf8")).reverse();
const { segImage } = await readSegmentationNode(resolve("seg.dcm"));
const pixels = frames[0].length;
const wrong = frames.map((frame, k) => frame.filter((value, i) => value !== segImage.data[k * pixels + i]).length);
console.log(wrong.join());
END
said=$(for columns in 7 8; do
  env/bin/python "$here/write_seg.py" BINARY $columns 5 5 1 && node read.mjs 2> warnings | tail -n 1
done)
echo "$said"
test "$said" = "17,18,1,0,0
0,0,0,0,0"
