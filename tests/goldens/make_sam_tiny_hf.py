"""Makes the golden of a small SAM in Hugging Face's format: file, model and pre- and post-processing.

    pip install -r tests/goldens/requirements-sam.txt
    python tests/goldens/make_sam_tiny_hf.py   # writes tests/goldens/sam_tiny_hf/

Everything is that of `transformers` (Apache-2.0), `SamModel` and `SamProcessor`, with smaller sizes
and with seeded weights. On the way the weights are renamed (hf_names.py) and given to the original
code, which must give the same outputs. CPU, one thread; writes the same bytes each time.

    config.json, model.safetensors   as `save_pretrained` writes them
    image.png                        203×137, in colour, from a formula
    case.json                        prompts in image space (of the processor) and in model space
    outputs.safetensors:
        resized             [86, 128, 3] u8    the original's `ResizeLongestSide`, which is Pillow's
        pixel_values        [1, 3, 128, 128]   `SamImageProcessor`: resized by torchvision, normalised, padded
        mask_prompt         [1, 1, 32, 32]     logits, as sam_tiny's
        embedding           [1, 32, 8, 8]      of pixel_values
        <name>.low          [B, M, 32, 32]     low-resolution logits of each prompt of case.json
        <name>.iou          [B, M]
        <name>.mask         [B, M, 137, 203] u8    `post_process_masks`, for some: 0 or 1
        <name>.full_sub     [B, M, 35, 51]     the same before the threshold, [..., ::4, ::4]
`<name>_multi` is with multimask_output.
    processor.safetensors, of `SamProcessor` as published (1024), on the same image:
        pixel_values_sub    [3, 64, 64]    [:, ::16, ::16]
        model_boxes         [1, 4]         of the first box of case.json
        model_points        [1, 2, 2]      of its points
        logits              [1, 1, 256, 256]   the mask prompt, enlarged
        full_sub            [35, 51]       `post_process_masks` of them before the threshold, [::4, ::4]
        mask                [137, 203] u8  and after it: 0 or 1

In the LayerNorms of the two-way transformer's layers `transformers` has an epsilon of 1e-6, the
original one of 1e-5. The published weights are converted from the original's, so 1e-5 is right for
them, and this golden uses it.
"""

import json
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from segment_anything.utils.transforms import ResizeLongestSide
from transformers import SamConfig, SamImageProcessor, SamModel, SamProcessor
from transformers.utils.logging import disable_progress_bar

import hf_names
import make_sam_tiny
import seeded

OUT = Path(__file__).resolve().parent / "sam_tiny_hf"
SEED = 23
WIDTH, HEIGHT = 203, 137
SIDE = 128
CONFIG = {
    "vision_config": {
        "image_size": SIDE,
        "patch_size": 16,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "mlp_dim": 64,
        "mlp_ratio": 2.0,
        "global_attn_indexes": [1],
        "window_size": 3,
        "output_channels": 32,
        "num_pos_feats": 16,
    },
    "prompt_encoder_config": {"hidden_size": 32, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 16},
    "mask_decoder_config": {
        "hidden_size": 32,
        "num_attention_heads": 2,
        "mlp_dim": 64,
        "iou_head_hidden_dim": 32,
        # Not the default, see above.
        "layer_norm_eps": 1e-5,
    },
}
# The same sizes with the original's names.
ORIGINAL_CONFIG = make_sam_tiny.CONFIG | {"depth": 2}
BOX = [31.0, 22.0, 140.0, 101.0]
POINTS = [[63.0, 50.0], [170.5, 96.0]]
# In pixels of the image; B prompts, as `SamProcessor` takes them for one image.
PROMPTS = [
    {"name": "box", "boxes": [BOX]},
    {"name": "points", "points": [POINTS], "labels": [[1, 0]]},
    {"name": "box_points", "boxes": [BOX], "points": [POINTS], "labels": [[1, 0]]},
    {"name": "box_mask", "boxes": [BOX], "mask": "mask_prompt"},
    {"name": "two_boxes", "boxes": [BOX, [105.0, 60.0, 188.0, 130.0]]},
]
WITH_MASK = ["box", "points_multi"]


