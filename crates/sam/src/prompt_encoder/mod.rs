//! Prompts become embeddings: points and boxes sparse ones, a mask a dense one.
//!
//! Source: `segment_anything/modeling/prompt_encoder.py`.

mod position;

pub use position::PositionEmbeddingRandom;

use crate::cpu::gelu;
use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Embedding, EmbeddingConfig};
use burn::tensor::{Device, Int, Tensor};

use crate::common::{LayerNorm2d, channels_first, channels_last, patchwise, pointwise};

/// Sizes of a [`PromptEncoder`].
#[derive(Config, Debug, PartialEq)]
pub struct PromptEncoderConfig {
    /// Side of the square image, in pixels of model space.
    pub image_size: usize,
    /// Side of the embedding's grid.
    pub grid_size: usize,
    /// Channels of the embeddings.
    pub embed_dim: usize,
    /// Channels inside the mask's downscaling.
    #[config(default = 16)]
    pub mask_channels: usize,
}

/// What to segment. Coordinates are in model space: pixels of the square image, `[x, y]`.
///
/// A batch of `B` prompts gives `B` independent masks of the same image; all parts that are there
/// have the same `B`.
#[derive(Debug, Clone, Default)]
pub struct Prompts {
    /// Points `[B, N, 2]`, and what each is `[B, N]`: 1 inside, 0 outside, -1 no point.
    pub points: Option<(Tensor<3>, Tensor<2, Int>)>,
    /// Boxes `[B, 4]`: x0, y0, x1, y1.
    pub boxes: Option<Tensor<2>>,
    /// Low-resolution logits of an earlier mask `[B, 1, 4G, 4G]`, to be refined.
    pub masks: Option<Tensor<4>>,
}

impl Prompts {
    /// A batch of boxes, `[B, 4]` in model space: x0, y0, x1, y1.
    pub fn boxes(boxes: Tensor<2>) -> Self {
        Self {
            boxes: Some(boxes),
            ..Self::default()
        }
    }

    /// A batch of point sets: coordinates `[B, N, 2]` in model space, labels `[B, N]`.
    pub fn points(points: Tensor<3>, labels: Tensor<2, Int>) -> Self {
        Self {
            points: Some((points, labels)),
            ..Self::default()
        }
    }

    /// `B`; 1 where there is no prompt at all.
    fn batch_size(&self) -> usize {
        let points = self.points.as_ref().map(|(points, _)| points.dims()[0]);
        let boxes = self.boxes.as_ref().map(|boxes| boxes.dims()[0]);
        let masks = self.masks.as_ref().map(|masks| masks.dims()[0]);
        points.or(boxes).or(masks).unwrap_or(1)
    }
}

/// Encodes prompts for the mask decoder.
///
/// Source: `prompt_encoder.py`, class `PromptEncoder`.
#[derive(Module, Debug)]
pub struct PromptEncoder {
    /// Position → embedding.
    pub pe_layer: PositionEmbeddingRandom,
    /// What a position is: outside, inside, a box's top left corner, its bottom right one.
    pub point_embeddings: Vec<Embedding>,
    /// In place of a position's embedding where there is no point.
    pub not_a_point_embed: Embedding,
    /// A mask's logits → dense embedding.
    pub mask_downscaling: MaskDownscaling,
    /// The dense embedding where there is no mask.
    pub no_mask_embed: Embedding,
    image_size: usize,
    grid_size: usize,
}

/// Brings a mask's logits down to the grid: twice a 2×2 convolution with stride 2, then a 1×1 one.
#[derive(Module, Debug)]
pub struct MaskDownscaling {
    /// 2×2, stride 2.
    pub conv1: Conv2d,
    /// Behind `conv1`.
    pub norm1: LayerNorm2d,
    /// 2×2, stride 2.
    pub conv2: Conv2d,
    /// Behind `conv2`.
    pub norm2: LayerNorm2d,
    /// 1×1, into the embedding.
    pub conv3: Conv2d,
}

impl PromptEncoderConfig {
    /// The encoder with freshly initialised weights.
    pub fn init(&self, device: &Device) -> PromptEncoder {
        let embedding = || EmbeddingConfig::new(1, self.embed_dim).init(device);
        PromptEncoder {
            pe_layer: PositionEmbeddingRandom::new(self.embed_dim / 2, device),
            point_embeddings: (0..4).map(|_| embedding()).collect(),
            not_a_point_embed: embedding(),
            mask_downscaling: MaskDownscaling::new(self.mask_channels, self.embed_dim, device),
            no_mask_embed: embedding(),
            image_size: self.image_size,
            grid_size: self.grid_size,
        }
    }
}

impl PromptEncoder {
    /// Encodes a batch of prompts.
    ///
    /// # Shapes
    ///
    /// - sparse: `[B, N, C]`, where `N` counts points (one more where there is no box, as in the
    ///   reference) and two corners for the box; 0 without either
    /// - dense: `[B, C, G, G]`
    pub fn forward(&self, prompts: &Prompts, device: &Device) -> (Tensor<3>, Tensor<4>) {
        (self.sparse(prompts, device), self.dense(prompts))
    }

