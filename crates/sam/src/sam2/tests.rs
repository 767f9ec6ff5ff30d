//! Compares single operations with the reference, by `../shared/goldens/sam2_tiny`: small inputs, the model's own weights.

use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;

use super::answer::{point_tensors, stability};
use super::memory_attention::{MemoryTokens, Rotation};
use super::resize::{Filter, resize};
use super::sine::{cell_positions, line_positions};
use super::{HieraConfig, Sam2, Sam2Config};
use crate::Checkpoint;
use crate::common::project;
use crate::mask_decoder::{flat, upscaled_maps};
use crate::ops::{channels_first, channels_last, partition};

/// Allowed difference, as a fraction of the largest absolute value.
const ALLOWED: f32 = 1e-4;

struct Goldens {
    sam2: Sam2,
    outputs: Vec<u8>,
    device: Device,
}

/// The widths in `make_sam2_tiny.py`.
fn config() -> Sam2Config {
    let trunk = HieraConfig::new(8, 1, [1, 2, 7, 2], vec![5, 7, 9]);
    let mut config = Sam2Config::sized(trunk, 512, 32, 8);
    config.mask_decoder = config.mask_decoder.with_transformer_mlp_dim(128);
    config.memory_attention = config.memory_attention.with_mlp_dim(64);
    config
}

impl Goldens {
    /// `None`, and a line that says so, without `../shared`.
    fn read() -> Option<Self> {
        let root =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/goldens/sam2_tiny");
        let (Ok(weights), Ok(outputs)) = (
            std::fs::read(root.join("weights.safetensors")),
            std::fs::read(root.join("outputs.safetensors")),
        ) else {
            println!("SKIPPED: no ../shared/goldens/sam2_tiny");
            return None;
        };
        let device = Device::flex();
        let checkpoint = Checkpoint::read(&weights).unwrap();
        let sam2 = checkpoint.into_sam2(&config(), &device).unwrap();
        Some(Self {
            sam2,
            outputs,
            device,
        })
    }

    fn data(&self, name: &str) -> TensorData {
        let file = SafeTensors::deserialize(&self.outputs).unwrap();
        let view = file.tensor(&format!("unit.{name}")).unwrap();
        let values: Vec<f32> = match view.dtype() {
            safetensors::Dtype::U8 => view.data().iter().map(|&v| f32::from(v)).collect(),
            _ => {
                let (words, _) = view.data().as_chunks::<4>();
                words.iter().map(|w| f32::from_le_bytes(*w)).collect()
            }
        };
        TensorData::new(values, view.shape().to_vec())
    }

    fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        Tensor::from_data(self.data(name), &self.device)
    }

    /// A channels-last map from one that the reference has channels-first.
    fn map(&self, name: &str) -> Tensor<4> {
        channels_last(self.tensor(name))
    }

    #[track_caller]
    fn agrees<const D: usize>(&self, name: &str, found: Tensor<D>) {
        let expected = self.data(name);
        let found = found.into_data();
        assert_eq!(found.num_elements(), expected.num_elements(), "{name}");
        let expected = expected.try_to_vec::<f32>().unwrap();
        let found = found.try_to_vec::<f32>().unwrap();
        let absmax = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
        let pairs = found.iter().zip(&expected);
        let largest = pairs.fold(0f32, |m, (a, b)| m.max((a - b).abs()));
        println!("{name}: {:.1e} of its largest value", largest / absmax);
        let is_finite = found.iter().all(|value| value.is_finite());
        assert!(
            is_finite && largest <= ALLOWED * absmax,
            "{name}: {largest} of {absmax}"
        );
    }
}

#[test]
fn the_trunks_blocks_agree_with_the_reference_on_maps_that_need_padding() {
    let Some(g) = Goldens::read() else { return };
    let trunk = &g.sam2.image_encoder.trunk;
    g.agrees("pos_embed.16x24", trunk.position.forward([16, 24]));
    let windows = partition(g.tensor("window.in"), 4);
    g.agrees("window.out", windows);
    for index in [0, 1, 2, 3, 4, 5, 10, 11] {
        let x = g.tensor(&format!("block{index:02}.in"));
        g.agrees(
            &format!("block{index:02}.out"),
            trunk.blocks[index].forward(x),
        );
    }
}

#[test]
fn positions_agree_with_the_reference() {
    let Some(g) = Goldens::read() else { return };
    let first = |x: Tensor<3>| x.swap_dims(1, 2);
    g.agrees("sine.8_5x7", first(cell_positions(8, [5, 7], &g.device)));
    g.agrees("sine.64_4x3", first(cell_positions(64, [4, 3], &g.device)));
    let offsets = g.data("temporal.offsets").try_to_vec::<f32>().unwrap();
    let divided: Vec<f32> = offsets.iter().map(|offset| offset / 11.0).collect();
    let sines = line_positions(&divided, 32, &g.device);
    g.agrees("temporal.sine", sines.clone());
    g.agrees(
        "temporal.projected",
        project(&g.sam2.obj_ptr_tpos_proj, sines),
    );
    let rotation = Rotation::new(8, 4, &g.device);
    g.agrees("rope.cos", rotation.cos.clone());
    g.agrees("rope.sin", rotation.sin.clone());
    let rotated =
        |name, unplaced| rotation.apply(g.tensor::<4>(name).squeeze_dim::<3>(0), unplaced);
    g.agrees("rope.q_out", rotated("rope.q", 0));
    g.agrees("rope.k_out", rotated("rope.k", 0));
}

