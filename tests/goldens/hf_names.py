"""The names of SAM's weights in Hugging Face files (`transformers`, class `SamModel`).

The tensors are the same, neither transposed nor split: only names differ.
"""

import re

# Each key matches one row: the original's on the left, Hugging Face's on the right.
ROWS = [
    # Image encoder (ViT).
    ("image_encoder.pos_embed", "vision_encoder.pos_embed"),
    ("image_encoder.patch_embed.proj.*", "vision_encoder.patch_embed.projection.*"),
    ("image_encoder.blocks.#.norm1.*", "vision_encoder.layers.#.layer_norm1.*"),
    ("image_encoder.blocks.#.norm2.*", "vision_encoder.layers.#.layer_norm2.*"),
    ("image_encoder.blocks.#.attn.*", "vision_encoder.layers.#.attn.*"),
    ("image_encoder.blocks.#.mlp.*", "vision_encoder.layers.#.mlp.*"),
    ("image_encoder.neck.0.*", "vision_encoder.neck.conv1.*"),
    ("image_encoder.neck.1.*", "vision_encoder.neck.layer_norm1.*"),
    ("image_encoder.neck.2.*", "vision_encoder.neck.conv2.*"),
    ("image_encoder.neck.3.*", "vision_encoder.neck.layer_norm2.*"),
    # Prompt encoder.
    ("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix", "shared_image_embedding.positional_embedding"),
    ("prompt_encoder.point_embeddings.#.*", "prompt_encoder.point_embed.#.*"),
    ("prompt_encoder.not_a_point_embed.*", "prompt_encoder.not_a_point_embed.*"),
    ("prompt_encoder.no_mask_embed.*", "prompt_encoder.no_mask_embed.*"),
    ("prompt_encoder.mask_downscaling.0.*", "prompt_encoder.mask_embed.conv1.*"),
    ("prompt_encoder.mask_downscaling.1.*", "prompt_encoder.mask_embed.layer_norm1.*"),
    ("prompt_encoder.mask_downscaling.3.*", "prompt_encoder.mask_embed.conv2.*"),
    ("prompt_encoder.mask_downscaling.4.*", "prompt_encoder.mask_embed.layer_norm2.*"),
    ("prompt_encoder.mask_downscaling.6.*", "prompt_encoder.mask_embed.conv3.*"),
    # Mask decoder.
    ("mask_decoder.iou_token.*", "mask_decoder.iou_token.*"),
    ("mask_decoder.mask_tokens.*", "mask_decoder.mask_tokens.*"),
    ("mask_decoder.transformer.layers.#.self_attn.*", "mask_decoder.transformer.layers.#.self_attn.*"),
    ("mask_decoder.transformer.layers.#.norm1.*", "mask_decoder.transformer.layers.#.layer_norm1.*"),
    ("mask_decoder.transformer.layers.#.cross_attn_token_to_image.*",
     "mask_decoder.transformer.layers.#.cross_attn_token_to_image.*"),
    ("mask_decoder.transformer.layers.#.norm2.*", "mask_decoder.transformer.layers.#.layer_norm2.*"),
    ("mask_decoder.transformer.layers.#.mlp.*", "mask_decoder.transformer.layers.#.mlp.*"),
    ("mask_decoder.transformer.layers.#.norm3.*", "mask_decoder.transformer.layers.#.layer_norm3.*"),
    ("mask_decoder.transformer.layers.#.cross_attn_image_to_token.*",
     "mask_decoder.transformer.layers.#.cross_attn_image_to_token.*"),
    ("mask_decoder.transformer.layers.#.norm4.*", "mask_decoder.transformer.layers.#.layer_norm4.*"),
    ("mask_decoder.transformer.final_attn_token_to_image.*", "mask_decoder.transformer.final_attn_token_to_image.*"),
    ("mask_decoder.transformer.norm_final_attn.*", "mask_decoder.transformer.layer_norm_final_attn.*"),
    ("mask_decoder.output_upscaling.0.*", "mask_decoder.upscale_conv1.*"),
    ("mask_decoder.output_upscaling.1.*", "mask_decoder.upscale_layer_norm.*"),
    ("mask_decoder.output_upscaling.3.*", "mask_decoder.upscale_conv2.*"),
    # The first and the last layer of these MLPs have their own names; one more layer is between them.
    ("mask_decoder.output_hypernetworks_mlps.#.layers.0.*", "mask_decoder.output_hypernetworks_mlps.#.proj_in.*"),
    ("mask_decoder.output_hypernetworks_mlps.#.layers.1.*", "mask_decoder.output_hypernetworks_mlps.#.layers.0.*"),
    ("mask_decoder.output_hypernetworks_mlps.#.layers.2.*", "mask_decoder.output_hypernetworks_mlps.#.proj_out.*"),
    ("mask_decoder.iou_prediction_head.layers.0.*", "mask_decoder.iou_prediction_head.proj_in.*"),
    ("mask_decoder.iou_prediction_head.layers.1.*", "mask_decoder.iou_prediction_head.layers.0.*"),
    ("mask_decoder.iou_prediction_head.layers.2.*", "mask_decoder.iou_prediction_head.proj_out.*"),
]

# The second key of the matrix of random frequencies: the original shares one module, `transformers` ties two tensors.
# Files written without tied weights lack the second key.
TIED = ("prompt_encoder.shared_embedding.positional_embedding", "shared_image_embedding.positional_embedding")


def original_from_hf(key):
    """Returns the original name; both names in `TIED` give the same."""
    key = TIED[1] if key == TIED[0] else key
    return renamed(key, [(hf, original) for original, hf in ROWS])


def hf_from_original(key):
    return renamed(key, ROWS)


def renamed(key, rows):
    """Renames a key by the row that matches it; `#` stands for a number and `*` for the rest, which both names share."""
    found = []
    for pattern, replacement in rows:
        regex = re.escape(pattern).replace(r"\#", r"(\d+)").replace(r"\*", r"(.+)")
        if match := re.fullmatch(regex, key):
            parts = iter(match.groups())
            found.append(re.sub(r"[#*]", lambda _: next(parts), replacement))
    assert len(found) == 1, (key, found)
    return found[0]


def original_state_from_hf(state):
    """Returns the tensors under the original names. Both keys in `TIED` may be present if they are equal."""
    if TIED[0] in state and TIED[1] in state:
        assert state[TIED[0]].equal(state[TIED[1]])
    return {original_from_hf(key): tensor for key, tensor in state.items()}
