//! A small SAM, and the original code's outputs for every kind of prompt.

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_sam::{
    Checkpoint, ImageEncoderConfig, MaskDecoderConfig, Precision, PromptEncoderConfig, Prompts,
    Sam, SamConfig, TinyVitConfig, VitConfig,
};
use safetensors::SafeTensors;
use serde::Deserialize;

use super::values::read;
use super::{Difference, largest_difference};
use crate::error::Error;

/// A golden folder of a small SAM.
#[derive(Debug)]
pub struct SmallSam {
    name: String,
    config: SamConfig,
    outputs: BTreeMap<String, TensorData>,
    prompts: Vec<Prompt>,
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

impl SmallSam {
    /// Reads a folder's files; `name` is its name in errors.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`] with the fault.
    pub fn new(name: &str, config: SamConfig, case: &[u8], outputs: &[u8]) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Golden {
            case: name.to_owned(),
            reason,
        };
        let file =
            SafeTensors::deserialize(outputs).map_err(|error| unusable(error.to_string()))?;
        let floats = file
            .iter()
            .filter(|(_, view)| view.dtype() == safetensors::Dtype::F32);
        let outputs = floats.map(|(key, view)| {
            let (words, _) = view.data().as_chunks::<4>();
            let values: Vec<f32> = words.iter().map(|w| f32::from_le_bytes(*w)).collect();
            (
                key.to_owned(),
                TensorData::new(values, view.shape().to_vec()),
            )
        });
        Ok(Self {
            name: name.to_owned(),
            config,
            outputs: outputs.collect(),
            prompts: prompts(case).map_err(unusable)?,
        })
    }

    /// Loads the model.
    ///
    /// # Errors
    ///
    /// Faulty weights.
    pub fn model(
        &self,
        weights: &[u8],
        device: &Device,
        precision: Precision,
    ) -> Result<Sam, Error> {
        let checkpoint = Checkpoint::read(weights)?;
        Ok(checkpoint.into_sam_with(&self.config, device, precision)?)
    }

    /// The number of prompts.
    pub fn prompt_count(&self) -> usize {
        self.prompts.len()
    }

    /// Compares the embedding and each prompt's logits and predicted IoU, with one mask and with several; `allowed` is a
    /// fraction of the largest absolute value.
    ///
    /// # Errors
    ///
    /// A missing tensor, a device that fails.
    pub async fn compare(
        &self,
        sam: &Sam,
        device: &Device,
        allowed: f64,
    ) -> Result<Vec<Difference>, Error> {
        let input = match self.outputs.contains_key("input") {
            true => "input",
            false => "pixel_values",
        };
        let embedding = sam.image_encoder.forward(self.tensor(input, device)?);
        let mut found = vec![self.difference("embedding", embedding, allowed).await?];
        for prompt in &self.prompts {
            for (suffix, multimask_output) in [("", false), ("_multi", true)] {
                let name = format!("{}{suffix}", prompt.name);
                if !self.outputs.contains_key(&format!("{name}.low")) {
                    continue;
                }
                // On the reference's embedding, so that each part is tested alone.
                let embedding = self.tensor("embedding", device)?;
                let prompts = self.prompts(prompt, device)?;
                let image_pe = sam.prompt_encoder.dense_pe(device);
                let answer = sam.decode(embedding, image_pe, &prompts, multimask_output);
                let low = format!("{name}.low");
                found.push(
                    self.difference(&low, answer.low_res_logits, allowed)
                        .await?,
                );
                found.push(
                    self.difference(&format!("{name}.iou"), answer.iou, allowed)
                        .await?,
                );
            }
        }
        Ok(found)
    }

    fn prompts(&self, prompt: &Prompt, device: &Device) -> Result<Prompts, Error> {
        let boxes = prompt.model_boxes.as_ref().or(prompt.boxes.as_ref());
        let points = prompt.model_points.as_ref().or(prompt.points.as_ref());
        let boxes = boxes.map(|boxes| {
            let data = TensorData::new(boxes.concat(), [boxes.len(), 4]);
            Tensor::from_data(data, device)
        });
        let points = points.zip(prompt.labels.as_ref()).map(|(points, labels)| {
            let shape = [points.len(), points.first().map_or(0, Vec::len)];
            let points = TensorData::new(points.concat().concat(), [shape[0], shape[1], 2]);
            let labels = TensorData::new(labels.concat(), shape);
            (
                Tensor::from_data(points, device),
                Tensor::<2, Int>::from_data(labels, device),
            )
        });
        let masks = prompt.mask.as_ref().map(|name| self.tensor(name, device));
        Ok(Prompts {
            boxes,
            points,
            masks: masks.transpose()?,
        })
    }

    fn output(&self, name: &str) -> Result<&TensorData, Error> {
        self.outputs.get(name).ok_or_else(|| Error::Golden {
            case: self.name.clone(),
            reason: format!("it has no floats `{name}`"),
        })
    }

    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor<4>, Error> {
        Ok(Tensor::from_data(self.output(name)?.clone(), device))
    }

    async fn difference<const D: usize>(
        &self,
        name: &str,
        found: Tensor<D>,
        allowed: f64,
    ) -> Result<Difference, Error> {
        let expected = self.output(name)?;
        let is_same_shape = expected.shape().to_vec() == found.dims();
        let found = read(found.into_data_async().await, name)?;
        let expected = read(Ok::<_, String>(expected.clone()), name)?;
        let absmax = expected.iter().fold(0.0, |m, x| f64::from(x.abs()).max(m));
        let measured = match is_same_shape {
            true => largest_difference(&found, &expected) / absmax,
            false => f64::INFINITY,
        };
        Ok(Difference {
            what: format!("{name}, of its absmax"),
            measured,
            allowed,
        })
    }
}

/// The sizes of a small SAM in a `case.json`, or in Hugging Face's `config.json`.
pub(super) fn config(json: &[u8]) -> Result<SamConfig, String> {
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

fn prompts(case: &[u8]) -> Result<Vec<Prompt>, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Prompts {
        Listed(Vec<Prompt>),
        // One box and a set of points, from which all prompts are made.
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
    let case: Case = serde_json::from_slice(case).map_err(|error| error.to_string())?;
    let (boxes, points, labels) = match case.prompts {
        Prompts::Listed(prompts) => return Ok(prompts),
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
    Ok(vec![
        prompt("two_boxes", Some(two_boxes), false),
        prompt("box", Some(boxes.clone()), false),
        prompt("points", None, true),
        prompt("box_points", Some(boxes.clone()), true),
        Prompt {
            mask: Some("mask_prompt".to_owned()),
            ..prompt("box_mask", Some(boxes), false)
        },
    ])
}
