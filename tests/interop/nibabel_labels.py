"""Reads NIfTI files with nibabel.

    nibabel_labels.py FOLDER FILE…

Prints a line of JSON for each file: the spatial fields and texts of its header, and for files in FOLDER
also `"labels"`, a file next to it with the voxels as little-endian u16, first axis fastest.
Other files are sources to compare with.
"""

import json
import sys
from pathlib import Path

import nibabel
import numpy as np

folder = Path(sys.argv[1])
for path in map(Path, sys.argv[2:]):
    image = nibabel.load(path)
    header = image.header
    qform, qform_code = image.get_qform(coded=True)
    sform, sform_code = image.get_sform(coded=True)
    found = {
        "kind": type(image).__name__,
        "shape": image.shape[:3],
        "affine": image.affine.tolist(),
        "qform": None if qform is None else qform.tolist(),
        "sform": None if sform is None else sform.tolist(),
        "codes": [int(qform_code), int(sform_code)],
        "pixdim": header["pixdim"][:4].tolist(),
        "units": int(header["xyzt_units"]),
    }
    if path.parent == folder:
        fields = ("descrip", "db_name", "aux_file", "intent_name")
        texts = [header[field].item() for field in fields if field in header]
        found["texts"] = b"".join(texts).decode()
        found["extensions"] = len(header.extensions)
        found["dtype"] = image.get_data_dtype().name
        labels = path.with_name(path.name + ".labels")
        voxels = np.asarray(image.dataobj)
        assert np.array_equal(image.get_fdata(), voxels), "labels are scaled"
        labels.write_bytes(voxels.astype("<u2").tobytes(order="F"))
        found["labels"] = str(labels)
    print(json.dumps(found))
