#!/bin/sh
# What: pydicom's pixel_array(index=...) and iter_pixels fail on single frames of a binary DICOM SEG that start within a
#   byte, if the frame's bits span more bytes than those of a frame that starts on a byte. Reading all frames is right.
# Versions: pydicom 3.0.2; highdicom 0.28.2 writes.
# Seen: 6 frames of 7 x 5 pixels: frames 2 and 5 fail, the others are right.
#       frame 2: cannot reshape array of size 34 into shape (5,7)
#       frame 5: cannot reshape array of size 33 into shape (5,7)
# Fails if these frames are read, or others are not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet highdicom==0.28.2 pydicom==3.0.2
env/bin/python "$here/write_seg.py" BINARY 7 5 6 1
env/bin/python - <<'END'
import json
import numpy as np
from pydicom.pixels import pixel_array

expected = np.array(json.load(open("frames.json"))).reshape(-1, 5, 7)
assert np.array_equal(pixel_array("seg.dcm"), expected)
failing = {}
for number, frame in enumerate(expected):
    try:
        assert np.array_equal(pixel_array("seg.dcm", index=number), frame)
    except ValueError as error:
        failing[number] = str(error)
print(failing)
assert list(failing) == [2, 5] and all("cannot reshape" in said for said in failing.values())
END
