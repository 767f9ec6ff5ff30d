"""Makes the tables of all keys of the published checkpoints, with shapes.

    pip install -r tests/goldens/requirements-sam.txt
    python tests/goldens/make_sam_keys.py   # writes tests/goldens/sam_keys/

One line per tensor, separated by tabs: original key, Hugging Face key (`-` if there is none),
shape, number type. From the model classes themselves, without weights:
    vit_b, vit_l, vit_h   facebookresearch/segment-anything (Apache-2.0) and the class `SamModel` of
                          `transformers` (Apache-2.0); MedSAM's file has vit_b's keys
    mobile_sam            ChaoningZhang/MobileSAM (Apache-2.0)
`build_sam.py` of both loads its files with `strict=True`, so that a file has a model's keys, no more
and no fewer. Fails if a shape differs between the two names of a tensor.
"""

import warnings
from pathlib import Path

import torch
from segment_anything import sam_model_registry
from transformers import SamConfig, SamModel, SamVisionConfig

import hf_names

warnings.simplefilter("ignore", FutureWarning)  # of timm, on import
warnings.simplefilter("ignore", UserWarning)  # of timm's registry: MobileSAM's TinyViT overwrites timm's
from mobile_sam import sam_model_registry as mobile_sam_registry  # noqa: E402

OUT = Path(__file__).resolve().parent / "sam_keys"
# `config.json` of facebook/sam-vit-base, -large and -huge.
VISION = {
    "vit_b": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
              "global_attn_indexes": [2, 5, 8, 11], "mlp_dim": 3072},
    "vit_l": {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
              "global_attn_indexes": [5, 11, 17, 23], "mlp_dim": 4096},
    "vit_h": {"hidden_size": 1280, "num_hidden_layers": 32, "num_attention_heads": 16,
              "global_attn_indexes": [7, 15, 23, 31], "mlp_dim": 5120},
}
# Tensors in the files that `forward` never reads: the classifier with which TinyViT was trained.
UNUSED = ("image_encoder.norm_head.", "image_encoder.head.")
HEADER = "# original key\tHugging Face key\tshape\ttype\n"


def main():
    OUT.mkdir(exist_ok=True)
    for name, vision in VISION.items():
        with torch.device("meta"):
            original = sam_model_registry[name]().state_dict()
            hf = SamModel(SamConfig(vision_config=SamVisionConfig(**vision))).state_dict()
        shapes = {hf_names.original_from_hf(key): tensor.shape for key, tensor in hf.items()}
        assert shapes == {key: tensor.shape for key, tensor in original.items()}
        assert {hf_names.hf_from_original(key) for key in original} | {hf_names.TIED[0]} == set(hf)
        notes = (
            f"# {name}: {len(original)} tensors, {parameters(original)} numbers.\n"
            f"# `{hf_names.TIED[0]}` is the same matrix as\n# `{hf_names.TIED[1]}`; a file may have either or both.\n"
        )
        write(name, notes, original, hf_names.hf_from_original)
    # Not on the meta device, because its constructor reads values.
    original = mobile_sam_registry["vit_t"]().state_dict()
    unused = [key for key in original if key.startswith(UNUSED)]
    notes = (
        f"# mobile_sam: {len(original)} tensors, {parameters(original)} numbers.\n"
        f"# Never read at inference: {', '.join(unused)};\n"
        "# and every `num_batches_tracked`. `attention_bias_idxs` and `ab` are buffers that no file has.\n"
    )
    write("mobile_sam", notes, original, lambda _: "-")


def parameters(state):
    return sum(tensor.numel() for tensor in state.values())


def write(name, notes, state, hf_name):
    lines = [HEADER, notes]
    for key in sorted(state):
        tensor = state[key]
        shape = "x".join(map(str, tensor.shape)) or "scalar"
        lines.append(f"{key}\t{hf_name(key)}\t{shape}\t{str(tensor.dtype).removeprefix('torch.')}\n")
    (OUT / f"{name}.tsv").write_text("".join(lines))
    print(f"{name:12} {len(state):4} tensors")


if __name__ == "__main__":
    main()