#[test]
fn resizes_agree_with_the_reference() {
    let Some(g) = Goldens::read() else { return };
    for (name, size, filter) in [
        ("bilinear_48x40", [48, 40], Filter::Bilinear),
        ("bilinear_100x90", [100, 90], Filter::Bilinear),
        ("antialias_16x16", [16, 16], Filter::Antialiased),
        ("antialias_20x13", [20, 13], Filter::Antialiased),
        ("bicubic_30x77", [30, 77], Filter::Bicubic),
    ] {
        g.agrees(
            &format!("resize.{name}"),
            resize(g.tensor("resize.in"), size, filter),
        );
    }
}

#[test]
fn memory_attention_agrees_with_the_reference() {
    let Some(g) = Goldens::read() else { return };
    let attention = &g.sam2.memory_attention;
    let layer = &attention.layers[0];
    let rotation = Rotation::new(32, 4, &g.device);
    let (q, k, v) = (
        g.tensor("rope_attention.q"),
        g.tensor("rope_attention.k"),
        g.tensor("rope_attention.v"),
    );
    let cross = |k, v, unplaced| {
        layer
            .cross_attn_image
            .forward(q.clone(), k, v, &rotation, unplaced)
    };
    g.agrees("rope_attention.out", cross(k.clone(), v.clone(), 8));
    g.agrees(
        "rope_attention.out_0_excluded",
        cross(k.narrow(1, 0, 48), v.narrow(1, 0, 48), 0),
    );
    let memory = MemoryTokens {
        values: g.tensor("memory_layer.memory"),
        positions: g.tensor("memory_layer.pos"),
        pointer_tokens: 8,
    };
    let x: Tensor<3> = g.tensor("memory_layer.tgt");
    g.agrees("memory_layer.self", layer.attend_self(x.clone(), &rotation));
    g.agrees(
        "memory_layer.out",
        layer.forward(x.clone(), &memory, &rotation),
    );
    let positions = g.tensor::<3>("memory_attention.curr_pos").swap_dims(0, 1);
    g.agrees(
        "memory_attention.out",
        attention.forward(x, positions, &memory),
    );
}

#[test]
fn the_memory_encoder_agrees_with_the_reference() {
    let Some(g) = Goldens::read() else { return };
    let encoder = &g.sam2.memory_encoder;
    let down = encoder
        .mask_downsampler
        .forward(g.tensor("mask_downsampler.in"));
    g.agrees("mask_downsampler.out", channels_first(down));
    let x = encoder.fuser.layers[0].forward(g.map("fuser.in"));
    g.agrees("fuser.layer0", channels_first(x.clone()));
    g.agrees(
        "fuser.layer1",
        channels_first(encoder.fuser.layers[1].forward(x)),
    );
    let memory = encoder.forward(
        g.map("memory_encoder.pix_feat"),
        g.tensor("mask_downsampler.in"),
    );
    g.agrees("memory_encoder.out", channels_first(memory));
    let positions = cell_positions(8, [4, 3], &g.device);
    g.agrees("memory_encoder.pos", positions.swap_dims(1, 2));
}

#[test]
fn the_prompt_encoder_and_the_decoders_parts_agree_with_the_reference() {
    let Some(g) = Goldens::read() else { return };
    let places = g.data("points.coords").try_to_vec::<f32>().unwrap();
    let places = places.chunks_exact(2).map(|p| [p[0], p[1]]);
    let points: Vec<_> = places.zip([1, 0, 2, 3]).collect();
    let prompts = crate::Prompts {
        points: Some(point_tensors(&points, &g.device)),
        masks: Some(g.tensor("mask_embed.in")),
        boxes: None,
    };
    let (sparse, dense) = g.sam2.sam_prompt_encoder.forward(&prompts, &g.device);
    g.agrees("points.out", sparse);
    g.agrees("mask_embed.out", dense);

    let decoder = &g.sam2.sam_mask_decoder;
    let (image, pe) = (
        flat(g.tensor("two_way.image")),
        flat(g.tensor("two_way.image_pe")),
    );
    let (tokens, image) = decoder
        .transformer
        .forward(image, pe, g.tensor("two_way.tokens"));
    g.agrees("two_way.tokens_out", tokens);
    g.agrees("two_way.image_out", image);
    let upscaled = decoder.upscaled(
        flat(g.tensor("two_way.image")),
        g.map("upscale.s0"),
        g.map("upscale.s1"),
    );
    g.agrees("upscale.out", upscaled_maps(upscaled, [4, 4]));

    g.agrees("stability.score", stability(g.tensor("stability.in")));
    let mask = channels_last(g.tensor("mask_downsample.in"));
    let down = crate::ops::patchwise(&g.sam2.mask_downsample, mask);
    g.agrees("mask_downsample.out", channels_first(down));
}