def main():
    disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    OUT.mkdir(exist_ok=True)
    pixels = seeded.image(HEIGHT, WIDTH, SEED)
    Image.fromarray(pixels).save(OUT / "image.png", optimize=True)
    image = Image.open(OUT / "image.png")
    processor = small_processor()
    model = SamModel(SamConfig(**CONFIG, attn_implementation="eager")).eval()
    seeded.fill(model, SEED, small=0.3)
    inputs = [processor(image, **in_batch(prompt), return_tensors="pt") for prompt in PROMPTS]
    with torch.no_grad():
        seeded.check_that_every_part_matters(model, lambda: run(model, inputs), with_epsilons=False)
        outputs = run(model, inputs)
        compare_with_the_original(model, inputs, outputs)
    outputs |= restored(processor, inputs[0], outputs)
    outputs["mask_prompt"] = make_sam_tiny.mask_prompt()
    outputs["pixel_values"] = inputs[0]["pixel_values"]
    outputs["resized"] = torch.from_numpy(ResizeLongestSide(SIDE).apply_image(pixels))
    compare_resizing(outputs)
    model.save_pretrained(OUT)
    check_the_file(model)
    save_file({name: tensor.contiguous() for name, tensor in outputs.items()}, OUT / "outputs.safetensors")
    save_file(published_processor(image), OUT / "processor.safetensors")
    case = {
        "seed": SEED,
        "original_size_hw": [int(x) for x in inputs[0]["original_sizes"][0]],
        "reshaped_input_size_hw": [int(x) for x in inputs[0]["reshaped_input_sizes"][0]],
        "prompts": [entry(prompt, given) for prompt, given in zip(PROMPTS, inputs, strict=True)],
    }
    (OUT / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    for path in sorted(OUT.iterdir()):
        print(f"{path.name:20} {path.stat().st_size:7} bytes")


def small_processor():
    """Returns the published processor with 128 instead of 1024, and so 32 instead of 256."""
    sizes = {"size": {"longest_edge": SIDE}, "pad_size": {"height": SIDE, "width": SIDE}}
    mask_sizes = {"mask_size": {"longest_edge": 32}, "mask_pad_size": {"height": 32, "width": 32}}
    return SamProcessor(SamImageProcessor(**sizes, **mask_sizes))


def in_batch(prompt):
    """Returns the processor's arguments for a batch of one image."""
    return {f"input_{kind}": [prompt[kind]] for kind in ("boxes", "points", "labels") if kind in prompt}


def in_model_space(given):
    """Returns the model's arguments. The processor returns f64, but the model computes in f32."""
    kinds = ("input_boxes", "input_points", "input_labels")
    prompts = {kind: given[kind] for kind in kinds if kind in given}
    return {kind: tensor if kind == "input_labels" else tensor.float() for kind, tensor in prompts.items()}


def entry(prompt, given):
    model_space = {f"model_{k.removeprefix('input_')}": v[0].tolist() for k, v in in_model_space(given).items()}
    model_space.pop("model_labels", None)
    return prompt | model_space


def run(model, inputs):
    outputs = {"embedding": model.get_image_embeddings(inputs[0]["pixel_values"])}
    for prompt, given in zip(PROMPTS, inputs, strict=True):
        for suffix, multimask in [("", False), ("_multi", True)]:
            mask = make_sam_tiny.mask_prompt() if "mask" in prompt else None
            given_all = in_model_space(given) | {"input_masks": mask, "multimask_output": multimask}
            found = model(image_embeddings=outputs["embedding"], **given_all)
            name = prompt["name"] + suffix
            outputs |= {f"{name}.low": found.pred_masks[0], f"{name}.iou": found.iou_scores[0]}
    return outputs


def restored(processor, given, outputs):
    """Runs `post_process_masks`; returns masks, and values before the threshold."""
    sizes = (given["original_sizes"], given["reshaped_input_sizes"])
    found = {}
    for name in WITH_MASK:
        low = [outputs[f"{name}.low"]]
        found[f"{name}.mask"] = processor.post_process_masks(low, *sizes)[0].to(torch.uint8)
        full = processor.post_process_masks(low, *sizes, binarize=False)[0]
        found[f"{name}.full_sub"] = full[..., ::4, ::4]
        print(f"{name}: {[int(mask.sum()) for mask in found[f'{name}.mask'][0]]} of {HEIGHT * WIDTH} pixels")
    return found


def published_processor(image):
    """Runs the processor of the published checkpoints on the image, and on logits."""
    processor = SamProcessor(SamImageProcessor())
    given = processor(image, input_boxes=[[BOX]], input_points=[[POINTS]], input_labels=[[[1, 0]]], return_tensors="pt")
    assert given["pixel_values"].shape == (1, 3, 1024, 1024)
    low = make_sam_tiny.mask_prompt()
    logits = torch.nn.functional.interpolate(low, (256, 256), mode="bicubic", align_corners=False)
    sizes = (given["original_sizes"], given["reshaped_input_sizes"])
    full = processor.post_process_masks([logits], *sizes, binarize=False)[0][0, 0]
    mask = processor.post_process_masks([logits], *sizes)[0][0, 0].to(torch.uint8)
    print(f"published processor: {int(mask.sum())} of {mask.numel()} pixels")
    found = {
        "pixel_values_sub": given["pixel_values"][0, :, ::16, ::16],
        "model_boxes": given["input_boxes"][0].float(),
        "model_points": given["input_points"][0].float(),
        "logits": logits,
        "full_sub": full[::4, ::4],
        "mask": mask,
    }
    return {name: tensor.contiguous() for name, tensor in found.items()}


def compare_with_the_original(model, inputs, outputs):
    original = make_sam_tiny.small_sam(ORIGINAL_CONFIG)
    original.load_state_dict(hf_names.original_state_from_hf(model.state_dict()), strict=True)
    masks = {"mask_prompt": make_sam_tiny.mask_prompt()}
    found = {"embedding": original.image_encoder(inputs[0]["pixel_values"])}
    for prompt, given in zip(PROMPTS, inputs, strict=True):
        model_space = {k.removeprefix("input_"): v[0].tolist() for k, v in in_model_space(given).items()}
        model_space |= {"mask": "mask_prompt"} if "mask" in prompt else {}
        for suffix, multimask in [("", False), ("_multi", True)]:
            low, iou = make_sam_tiny.decode(original, found["embedding"], model_space, masks, multimask)
            found |= {f"{prompt['name']}{suffix}.low": low, f"{prompt['name']}{suffix}.iou": iou}
    difference = seeded.largest_difference(found, outputs)
    absolute = max((found[name] - outputs[name]).abs().max().item() for name in found)
    print(f"original code with the same weights: {difference:.1e} of the largest value, {absolute:.1e} absolute")
    assert difference < 2e-5
    print("what `transformers` does by default:")
    sdpa = SamModel(SamConfig(**CONFIG, attn_implementation="sdpa")).eval()
    sdpa.load_state_dict(model.state_dict())
    print(f"  sdpa attention: {seeded.largest_difference(run(sdpa, inputs), outputs):.1e}")
    norms = [module for module in model.mask_decoder.transformer.layers.modules() if hasattr(module, "eps")]
    for norm in norms:
        norm.eps = 1e-6
    print(f"  an epsilon of 1e-6: {seeded.largest_difference(run(model, inputs), outputs):.1e}")
    for norm in norms:
        norm.eps = 1e-5


def compare_resizing(outputs):
    """Compares the antialiased bilinear resizing of Pillow and torchvision, both rounded to u8."""
    resized = outputs["resized"].permute(2, 0, 1).float()
    original = make_sam_tiny.small_sam(ORIGINAL_CONFIG).preprocess(resized)[None]
    height, width = outputs["resized"].shape[:2]
    std = torch.tensor([58.395, 57.12, 57.375])[:, None, None]
    levels = ((outputs["pixel_values"] - original)[0, :, :height, :width] * std).abs()
    print(f"SamImageProcessor and SAM's own: {levels.max():.3f} of 255 levels at most, {levels.mean():.4f} on average")
    assert levels.max() < 1.01
    padding = outputs["pixel_values"][0, :, height:]
    assert padding.numel() > 0 and (padding == 0).all()


def check_the_file(model):
    """Checks that tied weights are written once; `pytorch_model.bin` had all names of `state_dict`."""
    written = load_file(OUT / "model.safetensors")
    state = model.state_dict()
    print("not in model.safetensors:", *(set(state) - set(written)), "| tensors:", len(written))
    assert set(state) - set(written) == {hf_names.TIED[0]}
    assert all(tensor.equal(state[name]) for name, tensor in written.items())


if __name__ == "__main__":
    main()
