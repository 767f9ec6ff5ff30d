//! Small models with seeded weights and every part of the large ones, and the original code's outputs for every kind
//! of prompt.
#![allow(clippy::expect_used, reason = "a test that can't go on fails")]

use boxel_segmenter::parity::SmallSam;
use boxel_segmenter::sam::{
    ImageEncoderConfig, MaskDecoderConfig, Precision, PromptEncoderConfig, Sam, SamConfig,
    TinyVitConfig, VitConfig,
};
use burn::tensor::Device;

use crate::print_line;

/// A golden folder of one small model.
pub struct TinyFolder {
    /// The folder's name in `tests/goldens`.
    pub name: &'static str,
    /// The same weights, in each of the folder's formats: file name and bytes.
    pub weights: &'static [(&'static str, &'static [u8])],
    /// The original code's outputs, a safetensors file.
    pub outputs: &'static [u8],
    /// `case.json`: sizes and prompts.
    pub case: &'static [u8],
}

/// A small model on a device, with its expected outputs.
pub struct Tiny {
    golden: SmallSam,
    sam: Sam,
    device: Device,
}

impl TinyFolder {
    /// The model's configuration.
    ///
    /// # Panics
    ///
    /// If the folder's name is unknown.
    pub fn config(&self) -> SamConfig {
        let decoder = MaskDecoderConfig::new(32);
        match self.name {
            "sam_tiny" => sam_tiny(3),
            "sam_tiny_hf" => sam_tiny(2),
            "mobile_sam_tiny" => {
                let tiny_vit = TinyVitConfig::new(
                    128,
                    [16, 24, 32, 40],
                    [1, 1, 2, 1],
                    [1, 2, 4, 5],
                    [7, 7, 5, 3],
                    [2, 2, 1],
                );
                let tiny_vit = tiny_vit.with_patch_stride(2).with_out_channels(32);
                SamConfig {
                    image_encoder: ImageEncoderConfig::TinyVit(tiny_vit),
                    prompt_encoder: PromptEncoderConfig::new(128, 8, 32),
                    mask_decoder: decoder
                        .with_transformer_heads(2)
                        .with_transformer_mlp_dim(32)
                        .with_iou_head_hidden_dim(32),
                }
            }
            "shared/sam_tiny" => {
                let vit = VitConfig::new(256, 64, 4, 4, vec![1, 3])
                    .with_window_size(7)
                    .with_out_channels(32);
                SamConfig {
                    image_encoder: ImageEncoderConfig::Vit(vit),
                    prompt_encoder: PromptEncoderConfig::new(256, 16, 32),
                    mask_decoder: decoder
                        .with_transformer_heads(4)
                        .with_transformer_mlp_dim(128),
                }
            }
            other => panic!("unknown model folder {other}"),
        }
    }

    /// The model from each of the folder's weight files, in a precision that the device supports.
    ///
    /// # Panics
    ///
    /// If a file differs from the script's output.
    pub fn models(&self, device: &Device, precision: Precision) -> Vec<(&'static str, Tiny)> {
        let load = |&(file, bytes): &(&'static str, &[u8])| {
            let golden = SmallSam::new(self.name, self.config(), self.case, self.outputs)
                .expect("a readable folder");
            let sam = golden
                .model(bytes, device, precision)
                .unwrap_or_else(|error| panic!("{}/{file}: {error}", self.name));
            let device = device.clone();
            (
                file,
                Tiny {
                    golden,
                    sam,
                    device,
                },
            )
        };
        self.weights.iter().map(load).collect()
    }
}

/// The configuration in `make_sam_tiny.py`.
fn sam_tiny(depth: usize) -> SamConfig {
    let vit = VitConfig::new(128, 32, depth, 2, vec![1])
        .with_mlp_ratio(2)
        .with_window_size(3)
        .with_out_channels(32);
    SamConfig {
        image_encoder: ImageEncoderConfig::Vit(vit),
        prompt_encoder: PromptEncoderConfig::new(128, 8, 32),
        mask_decoder: MaskDecoderConfig::new(32)
            .with_transformer_heads(2)
            .with_transformer_mlp_dim(64)
            .with_iou_head_hidden_dim(32),
    }
}

impl Tiny {
    /// Compares the embedding and each prompt's logits and predicted IoU, with one mask and with
    /// several, and returns what differs by more than `allowed` of the largest absolute value.
    pub async fn faults(&self, allowed: f32) -> Vec<String> {
        let found = self
            .golden
            .compare(&self.sam, &self.device, f64::from(allowed));
        let found = found.await.expect("the device answers");
        for difference in &found {
            print_line!("  {difference}");
        }
        let failed = found.iter().filter(|difference| !difference.passes());
        failed.map(ToString::to_string).collect()
    }

    /// The number of prompts.
    pub fn prompt_count(&self) -> usize {
        self.golden.prompt_count()
    }
}
