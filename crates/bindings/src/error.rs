use js_sys::{Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// What JavaScript gets to see of an error.
#[derive(Serialize)]
struct Thrown<'a> {
    code: &'a str,
    message: &'a str,
}

/// The one place where errors of the segmenter become JavaScript's.
pub(crate) fn thrown(error: impl Into<boxel_segmenter::Error>) -> JsValue {
    let error = error.into();
    thrown_with(error.code(), &error.to_string())
}

/// For what is wrong before the segmenter is asked.
pub(crate) fn thrown_with(code: &str, message: &str) -> JsValue {
    to_js(&Thrown { code, message })
}

/// A plain object of a structure, where nothing is null; where even that fails, the reason as text.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    let object = value.serialize(&serializer);
    object.unwrap_or_else(|error| error.to_string().into())
}

/// A value that JavaScript handed over.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue, code: &str) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| thrown_with(code, &error.to_string()))
}

/// Adds an array to an object as one copy; serde would go through it value by value.
pub(crate) fn with(object: JsValue, key: &str, array: &JsValue) -> Result<JsValue, JsValue> {
    Reflect::set(object.unchecked_ref::<Object>(), &key.into(), array)?;
    Ok(object)
}
