use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// An error as JavaScript sees it.
#[derive(Serialize)]
struct Thrown<'a> {
    code: &'a str,
    message: &'a str,
}

/// Converts an error of the segmenter. No other place does.
pub(crate) fn thrown(error: impl Into<boxel_segmenter::Error>) -> JsValue {
    let error = error.into();
    thrown_with(error.code(), &error.to_string())
}

/// An error in the arguments, before the segmenter is called.
pub(crate) fn thrown_with(code: &str, message: &str) -> JsValue {
    to_js(&Thrown { code, message })
}

/// Converts to a plain object, with null for `None`. If that fails, returns the reason as text.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    // Flattened structs are maps to serde.
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_maps_as_objects(true);
    let object = value.serialize(&serializer);
    object.unwrap_or_else(|error| error.to_string().into())
}

/// Converts an argument from JavaScript.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue, code: &str) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| thrown_with(code, &reason_of(&error)))
}

/// The reason without the "Error: " that JavaScript puts before it.
pub(crate) fn reason_of(error: &serde_wasm_bindgen::Error) -> String {
    let text = error.to_string();
    let reason = text.strip_prefix("Error: ").unwrap_or(&text);
    reason.to_owned()
}
