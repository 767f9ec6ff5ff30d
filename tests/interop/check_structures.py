"""Reads an RT structure set with rt-utils, and writes one with it: check_structures.py FOLDER.

FOLDER/series holds the files of the scan, and FOLDER/ours.dcm the structures. Prints their names and colours as a JSON list,
and writes FOLDER/0.mask, 1.mask …: a byte for each voxel of the scan, columns fastest, then rows, then slices along the
patient's axis. FOLDER/theirs.dcm gets the structures that rt-utils makes of these masks.
"""

import contextlib
import json
import sys
from pathlib import Path

import numpy as np
from rt_utils import RTStructBuilder

folder = Path(sys.argv[1])
series = str(folder / "series")
ours = RTStructBuilder.create_from(series, str(folder / "ours.dcm"))
theirs = RTStructBuilder.create_new(series)
colours = {int(drawn.ReferencedROINumber): list(map(int, drawn.ROIDisplayColor)) for drawn in ours.ds.ROIContourSequence}
found = []
for index, structure in enumerate(ours.ds.StructureSetROISequence):
    mask = ours.get_roi_mask_by_name(structure.ROIName)
    (folder / f"{index}.mask").write_bytes(mask.transpose(2, 0, 1).astype(np.uint8).tobytes())
    theirs.add_roi(mask=mask, color=[1, 2, 3], name=f"Theirs {index}")
    found.append({"name": structure.ROIName, "colour": colours[int(structure.ROINumber)]})
# It says where it writes.
with contextlib.redirect_stdout(sys.stderr):
    theirs.save(str(folder / "theirs.dcm"))
print(json.dumps(found))
