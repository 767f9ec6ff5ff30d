#!/bin/sh
# What: platipy's reader of RTSTRUCT cuts off what lies beyond the shorter side of an image that is not square: it gives the drawing
#   function columns and rows in one order and their limits in the other. Nothing warns, and an object there has an empty mask.
# Versions: platipy 0.7.2 with pydicom 2.4.4, SimpleITK 2.5.7, scikit-image 0.26.0, NumPy 2.4.6.
# Seen: a rectangle from column 12 to 25 and row 4 to 8 ends at column 19 on an image of 30 columns and 20 rows, and is whole on one
#   of 30 by 30. From column 22 on, nothing is left of it.
# Fails if this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
pip pydicom==2.4.4 simpleitk==2.5.7 scikit-image==0.26.0 numpy==2.4.6
# Without what its other parts need, such as VTK.
pip --no-deps platipy==0.7.2
said=$("$folder/venv/bin/python" - <<'END'
import numpy
import SimpleITK
from platipy.dicom.io.rtstruct_to_nifti import transform_point_set_from_dicom_struct
from pydicom.dataset import Dataset


def structures(left, right, back, front, z):
    contour = Dataset()
    contour.ContourGeometricType = "CLOSED_PLANAR"
    corners = [(left, back), (right, back), (right, front), (left, front)]
    contour.ContourData = [number for x, y in corners for number in (x, y, z)]
    contours, roi, file = Dataset(), Dataset(), Dataset()
    contours.ReferencedROINumber, contours.ContourSequence = 1, [contour]
    roi.ROINumber, roi.ROIName = 1, "a"
    file.ROIContourSequence, file.StructureSetROISequence = [contours], [roi]
    return file


for columns, rows, left in ((30, 20, 12), (30, 30, 12), (30, 20, 22)):
    image = SimpleITK.GetImageFromArray(numpy.zeros((3, rows, columns), numpy.int16))
    masks, _ = transform_point_set_from_dicom_struct(image, structures(left, 25, 4, 8, 1))
    inside = numpy.argwhere(SimpleITK.GetArrayFromImage(masks[0]))
    print(columns, rows, "from", left, "to", inside[:, 2].max() if len(inside) else "nothing", len(inside))
END
)
echo "$said"
test "$said" = "30 20 from 12 to 19 40
30 30 from 12 to 25 70
30 20 from 22 to nothing 0"
