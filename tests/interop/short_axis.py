"""Measures long and short axis of masks on scikit-image's contour: a line "LONG SHORT" in mm for each case.

Takes a folder with `cases.json`, a list of {"size": [width, height], "spacing": [x, y]}, and for each `N.mask`, a
byte for each pixel. The contour of the largest part is cut by lines at right angles to the longest distance between two of
its points, next to each of its points; the length is extrapolated to the point itself.
"""

import json
import pathlib
import sys

try:
    import numpy as np
    from scipy import ndimage
    from skimage.measure import find_contours
except ImportError as error:
    print(f"SKIPPED: short_axis.py: {error}; run `cargo xtask setup`")
    sys.exit()

folder = pathlib.Path(sys.argv[1])


def largest(mask):
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    areas = ndimage.sum_labels(mask, labels, np.arange(1, count + 1))
    return labels == 1 + np.argmax(areas)


def contours(mask, spacing):
    """Closed polygons [N, 2], x and y in mm."""
    padded = np.pad(mask.astype(float), 1)
    found = find_contours(padded, 0.5, fully_connected="high")
    return [(polygon[:, ::-1] - 0.5) * spacing for polygon in found]


def longest(points):
    apart = points[:, None] - points[None]
    squared = (apart**2).sum(-1)
    a, b = np.unravel_index(np.argmax(squared), squared.shape)
    return points[a], points[b]


def crossings(starts, ends, at):
    """The sorted crossings of edges with a line at a given place."""
    crossed = (starts[:, 0] < at) != (ends[:, 0] < at)
    s, e = starts[crossed], ends[crossed]
    return np.sort(s[:, 1] + (e[:, 1] - s[:, 1]) * (at - s[:, 0]) / (e[:, 0] - s[:, 0]))


def widest(starts, ends, at, beside):
    """The longest piece inside on a line `beside` a place, extrapolated to the place itself."""
    near, far = (crossings(starts, ends, at + step * beside) for step in (1, 2))
    if len(near) == 0 or len(near) != len(far):
        return 0.0
    length, further = near[1::2] - near[::2], far[1::2] - far[::2]
    return np.max(2 * length - further)


for number, case in enumerate(json.loads((folder / "cases.json").read_text())):
    width, height = case["size"]
    mask = np.frombuffer((folder / f"{number}.mask").read_bytes(), np.uint8).reshape(height, width)
    polygons = contours(largest(mask), np.array(case["spacing"]))
    a, b = longest(np.concatenate(polygons))
    long = np.hypot(*(b - a))
    along = (b - a) / long
    turn = np.array([along, [-along[1], along[0]]]).T
    turned = [(polygon - a) @ turn for polygon in polygons]
    starts = np.concatenate([polygon[:-1] for polygon in turned])
    ends = np.concatenate([polygon[1:] for polygon in turned])
    short = max(widest(starts, ends, at, side * 1e-6) for at in starts[:, 0] for side in (1, -1))
    print(long, short)
