"""Converts the first segment of a DICOM Segmentation to highdicom's volume, and saves it with nibabel.

    highdicom_volume.py SEG.dcm VOLUME.nii

The volume covers the file's frames. Prints its size.
"""

import sys

import highdicom
import nibabel
import numpy as np

seg = highdicom.seg.segread(sys.argv[1])
volume = seg.get_volume(segment_numbers=[1], combine_segments=True)
ras_from_lps = np.diag([-1, -1, 1, 1])
image = nibabel.Nifti1Image(volume.array.astype(np.uint8), ras_from_lps @ volume.affine)
nibabel.save(image, sys.argv[2])
print(volume.array.shape)
