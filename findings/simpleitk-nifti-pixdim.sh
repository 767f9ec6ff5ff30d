#!/bin/sh
# What: SimpleITK takes the voxel sizes of a NIfTI file from pixdim even if an sform places the voxels. If the two differ,
#   it places voxels elsewhere than nibabel. It writes a warning to standard error.
# Versions: SimpleITK 2.5.7; nibabel 5.4.2 writes.
# Seen: sform of 2 x 3 x 4 mm, pixdim 4, 6, 8: spacing (4, 6, 8); the last voxel is at (14, 32, 54) for SimpleITK and at
#   (12, 26, 42) for nibabel. NiftiImageIO: has unexpected scales in sform
# Fails if SimpleITK places the last voxel elsewhere.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet nibabel==5.4.2 SimpleITK==2.5.7
env/bin/python - <<'END'
import struct
import nibabel
import numpy as np
import SimpleITK as sitk

place = np.array([[2, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 30], [0, 0, 0, 1.0]])
image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.int16), place)
image.set_sform(place, 2)
image.set_qform(None, 0)
nibabel.save(image, "scan.nii")
data = bytearray(open("scan.nii", "rb").read())
struct.pack_into("<3f", data, 80, 4, 6, 8)  # pixdim[1..3]
open("scan.nii", "wb").write(data)

last = (1, 2, 3)
scan = sitk.ReadImage("scan.nii")
# ITK's axes go to the left and to the back, NIfTI's to the right and to the front.
of_itk = np.array(scan.TransformIndexToPhysicalPoint(last)) * [-1, -1, 1]
of_nibabel = nibabel.affines.apply_affine(nibabel.load("scan.nii").affine, last)
print(scan.GetSpacing(), of_itk, of_nibabel)
assert scan.GetSpacing() == (4, 6, 8)
assert np.allclose(of_itk, [14, 32, 54]) and np.allclose(of_nibabel, [12, 26, 42])
END
