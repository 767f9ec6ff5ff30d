"""Reads pydicom's test files, or those of a folder, with pydicom: `pydicom_reference.py OUT [FOLDER]`.

OUT/index.json is a list with an entry for each file of pydicom's data folders, or directly in the folder:
    name    its path in pydicom/data, or in the folder
    path    its path on this machine
    kind    "pixels": OUT/<values> has its pixel_array after the modality transform (for a palette after
            apply_color_lut; YBR as RGB; a dose times its Dose Grid Scaling), as little-endian f64
            "none": a data set without pixel data, "error": pydicom can't decode it, "no": not DICOM
    shape   of the values: frames, rows, columns, and 3 for colours
    values  the name of the file of values
"""

import json
import logging
import pathlib
import sys
import warnings

import numpy as np
import pydicom
from pydicom.pixels import apply_color_lut, apply_modality_lut

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

FOLDERS = ["charset_files", "palettes", "test_files"]
PIXELS = ["PixelData", "FloatPixelData", "DoubleFloatPixelData"]


def values_of(data):
    values = data.pixel_array
    interpretation = data.PhotometricInterpretation
    if interpretation == "PALETTE COLOR":
        values = apply_color_lut(values, data)
    elif data.get("SamplesPerPixel", 1) == 1:
        values = apply_modality_lut(values, data)
    if data.get("Modality") == "RTDOSE":
        values = values * float(data.DoseGridScaling)
    frames = int(data.get("NumberOfFrames") or 1)
    channels = [3] if data.get("SamplesPerPixel", 1) == 3 or interpretation == "PALETTE COLOR" else []
    return np.asarray(values, dtype="<f8").reshape([frames, data.Rows, data.Columns] + channels)


def entry_of(path, name, out):
    entry = {"name": name, "path": str(path), "kind": "no"}
    try:
        data = pydicom.dcmread(path, force=True)
        if not any(element.tag.group in (2, 8) for element in data) and not data.file_meta:
            return entry
    except Exception:
        return entry
    if not any(keyword in data for keyword in PIXELS):
        return entry | {"kind": "none"}
    try:
        values = values_of(data)
    except Exception as error:
        return entry | {"kind": "error", "reason": str(error)[:200]}
    file = name.replace("/", "_") + ".f64"
    values.tofile(out / file)
    return entry | {"kind": "pixels", "shape": list(values.shape), "values": file}


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 2:
        data = pathlib.Path(sys.argv[2])
        paths = sorted(path for path in data.iterdir() if path.is_file())
    else:
        data = pathlib.Path(pydicom.__file__).parent / "data"
        paths = sorted(path for folder in FOLDERS for path in (data / folder).rglob("*") if path.is_file())
        paths = [path for path in paths if path.suffix not in (".py", ".pyc")]
    index = [entry_of(path, path.relative_to(data).as_posix(), out) for path in paths]
    (out / "index.json").write_text(json.dumps(index, indent=1))
    print(len(index))


main()
