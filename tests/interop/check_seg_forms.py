"""Reads a segmentation with pydicom, highdicom and SimpleITK and compares it with what was drawn.

    check_seg_forms.py FOLDER...

A FOLDER holds `seg.dcm`, `size.json` (columns, rows, slices) and `1.mask`, `2.mask`: a byte for each voxel, columns
fastest. Prints a line for each: 1 for a reader that gives the masks, 0 for one that can't read the file. A reader
that gives other masks is an AssertionError.
"""

import json
import sys
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import SimpleITK as sitk


def expected_frames(masks, is_label_map):
    """The frames that must be there, in order."""
    if is_label_map:
        labels = sum(number * mask for number, mask in enumerate(masks, 1))
        return labels[labels.any(axis=(1, 2))]
    return np.concatenate([mask[mask.any(axis=(1, 2))] for mask in masks])


def main(folder):
    columns, rows, slices = json.loads((folder / "size.json").read_text())
    masks = [np.fromfile(folder / f"{n}.mask", np.uint8).reshape(slices, rows, columns) for n in (1, 2)]
    file = folder / "seg.dcm"
    data = pydicom.dcmread(file)
    is_label_map = data.SegmentationType == "LABELMAP"
    expected = expected_frames(masks, is_label_map)
    np.testing.assert_array_equal(data.pixel_array.reshape(expected.shape), expected)

    seg = hd.seg.segread(file)
    instances = [item.ReferencedSOPInstanceUID for item in seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence]
    got = seg.get_pixels_by_source_instance(
        instances, segment_numbers=[1, 2], assert_missing_frames_are_empty=True
    )
    np.testing.assert_array_equal(got, np.stack(masks, axis=-1))

    try:
        image = sitk.GetArrayFromImage(sitk.ReadImage(str(file)))
        np.testing.assert_array_equal(image.reshape(expected.shape) > 0, expected > 0)
        itk = 1
    except RuntimeError:
        itk = 0
    print(f"pydicom 1, highdicom 1, SimpleITK {itk}")


for argument in sys.argv[1:]:
    main(Path(argument))
