"""Makes the goldens of SAM's, MedSAM's and MedSAM2's recipes: pre- and postprocessing, without the model.

    pip install -r tests/goldens/requirements-recipes.txt
    python tests/goldens/make_recipes.py              # writes tests/goldens/recipes/
    python tests/goldens/make_recipes.py --full F     # also every resized image, into folder F

Needs no PyTorch. SAM's follow `utils/transforms.py`, `modeling/sam.py` and `predictor.py` of
facebookresearch/segment-anything, MedSAM's `MedSAM_Inference.py` of bowang-lab/MedSAM, branch main,
MedSAM2's `medsam2_infer_3D_CT.py` of bowang-lab/MedSAM2; their function names are given below. The images and the logits are formulas, which
`crates/imaging/tests/it/recipes/references.rs` repeats.

report.json has for each case `size` [width, height], `box` and `point` in pixels of the image, and
for each recipe the size after the resize, the CRC-32 of its bytes, box and point in the model's
square of 1024 or, in MedSAM2, 512 pixels, and the area of the mask. <case>.safetensors has for each recipe:
    <recipe>.resized      [h, w, 3] u8    image after the resize, at picked(height) x picked(width)
    <recipe>.input        [3, h, w] f32   the model's input, at every 64th row and column
    <recipe>.probability  [h, w] f32      of the image's pixels, at picked(height) x picked(width); not of medsam2
"""

import argparse
import json
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file
from skimage import transform

