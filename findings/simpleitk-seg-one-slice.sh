#!/bin/sh
# What: SimpleITK refuses a DICOM SEG of two segments on a single slice. It takes the distance between their frames, 0, as
#   the slice spacing.
# Versions: SimpleITK 2.5.7; highdicom 0.28.2 writes.
# Seen: Zero-valued spacing is not supported and may result in undefined behavior.
#       Refusing to change spacing from [1, 1, 1] to [1, 1, 0]
# Fails if SimpleITK reads the file, or reports another error.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet highdicom==0.28.2 pydicom==3.0.2 SimpleITK==2.5.7
env/bin/python "$here/write_seg.py" BINARY 16 5 1 2
env/bin/python - <<'END'
import SimpleITK as sitk

try:
    size = sitk.ReadImage("seg.dcm").GetSize()
except RuntimeError as error:
    said = str(error)
else:
    raise SystemExit(f"it reads {size}")
print(said)
assert "Zero-valued spacing" in said and "to [1, 1, 0]" in said
END
