//! What the model is given.

use boxel_segmenter::imaging::{ImageBox, ImagePoint};
use js_sys::Uint8ClampedArray;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, to_js, with};

/// The model's input without its pixels.
#[derive(Serialize)]
struct ModelInput {
    side: u32,
    resized: [u32; 2],
    #[serde(rename = "box")]
    model_box: Option<[f32; 4]>,
    points: Vec<[f32; 3]>,
}

#[wasm_bindgen]
impl Engine {
    /// The model's input for the current slice, with a box and points in model space.
    ///
    /// # Errors
    ///
    /// `session_order` without weights or scan; `box_invalid`, `box_outside`.
    #[wasm_bindgen(unchecked_return_type = "ModelInput")]
    pub fn model_input(
        &self,
        #[wasm_bindgen(js_name = "box", unchecked_param_type = "Corners | null")]
        image_box: JsValue,
        #[wasm_bindgen(unchecked_param_type = "LabelledPoint[]")] points: JsValue,
    ) -> Result<JsValue, JsValue> {
        let image_box: Option<[f32; 4]> = from_js(image_box, "prompt_invalid")?;
        let points: Vec<[f32; 3]> = from_js(points, "prompt_invalid")?;
        let prepared = self.session.model_input().map_err(thrown)?;
        let placement = prepared.placement;
        let image = placement.image;
        let model_box = match image_box {
            Some([x0, y0, x1, y1]) => {
                let drawn = ImageBox { x0, y0, x1, y1 };
                let drawn = drawn.checked(image.width, image.height).map_err(thrown)?;
                let b = placement.model_from_image(drawn);
                Some([b.x0, b.y0, b.x1, b.y1])
            }
            None => None,
        };
        let points = points.into_iter().map(|[x, y, label]| {
            let point = placement.model_from_image_point(ImagePoint { x, y });
            [point.x, point.y, label]
        });
        let input = to_js(&ModelInput {
            side: placement.side,
            resized: [placement.resized.width, placement.resized.height],
            model_box,
            points: points.collect(),
        });
        let recipe = self.session.model().map(|model| model.kind().recipe());
        let rgba = recipe.map(|recipe| prepared.visible(recipe).to_rgba());
        let rgba = Uint8ClampedArray::from(rgba.unwrap_or_default().as_slice());
        with(input, "rgba", &rgba)
    }
}
