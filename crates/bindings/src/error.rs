use serde::Serialize;
use wasm_bindgen::JsValue;

/// What JavaScript gets to see of an error.
#[derive(Serialize)]
struct Thrown<'a> {
    code: &'a str,
    message: &'a str,
}

/// The one place where errors of the segmenter become JavaScript's.
pub(crate) fn thrown(error: impl Into<boxel_segmenter::Error>) -> JsValue {
    let error = error.into();
    let message = error.to_string();
    let thrown = Thrown {
        code: error.code(),
        message: &message,
    };
    to_js(&thrown)
}

/// A plain object of a structure; where even that fails, the reason as text.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or_else(|error| error.to_string().into())
}
