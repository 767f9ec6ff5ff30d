//! Memory attention: a slice's embedding attends to what was found on other slices.
//!
//! Source: `sam2/modeling/memory_attention.py`.

mod rope;

pub use rope::{RopeAttention, Rotation};

use burn::config::Config;
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::common::{EPSILON_LAYER_NORM, project};

/// How much of the slice's positions is added to its embedding.
const POSITION_AT_INPUT: f64 = 0.1;

/// Sizes of a [`MemoryAttention`].
#[derive(Config, Debug, PartialEq)]
pub struct MemoryAttentionConfig {
    /// Channels of the embedding.
    pub dim: usize,
    /// Channels of a memory.
    pub memory_dim: usize,
    /// Number of layers.
    #[config(default = 4)]
    pub depth: usize,
    /// Hidden size of the layers' MLPs.
    #[config(default = 2048)]
    pub mlp_dim: usize,
}

/// A stack of layers, and a last LayerNorm.
///
/// Source: `memory_attention.py`, class `MemoryAttention`.
#[derive(Module, Debug)]
pub struct MemoryAttention {
    /// In order.
    pub layers: Vec<MemoryAttentionLayer>,
    /// LayerNorm over the channels, at the end.
    pub norm: LayerNorm,
}

/// Attention within the slice, attention to the memories, and an MLP; each after a LayerNorm and with a residual
/// connection.
///
/// Source: `memory_attention.py`, class `MemoryAttentionLayer`.
#[derive(Module, Debug)]
pub struct MemoryAttentionLayer {
    /// Attention of the slice's cells to each other.
    pub self_attn: RopeAttention,
    /// From the slice's cells to the memories.
    pub cross_attn_image: RopeAttention,
    /// Of the MLP, `C` → hidden size.
    pub linear1: Linear,
    /// Of the MLP, hidden size → `C`.
    pub linear2: Linear,
    /// LayerNorm before `self_attn`.
    pub norm1: LayerNorm,
    /// LayerNorm before `cross_attn_image`.
    pub norm2: LayerNorm,
    /// LayerNorm before the MLP.
    pub norm3: LayerNorm,
}

/// What a slice's embedding attends to: the cells of some memories, then the tokens of object pointers.
#[derive(Debug, Clone)]
pub struct MemoryTokens {
    /// The memories' values, `[1, M, C']`.
    pub values: Tensor<3>,
    /// Where and when each value is from, `[1, M, C']`; added to the values, it gives the keys.
    pub positions: Tensor<3>,
    /// How many of the tokens, at the end, are of object pointers.
    pub pointer_tokens: usize,
}

/// An embedding on its way through the layers.
#[derive(Debug)]
pub(super) struct Conditioning {
    /// `[1, G², C]`.
    x: Tensor<3>,
    memory: MemoryTokens,
    rotation: Rotation,
    next: usize,
}

impl Conditioning {
    /// Shapes: `embedding` and `positions` `[1, G², C]`.
    pub fn new(
        embedding: Tensor<3>,
        positions: Tensor<3>,
        memory: MemoryTokens,
        rotation: Rotation,
    ) -> Self {
        Self {
            x: embedding + positions.mul_scalar(POSITION_AT_INPUT),
            memory,
            rotation,
            next: 0,
        }
    }

    /// Runs the next layer; returns false after the last one.
    pub fn step(&mut self, attention: &MemoryAttention) -> bool {
        let Some(layer) = attention.layers.get(self.next) else {
            return false;
        };
        self.x = layer.forward(self.x.clone(), &self.memory, &self.rotation);
        self.next += 1;
        true
    }

    /// The result of the last layer, `[1, G², C]`.
    pub fn value(&self) -> &Tensor<3> {
        &self.x
    }
}

impl MemoryAttentionConfig {
    /// The layers with random weights.
    pub fn init(&self, device: &Device) -> MemoryAttention {
        MemoryAttention {
            layers: (0..self.depth)
                .map(|_| MemoryAttentionLayer::new(self, device))
                .collect(),
            norm: norm(self.dim, device),
        }
    }
}

fn norm(dim: usize, device: &Device) -> LayerNorm {
    LayerNormConfig::new(dim)
        .with_epsilon(EPSILON_LAYER_NORM)
        .init(device)
}

impl MemoryAttention {
    /// The embedding, conditioned on the memories.
    ///
    /// Shapes: `embedding` and `positions` `[1, G², C]` → `[1, G², C]`.
    pub fn forward(
        &self,
        embedding: Tensor<3>,
        positions: Tensor<3>,
        memory: &MemoryTokens,
    ) -> Tensor<3> {
        let rotation = Rotation::of_map(&embedding);
        let mut conditioning = Conditioning::new(embedding, positions, memory.clone(), rotation);
        while conditioning.step(self) {}
        self.norm.forward(conditioning.x)
    }
}

impl MemoryAttentionLayer {
    fn new(config: &MemoryAttentionConfig, device: &Device) -> Self {
        let (dim, hidden) = (config.dim, config.mlp_dim);
        Self {
            self_attn: RopeAttention::new(dim, dim, device),
            cross_attn_image: RopeAttention::new(dim, config.memory_dim, device),
            linear1: LinearConfig::new(dim, hidden).init(device),
            linear2: LinearConfig::new(hidden, dim).init(device),
            norm1: norm(dim, device),
            norm2: norm(dim, device),
            norm3: norm(dim, device),
        }
    }

    /// Shapes: `x` `[1, G², C]` → `[1, G², C]`.
    pub(crate) fn forward(
        &self,
        x: Tensor<3>,
        memory: &MemoryTokens,
        rotation: &Rotation,
    ) -> Tensor<3> {
        let x = self.attend_self(x, rotation);
        let keys = memory.values.clone() + memory.positions.clone();
        let seen = self.cross_attn_image.forward(
            self.norm2.forward(x.clone()),
            keys,
            memory.values.clone(),
            rotation,
            memory.pointer_tokens,
        );
        let x = x + seen;
        let hidden = relu(project(&self.linear1, self.norm3.forward(x.clone())));
        x + project(&self.linear2, hidden)
    }

    /// The first third of the layer.
    pub(crate) fn attend_self(&self, x: Tensor<3>, rotation: &Rotation) -> Tensor<3> {
        let normed = self.norm1.forward(x.clone());
        let (q, k, v) = (normed.clone(), normed.clone(), normed);
        x + self.self_attn.forward(q, k, v, rotation, 0)
    }
}
