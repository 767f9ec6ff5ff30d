"""Reads a segmentation with Python and C++ readers and compares it with the masks that were drawn.

    check_seg_forms.py FOLDER...

A FOLDER holds `seg.dcm`, `1.mask`, `2.mask` (a byte for each voxel, columns fastest; they don't overlap) and
`case.json`: `size` (columns, rows, slices) and `patient_from_voxel` in mm. Prints a line for each FOLDER and reader:

* right: the segments' numbers, pixels and positions equal the masks';
* merged: all pixels are right, but belong to segment 1;
* right but the last N: the last N pixels are not from the file;
* wrong;
* refused: the reader returns no segmentation.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import SimpleITK as sitk

DCMQI = Path(sys.executable).parent / "segimage2itkimage"


class Case:
    def __init__(self, folder):
        given = json.loads((folder / "case.json").read_text())
        columns, rows, slices = given["size"]
        read = [np.fromfile(folder / f"{n}.mask", np.uint8) for n in (1, 2)]
        self.file = folder / "seg.dcm"
        self.data = pydicom.dcmread(self.file)
        self.masks = [mask.reshape(slices, rows, columns) for mask in read]
        self.labels = self.masks[0] + 2 * self.masks[1]
        self.patient_from_voxel = np.array(given["patient_from_voxel"])

    def frames(self):
        """The expected frames, in order."""
        if self.data.SegmentationType == "LABELMAP":
            return self.labels[self.labels.any(axis=(1, 2))]
        return np.concatenate([mask[mask.any(axis=(1, 2))] for mask in self.masks])


def verdict(got, expected):
    if np.array_equal(got, expected):
        return "right"
    return "merged" if np.array_equal(got, expected > 0) else "wrong"


def with_pydicom(case):
    expected = case.frames()
    return verdict(case.data.pixel_array.reshape(expected.shape), expected)


def with_highdicom(case):
    seg = hd.seg.segread(case.file)
    references = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    instances = [item.ReferencedSOPInstanceUID for item in references]
    got = seg.get_pixels_by_source_instance(instances, assert_missing_frames_are_empty=True)
    return verdict(got @ np.array(seg.segment_numbers), case.labels)


def with_simpleitk(case):
    """Frames only: SimpleITK knows no segments, and has a spacing only for equally spaced frames of one segment."""
    expected = case.frames()
    try:
        got = sitk.GetArrayFromImage(sitk.ReadImage(str(case.file)))
    except RuntimeError:
        return "refused"
    is_binary = case.data.BitsAllocated == 1
    got, expected = got.ravel(), expected.ravel() * (255 if is_binary else 1)
    # GDCM fills only whole bytes of bits; the remaining pixels are uninitialised memory.
    unread = expected.size % 8 if is_binary else 0
    if unread == 0:
        return verdict(got, expected)
    others = verdict(got[:-unread], expected[:-unread])
    return f"right but the last {unread}" if others == "right" else others


def with_dcmqi(case, *options):
    """One file per segment or, merged, one for all; `meta.json` gives each segment's number."""
    with tempfile.TemporaryDirectory() as folder:
        command = [DCMQI, "--inputDICOM", case.file, "--outputDirectory", folder, "-t", "nrrd", *options]
        if subprocess.run(command, capture_output=True).returncode != 0:
            return "refused"
        files = json.loads((Path(folder) / "meta.json").read_text())["segmentAttributes"]
        labels = np.zeros(case.labels.shape, int)
        for number, segments in enumerate(files, 1):
            image = sitk.ReadImage(str(Path(folder) / f"{number}.nrrd"))
            got = sitk.GetArrayFromImage(image)
            if got.shape != labels.shape or not lies_as_drawn(image, case):
                return "wrong"
            # In a file of one segment any value stands for that segment.
            labels += got if len(segments) > 1 else segments[0]["labelID"] * (got > 0)
    return verdict(labels, case.labels)


def lies_as_drawn(image, case):
    corners = [(0, 0, 0), tuple(size - 1 for size in image.GetSize())]
    got = [image.TransformIndexToPhysicalPoint(corner) for corner in corners]
    expected = [case.patient_from_voxel @ [*corner, 1] for corner in corners]
    return np.allclose(got, expected, atol=1e-3)


READERS = {
    "pydicom": with_pydicom,
    "highdicom": with_highdicom,
    "SimpleITK": with_simpleitk,
    "dcmqi": with_dcmqi,
    "dcmqi --mergeSegments": lambda case: with_dcmqi(case, "--mergeSegments"),
}

for argument in sys.argv[1:]:
    for name, read in READERS.items():
        print(f"{Path(argument).name}: {name}: {read(Case(Path(argument)))}")
