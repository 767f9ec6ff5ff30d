//! A small SAM 2 with every part of the large ones, and weights that are always the same. It finds shapes without meaning,
//! and is sure of them. `tests/src` includes this file too.

use boxel_segmenter::Compute;
use boxel_segmenter::sam::sam2::{HieraConfig, Sam2, Sam2Config};
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

/// Numbers between −1 and 1 that look random.
struct Seeded(u32);

impl Seeded {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}

impl ModuleMapper for Seeded {
    /// Vectors are biases and the parameters of normalisations: their initial values, 0 and 1, or small.
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let value = param.val();
        let (shape, device) = (value.dims(), value.device());
        let count: usize = shape.iter().product();
        let fan_in = match D {
            2 => shape[0],
            4 => count / shape[0],
            _ => count,
        };
        if D == 1 {
            let ones = value.clone().into_data().try_to_vec::<f32>().unwrap();
            let is_factor = ones.iter().all(|value| *value == 1.0);
            let constant = if is_factor { 1.0 } else { 0.0 };
            return param.map(|value| value.full_like(constant));
        }
        let factor = 1.7 / (fan_in.max(1) as f32).sqrt();
        let values: Vec<f32> = (0..count).map(|_| factor * self.next()).collect();
        param.map(|_| Tensor::from_data(TensorData::new(values, shape), &device))
    }
}

/// The model's own modules, on the CPU.
pub fn sam2(compute: &Compute) -> Sam2 {
    let trunk = HieraConfig::new(8, 1, [1, 2, 7, 2], vec![5, 7, 9]);
    let mut config = Sam2Config::sized(trunk, 512, 32, 8);
    config.mask_decoder = config.mask_decoder.with_transformer_mlp_dim(64);
    config.memory_attention = config.memory_attention.with_mlp_dim(64);
    let mut sam2 = config.init(compute.device()).map(&mut Seeded(7));
    let decoder = &mut sam2.sam_mask_decoder;
    for (head, bias) in [
        (&mut decoder.iou_prediction_head, 5.0),
        (&mut decoder.pred_obj_score_head, 20.0),
    ] {
        let last = head.layers.last_mut().unwrap();
        last.bias = last.bias.take().map(|b| b.map(|b| b.full_like(bias)));
    }
    sam2
}
