"""Prints what pynrrd and SimpleITK read in a segmentation of 3D Slicer, as a JSON object: check_seg_nrrd.py FILE.

`segments` are pynrrd's, in the order of their numbers, each with the voxels that have its value in its layer: columns, rows
and slices as one index, columns fastest. `values` are SimpleITK's, voxel by voxel, with all layers of a voxel together.
"""

import json
import sys

import nrrd
import numpy as np
import SimpleITK as sitk

data, header = nrrd.read(sys.argv[1])
layered = data if data.ndim == 4 else data[None]
segments = []
while f"Segment{len(segments)}_ID" in header:
    field = lambda name: header[f"Segment{len(segments)}_{name}"]
    inside = layered[int(field("Layer"))] == int(field("LabelValue"))
    fields = {name: field(name) for name in ["ID", "Name", "Color", "Extent", "Tags"]}
    segments.append(fields | {"voxels": np.flatnonzero(inside.ravel(order="F")).tolist()})
image = sitk.ReadImage(sys.argv[1])
print(json.dumps({
    "segments": segments,
    "kinds": header["kinds"],
    "space": header["space"],
    "directions": header["space directions"][-3:].tolist(),
    "size": image.GetSize(),
    "layers": image.GetNumberOfComponentsPerPixel(),
    "origin": image.GetOrigin(),
    "spacing": image.GetSpacing(),
    "axes": image.GetDirection(),
    "values": sitk.GetArrayFromImage(image).ravel().tolist(),
}))
