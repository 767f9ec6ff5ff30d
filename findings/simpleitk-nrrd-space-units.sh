#!/bin/sh
# What: SimpleITK ignores the `space units` of an NRRD. The vectors of a volume in centimetres are taken for millimetres, so that
#   lengths are a tenth and volumes a thousandth of what the file says. Nothing warns. pynrrd gives the units, and leaves the rest
#   to its caller.
# Versions: SimpleITK 2.5.7, pynrrd 1.1.3.
# Seen: a file with voxels of 0.1 cm and one with voxels of 0.1 mm both have a spacing of 0.1, and no entry of their metadata
#   tells them apart.
# Fails if this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for unit in cm mm; do
  printf 'NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\nsizes: 2 2 2\nspace directions: (0.1,0,0) (0,0.1,0) (0,0,0.1)\nspace units: "%s" "%s" "%s"\nkinds: domain domain domain\nencoding: ascii\n\n1 2 3 4 5 6 7 8\n' \
    "$unit" "$unit" "$unit" > "$folder/$unit.nrrd"
done
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check simpleitk==2.5.7 pynrrd==1.1.3
said=$("$folder/venv/bin/python" - "$folder" <<'END'
import sys
import nrrd
import SimpleITK
found = {}
for unit in ("cm", "mm"):
    path = f"{sys.argv[1]}/{unit}.nrrd"
    image = SimpleITK.ReadImage(path)
    found[unit] = (image.GetSpacing(), sorted((key, image.GetMetaData(key)) for key in image.GetMetaDataKeys()))
    print(unit, *image.GetSpacing(), "pynrrd:", *nrrd.read_header(path)["space units"])
print("the same" if found["cm"] == found["mm"] else "they differ")
END
)
echo "$said"
test "$said" = "cm 0.1 0.1 0.1 pynrrd: cm cm cm
mm 0.1 0.1 0.1 pynrrd: mm mm mm
the same"
