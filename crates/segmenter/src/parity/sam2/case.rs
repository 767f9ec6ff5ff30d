use std::collections::BTreeMap;

use burn_sam::sam2::{HieraConfig, Sam2Config};
use serde::Deserialize;

/// A `case.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    pub config: Sizes,
    pub subsampled: BTreeMap<String, Subsampled>,
    pub cases: Cases,
}

/// Sizes of the small model.
#[derive(Debug, Deserialize)]
pub(super) struct Sizes {
    image_size: usize,
    trunk_embed_dim: usize,
    d_model: usize,
    mem_dim: usize,
    memory_attention_ff: usize,
    decoder_mlp_dim: usize,
    decoder_heads: usize,
    iou_head_hidden_dim: usize,
    stages: [usize; 4],
    global_blocks: Vec<usize>,
    windows: [usize; 4],
}

/// What is stored of a large tensor.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Subsampled {
    pub stride: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct Cases {
    pub image: BTreeMap<String, ImageCase>,
    #[serde(flatten)]
    pub others: BTreeMap<String, serde_json::Value>,
}

/// A prompt on the image.
#[derive(Debug, Deserialize)]
pub(super) struct ImageCase {
    /// In model space.
    pub points: Option<Vec<[f32; 2]>>,
    pub labels: Option<Vec<i32>>,
    /// Whether three masks are offered.
    pub multimask: bool,
    /// The shape of the mask prompt.
    pub mask: Option<Vec<usize>>,
}

/// A way through the volume.
#[derive(Debug, Deserialize)]
pub(super) struct VolumeCase {
    /// What the user does.
    pub ops: Vec<serde_json::Value>,
    /// What the model is asked.
    pub events: Vec<Event>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Event {
    pub op: String,
    pub frame: usize,
    #[serde(default)]
    pub memories: Vec<(String, usize, usize)>,
    #[serde(default)]
    pub pointers: Vec<(usize, isize)>,
    pub pointer_divisor: Option<usize>,
}

/// What the user does.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// Points and labels in pixels of the slice; the corners of a box have labels 2 and 3.
    Points(usize, Vec<([f32; 2], i32)>),
    /// The mask of the last answer.
    LastMask(usize),
    /// Propagates; backward if true.
    Go(bool),
    Reset,
}

impl Sizes {
    pub fn sizes(&self) -> Sam2Config {
        let trunk = HieraConfig::new(
            self.trunk_embed_dim,
            1,
            self.stages,
            self.global_blocks.clone(),
        );
        let trunk = trunk.with_window_sizes(self.windows);
        let mut config = Sam2Config::sized(trunk, self.image_size, self.d_model, self.mem_dim);
        config.mask_decoder = config
            .mask_decoder
            .with_transformer_mlp_dim(self.decoder_mlp_dim)
            .with_transformer_heads(self.decoder_heads)
            .with_iou_head_hidden_dim(self.iou_head_hidden_dim);
        config.memory_attention = config
            .memory_attention
            .with_mlp_dim(self.memory_attention_ff);
        config
    }
}

impl Cases {
    /// The slice that SAM 2.1's predictor of images was asked about.
    pub fn predictor_slice(&self) -> Option<usize> {
        let slice = self.others.get("predictor")?.get("box")?.get("frame")?;
        Some(slice.as_u64()? as usize)
    }

    /// The ways through the volume, by name.
    pub fn volumes(&self) -> Result<Vec<(String, VolumeCase)>, String> {
        let is_volume = |name: &&String| name.starts_with("vol_") || name.starts_with("f32.vol_");
        let names = self.others.keys().filter(is_volume);
        names
            .map(|name| {
                let case = VolumeCase::deserialize(&self.others[name]);
                Ok((name.clone(), case.map_err(|e| format!("{name}: {e}"))?))
            })
            .collect()
    }
}

impl VolumeCase {
    pub fn ops(&self) -> Result<Vec<Op>, String> {
        self.ops.iter().map(op).collect()
    }
}

fn op(value: &serde_json::Value) -> Result<Op, String> {
    let unknown = || format!("unknown step {value}");
    let parts = value.as_array().ok_or_else(unknown)?;
    let slice = || {
        let slice = parts.get(1).and_then(serde_json::Value::as_u64);
        slice.map(|slice| slice as usize).ok_or_else(unknown)
    };
    fn part<T: for<'a> Deserialize<'a>>(parts: &[serde_json::Value], at: usize) -> Option<T> {
        T::deserialize(parts.get(at)?).ok()
    }
    match parts.first().and_then(serde_json::Value::as_str) {
        Some("box") => {
            let [x0, y0, x1, y1] = part(parts, 2).ok_or_else(unknown)?;
            Ok(Op::Points(slice()?, vec![([x0, y0], 2), ([x1, y1], 3)]))
        }
        Some("points") => {
            let points: Vec<[f32; 2]> = part(parts, 2).ok_or_else(unknown)?;
            let labels: Vec<i32> = part(parts, 3).ok_or_else(unknown)?;
            Ok(Op::Points(
                slice()?,
                points.into_iter().zip(labels).collect(),
            ))
        }
        Some("mask") => Ok(Op::LastMask(slice()?)),
        Some("go") => Ok(Op::Go(part(parts, 1).ok_or_else(unknown)?)),
        Some("reset") => Ok(Op::Reset),
        _ => Err(unknown()),
    }
}
