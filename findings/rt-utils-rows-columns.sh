#!/bin/sh
# What: rt-utils takes columns for rows where it reads masks and where it places contours. A mask that it wrote itself comes back
#   with its first two axes exchanged and cut off if the images are not square, and contours lie in other places of the patient if
#   pixels are not square: DICOM's Pixel Spacing names the distance between rows first. Nothing warns.
# Versions: rt-utils 1.2.7 with pydicom 3.0.2, NumPy 2.4.6, opencv-python 5.0.0.93.
# Seen: on images of 20 rows and 30 columns, a mask in rows 4 to 8 and columns 12 to 25 comes back as (30, 20, 4), and ends at
#   column 19. With rows 1 mm and columns 2 mm apart its contours lie at x 12 to 25 mm and y 8 to 16 mm, where x 24 to 50 mm and
#   y 4 to 8 mm are right.
# Fails if this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  rt-utils==1.2.7 pydicom==3.0.2 numpy==2.4.6 opencv-python==5.0.0.93
said=$("$folder/venv/bin/python" - "$folder" <<'END'
import contextlib
import io
import sys
from pathlib import Path

import numpy
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from rt_utils import RTStructBuilder

ROWS, COLUMNS, SLICES = 20, 30, 4
mask = numpy.zeros((ROWS, COLUMNS, SLICES), bool)
mask[4:9, 12:26, 1:3] = True

for spacing in ([1, 1], [1, 2]):
    series = Path(sys.argv[1], f"series-{spacing[1]}")
    series.mkdir()
    shared = {"SeriesInstanceUID": generate_uid(), "StudyInstanceUID": generate_uid(), "FrameOfReferenceUID": generate_uid()}
    for number in range(SLICES):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
        image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        for name, value in shared.items():
            setattr(image, name, value)
        image.Modality, image.PatientID, image.PatientName = "CT", "1", "A"
        image.PatientBirthDate = image.PatientSex = image.AccessionNumber = image.ReferringPhysicianName = ""
        image.StudyDate, image.StudyTime, image.StudyID = "20260101", "000000", "1"
        image.SeriesNumber, image.InstanceNumber = 1, number + 1
        image.Rows, image.Columns, image.PixelSpacing, image.SliceThickness = ROWS, COLUMNS, spacing, 2
        image.ImagePositionPatient, image.ImageOrientationPatient = [0, 0, 2 * number], [1, 0, 0, 0, 1, 0]
        image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 1
        image.PixelData = bytes(2 * ROWS * COLUMNS)
        image.save_as(series / f"{number}.dcm", enforce_file_format=True)
    with contextlib.redirect_stdout(io.StringIO()):
        structures = RTStructBuilder.create_new(dicom_series_path=str(series))
        structures.add_roi(mask=mask, name="a")
    contour = structures.ds.ROIContourSequence[0].ContourSequence[0].ContourData
    places = numpy.array(contour, float).reshape(-1, 3)
    (left, back), (right, front) = places.min(0)[:2], places.max(0)[:2]
    found = structures.get_roi_mask_by_name("a")
    print(*spacing, "x", left, right, "y", back, front, "read", *found.shape, "to", *numpy.argwhere(found).max(0))
END
)
echo "$said"
test "$said" = "1 1 x 12.0 25.0 y 4.0 8.0 read 30 20 4 to 8 19 2
1 2 x 12.0 25.0 y 8.0 16.0 read 30 20 4 to 8 19 2"
