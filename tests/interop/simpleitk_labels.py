"""Reads NIfTI label maps with SimpleITK, and so with ITK.

    simpleitk_labels.py FILE…

Prints a line of JSON for each file: either `"error"`, or the size, the positions of the grid's
corners (LPS, in mm; in the order of their indices, first axis fastest), and all labels, first axis fastest.
"""

import json
import sys
from itertools import product

import SimpleITK

for path in sys.argv[1:]:
    try:
        image = SimpleITK.ReadImage(path)
    except RuntimeError as error:
        print(json.dumps({"error": str(error)}))
        continue
    size = image.GetSize()
    ends = [(0, side - 1) for side in reversed(size)]
    corners = [tuple(reversed(corner)) for corner in product(*ends)]
    print(json.dumps({
        "size": size,
        "corners": [image.TransformIndexToPhysicalPoint(corner) for corner in corners],
        "labels": SimpleITK.GetArrayFromImage(image).flatten().tolist(),
    }))
