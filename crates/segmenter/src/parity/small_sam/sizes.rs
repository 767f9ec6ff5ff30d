use burn_sam::{
    ImageEncoderConfig, MaskDecoderConfig, PromptEncoderConfig, SamConfig, TinyVitConfig, VitConfig,
};
use serde::Deserialize;

/// The sizes of a small SAM in a `case.json`, or in Hugging Face's `config.json`.
pub(in crate::parity) fn config(json: &[u8]) -> Result<SamConfig, String> {
    #[derive(Deserialize)]
    struct Case {
        config: Sizes,
    }
    let case: Result<Case, _> = serde_json::from_slice(json);
    let sizes = match case {
        Ok(case) => case.config,
        Err(error) => serde_json::from_slice(json)
            .map_err(|_| format!("the sizes of its model can't be read: {error}"))?,
    };
    Ok(match sizes {
        Sizes::HuggingFace {
            vision_config: vision,
            mask_decoder_config: decoder,
        } => SamConfig {
            image_encoder: ImageEncoderConfig::Vit(
                VitConfig::new(
                    vision.image_size,
                    vision.hidden_size,
                    vision.num_hidden_layers,
                    vision.num_attention_heads,
                    vision.global_attn_indexes,
                )
                .with_mlp_ratio(vision.mlp_dim / vision.hidden_size)
                .with_window_size(vision.window_size)
                .with_out_channels(vision.output_channels),
            ),
            prompt_encoder: prompt_encoder(vision.image_size, vision.output_channels),
            mask_decoder: MaskDecoderConfig::new(vision.output_channels)
                .with_transformer_heads(decoder.num_attention_heads)
                .with_transformer_mlp_dim(decoder.mlp_dim)
                .with_iou_head_hidden_dim(decoder.iou_head_hidden_dim),
        },
        Sizes::Vit {
            embed_dim,
            depth,
            num_heads,
            mlp_ratio,
            global_attn_indexes,
            window_size,
            rest,
        } => SamConfig {
            image_encoder: ImageEncoderConfig::Vit(
                VitConfig::new(
                    rest.img_size,
                    embed_dim,
                    depth,
                    num_heads,
                    global_attn_indexes,
                )
                .with_mlp_ratio(mlp_ratio.unwrap_or(4))
                .with_window_size(window_size)
                .with_out_channels(rest.out_chans),
            ),
            prompt_encoder: prompt_encoder(rest.img_size, rest.out_chans),
            mask_decoder: rest.mask_decoder(),
        },
        Sizes::TinyVit {
            embed_dims,
            depths,
            num_heads,
            window_sizes,
            merge_strides,
            rest,
        } => {
            let tiny_vit = TinyVitConfig::new(
                rest.img_size,
                embed_dims,
                depths,
                num_heads,
                window_sizes,
                merge_strides,
            );
            // As MobileSAM; LiteMedSAM has 1.
            let tiny_vit = tiny_vit
                .with_patch_stride(2)
                .with_out_channels(rest.out_chans);
            SamConfig {
                image_encoder: ImageEncoderConfig::TinyVit(tiny_vit),
                prompt_encoder: prompt_encoder(rest.img_size, rest.out_chans),
                mask_decoder: rest.mask_decoder(),
            }
        }
    })
}

fn prompt_encoder(image_size: usize, dim: usize) -> PromptEncoderConfig {
    PromptEncoderConfig::new(image_size, image_size / 16, dim)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Sizes {
    HuggingFace {
        vision_config: Vision,
        mask_decoder_config: Decoder,
    },
    Vit {
        embed_dim: usize,
        depth: usize,
        num_heads: usize,
        mlp_ratio: Option<usize>,
        global_attn_indexes: Vec<usize>,
        window_size: usize,
        #[serde(flatten)]
        rest: Rest,
    },
    TinyVit {
        embed_dims: [usize; 4],
        depths: [usize; 4],
        num_heads: [usize; 4],
        window_sizes: [usize; 4],
        merge_strides: [usize; 3],
        #[serde(flatten)]
        rest: Rest,
    },
}

#[derive(Deserialize)]
struct Vision {
    image_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    global_attn_indexes: Vec<usize>,
    mlp_dim: usize,
    window_size: usize,
    output_channels: usize,
}

#[derive(Deserialize)]
struct Decoder {
    num_attention_heads: usize,
    mlp_dim: usize,
    iou_head_hidden_dim: usize,
}

/// What both encoders' cases have.
#[derive(Deserialize)]
struct Rest {
    img_size: usize,
    out_chans: usize,
    decoder_heads: usize,
    #[serde(alias = "mlp_dim")]
    decoder_mlp_dim: usize,
    #[serde(default = "iou_head_hidden_dim")]
    iou_head_hidden_dim: usize,
}

/// Written in the reference's code.
fn iou_head_hidden_dim() -> usize {
    256
}

impl Rest {
    fn mask_decoder(&self) -> MaskDecoderConfig {
        MaskDecoderConfig::new(self.out_chans)
            .with_transformer_heads(self.decoder_heads)
            .with_transformer_mlp_dim(self.decoder_mlp_dim)
            .with_iou_head_hidden_dim(self.iou_head_hidden_dim)
    }
}