OUT = Path(__file__).resolve().parent / "recipes"
SIDE = 1024
MEDSAM2_SIDE = 512
LOGIT_SIDE = 256
CASES = {  # name: width, height
    "shrunk": (1500, 1100),
    "shrunk_in_x": (3100, 400),
    "tall_grown": (300, 700),
    "fits": (1024, 512),
    "thin": (2000, 3),
    "one_row": (640, 1),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", type=Path, metavar="F", help="write every resized image, whole, into folder F")
    arguments = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    report = []
    for name, (width, height) in CASES.items():
        entry, tensors, resized = run_case(width, height)
        report.append({"name": name, **entry})
        save_file(tensors, OUT / f"{name}.safetensors")
        if arguments.full:
            arguments.full.mkdir(exist_ok=True)
            save_file(resized, arguments.full / f"{name}.safetensors")
        print(name, entry)
    (OUT / "report.json").write_text(json.dumps(report, indent=1) + "\n")


def run_case(width, height):
    image = picture(width, height)
    box = [width // 5, height // 4, width * 3 // 4, height - height // 3]
    point = [width // 3, height // 2]
    entry = {"size": [width, height], "box": box, "point": point}
    tensors, whole = {}, {}
    for name, recipe in {"sam": sam, "medsam": medsam, "medsam2": medsam2}.items():
        resized, model_input, (x_factor, y_factor), probability = recipe(image)
        tensors[f"{name}.resized"] = picked(resized)
        tensors[f"{name}.input"] = np.ascontiguousarray(model_input[:, ::64, ::64])
        if probability is not None:
            tensors[f"{name}.probability"] = picked(probability)
        whole[f"{name}.resized"] = resized
        entry[name] = {
            "resized": [resized.shape[1], resized.shape[0]],
            "crc32": zlib.crc32(resized.tobytes()),
            "box": to_model(box, [x_factor, y_factor] * 2),
            "point": to_model(point, [x_factor, y_factor]),
        }
        if probability is not None:
            entry[name]["area_px"] = int((probability > 0.5).sum())
    return entry, tensors, whole


def picture(width, height):
    """Draws [height, width, 3] u8: steep ramps, noise, and flat tiles of black, grey and white."""
    y, x, c = np.meshgrid(*(np.arange(n, dtype=np.uint32) for n in (height, width, 3)), indexing="ij")
    noise = (((x * 73856093) ^ (y * 19349663) ^ (c * 83492791) ^ 20240617) * np.uint32(2654435761)) >> 27
    values = (x * (c + 1) // 2 + y * 2) % 224 + noise
    tile = (x // 97 + y // 61 * 2) % 7
    for number, flat in enumerate([255, 100, 0]):
        values[tile == number] = flat
    return values.astype(np.uint8)


def logits():
    """Makes [256, 256] f32: a hill with ripples, in the upper half."""
    y, x = np.mgrid[:LOGIT_SIDE, :LOGIT_SIDE]
    eighths = 64 - ((x - 100) ** 2 + (y - 40) ** 2) // 100 + (x * 7 + y * 13) % 17 - 8
    return eighths.astype(np.float32) / np.float32(8)


def sam(image):
    """Applies `ResizeLongestSide.apply_image`, `Sam.preprocess`, `apply_coords`, `Sam.postprocess_masks`."""
    height, width = image.shape[:2]
    scale = SIDE * 1.0 / max(height, width)
    new_width, new_height = int(width * scale + 0.5), int(height * scale + 0.5)
    resized = np.asarray(Image.fromarray(image).resize((new_width, new_height), Image.Resampling.BILINEAR))
    mean = np.array([123.675, 116.28, 103.53], np.float32)
    std = np.array([58.395, 57.12, 57.375], np.float32)
    normal = (resized.astype(np.float32) - mean) / std
    model_input = np.pad(normal, ((0, SIDE - new_height), (0, SIDE - new_width), (0, 0))).transpose(2, 0, 1)
    square = interpolate(logits(), (SIDE, SIDE))[:new_height, :new_width]
    probability = sigmoid(interpolate(square, (height, width)))
    return resized, model_input, (new_width / width, new_height / height), probability


def medsam(image):
    """Applies the "image preprocessing" of `MedSAM_Inference.py`, `box_1024`, `medsam_inference`."""
    height, width = image.shape[:2]
    resized = transform.resize(
        image, (SIDE, SIDE), order=3, preserve_range=True, anti_aliasing=True
    ).astype(np.uint8)
    low, high = resized.min(), resized.max()
    normal = (resized - low) / np.clip(high - low, a_min=1e-8, a_max=None)
    model_input = normal.astype(np.float32).transpose(2, 0, 1)
    probability = interpolate(sigmoid(logits()), (height, width))
    return resized, model_input, (SIDE / width, SIDE / height), probability


def medsam2(image):
    """Applies `resize_grayscale_to_rgb_and_resize` and what follows it in `medsam2_infer_3D_CT.py`."""
    height, width = image.shape[:2]
    # In two steps: Pillow 13 resizes along y first where that is the larger reduction, and the versions that the
    # authors had always along x, with other roundings in between.
    resized = Image.fromarray(image).resize((MEDSAM2_SIDE, height)).resize((MEDSAM2_SIDE, MEDSAM2_SIDE))
    resized = np.asarray(resized)
    mean = np.array([0.485, 0.456, 0.406], np.float32)
    std = np.array([0.229, 0.224, 0.225], np.float32)
    normal = (resized / 255.0 - mean) / std
    model_input = normal.astype(np.float32).transpose(2, 0, 1)
    return resized, model_input, (MEDSAM2_SIDE / width, MEDSAM2_SIDE / height), None


def to_model(coordinates, factors):
    return [float(np.float32(value * factor)) for value, factor in zip(coordinates, factors)]


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def interpolate(values, size):
    """`torch.nn.functional.interpolate(mode="bilinear", align_corners=False)` of [h, w] f32.

    Positions are rounded once, as by the fused multiply-add in PyTorch's build.
    """
    (row0, row1, row_weight), (column0, column1, column_weight) = (
        taps(from_, to) for from_, to in zip(values.shape, size)
    )
    one = np.float32(1)
    lines = (one - column_weight) * values[:, column0] + column_weight * values[:, column1]
    row_weight = row_weight[:, None]
    return (one - row_weight) * lines[row0] + row_weight * lines[row1]


def taps(from_, to):
    from_per_to = np.float64(np.float32(from_) / np.float32(to))
    position = (from_per_to * (np.arange(to) + 0.5) - 0.5).astype(np.float32).clip(0)
    first = position.astype(np.int64).clip(0, from_ - 1)
    second = (first + 1).clip(0, from_ - 1)
    return first, second, (position - first.astype(np.float32)).clip(0, 1)


def picked(values):
    """Returns the first and last four rows and columns, and about 64 in between."""
    rows, columns = (indices(n) for n in values.shape[:2])
    return np.ascontiguousarray(values[rows][:, columns])


def indices(n):
    return [i for i in range(n) if i < 4 or i >= n - 4 or i % max(n // 64, 1) == 0]


if __name__ == "__main__":
    main()
