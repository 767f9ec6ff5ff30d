"""Makes the golden of a small MobileSAM: seeded weights, and the original code's outputs with them.

    pip install -r tests/goldens/requirements-sam.txt
    python tests/goldens/make_mobile_sam_tiny.py   # writes tests/goldens/mobile_sam_tiny/

The model is that of ChaoningZhang/MobileSAM (Apache-2.0), unchanged in the package
`mobilesam-mirror`. Smaller than published, with every difference from LiteMedSAM: the patch
embedding of two 3×3 convolutions with stride 2, and a classifier in the file that no code reads.
CPU, one thread; writes the same bytes each time.

    weights.safetensors    under the original names, BatchNorms not folded
    case.json              the sizes of the model, and the prompts in model space
    outputs.safetensors, all f32:
        input              [1, 3, 128, 128]  normalised, zeros below the image
        mask_prompt        [1, 1, 32, 32]    logits
        stage.patch_embed  [1, 16, 32, 32]
        stage.layers.<i>   [1, 256, 24], then [1, 64, 32], [1, 64, 40], [1, 64, 40]: after the merging
        embedding          [1, 32, 8, 8]
        <name>.low, .iou   as in make_sam_tiny.py
"""

import json
import warnings
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

import make_sam_tiny
import seeded

warnings.simplefilter("ignore", FutureWarning)  # of timm, on import
warnings.simplefilter("ignore", UserWarning)  # of timm's registry: MobileSAM's TinyViT overwrites timm's
from mobile_sam.modeling import MaskDecoder, PromptEncoder, Sam, TinyViT, TwoWayTransformer  # noqa: E402
from mobile_sam.modeling.common import LayerNorm2d  # noqa: E402

OUT = Path(__file__).resolve().parent / "mobile_sam_tiny"
SEED = 31
CONFIG = {
    "img_size": 128,
    "embed_dims": [16, 24, 32, 40],
    "depths": [1, 1, 2, 1],
    "num_heads": [1, 2, 4, 5],
    # The first layer has only convolutions; the other layers' grids of 16, 8 and 8 need padding.
    "window_sizes": [7, 7, 5, 3],
    "merge_strides": [2, 2, 1],
    "expand_ratio": 4,
    "out_chans": 32,
    "mask_in_chans": 16,
    "decoder_depth": 2,
    "decoder_heads": 2,
    "decoder_mlp_dim": 32,
    "iou_head_depth": 3,
    "iou_head_hidden_dim": 32,
    "num_multimask_outputs": 3,
}
UNUSED = ("image_encoder.norm_head.", "image_encoder.head.")
PROMPTS = [prompt for prompt in make_sam_tiny.PROMPTS if prompt["name"] in ("box", "points", "box_mask")]


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    model = small_mobile_sam()
    seeded.fill(model, SEED, small=0.3)
    pixels = torch.from_numpy(seeded.image(*make_sam_tiny.IMAGE_HW, SEED)).permute(2, 0, 1).float()
    given = {"input": model.preprocess(pixels)[None], "mask_prompt": make_sam_tiny.mask_prompt()}
    with torch.no_grad():
        seeded.check_that_every_part_matters(model, lambda: run(model, given), with_epsilons=False, unused=UNUSED)
        outputs = given | run(model, given)
    OUT.mkdir(exist_ok=True)
    save_file(model.state_dict(), OUT / "weights.safetensors")
    save_file({name: tensor.contiguous() for name, tensor in outputs.items()}, OUT / "outputs.safetensors")
    case = {"config": CONFIG, "seed": SEED, "image_hw": make_sam_tiny.IMAGE_HW, "prompts": PROMPTS}
    (OUT / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    for name, tensor in outputs.items():
        print(f"{name:20} {list(tensor.shape)}, largest {tensor.abs().max():.3f}")
    for path in sorted(OUT.iterdir()):
        print(f"{path.name:20} {path.stat().st_size:7} bytes")


def small_mobile_sam():
    """Runs `build_sam_vit_t` with other sizes."""
    c = CONFIG
    encoder = TinyViT(
        img_size=c["img_size"],
        num_classes=10,
        embed_dims=c["embed_dims"],
        depths=c["depths"],
        num_heads=c["num_heads"],
        window_sizes=c["window_sizes"],
        mlp_ratio=float(c["expand_ratio"]),
        drop_path_rate=0.0,
        mbconv_expand_ratio=float(c["expand_ratio"]),
        layer_lr_decay=0.8,
    )
    # The class recognises the merging with stride 1 by its 320 channels, and always outputs 256.
    encoder.layers[2].downsample.conv2.c.stride = (1, 1)
    channels = c["out_chans"]
    encoder.neck = nn.Sequential(
        nn.Conv2d(c["embed_dims"][-1], channels, kernel_size=1, bias=False),
        LayerNorm2d(channels),
        nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False),
        LayerNorm2d(channels),
    )
    grid = c["img_size"] // 16
    transformer = TwoWayTransformer(
        depth=c["decoder_depth"], embedding_dim=channels, mlp_dim=c["decoder_mlp_dim"], num_heads=c["decoder_heads"]
    )
    return Sam(
        image_encoder=encoder,
        prompt_encoder=PromptEncoder(
            embed_dim=channels,
            image_embedding_size=(grid, grid),
            input_image_size=(c["img_size"], c["img_size"]),
            mask_in_chans=c["mask_in_chans"],
        ),
        mask_decoder=MaskDecoder(
            transformer_dim=channels,
            transformer=transformer,
            num_multimask_outputs=c["num_multimask_outputs"],
            iou_head_depth=c["iou_head_depth"],
            iou_head_hidden_dim=c["iou_head_hidden_dim"],
        ),
        pixel_mean=[123.675, 116.28, 103.53],
        pixel_std=[58.395, 57.12, 57.375],
    )


def run(model, given):
    """Computes every output in the docstring, from the input and the mask prompt."""
    model.eval()  # gathers the attention biases anew
    outputs = {}
    encoder = model.image_encoder
    x = outputs["stage.patch_embed"] = encoder.patch_embed(given["input"])
    for i, layer in enumerate(encoder.layers):
        x = outputs[f"stage.layers.{i}"] = layer(x)
    # `forward_features` with another grid size: the original's is fixed at 64.
    grid = CONFIG["img_size"] // 16
    x = x.view(1, grid, grid, -1).permute(0, 3, 1, 2)
    outputs["embedding"] = encoder.neck(x)
    for prompt in PROMPTS:
        for suffix, multimask in [("", False), ("_multi", True)]:
            name = prompt["name"] + suffix
            low, iou = make_sam_tiny.decode(model, outputs["embedding"], prompt, given, multimask)
            outputs |= {f"{name}.low": low, f"{name}.iou": iou}
    return outputs


if __name__ == "__main__":
    main()
