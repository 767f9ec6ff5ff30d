//! The prompt encoder turns points and boxes into sparse embeddings, and a mask into a dense one.
//!
//! Source: `segment_anything/modeling/prompt_encoder.py`.

mod position;

pub use position::PositionEmbeddingRandom;

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Embedding, EmbeddingConfig};
use burn::tensor::{Device, Int, Tensor};

use crate::common::LayerNorm2d;
use crate::ops::{Activation, channels_first, channels_last, gelu, patchwise, pointwise};

/// Sizes of a [`PromptEncoder`].
#[derive(Config, Debug, PartialEq)]
pub struct PromptEncoderConfig {
    /// Side of the square image, in pixels of model space.
    pub image_size: usize,
    /// Side of the embedding's grid, in cells.
    pub grid_size: usize,
    /// Channels of the embeddings.
    pub embed_dim: usize,
    /// Channels between the convolutions of the mask's downscaling.
    #[config(default = 16)]
    pub mask_channels: usize,
}

/// A batch of prompts. Coordinates are in model space: pixels of the square image, `[x, y]`.
///
/// `B` prompts give `B` independent masks of the same image. All parts that are present have the same `B`.
#[derive(Debug, Clone, Default)]
pub struct Prompts {
    /// Points `[B, N, 2]` and their labels `[B, N]`: 1 inside the object, 0 outside, -1 not a point. SAM 2 has a box among
    /// them: 2 is its top left corner, 3 its bottom right one.
    pub points: Option<(Tensor<3>, Tensor<2, Int>)>,
    /// Boxes `[B, 4]`: x0, y0, x1, y1.
    pub boxes: Option<Tensor<2>>,
    /// Low-resolution logits of an earlier mask to refine, `[B, 1, 4G, 4G]`.
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

    /// `B`; 1 if there is no prompt.
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
    /// Embeds positions by random spatial frequencies.
    pub pe_layer: PositionEmbeddingRandom,
    /// Added to a position's embedding by its kind: outside, inside, top left corner of a box, bottom right corner.
    pub point_embeddings: Vec<Embedding>,
    /// Replaces a position's embedding for label -1.
    pub not_a_point_embed: Embedding,
    /// Turns a mask's logits into the dense embedding.
    pub mask_downscaling: MaskDownscaling,
    /// The dense embedding of every cell if there is no mask.
    pub no_mask_embed: Embedding,
    image_size: usize,
    grid_size: usize,
}

/// Downsamples a mask's logits to the grid: two 2×2 convolutions with stride 2, then a 1×1 one.
#[derive(Module, Debug)]
pub struct MaskDownscaling {
    /// 2×2, stride 2, `1` → `mask_channels / 4`.
    pub conv1: Conv2d,
    /// LayerNorm over the channels, after `conv1`.
    pub norm1: LayerNorm2d,
    /// 2×2, stride 2, `mask_channels / 4` → `mask_channels`.
    pub conv2: Conv2d,
    /// LayerNorm over the channels, after `conv2`.
    pub norm2: LayerNorm2d,
    /// 1×1, `mask_channels` → `C`.
    pub conv3: Conv2d,
}

impl PromptEncoderConfig {
    /// The encoder with random weights.
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
    /// - sparse: `[B, N, C]`, where `N` is the number of points (plus one if there is no box, as in the reference) plus
    ///   two corners for a box, and 0 without either
    /// - dense: `[B, C, G, G]`
    pub fn forward(&self, prompts: &Prompts, device: &Device) -> (Tensor<3>, Tensor<4>) {
        (self.sparse(prompts, device), self.dense(prompts))
    }

    /// The shape of an image's embedding, `[1, C, G, G]`.
    pub fn grid_shape(&self) -> [usize; 4] {
        let [_, channels] = self.no_mask_embed.weight.dims();
        [1, channels, self.grid_size, self.grid_size]
    }

    /// The position embeddings of the grid's cells. Shape: `[1, C, G, G]`.
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
            + is(2) * row(&self.point_embeddings[2])
            + is(3) * row(&self.point_embeddings[3])
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

    /// Embeds positions in model space. Shapes: `[B, N, 2]` → `[B, N, C]`.
    fn position(&self, points: Tensor<3>) -> Tensor<3> {
        // A prompt names a pixel by its index; the pixel's centre is half a pixel further.
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
        let x = gelu(self.norm2.forward(x));
        channels_first(pointwise(&self.conv3, x, Activation::Identity))
    }
}

/// Appends a point with label -1, as the reference does if there is no box.
fn with_no_point(points: Tensor<3>, labels: Tensor<2, Int>) -> (Tensor<3>, Tensor<2, Int>) {
    let device = points.device();
    let [b, _, _] = points.dims();
    let points = Tensor::cat(vec![points, Tensor::zeros([b, 1, 2], &device)], 1);
    let labels = Tensor::cat(vec![labels, Tensor::full([b, 1], -1, &device)], 1);
    (points, labels)
}

/// An embedding with one entry, as `[1, 1, C]`, which broadcasts over `[B, N, C]`.
fn row(embedding: &Embedding) -> Tensor<3> {
    embedding.weight.val().unsqueeze_dim(0)
}
