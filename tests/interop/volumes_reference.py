"""Reads NRRD, MetaImage and MGH files with SimpleITK and nibabel.

    volumes_reference.py FOLDER

The files are nibabel's own test data, and others that both write to FOLDER or that are written here byte by byte: every
data type, both byte orders, compressed, as text, with the voxels in other files, and each space. Prints a line of JSON
for each:

    {"name": …, "files": [path, …], "shape": […], "affine": [[…] × 3], "data": path, "channels": 1}

`affine` maps voxels to patient space (LPS); it is missing where the file has two dimensions. `data` is a file in FOLDER:
the values as little-endian f64, first axis fastest, with the channels of a voxel next to each other before all others.
"""

import gzip
import itertools
import json
import sys
import zlib
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK

OUT = Path(sys.argv[1])
MADE = OUT / "made"
MADE.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(20261128)
DTYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]
NAMES = ["uchar", "int8", "ushort", "short", "uint32", "int", "uint64", "int64", "float", "double"]
TILTED = (0.36, 0.48, -0.8, -0.8, 0.6, 0.0, 0.48, 0.64, 0.6)
count = itertools.count()


def numbers(dtype, shape=(5, 4, 3)):
    """Random values of the type, with its extremes."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(0, 1000, shape).astype(dtype)
    limits = np.iinfo(dtype)
    array = rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    array.flat[0], array.flat[-1] = limits.min, limits.max
    return array


def report(name, files, affine, array, channels=1):
    """`array` has its first axis slowest, and channels last."""
    data = OUT / f"{next(count)}.data"
    data.write_bytes(np.ascontiguousarray(array, "<f8").tobytes())
    shape = array.shape[:-1] if channels > 1 else array.shape
    line = {"name": name, "files": [str(file) for file in files], "shape": shape[::-1], "channels": channels}
    print(json.dumps({**line, "affine": affine, "data": str(data)}))


def by_itk(name, *others):
    path = MADE / name
    image = SimpleITK.ReadImage(str(path))
    affine = None
    if image.GetDimension() >= 3:
        n = image.GetDimension()
        direction = np.array(image.GetDirection()).reshape(n, n)[:3, :3] * image.GetSpacing()[:3]
        affine = np.column_stack([direction, image.GetOrigin()[:3]]).tolist()
    array = SimpleITK.GetArrayFromImage(image)
    report(name, [path, *(MADE / other for other in others)], affine, array, image.GetNumberOfComponentsPerPixel())


def image_of(array, is_vector=False):
    image = SimpleITK.GetImageFromArray(array, isVector=is_vector)
    dimensions = image.GetDimension()
    if dimensions == 3:
        image.SetDirection(TILTED)
    image.SetSpacing([0.7, 1.3, 2.9, 4][:dimensions])
    image.SetOrigin([-90.5, 70.25, 33.125, 1][:dimensions])
    return image


def written_by_itk():
    for dtype in DTYPES:
        image = image_of(numbers(dtype))
        for ending, compressed in itertools.product(["nrrd", "mha"], [False, True]):
            name = f"itk_{dtype}_{'z' if compressed else 'raw'}.{ending}"
            SimpleITK.WriteImage(image, str(MADE / name), useCompression=compressed)
            by_itk(name)
    for ending, compressed, part in [
        ("nhdr", False, "raw"), ("nhdr", True, "raw.gz"), ("mhd", False, "raw"), ("mhd", True, "zraw"),
    ]:
        name = f"itk_{ending}_{part.replace('.', '_')}.{ending}"
        SimpleITK.WriteImage(image_of(numbers("i2")), str(MADE / name), useCompression=compressed)
        by_itk(name, Path(name).with_suffix("." + part))
    for ending in ["nrrd", "mha"]:
        for what, array, is_vector in [
            ("2d", numbers("i2", (6, 5)), False),
            ("4d", numbers("i2", (2, 4, 3, 5)), False),
            ("vector", numbers("f4", (4, 3, 5, 6)), True),
            ("pairs", numbers("i2", (4, 3, 5, 2)), True),
            ("rgb", numbers("u1", (4, 3, 5, 3)), True),
            ("rgba", numbers("u1", (4, 3, 5, 4)), True),
            ("rgb16", numbers("u2", (4, 3, 5, 3)), True),
        ]:
            name = f"itk_{what}.{ending}"
            SimpleITK.WriteImage(image_of(array, is_vector), str(MADE / name))
            by_itk(name)


def save(name, *parts):
    parts = [part.encode() if isinstance(part, str) else part for part in parts]
    (MADE / name).write_bytes(b"".join(parts))


def text_of(array):
    return " ".join(str(value) for value in array.flatten()) + "\n"


def written_by_hand():
    for dtype, name in zip(DTYPES, NAMES):
        array = numbers(dtype)
        for order, endian in [("<", "little"), (">", "big")]:
            header = f"NRRD0004\n# a comment\ntype: {name}\ndimension: 3\nsizes: 3 4 5\nspacings: 0.5 2 3\n"
            stored = array.astype(dtype.replace("u", f"{order}u").replace("i", f"{order}i").replace("f", f"{order}f"))
            save(f"{dtype}_{endian}.nrrd", header, f"endian: {endian}\nencoding: raw\n\n", stored.tobytes())
            by_itk(f"{dtype}_{endian}.nrrd")
            met = "MET_" + {"u1": "UCHAR", "i1": "CHAR", "u2": "USHORT", "i2": "SHORT", "u4": "UINT", "i4": "INT",
                            "u8": "ULONG_LONG", "i8": "LONG_LONG", "f4": "FLOAT", "f8": "DOUBLE"}[dtype]
            header = f"ObjectType = Image\nNDims = 3\nDimSize = 3 4 5\nElementType = {met}\nElementSpacing = 0.5 2 3\n"
            msb = f"BinaryData = True\nBinaryDataByteOrderMSB = {order == '>'}\nElementDataFile = LOCAL\n"
            save(f"{dtype}_{endian}.mha", header, msb, stored.tobytes())
            by_itk(f"{dtype}_{endian}.mha")
        save(f"{dtype}_text.nrrd", f"NRRD0001\ntype: {name}\ndimension: 3\nsizes: 3 4 5\nspacings: 1 1 1\nencoding: ascii\n\n",
             text_of(array))
        by_itk(f"{dtype}_text.nrrd")
        if dtype in ("u8", "i8"):
            # ITK reads this text as f64, which has no room for the largest numbers.
            array = array >> 12
        save(f"{dtype}_text.mha", f"NDims = 3\nBinaryData = False\nDimSize = 3 4 5\nElementSpacing = 1 1 1\n"
             f"ElementType = {met}\nElementDataFile = LOCAL\n", text_of(array))
        by_itk(f"{dtype}_text.mha")
    spaces_of_nrrd()
    parts_of_nrrd()
    parts_of_metaimage()
    places_of_metaimage()


def spaces_of_nrrd():
    array = numbers("<i2").tobytes()
    directions = "space directions: (0.252,-0.56,0.336) (0.624,0.78,0.832) (-2.32,0,1.74)\n"
    for space in [
        "space: right-anterior-superior", "space: RAS", "space: left-anterior-superior", "space: LAS",
        "space: left-posterior-superior", "space: LPS", "space: scanner-xyz", "space: 3D-right-handed", "space dimension: 3",
    ]:
        name = f"{space.split(': ')[1].replace(' ', '_')}{'_dimensions' if 'dimension' in space else ''}.nrrd"
        save(name, "NRRD0005\r\n" if space.endswith("RAS") else "NRRD0005\n", "type: int16\ndimension: 3\n", space, "\n",
             directions, "sizes: 3 4 5\nendian: little\nencoding: raw\nkinds: domain domain domain\n",
             "space origin: (-12.5,33,40.25)\nspace units: \"mm\" \"mm\" \"mm\"\nthe key:=the value\n\n", array)
        by_itk(name)
    for center in ["cell", "node"]:
        save(f"mins_{center}.nrrd", "NRRD0002\ntype: short\ndimension: 3\nsizes: 3 4 5\nspacings: 0.5 2 3\nendian: little\n",
             f"axis mins: -4 5 6.5\ncenters: {center} {center} {center}\nencoding: raw\n\n", array)
        by_itk(f"mins_{center}.nrrd")
    four = "type: short\ndimension: 4\nsizes: 2 3 4 5\nkinds: vector domain domain domain\nendian: little\nencoding: raw\n"
    save("none.nrrd", "NRRD0005\n", four, "space: LPS\nspace directions: none (1,0,0) (0,2,0) (0,0,3)\nspace origin: (1,2,3)\n\n",
         numbers("<i2", (5, 4, 3, 2)).tobytes())
    by_itk("none.nrrd")


def parts_of_nrrd():
    array = numbers("<i2")
    whole = array.tobytes()
    head = "NRRD0005\ntype: short\ndimension: 3\nsizes: 3 4 5\nspacings: 1 2 3\nendian: little\n"
    save("part.raw", b"x" * 7, whole)
    save("lines.raw", "one\ntwo\n", b"x" * 7, whole)
    save("skipped.nhdr", head, "encoding: raw\nbyte skip: 7\ndata file: part.raw\n")
    by_itk("skipped.nhdr", "part.raw")
    save("from_end.nhdr", head, "encoding: raw\nbyteskip: -1\ndatafile: ./part.raw\n")
    by_itk("from_end.nhdr", "part.raw")
    save("lines.nhdr", head, "encoding: raw\nbyte skip: 7\nline skip: 2\ndata file: lines.raw\n")
    by_itk("lines.nhdr", "lines.raw")
    save("part.txt", text_of(array))
    save("text.nhdr", head, "encoding: text\ndata file: part.txt\n")
    by_itk("text.nhdr", "part.txt")
    save("attached_gz.nrrd", head, "encoding: gzip\n\n", gzip.compress(whole, mtime=0))
    by_itk("attached_gz.nrrd")
    slices = [f"slice{at:02}.raw" for at in range(1, 6)]
    for name, part in zip(slices, array):
        save(name, part.tobytes())
    save("pattern.nhdr", head, "encoding: raw\ndata file: slice%02d.raw 1 5 1 2\n")
    by_itk("pattern.nhdr", *slices)
    save("list.nhdr", head, "encoding: raw\ndata file: LIST 2\n", "\n".join(slices), "\n")
    by_itk("list.nhdr", *slices)


def parts_of_metaimage():
    array = numbers("<i2")
    whole = array.tobytes()
    head = "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nDimSize = 3 4 5\n"
    head += "ElementSpacing = 1 2 3\nElementType = MET_SHORT\n"
    save("m.raw", b"x" * 9, whole)
    for name, size in [("skipped", 9), ("from_end", -1)]:
        save(f"{name}.mhd", head.replace("ElementType", f"HeaderSize = {size}\nElementType"), "ElementDataFile = m.raw\n")
        by_itk(f"{name}.mhd", "m.raw")
    stored = zlib.compress(whole)
    zipped = head.replace("ElementType", f"CompressedData = True\nCompressedDataSize = {len(stored)}\nElementType")
    save("local.mha", zipped, "ElementDataFile = LOCAL\n", stored)
    by_itk("local.mha")
    slices = [f"m{at:03}.raw" for at in range(3, 8)]
    for name, part in zip(slices, array):
        save(name, part.tobytes())
    save("pattern.mhd", head, "ElementDataFile = m%03d.raw 3 7 1\n")
    by_itk("pattern.mhd", *slices)
    save("list.mhd", head, "ElementDataFile = LIST\n", "\n".join(slices), "\n")
    by_itk("list.mhd", *slices)
    for kind in ["MET_LONG", "MET_ULONG"]:
        save(f"{kind}.mha", head.replace("MET_SHORT", kind), "ElementDataFile = LOCAL\n", numbers("<i4").tobytes())
        by_itk(f"{kind}.mha")
    scaled = head.replace("ElementType", "ElementToIntensityFunctionSlope = 2\nElementToIntensityFunctionOffset = 3\nElementType")
    save("scaled.mha", scaled, "ElementDataFile = LOCAL\n", whole)
    by_itk("scaled.mha")


def places_of_metaimage():
    array = numbers("<i2").tobytes()
    head = "NDims = 3\nDimSize = 3 4 5\nBinaryData = True\nBinaryDataByteOrderMSB = False\nElementType = MET_SHORT\n"
    matrix = " ".join(map(str, TILTED))
    for name, lines in {
        "tilted": f"TransformMatrix = {matrix}\nOffset = 1 -2 3.5\nCenterOfRotation = 7 8 9\nElementSpacing = 0.5 2 3\n",
        "rotation": f"Rotation = {matrix}\nOrigin = 1 -2 3.5\nElementSpacing = 0.5 2 3\n",
        "orientation": f"Orientation = {matrix}\nPosition = 1 -2 3.5\nElementSize = 0.5 2 3\n",
        "letters": f"TransformMatrix = {matrix}\nOffset = 1 -2 3.5\nAnatomicalOrientation = RAS\nElementSpacing = 0.5 2 3\n",
        "both_sizes": "Offset = 1 2 3\nElementSpacing = 0.5 2 3\nElementSize = 9 9 9\n",
    }.items():
        save(f"{name}.mha", head, lines, "ElementDataFile = LOCAL\n", array)
        by_itk(f"{name}.mha")


def by_nibabel(path, name):
    image = nibabel.load(path)
    ras = image.affine
    affine = (np.diag([-1, -1, 1, 1]) @ ras)[:3].tolist()
    report(name, [path], affine, image.get_fdata(dtype=np.float64).T)


def of_nibabel():
    theirs = Path(nibabel.__file__).parent / "tests" / "data" / "test.mgz"
    by_nibabel(theirs, "test.mgz")
    tilted = np.array([[-1.9, 0.3, 0.1, 90.5], [0.25, 1.4, -0.6, -70.25], [0.2, 0.4, 2.8, -33.0], [0, 0, 0, 1.0]])
    for dtype, ending, shape in itertools.product(["u1", "i2", "i4", "f4", "u2"], ["mgh", "mgz"], [(5, 4, 3), (5, 4, 3, 2)]):
        name = f"{dtype}_{len(shape)}d.{ending}"
        image = nibabel.MGHImage(numbers(dtype, shape), tilted)
        image.to_filename(MADE / name)
        by_nibabel(MADE / name, name)


written_by_itk()
written_by_hand()
of_nibabel()
