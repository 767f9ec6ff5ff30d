//! The image and the prompt as the model gets them.

use boxel_segmenter::PromptPoint;
use boxel_segmenter::imaging::ImageBox;
use js_sys::Uint8ClampedArray;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, to_js};

/// The image that the model sees, with a prompt in its pixels.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ModelInput {
    /// Side of the square, in pixels.
    side: u32,
    /// Width and height of the part of the square that the image covers.
    resized: [u32; 2],
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Uint8ClampedArray<ArrayBuffer>"))]
    rgba: Uint8ClampedArray,
    #[serde(rename = "box")]
    #[cfg_attr(test, ts(as = "Option<ImageBox>"))]
    model_box: Option<[f32; 4]>,
    #[cfg_attr(test, ts(as = "Vec<PromptPoint>"))]
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
        let image_box: Option<ImageBox> = from_js(image_box, "prompt_invalid")?;
        let points: Vec<PromptPoint> = from_js(points, "prompt_invalid")?;
        let prepared = self.session.model_input().map_err(thrown)?;
        let placement = prepared.placement;
        let image = placement.image;
        let drawn = image_box.map(|drawn| drawn.checked(image.width, image.height));
        let model_box = drawn.transpose().map_err(thrown)?.map(|drawn| {
            let b = placement.model_from_image(drawn);
            [b.x0, b.y0, b.x1, b.y1]
        });
        let points = points.into_iter().map(|prompted| {
            let point = placement.model_from_image_point(prompted.point);
            let [_, _, label] = <[f32; 3]>::from(prompted);
            [point.x, point.y, label]
        });
        let recipe = self.session.model().map(|model| model.kind().recipe());
        let rgba = recipe.map(|recipe| prepared.visible(recipe).to_rgba());
        Ok(to_js(&ModelInput {
            side: placement.side,
            resized: [placement.resized.width, placement.resized.height],
            rgba: Uint8ClampedArray::from(rgba.unwrap_or_default().as_slice()),
            model_box,
            points: points.collect(),
        }))
    }
}
