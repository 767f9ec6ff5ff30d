#!/bin/sh
# What: SimpleITK does not open NIfTI-2 files.
# Versions: SimpleITK 2.5.7; nibabel 5.4.2 writes.
# Seen: Unable to determine ImageIO reader for "2.nii"; 1.nii is (2, 3, 4).
# Fails if SimpleITK opens the file, or reports another error.
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

values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), "1.nii")
nibabel.save(nibabel.Nifti2Image(values, np.eye(4)), "2.nii")
assert np.array_equal(nibabel.load("2.nii").dataobj, values)
size = sitk.ReadImage("1.nii").GetSize()
try:
    raise SystemExit(f"it reads {sitk.ReadImage('2.nii').GetSize()}")
except RuntimeError as error:
    said = str(error)
print(said, size)
assert "Unable to determine ImageIO reader" in said and size == (2, 3, 4)
END
