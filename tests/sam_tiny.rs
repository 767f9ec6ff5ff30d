//! A small SAM with every part of the ViT, with seeded weights, on every kind of prompt.

use boxel_segmenter::sam::{
    Checkpoint, ImageEncoderConfig, MaskDecoderConfig, PromptEncoderConfig, Prompts, Sam,
    SamConfig, VitConfig,
};
use boxel_tests::{SAM_TINY_OUTPUTS, SAM_TINY_WEIGHTS, print_line};
use burn::tensor::{Device, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use wasm_bindgen_test::wasm_bindgen_test;

/// Of the largest absolute value.
const ALLOWED: f32 = 1e-4;

struct SamTiny {
    sam: Sam,
    outputs: SafeTensors<'static>,
    device: Device,
}

impl SamTiny {
    fn load(weights: &[u8], outputs: &'static [u8]) -> Self {
        let device = Device::flex();
        let checkpoint = Checkpoint::read(weights).unwrap();
        let vit = VitConfig::new(256, 64, 4, 4, vec![1, 3])
            .with_window_size(7)
            .with_out_channels(32);
        let config = SamConfig {
            image_encoder: ImageEncoderConfig::Vit(vit),
            prompt_encoder: PromptEncoderConfig::new(256, 16, 32),
            mask_decoder: MaskDecoderConfig::new(32)
                .with_transformer_heads(4)
                .with_transformer_mlp_dim(128),
        };
        Self {
            sam: checkpoint.into_sam(&config, &device).unwrap(),
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

    fn tensor(&self, name: &str) -> Tensor<4> {
        Tensor::from_data(self.output(name), &self.device)
    }

    async fn check_embedding(&self) {
        let found = self.sam.image_encoder.forward(self.tensor("input"));
        let found = found.into_data_async().await.unwrap();
        self.compare("embedding", &found);
    }

    async fn check(&self, name: &str, prompts: Prompts, multimask_output: bool) {
        let embedding = self.tensor("embedding");
        let found = self.sam.decode(embedding, &prompts, multimask_output);
        let logits = found.low_res_logits.into_data_async().await.unwrap();
        let iou = found.iou.into_data_async().await.unwrap();
        self.compare(&format!("{name}.low"), &logits);
        self.compare(&format!("{name}.iou"), &iou);
    }

    fn compare(&self, name: &str, found: &TensorData) {
        let expected = self.output(name);
        assert_eq!(found.shape(), expected.shape(), "{name}");
        let found = found.try_to_vec::<f32>().unwrap();
        let expected = expected.try_to_vec::<f32>().unwrap();
        let absmax = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
        let pairs = found.iter().zip(&expected);
        let largest = pairs.fold(0f32, |m, (a, b)| m.max((a - b).abs()));
        print_line!("{name}: {:.1e} of its absmax", largest / absmax);
        assert!(
            found.iter().all(|x| x.is_finite()) && largest <= ALLOWED * absmax,
            "{name}: {largest} of {absmax}"
        );
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
        masks: Some(sam.tensor("mask_prompt")),
        ..Prompts::boxes(box_())
    };
    let points = || Prompts::points(points().0, points().1);
    sam.check_embedding().await;
    sam.check("box", Prompts::boxes(box_()), false).await;
    sam.check("box_multi", Prompts::boxes(box_()), true).await;
    sam.check("points", points(), false).await;
    sam.check("points_multi", points(), true).await;
    sam.check("box_points", box_and_points, false).await;
    sam.check("box_mask", box_and_mask, false).await;
}
