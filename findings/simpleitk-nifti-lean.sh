#!/bin/sh
# What: SimpleITK refuses a NIfTI file whose sform is sheared by 0.0003. If the file also has a qform, it silently accepts
#   the file and ignores the shear.
# Versions: SimpleITK 2.5.7; nibabel 5.4.2 writes.
# Seen: without qform: ITK only supports orthonormal direction cosines.  No orthonormal definition found!
#       with qform: the first voxel of slice 100 is at x = 10.0, by nibabel at 10.12.
# Fails if SimpleITK accepts the first file, or places the second elsewhere.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet nibabel==5.4.2 SimpleITK==2.5.7
env/bin/python - <<'END'
import nibabel
import numpy as np
import SimpleITK as sitk

straight = np.array([[2, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 30], [0, 0, 0, 1.0]])
leaning = straight.copy()
leaning[0, 2] = 4 * 0.0003
image = nibabel.Nifti1Image(np.zeros((2, 3, 101), np.int16), leaning)
image.set_sform(leaning, 1)
image.set_qform(None, 0)
nibabel.save(image, "sform.nii")
image.set_qform(straight, 1)
nibabel.save(image, "both.nii")

try:
    raise SystemExit(f"it reads {sitk.ReadImage('sform.nii').GetSize()}")
except RuntimeError as error:
    said = str(error)
top = (0, 0, 100)
x = -sitk.ReadImage("both.nii").TransformIndexToPhysicalPoint(top)[0]
expected = nibabel.affines.apply_affine(nibabel.load("both.nii").affine, top)[0]
print(said, round(x, 4), round(float(expected), 4))
assert "No orthonormal definition found" in said
assert abs(x - 10) < 1e-4 and abs(expected - 10.12) < 1e-4
END
