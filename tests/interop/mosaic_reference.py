"""Reads the Siemens mosaics among nibabel's test data with nibabel.

    mosaic_reference.py FOLDER

Prints a line of JSON for each:

    {"name": …, "path": …, "affine": [[…] × 4], "shape": [rows, columns, slices], "data": path}

`path` is the DICOM file, and `data` its stored samples as little-endian f64, columns fastest, then rows. Both are in
FOLDER. `affine` maps row, column and slice to patient space in mm (LPS).
"""

import gzip
import json
import sys
import warnings
from pathlib import Path

import nibabel

warnings.simplefilter("ignore")
from nibabel.nicom.dicomwrappers import wrapper_from_file  # noqa: E402

OUT = Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)
DATA = Path(nibabel.__file__).parent / "nicom" / "tests" / "data"

for name in ("siemens_dwi_0", "siemens_dwi_1000"):
    path = OUT / f"{name}.dcm"
    path.write_bytes(gzip.decompress((DATA / f"{name}.dcm.gz").read_bytes()))
    wrapper = wrapper_from_file(path)
    data = OUT / f"{name}.f64"
    samples = wrapper.get_unscaled_data().astype("<f8")
    data.write_bytes(samples.transpose(2, 0, 1).tobytes())
    found = {
        "name": name,
        "path": str(path),
        "affine": wrapper.affine.tolist(),
        "shape": samples.shape,
        "data": str(data),
    }
    print(json.dumps(found))
