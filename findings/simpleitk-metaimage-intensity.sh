#!/bin/sh
# What: a MetaImage may say how its stored numbers become intensities (ElementToIntensityFunctionSlope and …Offset). SimpleITK
#   returns the stored numbers without applying either, and no entry of the metadata tells that there were any. For NIfTI it
#   applies the slope and intercept.
# Versions: SimpleITK 2.5.7.
# Seen: stored 10 and 20 with slope 2 and offset 5 are read as 10 and 20, where the file says 25 and 45.
# Fails if this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'ObjectType = Image\nNDims = 2\nDimSize = 2 1\nElementType = MET_SHORT\nElementToIntensityFunctionSlope = 2\nElementToIntensityFunctionOffset = 5\nBinaryData = False\nElementSpacing = 1 1\nElementDataFile = LOCAL\n10 20\n' \
  > "$folder/scaled.mha"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check simpleitk==2.5.7
said=$("$folder/venv/bin/python" - "$folder/scaled.mha" <<'END'
import sys
import SimpleITK
image = SimpleITK.ReadImage(sys.argv[1])
told = [key for key in image.GetMetaDataKeys() if "ntensity" in key]
print(image[0, 0], image[1, 0], "metadata:", told or "nothing")
END
)
echo "$said"
test "$said" = "10 20 metadata: nothing"
