"""Writes DICOM Segmentations of a CT series with highdicom.

    highdicom_segments.py FOLDER FILE…

The files are the slices of the series, in any order. Writes FOLDER/binary.dcm, fractional.dcm, labelmap.dcm and
sagittal.dcm, of two segments whose voxels are FOLDER/1.mask and FOLDER/2.mask: a byte for each voxel of the scan, columns
fastest, then rows, then slices along the patient's axis. The segments of a binary and a fractional file overlap in one
voxel, which the label map leaves to the second, as 3.mask. In the fractional file certain voxels have 255, others 100.
"""

import sys
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from pydicom.sr.codedict import codes

folder = Path(sys.argv[1])
images = [pydicom.dcmread(file) for file in sys.argv[2:]]
for image in images:
    for keyword in ["PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime", "PatientID",
                    "PatientName", "ReferringPhysicianName", "PositionReferenceIndicator"]:
        if keyword not in image:
            setattr(image, keyword, "")
images.sort(key=lambda image: image.ImagePositionPatient[2])
rng = np.random.default_rng(20261128)
shape = (len(images), images[0].Rows, images[0].Columns)
first, second = rng.random(shape) < 0.3, rng.random(shape) < 0.3
second &= ~first
first[3, 1, 2] = second[3, 1, 2] = True
apart = first & ~second
for name, mask in [("1", first), ("2", second), ("3", apart)]:
    (folder / f"{name}.mask").write_bytes(mask.astype(np.uint8).tobytes())


def description(number, label, code, color, algorithm):
    identification = None
    if algorithm != "MANUAL":
        identification = hd.AlgorithmIdentificationSequence("net", codes.DCM.ArtificialIntelligence, "1")
    return hd.seg.SegmentDescription(
        number, label, codes.SCT.Organ, code, algorithm, identification,
        display_color=hd.color.CIELabColor.from_rgb(*color),
    )


descriptions = [
    description(1, "Liver", codes.SCT.Liver, (200, 30, 60), "AUTOMATIC"),
    description(2, "Milz ß", codes.SCT.Spleen, (10, 240, 120), "MANUAL"),
]


def write(name, array, kind, sources=images, **more):
    seg = hd.seg.Segmentation(
        sources, array, kind, descriptions, hd.UID(), 7, hd.UID(), 1, "Boxel", "tests", "1", "1",
        content_label="TEST", **more,
    )
    seg.save_as(folder / f"{name}.dcm")


both = np.stack([first, second], axis=-1).astype(np.uint8)
write("binary", both, hd.seg.SegmentationTypeValues.BINARY)
# What is 100 of 255 is less than half.
parts = np.where(both > 0, 1.0, 100 / 255)
write("fractional", parts, hd.seg.SegmentationTypeValues.FRACTIONAL, max_fractional_value=255)
labels = (apart + 2 * second).astype(np.uint8)
write("labelmap", labels, hd.seg.SegmentationTypeValues.LABELMAP)

# The same voxels as slices along the scan's columns.
volume = hd.get_volume_from_series(images)
# highdicom may count its slices from the head.
ordered = both if volume.affine[2, 0] > 0 else both[::-1]
volume = volume.with_array(ordered, channels={hd.ChannelDescriptor("SegmentNumber"): [1, 2]})
turned = volume.permute_spatial_axes([2, 0, 1])
write("sagittal", turned, hd.seg.SegmentationTypeValues.BINARY)
