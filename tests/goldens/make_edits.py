"""Makes the goldens of the edits: what SciPy, scikit-image and SimpleITK make of the same mask.

    pip install -r tests/goldens/requirements-edits.txt
    python tests/goldens/make_edits.py                # writes tests/goldens/edits/

edits.safetensors has `values` [13, 22, 26] u8, and masks as bits, the first voxel in the lowest bit of the first byte:
`mask` and `other`, and one for each case. A value of the scan is 2 · stored - 100.
edits.json has the spacing of columns, rows and slices in mm, and for each case its name, the edit as a session file records
it, and `reference`, the function that it equals. `crates/imaging/tests/it/edit/goldens.rs` compares all voxels.

Distances that differ by less than a billionth are the same in Boxel, and the comparisons here allow for it.
"""

import json
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from safetensors.numpy import save_file
from scipy import ndimage
from skimage import measure, morphology

OUT = Path(__file__).resolve().parent / "edits"
SHAPE = 13, 22, 26  # slices, rows, columns
SPACING = 0.8, 1.1, 2.5  # columns, rows, slices, in mm
SAMPLING = SPACING[::-1]
SAME = 1 + 5e-10


def main():
    OUT.mkdir(exist_ok=True)
    mask, other, stored = inputs()
    tensors = {"values": stored, "mask": packed(mask), "other": packed(other)}
    entries = []
    for name, reference, step, result in cases(mask, other, 2.0 * stored - 100):
        assert result.dtype == bool and result.shape == SHAPE, name
        entries.append({"name": name, "reference": reference, "step": step})
        tensors[name] = packed(result)
        print(f"{name}: {mask.sum()} to {result.sum()} voxels, {reference}")
    save_file(tensors, OUT / "edits.safetensors")
    report = {"spacing_mm": SPACING, "cases": entries}
    (OUT / "edits.json").write_text(json.dumps(report, indent=1) + "\n")


def packed(mask):
    return np.packbits(mask.ravel(), bitorder="little")


def inputs():
    """A lump with holes and islands, another one, and values that follow the first."""
    rng = np.random.default_rng(20261128)
    soft = ndimage.gaussian_filter(rng.standard_normal(SHAPE), (1.0, 2.2, 2.5))
    z, y, x = np.indices(SHAPE)
    middle = np.exp(-(((z - 6) / 5) ** 2 + ((y - 11) / 8) ** 2 + ((x - 13) / 10) ** 2))
    field = soft / soft.std() + 3 * middle
    mask = field > 1.0
    mask[((z - 7) / 1.6) ** 2 + ((y - 12) / 2.6) ** 2 + ((x - 14) / 3.2) ** 2 < 1] = False
    mask[:, 9, 9] = False
    mask ^= rng.random(SHAPE) < 0.006
    other = ndimage.gaussian_filter(rng.standard_normal(SHAPE), (1.0, 2.0, 2.0)) > 0.02
    stored = np.clip(40 * field + 60 + 4 * rng.standard_normal(SHAPE), 0, 255).astype(np.uint8)
    return mask, other, stored


