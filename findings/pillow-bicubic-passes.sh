#!/bin/sh
# What: from version 13 on, Pillow's resize of an 8-bit image gives other values where height and width change by different
#   factors, as they do when a slice is squashed to a square (MedSAM2 squashes to 512 x 512 by bicubic). Between its two passes
#   Pillow rounds to 8 bits and cuts off what bicubic overshoots, so the order of the passes shows. A resize along x and then
#   one along y, in two calls, give version 12's picture with version 13 too.
# Versions: Pillow 12.3.0 and 13.0.0.
# Seen: of the 262,144 values of a picture of 300 x 700 pixels with sharp edges, 8,972 differ in bicubic, by up to 20, and 2,044
#   in bilinear, by 1.
# Fails if these counts change, or if the two calls give another picture.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/resize.py" <<'END'
import sys
from PIL import Image
width, height = 300, 700
# Bars, discs and a fixed pattern of noise, as in a picture of a test object.
def value(x, y):
    disc = (x - 150) ** 2 + (y - 350) ** 2 < 90 ** 2
    bars = x // 3 % 2 == 0 if y < 200 else y // 3 % 2 == 0
    return (x * 7919 + y * 104729) % 256 if disc else 255 if bars else 0
image = Image.frombytes("L", (width, height), bytes(value(x, y) for y in range(height) for x in range(width)))
bicubic, bilinear = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
two_calls = image.resize((512, height), bicubic).resize((512, 512), bicubic)
with open(sys.argv[1], "wb") as out:
    for made in (image.resize((512, 512), bicubic), image.resize((512, 512), bilinear), two_calls):
        out.write(made.tobytes())
END
for version in 12.3.0 13.0.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "pillow==$version"
  "$folder/$version/bin/python" "$folder/resize.py" "$folder/$version.raw"
done
said=$(python3 - "$folder/12.3.0.raw" "$folder/13.0.0.raw" <<'END'
import sys
size = 512 * 512
before, after = ([open(path, "rb").read()[i * size:(i + 1) * size] for i in range(3)] for path in sys.argv[1:])
def compared(a, b):
    off = [abs(x - y) for x, y in zip(a, b) if x != y]
    return f"{len(off)} values by up to {max(off, default=0)}"
print(f"bicubic: {compared(before[0], after[0])}; bilinear: {compared(before[1], after[1])}; "
      f"along x, then y, in 13 and as one call in 12: {compared(before[0], after[2])}")
END
)
echo "$said"
test "$said" = "bicubic: 8972 values by up to 20; bilinear: 2044 values by up to 1; along x, then y, in 13 and as one call in 12: 0 values by up to 0"