    /// The position embedding of the grid's cells. Shape: `[1, C, G, G]`.
    pub fn dense_pe(&self, device: &Device) -> Tensor<4> {
        channels_first(self.pe_layer.forward_grid(self.grid_size, device))
    }

    fn sparse(&self, prompts: &Prompts, device: &Device) -> Tensor<3> {
        let mut sparse = Vec::new();
        if let Some((points, labels)) = &prompts.points {
            let pad = prompts.boxes.is_none();
            sparse.push(self.embed_points(points.clone(), labels.clone(), pad));
        }
        if let Some(boxes) = &prompts.boxes {
            sparse.push(self.embed_boxes(boxes.clone()));
        }
        if sparse.is_empty() {
            let [_, channels] = self.no_mask_embed.weight.dims();
            return Tensor::zeros([prompts.batch_size(), 0, channels], device);
        }
        Tensor::cat(sparse, 1)
    }

    /// Shapes: `[B, N, 2]`, `[B, N]` → `[B, N (+ 1), C]`.
    fn embed_points(&self, points: Tensor<3>, labels: Tensor<2, Int>, pad: bool) -> Tensor<3> {
        let (points, labels) = if pad {
            with_no_point(points, labels)
        } else {
            (points, labels)
        };
        let position = self.position(points);
        let is = |label: i32| {
            let is = labels.clone().equal_elem(label);
            is.float().unsqueeze_dim::<3>(2)
        };
        let no_point = is(-1);
        let is_point = no_point.clone().neg().add_scalar(1.0);
        position * is_point
            + no_point * row(&self.not_a_point_embed)
            + is(0) * row(&self.point_embeddings[0])
            + is(1) * row(&self.point_embeddings[1])
    }

    /// Shapes: `[B, 4]` → `[B, 2, C]`.
    fn embed_boxes(&self, boxes: Tensor<2>) -> Tensor<3> {
        let [b, _] = boxes.dims();
        let corners = self.position(boxes.reshape([b, 2, 2]));
        let kinds = Tensor::cat(
            vec![
                row(&self.point_embeddings[2]),
                row(&self.point_embeddings[3]),
            ],
            1,
        );
        corners + kinds
    }

    /// Model space → embedding of the position. Shapes: `[B, N, 2]` → `[B, N, C]`.
    fn position(&self, points: Tensor<3>) -> Tensor<3> {
        // A prompt names a pixel by its index; its centre is half a pixel on.
        let unit_from_model = 1.0 / self.image_size as f64;
        self.pe_layer
            .forward(points.add_scalar(0.5).mul_scalar(unit_from_model))
    }

    fn dense(&self, prompts: &Prompts) -> Tensor<4> {
        if let Some(masks) = &prompts.masks {
            return self.mask_downscaling.forward(masks.clone());
        }
        let weight = self.no_mask_embed.weight.val();
        let [_, c] = weight.dims();
        let grid = self.grid_size;
        weight
            .reshape([1, c, 1, 1])
            .expand([prompts.batch_size(), c, grid, grid])
    }
}

impl MaskDownscaling {
    fn new(channels: usize, embed_dim: usize, device: &Device) -> Self {
        let halve = |c_in, c_out| {
            Conv2dConfig::new([c_in, c_out], [2, 2])
                .with_stride([2, 2])
                .init(device)
        };
        Self {
            conv1: halve(1, channels / 4),
            norm1: LayerNorm2d::new(channels / 4, device),
            conv2: halve(channels / 4, channels),
            norm2: LayerNorm2d::new(channels, device),
            conv3: Conv2dConfig::new([channels, embed_dim], [1, 1]).init(device),
        }
    }

    /// Shapes: `[B, 1, 4G, 4G]` → `[B, C, G, G]`.
    fn forward(&self, masks: Tensor<4>) -> Tensor<4> {
        let x = patchwise(&self.conv1, channels_last(masks));
        let x = patchwise(&self.conv2, gelu(self.norm1.forward(x)));
        channels_first(pointwise(&self.conv3, gelu(self.norm2.forward(x))))
    }
}

/// Appends a point that is none: what the reference gives the decoder where there is no box.
fn with_no_point(points: Tensor<3>, labels: Tensor<2, Int>) -> (Tensor<3>, Tensor<2, Int>) {
    let device = points.device();
    let [b, _, _] = points.dims();
    let points = Tensor::cat(vec![points, Tensor::zeros([b, 1, 2], &device)], 1);
    let labels = Tensor::cat(vec![labels, Tensor::full([b, 1], -1, &device)], 1);
    (points, labels)
}

/// An embedding of one entry, ready to be broadcast over `[B, N, C]`.
fn row(embedding: &Embedding) -> Tensor<3> {
    embedding.weight.val().unsqueeze_dim(0)
}
