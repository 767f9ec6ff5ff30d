"""Makes the golden of a small SAM: seeded weights, and the original code's outputs with them.

    pip install -r tests/goldens/requirements-sam.txt
    python tests/goldens/make_sam_tiny.py   # writes tests/goldens/sam_tiny/

The model is that of facebookresearch/segment-anything (Apache-2.0), unchanged in the package
`segment-anything-py`, only smaller: no published weights are needed, and every part of the ViT is
there (windows that need padding, global attention, decomposed relative positions, neck). Runs on
the CPU with one thread, and writes the same bytes each time.

    weights.safetensors, weights.pth   the same tensors, under the original names
    case.json                          the sizes of the model, and the prompts in model space
    outputs.safetensors, all f32:
        input              [1, 3, 128, 128]  normalised, zeros below the image (`Sam.preprocess`)
        mask_prompt        [1, 1, 32, 32]    logits
        stage.patch_embed  [1, 8, 8, 32]     before the absolute positions are added
        stage.blocks.<i>   [1, 8, 8, 32]
        embedding          [1, 32, 8, 8]
        <name>.low         [B, 1, 32, 32]    low-resolution logits of each prompt of case.json
        <name>.iou         [B, 1]            the predicted IoU
        <name>_multi.low   [B, 3, 32, 32]    with multimask_output
        <name>_multi.iou   [B, 3]
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer
from torch import nn

import seeded

OUT = Path(__file__).resolve().parent / "sam_tiny"
SEED = 11
IMAGE_HW = [86, 128]
CONFIG = {
    "img_size": 128,
    "patch_size": 16,
    "embed_dim": 32,
    "depth": 3,
    "num_heads": 2,
    "mlp_ratio": 2,
    "global_attn_indexes": [1],
    # The grid is 8×8: windows of 3 or 5 need padding, and with 3 one window is not at the edge.
    "window_size": 3,
    "out_chans": 32,
    "mask_in_chans": 16,
    "decoder_depth": 2,
    "decoder_heads": 2,
    "decoder_mlp_dim": 64,
    "iou_head_depth": 3,
    "iou_head_hidden_dim": 32,
    "num_multimask_outputs": 3,
}
BOX = [20.0, 12.0, 84.0, 70.0]
POINTS = [[[40.0, 30.0], [101.0, 61.5]]]
LABELS = [[1, 0]]
PROMPTS = [
    {"name": "box", "boxes": [BOX]},
    {"name": "points", "points": POINTS, "labels": LABELS},
    {"name": "point", "points": [[[64.0, 43.0]]], "labels": [[1]]},
    {"name": "box_points", "boxes": [BOX], "points": POINTS, "labels": LABELS},
    {"name": "box_mask", "boxes": [BOX], "mask": "mask_prompt"},
    {"name": "two_boxes", "boxes": [BOX, [70.0, 33.0, 118.0, 80.0]]},
]


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    model = small_sam(CONFIG)
    seeded.fill(model, SEED)
    pixels = torch.from_numpy(seeded.image(*IMAGE_HW, SEED)).permute(2, 0, 1).float()
    given = {"input": model.preprocess(pixels)[None], "mask_prompt": mask_prompt()}
    with torch.no_grad():
        seeded.check_that_every_part_matters(model, lambda: run(model, given))
        outputs = given | run(model, given)
    OUT.mkdir(exist_ok=True)
    save_file(model.state_dict(), OUT / "weights.safetensors")
    torch.save(model.state_dict(), OUT / "weights.pth")
    save_file({name: tensor.contiguous() for name, tensor in outputs.items()}, OUT / "outputs.safetensors")
    case = {"config": CONFIG, "seed": SEED, "image_hw": IMAGE_HW, "prompts": PROMPTS}
    (OUT / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    for path in sorted(OUT.iterdir()):
        print(f"{path.name:20} {path.stat().st_size:7} bytes")


def small_sam(c):
    """Runs `_build_sam` of build_sam.py with other sizes."""
    grid = c["img_size"] // c["patch_size"]
    transformer = TwoWayTransformer(
        depth=c["decoder_depth"],
        embedding_dim=c["out_chans"],
        mlp_dim=c["decoder_mlp_dim"],
        num_heads=c["decoder_heads"],
    )
    return Sam(
        image_encoder=ImageEncoderViT(
            img_size=c["img_size"],
            patch_size=c["patch_size"],
            embed_dim=c["embed_dim"],
            depth=c["depth"],
            num_heads=c["num_heads"],
            mlp_ratio=c["mlp_ratio"],
            out_chans=c["out_chans"],
            qkv_bias=True,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
            use_rel_pos=True,
            window_size=c["window_size"],
            global_attn_indexes=c["global_attn_indexes"],
        ),
        prompt_encoder=PromptEncoder(
            embed_dim=c["out_chans"],
            image_embedding_size=(grid, grid),
            input_image_size=(c["img_size"], c["img_size"]),
            mask_in_chans=c["mask_in_chans"],
        ),
        mask_decoder=MaskDecoder(
            transformer_dim=c["out_chans"],
            transformer=transformer,
            num_multimask_outputs=c["num_multimask_outputs"],
            iou_head_depth=c["iou_head_depth"],
            iou_head_hidden_dim=c["iou_head_hidden_dim"],
        ),
        pixel_mean=[123.675, 116.28, 103.53],
        pixel_std=[58.395, 57.12, 57.375],
    ).eval()


def mask_prompt():
    """Makes logits of a disc with some roughness: [1, 1, 32, 32]."""
    y, x = np.mgrid[0:32, 0:32]
    disc = 60.0 - (x - 13.0) ** 2 - (y - 10.0) ** 2 + 3.0 * ((x * 7 + y * 5) % 6)
    return torch.from_numpy(np.clip(disc / 8.0, -10.0, 10.0).astype(np.float32))[None, None]


def run(model, given):
    """Computes every output in the docstring, from the input and the mask prompt."""
    outputs, hooks = {}, []
    encoder = model.image_encoder
    for stage in ["patch_embed", *(f"blocks.{i}" for i in range(CONFIG["depth"]))]:
        keep = lambda _m, _i, out, stage=stage: outputs.update({f"stage.{stage}": out})
        hooks.append(encoder.get_submodule(stage).register_forward_hook(keep))
    outputs["embedding"] = encoder(given["input"])
    for hook in hooks:
        hook.remove()
    for prompt in PROMPTS:
        for suffix, multimask in [("", False), ("_multi", True)]:
            name = prompt["name"] + suffix
            low, iou = decode(model, outputs["embedding"], prompt, given, multimask)
            outputs |= {f"{name}.low": low, f"{name}.iou": iou}
    return outputs


def decode(model, embedding, prompt, given, multimask):
    """Runs the second half of `SamPredictor.predict_torch`."""
    points = None
    if "points" in prompt:
        points = (torch.tensor(prompt["points"]), torch.tensor(prompt["labels"]))
    boxes = torch.tensor(prompt["boxes"]) if "boxes" in prompt else None
    masks = given[prompt["mask"]] if "mask" in prompt else None
    sparse, dense = model.prompt_encoder(points=points, boxes=boxes, masks=masks)
    return model.mask_decoder(
        image_embeddings=embedding,
        image_pe=model.prompt_encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        multimask_output=multimask,
    )


if __name__ == "__main__":
    main()
