"""Reads NIfTI and ANALYZE files with nibabel.

    nibabel_reference.py FOLDER

The files are nibabel's own test data, and others that nibabel writes to FOLDER: every data type, both byte orders,
both versions, pairs, and each way to store the position. Prints a line of JSON for each:

    {"name": …, "files": [path, …], "shape": […], "affine": [[…] × 4], "data": path, "colour": false}

`data` is a file in FOLDER: `get_fdata()` as little-endian f64, first axis fastest; for a colour image
the bytes of red, green and blue. A file that nibabel can't read has `"error"` and no data.
"""

import gzip
import json
import sys
from pathlib import Path

import nibabel
import numpy as np

OUT = Path(sys.argv[1])
MADE = OUT / "made"
MADE.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(20261125)

OBLIQUE = np.array(
    [[-1.9, 0.3, 0.1, 90.5], [0.25, 1.4, -0.6, -70.25], [0.2, 0.4, 2.8, -33.0], [0, 0, 0, 1.0]]
)


def rotation(a, b, c):
    """A rotation about three axes, by nibabel's Euler angles."""
    return nibabel.eulerangles.euler2mat(a, b, c)


def numbers(dtype, shape=(5, 4, 3)):
    """Random values of the type, with its extremes."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return rng.normal(0, 1000, shape).astype(dtype)
    limits = np.iinfo(dtype)
    array = rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    array.flat[0], array.flat[-1] = limits.min, limits.max
    return array


def save(name, array, affine=OBLIQUE, kind=nibabel.Nifti1Image, change=None, endianness="<"):
    header = kind.header_class(endianness=endianness)
    header.set_data_dtype(array.dtype)
    image = kind(array, affine, header)
    if change:
        change(image.header)
    image.to_filename(MADE / name)
    return MADE / name


def make():
    files = []
    dtypes = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]
    for version, kind in {1: nibabel.Nifti1Image, 2: nibabel.Nifti2Image}.items():
        for dtype in dtypes:
            for endianness in "<>":
                order = {"<": "little", ">": "big"}[endianness]
                name = f"{dtype}_{order}_nifti{version}.nii"
                files.append(save(name, numbers(dtype), kind=kind, endianness=endianness))
    rgb = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    rgba = np.dtype([*[(channel, "u1") for channel in "RGBA"]])
    for name, dtype in {"rgb.nii": rgb, "rgba.nii.gz": rgba}.items():
        channels = numbers("u1", (5, 4, 3, dtype.itemsize))
        files.append(save(name, channels.view(dtype)[..., 0]))

    for dtype in ["u1", "i2", "u4", "i8", "f4"]:
        array = numbers(dtype)
        path = save(f"{dtype}_scaled.nii", array)
        files.append(patched(path, scl_slope=0.1, scl_inter=-7.3))
    files.append(patched(save("slope_0.nii", numbers("i2")), scl_slope=0, scl_inter=5))
    files.append(patched(save("slope_nan.nii", numbers("i2")), scl_slope=np.nan, scl_inter=5))
    array = numbers("i2", (6, 5, 4, 3, 2))
    files.append(save("volumes_5d.nii.gz", array))
    files.append(save("one_slice.nii", numbers("i2", (6, 5))))
    files.append(save("one_volume_4d.nii", numbers("i2", (6, 5, 4, 1))))
    files.append(save("pair.img", numbers("i2"), kind=nibabel.Nifti1Pair))
    files.append(save("pair_zipped.img.gz", numbers("f4"), kind=nibabel.Nifti2Pair, endianness=">"))
    # Without an affine, since SPM's own file for it needs SciPy.
    def sized(header):
        header.set_zooms((2, 3, 4))

    spm2 = nibabel.Spm2AnalyzeImage
    files.append(save("spm2.img", numbers("i2"), None, spm2, sized, ">"))
    spm = save("spm2_origin.img", numbers("i2"), None, spm2, sized)
    header = bytearray(spm.with_suffix(".hdr").read_bytes())
    header[253:259] = np.array([2, 3, 1], "<i2").tobytes()
    header[112:116] = np.array(0.25, "<f4").tobytes()
    spm.with_suffix(".hdr").write_bytes(header)
    files.append(spm)
    files.extend(made_places())
    whole = (MADE / "u1_scaled.nii").read_bytes()
    members = b"".join(gzip.compress(part, mtime=0) for part in (whole[:100], whole[100:377], whole[377:]))
    (MADE / "members.nii.gz").write_bytes(members)
    files.append(MADE / "members.nii.gz")
    return files


def made_places():
    """The position as matrix, as quaternion, as neither, and as both with different content."""
    array = numbers("i2", (7, 6, 5))
    files = []
    for version, kind in {1: nibabel.Nifti1Image, 2: nibabel.Nifti2Image}.items():
        turned = np.eye(4)
        for name, flip, angles in [
            ("turned", 1, (0.3, -0.9, 2.1)),
            ("mirrored", -1, (-1.2, 0.4, 0.7)),
            ("half_turn", 1, (0, 0, np.pi)),
            ("half_turn_about_x", 1, (0, np.pi, np.pi)),
        ]:
            turned[:3, :3] = rotation(*angles) @ np.diag([0.7, 1.3, 2.9 * flip])
            turned[:3, 3] = 11.5, -20.25, 33

            def quaternion_only(header, turned=turned.copy()):
                header.set_qform(turned, 1)
                header.set_sform(OBLIQUE, 0)

            files.append(save(f"{name}_nifti{version}.nii", array, None, kind, quaternion_only))

        def both(header, turned=turned.copy()):
            header.set_qform(turned, 3)
            header.set_sform(OBLIQUE, 2)

        def neither(header):
            header.set_zooms((0.5, 1.5, 2.5))

        files.append(save(f"both_nifti{version}.nii", array, None, kind, both))
        files.append(save(f"neither_nifti{version}.nii", array, None, kind, neither))
    neither = save("odd_codes.nii", array)
    files.append(patched(neither, sform_code=77, qform_code=0))
    files.append(patched(save("odd_pixdim.nii", array), sform_code=0, qform_code=0, pixdim=[5, -2, 0, 3, 0, 0, 0, 0]))
    files.append(patched(save("odd_qfac.nii", array), sform_code=0, qform_code=1, pixdim=[0, 2, 2, 3, 0, 0, 0, 0]))
    return files


def patched(path, **fields):
    """Writes header values that nibabel refuses to write."""
    whole = bytearray(path.read_bytes())
    header = np.ndarray((), nibabel.nifti1.header_dtype, whole)
    for name, value in fields.items():
        header[name] = value
    path.write_bytes(whole)
    return path


def parts(path):
    """A file, or both of a pair."""
    stem, ending, zipped = nibabel.filename_parser.splitext_addext(str(path))
    if ending not in (".hdr", ".img"):
        return [path]
    both = [Path(f"{stem}{end}{zipped}") for end in (".hdr", ".img")]
    return [part for part in both if part.exists()]


def describe(index, path):
    line = {"name": path.name, "files": [str(part) for part in parts(path)]}
    try:
        image = nibabel.load(path)
        colour = image.get_data_dtype().names is not None
        if colour:
            stored = np.asarray(image.dataobj)
            array = np.stack([stored[channel] for channel in "RGB"])
        else:
            array = image.get_fdata(dtype=np.float64).astype("<f8")
        affine = image.affine.tolist()
    except Exception as error:
        return {**line, "error": repr(error)}
    data = OUT / f"{index}.data"
    data.write_bytes(array.tobytes(order="F"))
    return {**line, "shape": image.shape, "affine": affine, "data": str(data), "colour": colour}


theirs = Path(nibabel.__file__).parent / "tests" / "data"
endings = (".nii", ".nii.gz", ".hdr", ".img", ".img.gz")
own = [path for path in sorted(theirs.iterdir()) if path.name.endswith(endings)]
for index, path in enumerate([*own, *make()]):
    print(json.dumps(describe(index, path)))
