"""Writes TIFF files of every kind with tifffile and Pillow, and reads them back.

    tifffile_reference.py FOLDER

Prints a line of JSON for each file that is made in FOLDER:

    {"name": …, "path": path, "data": [path, …], "colour": false, "inverted": false, "tolerance": 0}

`data` are files in FOLDER, one for each scan in the file: values as little-endian f64, of a colour image red,
green and blue. Without tifffile or imagecodecs it prints only a line that says so.
"""

import json
import sys
from pathlib import Path

import numpy as np

try:
    import imagecodecs  # noqa: F401: tifffile compresses with it
    import tifffile
except ImportError as error:
    print(f"SKIPPED: {error}: run `cargo xtask setup`")
    sys.exit()

OUT = Path(sys.argv[1])
rng = np.random.default_rng(20261128)
HEIGHT, WIDTH = 45, 83


def image(dtype, *shape):
    """Values of the type, smooth enough to compress and rough enough to reveal an offset."""
    dtype = np.dtype(dtype)
    shape = shape or (HEIGHT, WIDTH)
    ramp = np.arange(np.prod(shape)).reshape(shape) * 7 % 1013
    if dtype.kind == "f":
        return (ramp * 0.37 - 20 + rng.normal(size=shape)).astype(dtype)
    most = min(np.iinfo(dtype).max, 2**52)
    least = -most // 2 if dtype.kind == "i" else 0
    return (ramp * (most // 1100 or 1) % most + least).astype(dtype)


def write(name, stored, scans=None, colour=False, inverted=False, tolerance=0, **options):
    """Writes a file, and the values of each scan in it."""
    path = OUT / f"{name}.tif"
    tifffile.imwrite(path, stored, **options)
    say(name, path, [stored] if scans is None else scans, colour, inverted, tolerance)


def say(name, path, scans, colour=False, inverted=False, tolerance=0):
    data = []
    for number, scan in enumerate(scans):
        data.append(str(OUT / f"{name}.{number}.f64"))
        np.ascontiguousarray(scan).astype("<f8").tofile(data[-1])
    line = {"name": name, "path": str(path), "data": data}
    print(json.dumps(line | {"colour": colour, "inverted": inverted, "tolerance": tolerance}))


LAYOUTS = {"strips": {"rowsperstrip": 10}, "tiles": {"tile": (16, 32)}, "one": {}}
COMPRESSIONS = [None, "lzw", "deflate", "adobe_deflate", "packbits"]

for dtype in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
    for compression in COMPRESSIONS:
        for layout, options in LAYOUTS.items():
            for order in "<>":
                for predictor in [False, True]:
                    if predictor and (compression is None or dtype in ("u8", "i8")):
                        continue
                    name = f"{dtype}_{compression}_{layout}_{'le' if order == '<' else 'be'}_{predictor}"
                    options = options | {"compression": compression, "predictor": predictor, "byteorder": order}
                    write(name, image(dtype), **options)

for dtype in ["u1", "u2"]:
    rgb = image(dtype, HEIGHT, WIDTH, 3)
    grey = image(dtype, HEIGHT, WIDTH, 2)
    alpha = {"extrasamples": ["unassalpha"]}
    for compression in COMPRESSIONS:
        for layout, options in LAYOUTS.items():
            options = options | {"compression": compression}
            name = f"{dtype}_{compression}_{layout}"
            write(f"rgb_{name}", rgb, colour=True, photometric="rgb", **options)
            planes = np.moveaxis(rgb, -1, 0)
            write(f"planes_{name}", planes, [rgb], colour=True, photometric="rgb", planarconfig="separate", **options)
            with_alpha = np.concatenate([rgb, rgb[..., :1]], -1)
            write(f"rgba_{name}", with_alpha, [rgb], colour=True, photometric="rgb", **alpha, **options)
            options = options | {"photometric": "minisblack", "planarconfig": "contig"}
            write(f"grey_alpha_{name}", grey, [grey[..., 0]], **alpha, **options)
            write(f"channels_{name}", grey, [grey[..., 0], grey[..., 1]], **options)

for dtype in ["u1", "u2", "i2", "f4", "u8"]:
    write(f"white_{dtype}", image(dtype), inverted=True, photometric="miniswhite", compression="lzw")
colours = rng.integers(0, 65536, (3, 256)).astype("u2")
indices = image("u1")
palette = {"photometric": "palette", "colormap": colours, "compression": "lzw", "tile": (16, 16)}
write("palette", indices, [colours.T[indices] >> 8], colour=True, **palette)
bits = image("u1") > 100
write("bilevel", bits, [bits * 255], compression="packbits", photometric="minisblack")
write("bilevel_white", bits, [bits * 255], inverted=True, compression="packbits", photometric="miniswhite")
for count in [9, 10, 12, 14]:
    write(f"bits_{count}", image("u2") >> (16 - count), bitspersample=count)

y, x = np.mgrid[:HEIGHT, :WIDTH]
soft = np.stack([127 + 90 * np.sin(x / 17), 127 + 90 * np.sin(y / 13), 127 + 90 * np.cos((x + y) / 19)], -1).astype("u1")
for layout, options in LAYOUTS.items():
    if "rowsperstrip" in options:
        options = {"rowsperstrip": 16}
    for name, stored, photometric in [("grey", soft[..., 0], "minisblack"), ("colour", soft, "ycbcr")]:
        path = OUT / f"jpeg_{name}_{layout}.tif"
        tifffile.imwrite(path, stored, photometric=photometric, compression="jpeg", **options)
        # JPEG decoders differ in the last bits of the inverse DCT and of the conversion of colours.
        say(path.stem, path, [tifffile.imread(path)], colour=name == "colour", tolerance=3)


def stacks(name, axes, sizes, expected, **options):
    """Images along axes; `expected` takes the scans out of them."""
    stored = image("u2", *sizes, 9, 11)
    write(name, stored, expected(stored), metadata={"axes": axes + "YX"}, **options)


ALL = {"TZCYX": (2, 3, 2), "ZCYX": (3, 2), "CYX": (3,), "ZYX": (3,), "TYX": (3,), "TCYX": (2, 2)}
SCANS = {
    "TZCYX": lambda all: [all[t, :, c] for t in range(2) for c in range(2)],
    "ZCYX": lambda all: [all[:, c] for c in range(2)],
    "CYX": list,
    "ZYX": lambda all: [all],
    "TYX": lambda all: [all],
    "TCYX": lambda all: [all[:, c] for c in range(2)],
}
for axes, sizes in ALL.items():
    for writer, options in {"imagej": {"imagej": True}, "ome": {"ome": True}, "shaped": {}}.items():
        options = options | {"photometric": "minisblack"}
        stacks(f"{writer}_{axes}", axes[:-2], sizes, SCANS[axes], **options)
        if writer != "ome":
            stacks(f"{writer}_{axes}_truncated", axes[:-2], sizes, SCANS[axes], truncate=True, **options)