def cases(mask, other, values):
    faces, edges, corners = (ndimage.generate_binary_structure(3, n) for n in (1, 2, 3))
    for name, structure in {"faces": faces, "edges": edges, "corners": corners}.items():
        labels, _ = ndimage.label(mask, structure)
        sizes = np.bincount(labels.ravel())
        sizes[0] = 0
        yield (
            f"largest_{name}",
            "scipy.ndimage.label",
            {"largest_v1": {"connectivity": name}},
            labels == sizes.argmax(),
        )
    for connectivity, (name, count) in enumerate({"faces": 2, "edges": 3, "corners": 4}.items(), 1):
        yield (
            f"islands_{name}",
            "skimage.morphology.remove_small_objects",
            {"remove_islands_v1": {"min": {"voxels": count}, "connectivity": name}},
            morphology.remove_small_objects(mask, max_size=count - 1, connectivity=connectivity),
        )
    yield (
        "islands_mm3",
        "skimage.morphology.remove_small_objects",
        {"remove_islands_v1": {"min": {"mm3": 3 * np.prod(SPACING)}, "connectivity": "faces"}},
        morphology.remove_small_objects(mask, max_size=2, connectivity=1),
    )
    yield "fill_holes", "scipy.ndimage.binary_fill_holes", {"fill_holes_v1": {}}, ndimage.binary_fill_holes(mask)
    for axis, plane in enumerate(("axial", "coronal", "sagittal")):
        filled = [ndimage.binary_fill_holes(image) for image in np.moveaxis(mask, axis, 0)]
        yield (
            f"fill_holes_{plane}",
            "scipy.ndimage.binary_fill_holes of each slice",
            {"fill_holes_v1": {"plane": plane}},
            np.moveaxis(np.array(filled), 0, axis),
        )
    for radius in (0.9, 2.6, 6.0):
        sides = [2 * round(radius / mm) + 1 for mm in SAMPLING]
        yield (
            f"smooth_{radius}",
            "scipy.ndimage.median_filter, mode reflect",
            {"smooth_v1": {"radius_mm": radius}},
            ndimage.median_filter(mask.astype(np.uint8), size=sides, mode="reflect") == 1,
        )
    outside_mm = ndimage.distance_transform_edt(~mask, sampling=SAMPLING)
    inside_mm = ndimage.distance_transform_edt(mask, sampling=SAMPLING)
    for mm in (0.0, 0.8, 2.5, 3.3, 5.0):
        grown = outside_mm <= mm * SAME
        yield f"grown_{mm}", "scipy.ndimage.distance_transform_edt", {"margin_v1": {"mm": mm}}, grown
        shrunk = mask & (inside_mm > mm * SAME)
        yield f"shrunk_{mm}", "scipy.ndimage.distance_transform_edt", {"margin_v1": {"mm": -mm}}, shrunk
    yield from interpolated(mask)
    yield from of_values(mask, values)
    yield from drawn(mask, values)
    for name, operation in {
        "union": sitk.Or,
        "intersect": sitk.And,
        "subtract": lambda a, b: sitk.And(a, sitk.Not(b)),
    }.items():
        pair = (sitk.GetImageFromArray(image.astype(np.uint8)) for image in (mask, other))
        result = sitk.GetArrayFromImage(operation(*pair)) == 1
        yield name, "SimpleITK.Or, And, Not", {f"{name}_v1": {"object": 1}}, result


def signed_mm(image, sampling):
    inside, outside = (
        ndimage.distance_transform_edt(part, sampling=sampling) if part.any() else np.zeros(part.shape)
        for part in (image, ~image)
    )
    return inside - outside


def interpolated(mask):
    """Signed distances of two slices, interpolated linearly (Raya and Udupa, 1990)."""
    for axis, (plane, slices) in enumerate(
        {"axial": [2, 5, 9], "coronal": [5, 9, 16], "sagittal": [7, 11, 20]}.items()
    ):
        sampling = [mm for at, mm in enumerate(SAMPLING) if at != axis]
        result = np.moveaxis(mask, axis, 0).copy()
        distances = {at: signed_mm(result[at], sampling) for at in slices}
        for before, after in zip(slices, slices[1:]):
            for at in range(before + 1, after):
                part = (at - before) / (after - before)
                between = (1 - part) * distances[before] + part * distances[after]
                result[at] = between >= -1e-9 * min(sampling)
        yield (
            f"interpolate_{plane}",
            "scipy.ndimage.distance_transform_edt of both slices",
            {"interpolate_v1": {"plane": plane, "slices": slices}},
            np.moveaxis(result, 0, axis),
        )


