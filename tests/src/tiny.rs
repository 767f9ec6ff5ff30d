//! Small models with seeded weights and every part of the large ones, and the original code's outputs for every kind
//! of prompt.
#![allow(clippy::expect_used, reason = "a test that can't go on fails")]

use boxel_segmenter::sam::{
    Checkpoint, ImageEncoderConfig, MaskDecoderConfig, Precision, PromptEncoderConfig, Prompts,
    Sam, SamConfig, TinyVitConfig, VitConfig,
};
use burn::tensor::{Device, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use serde::Deserialize;

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

/// A prompt in model space, as `case.json` has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Prompt {
    name: String,
    boxes: Option<Vec<[f32; 4]>>,
    points: Option<Vec<Vec<[f32; 2]>>>,
    labels: Option<Vec<Vec<i32>>>,
    mask: Option<String>,
    // Hugging Face's processor takes prompts in image space and returns these.
    model_boxes: Option<Vec<[f32; 4]>>,
    model_points: Option<Vec<Vec<[f32; 2]>>>,
}

/// A small model on a device, with its expected outputs.
pub struct Tiny {
    sam: Sam,
    outputs: SafeTensors<'static>,
    prompts: Vec<Prompt>,
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
            let sam = Checkpoint::read(bytes)
                .and_then(|checkpoint| checkpoint.into_sam_with(&self.config(), device, precision))
                .unwrap_or_else(|error| panic!("{}/{file}: {error}", self.name));
            let tiny = Tiny {
                sam,
                outputs: SafeTensors::deserialize(self.outputs).expect("outputs.safetensors"),
                prompts: prompts(self.case),
                device: device.clone(),
            };
            (file, tiny)
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

fn prompts(case: &[u8]) -> Vec<Prompt> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Prompts {
        Listed(Vec<Prompt>),
        // In ../shared: one box and a set of points, from which all prompts are made.
        Parts {
            #[serde(rename = "box")]
            boxes: Vec<[f32; 4]>,
            points: Vec<Vec<[f32; 2]>>,
            labels: Vec<Vec<i32>>,
        },
    }
    #[derive(Deserialize)]
    struct Case {
        prompts: Prompts,
    }
    let case: Case = serde_json::from_slice(case).expect("case.json");
    let (boxes, points, labels) = match case.prompts {
        Prompts::Listed(prompts) => return prompts,
        Prompts::Parts {
            boxes,
            points,
            labels,
        } => (boxes, points, labels),
    };
    let prompt = |name: &str, boxes: Option<Vec<[f32; 4]>>, with_points: bool| Prompt {
        name: name.to_owned(),
        boxes,
        points: with_points.then(|| points.clone()),
        labels: with_points.then(|| labels.clone()),
        ..Prompt::default()
    };
    // The second box is missing in case.json; this one reproduces the outputs.
    let two_boxes = [boxes.clone(), vec![[5.0, 5.0, 250.0, 160.0]]].concat();
    vec![
        prompt("two_boxes", Some(two_boxes), false),
        prompt("box", Some(boxes.clone()), false),
        prompt("points", None, true),
        prompt("box_points", Some(boxes.clone()), true),
        Prompt {
            mask: Some("mask_prompt".to_owned()),
            ..prompt("box_mask", Some(boxes), false)
        },
    ]
}

impl Tiny {
    /// Compares the embedding and each prompt's logits and predicted IoU, with one mask and with
    /// several, and returns what differs by more than `allowed` of the largest absolute value.
    pub async fn faults(&self, allowed: f32) -> Vec<String> {
        let mut faults = Vec::new();
        let input = match self.outputs.tensor("input") {
            Ok(_) => "input",
            Err(_) => "pixel_values",
        };
        let embedding = self.sam.image_encoder.forward(self.tensor(input));
        faults.extend(self.fault("embedding", embedding.into_data_async().await, allowed));
        for prompt in &self.prompts {
            for (suffix, multimask_output) in [("", false), ("_multi", true)] {
                let name = format!("{}{suffix}", prompt.name);
                if self.outputs.tensor(&format!("{name}.low")).is_err() {
                    continue;
                }
                // On the reference's embedding, so that each part is tested alone.
                let embedding = self.tensor("embedding");
                let prompts = self.prompts(prompt);
                let image_pe = self.sam.prompt_encoder.dense_pe(&embedding.device());
                let found = self
                    .sam
                    .decode(embedding, image_pe, &prompts, multimask_output);
                let logits = found.low_res_logits.into_data_async().await;
                let iou = found.iou.into_data_async().await;
                faults.extend(self.fault(&format!("{name}.low"), logits, allowed));
                faults.extend(self.fault(&format!("{name}.iou"), iou, allowed));
            }
        }
        faults
    }

    /// The number of prompts.
    pub fn prompt_count(&self) -> usize {
        self.prompts.len()
    }

    fn prompts(&self, prompt: &Prompt) -> Prompts {
        let boxes = prompt.model_boxes.as_ref().or(prompt.boxes.as_ref());
        let points = prompt.model_points.as_ref().or(prompt.points.as_ref());
        let boxes = boxes.map(|boxes| {
            let data = TensorData::new(boxes.concat(), [boxes.len(), 4]);
            Tensor::from_data(data, &self.device)
        });
        let points = points.zip(prompt.labels.as_ref()).map(|(points, labels)| {
            let shape = [points.len(), points[0].len()];
            let points = TensorData::new(points.concat().concat(), [shape[0], shape[1], 2]);
            let labels = TensorData::new(labels.concat(), shape);
            (
                Tensor::from_data(points, &self.device),
                Tensor::<2, Int>::from_data(labels, &self.device),
            )
        });
        Prompts {
            boxes,
            points,
            masks: prompt.mask.as_ref().map(|name| self.tensor(name)),
        }
    }

    fn output(&self, name: &str) -> TensorData {
        let view = self.outputs.tensor(name);
        let view = view.unwrap_or_else(|error| panic!("{name}: {error}"));
        let (words, _) = view.data().as_chunks::<4>();
        let values: Vec<f32> = words.iter().map(|w| f32::from_le_bytes(*w)).collect();
        TensorData::new(values, view.shape().to_vec())
    }

    fn tensor(&self, name: &str) -> Tensor<4> {
        Tensor::from_data(self.output(name), &self.device)
    }

    fn fault<E: std::fmt::Debug>(
        &self,
        name: &str,
        found: Result<TensorData, E>,
        allowed: f32,
    ) -> Option<String> {
        let found = found.expect("the device answers");
        let expected = self.output(name);
        if found.shape() != expected.shape() {
            let (found, expected) = (found.shape(), expected.shape());
            return Some(format!("{name} has shape {found:?}, not {expected:?}"));
        }
        let found = found.try_to_vec::<f32>().expect("f32");
        let expected = expected.try_to_vec::<f32>().expect("f32");
        let absmax = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
        let pairs = found.iter().zip(&expected);
        let largest = pairs.fold(0f32, |m, (a, b)| m.max((a - b).abs()));
        let passes = found.iter().all(|x| x.is_finite()) && largest <= allowed * absmax;
        print_line!("  {name}: {:.1e} of its absmax", largest / absmax);
        (!passes).then(|| format!("{name} differs by {largest} of {absmax}"))
    }
}
