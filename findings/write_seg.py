"""Writes a valid DICOM SEG with highdicom: `seg.dcm`, and its content as `frames.json`.

    write_seg.py BINARY|FRACTIONAL COLUMNS ROWS SLICES SEGMENTS

`frames.json` is a list of frames in the order of the file: each a list of pixels, 0 or 1, columns fastest. The pixels
are random from a fixed seed; no two segments overlap, and the last pixels of each frame are 1 in the last
segment.
"""

import json
import sys
import warnings

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes

kind = sys.argv[1]
columns, rows, slices, segments = map(int, sys.argv[2:])


def source(slice_number):
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    data.SOPInstanceUID = f"1.2.826.0.1.1.{slice_number + 1}"
    data.StudyInstanceUID = "1.2.826.0.1.2"
    data.SeriesInstanceUID = "1.2.826.0.1.3"
    data.FrameOfReferenceUID = "1.2.826.0.1.4"
    for name in "PatientID PatientName PatientBirthDate PatientSex StudyDate StudyTime StudyID AccessionNumber".split():
        setattr(data, name, "")
    data.ReferringPhysicianName = ""
    data.Modality = "CT"
    data.InstanceNumber = slice_number + 1
    data.Rows, data.Columns = rows, columns
    data.PixelSpacing = [1, 1]
    data.SliceThickness = 2
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.ImagePositionPatient = [0, 0, 2 * slice_number]
    return data


def described(number):
    manual = hd.seg.SegmentAlgorithmTypeValues.MANUAL
    return hd.seg.SegmentDescription(number, f"part {number}", codes.SCT.Tissue, codes.SCT.Tissue, manual)


numbers = np.random.default_rng(1).integers(0, segments + 1, (slices, rows, columns))
numbers[:, -1, -7:] = segments
masks = np.stack([numbers == number for number in range(1, segments + 1)], axis=-1)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    seg = hd.seg.Segmentation(
        [source(number) for number in range(slices)],
        masks if kind == "BINARY" else masks.astype(float),
        kind,
        [described(number) for number in range(1, segments + 1)],
        series_instance_uid="1.2.826.0.1.5",
        series_number=1,
        sop_instance_uid="1.2.826.0.1.6",
        instance_number=1,
        manufacturer="none",
        manufacturer_model_name="none",
        software_versions="1",
        device_serial_number="1",
        max_fractional_value=1,
    )
seg.save_as("seg.dcm")


def drawn(item):
    # What is the same for all frames is in the shared groups.
    shared = seg.SharedFunctionalGroupsSequence[0]
    group = lambda name: (item.get(name) or shared.get(name))[0]
    z = group("PlanePositionSequence").ImagePositionPatient[2]
    segment = group("SegmentIdentificationSequence").ReferencedSegmentNumber
    return masks[int(z) // 2, :, :, segment - 1].astype(int).ravel().tolist()


with open("frames.json", "w") as file:
    json.dump([drawn(item) for item in seg.PerFrameFunctionalGroupsSequence], file)
