#!/bin/sh
# What: SimpleITK reads the numbers of a MetaImage in text (BinaryData = False) as 64-bit floating point, also where the file says
#   MET_LONG_LONG. Whole numbers beyond 2^53 are rounded, and the largest one comes back as the smallest. The same numbers in an
#   NRRD of encoding ascii are read as they are.
# Versions: SimpleITK 2.5.7.
# Seen: of 9007199254740993, -9007199254740993 and 9223372036854775807 the MetaImage gives 9007199254740992,
#   -9007199254740992 and -9223372036854775808; the NRRD gives them unchanged.
# Fails if this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
numbers="9007199254740993 -9007199254740993 9223372036854775807"
printf 'ObjectType = Image\nNDims = 2\nDimSize = 3 1\nElementType = MET_LONG_LONG\nBinaryData = False\nElementSpacing = 1 1\nElementDataFile = LOCAL\n%s\n' \
  "$numbers" > "$folder/text.mha"
printf 'NRRD0004\ntype: int64\ndimension: 2\nsizes: 3 1\nencoding: ascii\n\n%s\n' "$numbers" > "$folder/text.nrrd"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check simpleitk==2.5.7
said=$("$folder/venv/bin/python" - "$folder" <<'END'
import sys
import SimpleITK
for name in ("text.mha", "text.nrrd"):
    image = SimpleITK.ReadImage(f"{sys.argv[1]}/{name}")
    print(name, image.GetPixelIDTypeAsString(), *(image[x, 0] for x in range(3)))
END
)
echo "$said"
test "$said" = "text.mha 64-bit signed integer 9007199254740992 -9007199254740992 -9223372036854775808
text.nrrd 64-bit signed integer 9007199254740993 -9007199254740993 9223372036854775807"
