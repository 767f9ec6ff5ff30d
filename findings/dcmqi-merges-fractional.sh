#!/bin/sh
# What: With --mergeSegments, as 3D Slicer calls it, dcmqi's segimage2itkimage gives all segments of a DICOM SEG
#   with FRACTIONAL pixels the value of the pixels instead of their segments' numbers: two segments become one. Its
#   meta.json lists both.
# Versions: dcmqi 1.5.7; highdicom 0.28.2 writes.
# Seen: BINARY [0 1 2], FRACTIONAL [0 1], labelID [1, 2] in both.
# Fails if the values or the numbers differ.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet highdicom==0.28.2 pydicom==3.0.2 dcmqi==1.5.7 SimpleITK==2.5.7
said=$(for kind in BINARY FRACTIONAL; do
  mkdir $kind && cd $kind
  ../env/bin/python "$here/write_seg.py" $kind 16 5 6 2
  ../env/bin/segimage2itkimage --mergeSegments --inputDICOM seg.dcm --outputDirectory . -t nrrd > said 2>&1
  ../env/bin/python - $kind <<'END'
import json, sys
import numpy as np
import SimpleITK as sitk

values = np.unique(sitk.GetArrayFromImage(sitk.ReadImage("1.nrrd")))
(segments,) = json.load(open("meta.json"))["segmentAttributes"]
print(sys.argv[1], values, [segment["labelID"] for segment in segments])
END
  cd ..
done)
echo "$said"
test "$said" = "BINARY [0 1 2] [1, 2]
FRACTIONAL [0 1] [1, 2]"
