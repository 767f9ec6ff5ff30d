"""Weights and images from a seed, and a proof that every part of a SAM affects the outputs.

Freshly initialised weights test too little: relative and absolute positions start at zero, and with a
variance of about 1 before every LayerNorm no output depends on its epsilon. Here everything is non-zero,
and the inputs of LayerNorms are small (variance of about 1e-4), so that an epsilon of 1e-5 instead of
1e-6 changes the outputs.
"""

import math

import numpy as np
import torch
from torch import nn

# A tensor or a detail counts as tested if outputs change by this fraction of their largest value without it. The
# comparison with the goldens allows 1e-4.
MATTERS = 5e-4
# The same for tensors in residual streams, see above.
SMALL = 0.01


def fill(model, seed, small=SMALL):
    """Gives every parameter and buffer of a SAM values that depend on the seed alone.

    With `small` at 1, epsilons don't show.
    """
    # The legacy generator, because its values never change; those of torch's and numpy's newer ones may.
    random = np.random.RandomState(seed)
    kinds = {}
    for name, module in model.named_modules():
        for own, _ in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            kinds[f"{name}.{own}"] = module
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not tensor.is_floating_point():  # BatchNorm's count of steps
                tensor.fill_(7)
                continue
            noise = torch.from_numpy(random.standard_normal(tuple(tensor.shape)).astype(np.float32))
            scale = small if any(part in name for part in SMALL_PARTS) else 1.0
            tensor.copy_(scale * values(name, kinds.get(name), noise))


def values(name, module, noise):
    if name.endswith("running_var"):
        return 0.5 + 0.5 * noise**2
    if isinstance(module, nn.BatchNorm2d) or "norm" in name or type(module).__name__ in ("LayerNorm2d", "SamLayerNorm"):
        mean = 1.0 if name.endswith("weight") else 0.0
        return mean + 0.3 * noise
    if "rel_pos" in name or "attention_biases" in name:
        return 0.5 * noise
    if isinstance(module, nn.Embedding) or "pos" in name:
        return noise
    if name.endswith("bias"):
        return 0.3 * noise
    fan_in = noise.shape[0] if isinstance(module, nn.ConvTranspose2d) else math.prod(noise.shape[1:])
    return 1.4 * noise / math.sqrt(fan_in)


# Start of each residual stream, what is added to it, and other inputs of a LayerNorm; in the original's names, then in
# Hugging Face's if they differ.
SMALL_PARTS = (
    # The ViT: the stream starts small, and stays small.
    "encoder.pos_embed",
    "patch_embed",
    "attn.proj",
    ".mlp.lin2",
    "neck.2",
    "neck.3",
    "neck.conv2",
    "neck.layer_norm2",
    # The dense prompt is added to the embedding.
    "mask_downscaling.0",
    "mask_downscaling.3",
    "mask_downscaling.6",
    "no_mask_embed",
    "mask_embed.conv",
    # The two-way transformer: each LayerNorm feeds the next.
    "transformer.layers.0.self_attn.out_proj",
    "transformer.layers.0.norm",
    "transformer.layers.1.norm",
    "transformer.layers.0.layer_norm",
    "transformer.layers.1.layer_norm",
    "v_proj.bias",
    "out_proj.bias",
    "lin1.bias",
    "output_upscaling.0.bias",
    "upscale_conv1.bias",
)


def image(height, width, seed):
    """Draws [H, W, 3] u8: coloured discs and stripes with noise."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    y, x = (y + 0.5) / height, (x + 0.5) / width
    red = 90 + 120 * ((x - 0.35) ** 2 + (y - 0.45) ** 2 < 0.06)
    green = 128 + 90 * np.sin(14 * x + 5 * y)
    blue = 60 + 150 * x * y + 40 * ((x - 0.7) ** 2 + (y - 0.6) ** 2 < 0.03)
    noise = 12 * np.random.RandomState(seed).standard_normal((height, width, 3))
    return np.clip(np.stack([red, green, blue], axis=-1) + noise, 0, 255).round().astype(np.uint8)


def largest_difference(found, expected):
    """Returns the largest difference in any output, as a fraction of that output's largest value."""
    return max((found[k] - expected[k]).abs().max().item() / expected[k].abs().max().item() for k in expected)


def check_that_every_part_matters(model, run, with_epsilons=True, unused=()):
    """`run()` gives named outputs. Prints what changes them least, and fails if it's too little.

    What starts with a name of `unused` mustn't change anything at all.

    Leaves the weights as they were.
    """
    expected = run()
    tensors, epsilons = [], []
    for name, tensor in model.state_dict().items():
        # The same number for every key would be cancelled by the softmax.
        if name.endswith("k_proj.bias"):
            continue
        kept = tensor.clone()
        tensor.zero_()
        change = largest_difference(run(), expected)
        tensor.copy_(kept)
        if name.startswith(unused) or not tensor.is_floating_point():
            assert change == 0.0, (name, change)
        else:
            tensors.append((change, name))
    for name, module in model.named_modules():
        if hasattr(module, "eps"):
            kept = module.eps
            module.eps = {1e-6: 1e-5, 1e-5: 1e-6}[kept]
            epsilons.append((largest_difference(run(), expected), f"{name}: eps {kept}, not {module.eps}"))
            module.eps = kept
    for kind, changes in [("tensor set to 0", tensors), ("epsilon", epsilons)][: 1 + with_epsilons]:
        change, name = min(changes)
        print(f"weakest {kind} of {len(changes)}: {name} changes an output by {change:.1e} of its largest value")
        assert change > MATTERS, sorted(changes)[:14]
    # The case's conditioning: every weight changes by about the rounding of f32.
    kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.mul_(1 + 6e-8 * torch.sign(tensor.roll(1)))
    rounding = largest_difference(run(), expected)
    model.load_state_dict(kept)
    print(f"weights off by 6e-8: {rounding:.1e}")
    assert rounding < 1e-5
