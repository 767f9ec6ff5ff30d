#!/bin/sh
# What: SimpleITK (ITK with GDCM) reads only whole bytes of a binary DICOM SEG. If the number of pixels of all frames is not
#   a multiple of 8, up to 7 pixels at the end are not from the file: they are uninitialised memory.
# Versions: SimpleITK 2.5.7; highdicom 0.28.2 writes.
# Seen, for example: 6 frames of 7 x 5 pixels, the last seven 1: [255 255 255 255 255 98 99]
#   5 frames of 7 x 5: [48 0 0 0 0 0 0]
# Fails if the last pixels are right, or other pixels are wrong.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet highdicom==0.28.2 pydicom==3.0.2 SimpleITK==2.5.7
for slices in 6 5; do
  env/bin/python "$here/write_seg.py" BINARY 7 5 $slices 1
  env/bin/python - <<'END'
import json
import numpy as np
import SimpleITK as sitk

expected = 255 * np.ravel(json.load(open("frames.json")))
got = sitk.GetArrayFromImage(sitk.ReadImage("seg.dcm")).ravel()
print(got[-7:])
unread = expected.size % 8
assert np.array_equal(got[:-unread], expected[:-unread])
assert not np.array_equal(got[-unread:], expected[-unread:])
END
done
