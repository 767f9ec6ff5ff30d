"""Prints the positions of a folder's slices as pydicom reads them: `pydicom_positions.py FOLDER`.

A JSON list with, for each file in the order of their names, `name`, `position` (Image Position (Patient)),
`orientation`, `spacing` (rows, columns), `series` and `sum` (of the values after the modality transform).
"""

import json
import pathlib
import sys

import numpy as np
import pydicom
from pydicom.pixels import apply_modality_lut


def entry_of(path):
    data = pydicom.dcmread(path)
    return {
        "name": path.name,
        "position": [float(x) for x in data.ImagePositionPatient],
        "orientation": [float(x) for x in data.ImageOrientationPatient],
        "spacing": [float(x) for x in data.PixelSpacing],
        "series": str(data.SeriesInstanceUID),
        "sum": float(np.sum(apply_modality_lut(data.pixel_array, data), dtype=np.float64)),
    }


print(json.dumps([entry_of(path) for path in sorted(pathlib.Path(sys.argv[1]).iterdir())]))
