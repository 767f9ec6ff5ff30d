"""Prints the normalised surface Dice of the cases in a folder, one per line, by DeepMind's package.

The folder holds `cases.json`, a list of `{"size", "spacing", "tolerance"}`, and for each case `N.a` and
`N.b`, masks with a byte for each voxel, the first axis fastest. Two axes are the package's contours,
three its surfaces.
"""

import json
import pathlib
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
np.Inf = np.inf  # The package was written for NumPy 1.

from surface_distance.metrics import (  # noqa: E402
    compute_surface_dice_at_tolerance,
    compute_surface_distances,
)

folder = pathlib.Path(sys.argv[1])
for number, case in enumerate(json.loads((folder / "cases.json").read_text())):
    masks = [
        np.frombuffer((folder / f"{number}.{name}").read_bytes(), np.uint8)
        .reshape(case["size"], order="F")
        .astype(bool)
        for name in "ab"
    ]
    distances = compute_surface_distances(*masks, case["spacing"])
    print(repr(float(compute_surface_dice_at_tolerance(distances, case["tolerance"]))))
