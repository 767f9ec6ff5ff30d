//! Prompt encoder and mask decoder of another size, with seeded weights, on every kind of prompt.

use boxel_segmenter::sam::{
    Checkpoint, MaskDecoder, MaskDecoderConfig, PromptEncoder, PromptEncoderConfig, Prompts,
};
use boxel_tests::{SAM_TINY_OUTPUTS, SAM_TINY_WEIGHTS, print_line};
use burn::tensor::{Device, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use wasm_bindgen_test::wasm_bindgen_test;

/// Of the largest absolute value.
const ALLOWED: f32 = 1e-4;

struct SamTiny {
    prompt_encoder: PromptEncoder,
    mask_decoder: MaskDecoder,
    outputs: SafeTensors<'static>,
    device: Device,
}

impl SamTiny {
    fn load(weights: &[u8], outputs: &'static [u8]) -> Self {
        let device = Device::flex();
        let checkpoint = Checkpoint::from_safetensors(weights).unwrap();
        let prompt_encoder = PromptEncoderConfig::new(256, 16, 32).init(&device);
        let mask_decoder = MaskDecoderConfig::new(32)
            .with_transformer_heads(4)
            .with_transformer_mlp_dim(128)
            .init(&device);
        Self {
            prompt_encoder: checkpoint
                .load_module("prompt_encoder", prompt_encoder)
                .unwrap(),
            mask_decoder: checkpoint
                .load_module("mask_decoder", mask_decoder)
                .unwrap(),
            outputs: SafeTensors::deserialize(outputs).unwrap(),
            device,
        }
    }

    fn output(&self, name: &str) -> TensorData {
        let view = self.outputs.tensor(name).unwrap();
        let (words, _) = view.data().as_chunks::<4>();
        let values: Vec<f32> = words.iter().map(|w| f32::from_le_bytes(*w)).collect();
        TensorData::new(values, view.shape().to_vec())
    }

    async fn check(&self, name: &str, prompts: Prompts, multimask_output: bool) {
        let embedding = Tensor::<4>::from_data(self.output("embedding"), &self.device);
        let (sparse, dense) = self.prompt_encoder.forward(&prompts, &self.device);
        let pe = self.prompt_encoder.dense_pe(&self.device);
        let found = self
            .mask_decoder
            .forward(embedding, pe, sparse, dense, multimask_output);
        let logits = found.low_res_logits.into_data_async().await.unwrap();
        let iou = found.iou.into_data_async().await.unwrap();
        for (what, found) in [("low", logits), ("iou", iou)] {
            let expected = self.output(&format!("{name}.{what}"));
            assert_eq!(found.shape(), expected.shape(), "{name}.{what}");
            let found = found.try_to_vec::<f32>().unwrap();
            let expected = expected.try_to_vec::<f32>().unwrap();
            let absmax = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
            let pairs = found.iter().zip(&expected);
            let largest = pairs.fold(0f32, |m, (a, b)| m.max((a - b).abs()));
            print_line!("{name}.{what}: {:.1e} of its absmax", largest / absmax);
            assert!(
                found.iter().all(|x| x.is_finite()) && largest <= ALLOWED * absmax,
                "{name}.{what}: {largest} of {absmax}"
            );
        }
    }
}

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn every_prompt_of_a_small_sam_agrees_with_the_reference() {
    let (Some(weights), Some(outputs)) = (SAM_TINY_WEIGHTS, SAM_TINY_OUTPUTS) else {
        print_line!("SKIPPED: no ../shared/goldens/sam_tiny");
        return;
    };
    let sam = SamTiny::load(weights, outputs);
    let box_ = || Tensor::<2>::from_data([[30.0, 40.0, 120.0, 150.0]], &sam.device);
    let points = || {
        let points = Tensor::<3>::from_data([[[60.0, 70.0], [100.0, 20.0]]], &sam.device);
        (points, Tensor::<2, Int>::from_data([[1, 0]], &sam.device))
    };
    let box_and_points = Prompts {
        points: Some(points()),
        ..Prompts::boxes(box_())
    };
    let box_and_mask = Prompts {
        masks: Some(Tensor::from_data(sam.output("mask_prompt"), &sam.device)),
        ..Prompts::boxes(box_())
    };
    let points = || Prompts::points(points().0, points().1);
    sam.check("box", Prompts::boxes(box_()), false).await;
    sam.check("box_multi", Prompts::boxes(box_()), true).await;
    sam.check("points", points(), false).await;
    sam.check("points_multi", points(), true).await;
    sam.check("box_points", box_and_points, false).await;
    sam.check("box_mask", box_and_mask, false).await;
}