def of_values(mask, values):
    image = sitk.GetImageFromArray(values)
    for name, low, high in (("between", 40, 120), ("above", 101, None), ("below", None, 20)):
        limits = {"lowerThreshold": -1e9 if low is None else low, "upperThreshold": 1e9 if high is None else high}
        found = sitk.GetArrayFromImage(sitk.BinaryThreshold(image, **limits)) == 1
        span = {key: end for key, end in (("low", low), ("high", high)) if end is not None}
        yield f"threshold_{name}", "SimpleITK.BinaryThreshold", {"threshold_v1": {"range": span}}, found
        yield (
            f"within_{name}",
            "SimpleITK.BinaryThreshold and numpy.logical_and",
            {"threshold_within_v1": {"range": span}},
            mask & found,
        )
    z, y, x = np.unravel_index(np.argmin(values), SHAPE)
    start = [int(x), int(y), int(z)]
    span = {"low": -1000, "high": 50}
    for name, mm in (("grow", None), ("grow_6", 6.0), ("grow_3.3", 3.3)):
        if mm is None:
            near = np.ones(SHAPE, bool)
        else:
            near = np.ones(SHAPE, bool)
            near[z, y, x] = False
            near = ndimage.distance_transform_edt(near, sampling=SAMPLING) <= mm * SAME
        image = sitk.GetImageFromArray(np.where(near, values, -1e6))
        found = sitk.ConnectedThreshold(image, [start], lower=span["low"], upper=span["high"])
        step = {"voxel": start, "range": span, **({} if mm is None else {"max_mm": mm})}
        yield name, "SimpleITK.ConnectedThreshold", {"grow_v1": step}, mask | (sitk.GetArrayFromImage(found) == 1)


def drawn(mask, values):
    centre = np.zeros(SHAPE, bool)
    centre[6, 11, 13] = True
    ball = ndimage.distance_transform_edt(~centre, sampling=SAMPLING) <= 5.5 * SAME
    step = {"kind": "paint", "radius_mm": 5.5, "path": [[13, 11, 6]]}
    yield "sphere", "scipy.ndimage.distance_transform_edt of one voxel", {"sphere_v1": step}, mask | ball
    span = {"low": 30, "high": 90}
    bright = (values >= span["low"]) & (values <= span["high"])
    yield (
        "sphere_in_range",
        "scipy.ndimage.distance_transform_edt of one voxel, and numpy.logical_and",
        {"sphere_v1": {**step, "range": span}},
        mask | (ball & bright),
    )
    path = [[3.2, 4.1, 2.0], [14.0, 9.5, 6.3], [29.0, 18.0, 11.5]]
    swept = swept_by(path, 3.1)
    step = {"kind": "erase", "radius_mm": 3.1, "path": path}
    yield "sphere_along_path", "numpy: distance to the nearest piece", {"sphere_v1": step}, mask & ~swept
    star = [[4.3, 2.2], [20.7, 18.9], [12.6, -3.4], [3.1, 17.3], [29.4, 8.8]]
    rows, columns = np.indices(SHAPE[1:]) + 0.5
    centres = np.stack([columns.ravel(), rows.ravel()], 1)
    enclosed = measure.points_in_poly(centres, np.array(star, np.float32).astype(float)).reshape(SHAPE[1:])
    for kind in ("paint", "erase"):
        result = mask.copy()
        result[5] = result[5] | enclosed if kind == "paint" else result[5] & ~enclosed
        step = {"plane": "axial", "slice": 5, "kind": kind, "polygon": star}
        yield f"lasso_{kind}", "skimage.measure.points_in_poly", {"lasso_v1": step}, result
    copied = mask.copy()
    copied[:, 12] = mask[:, 11]
    step = {"plane": "coronal", "from": 11, "to": 12}
    yield "copy_slice", "numpy: a slice assigned to another", {"copy_slice_v1": step}, copied


def swept_by(path, radius):
    places = np.stack(np.indices(SHAPE)[::-1], -1) * np.array(SPACING)
    points = np.array(path) * np.array(SPACING)
    swept = np.zeros(SHAPE, bool)
    for start, end in zip(points, points[1:]):
        along = end - start
        part = np.clip((places - start) @ along / (along @ along), 0, 1)
        swept |= np.linalg.norm(places - start - part[..., None] * along, axis=-1) <= radius * SAME
    return swept


if __name__ == "__main__":
    main()
