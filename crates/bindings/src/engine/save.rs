//! Saves objects as files.

use std::collections::BTreeMap;

use boxel_segmenter::imaging::Plane;
use boxel_segmenter::imaging::export::Term;
use boxel_segmenter::{Rendering, SaveFormat, SaveOptions, SavedObject};
use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use super::scan::checked_window;
use crate::error::{from_js, thrown, to_js};

#[derive(Deserialize)]
struct SliceOfPlane {
    plane: Plane,
    slice: u32,
}

/// A coded term of SNOMED CT.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Term"))]
pub(crate) struct CodedTerm {
    value: &'static str,
    scheme: &'static str,
    meaning: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ExportedFile {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
    bytes: Uint8Array,
    /// Such as `boxel-labels.nii.gz`; never the source's name.
    name: &'static str,
    #[serde(rename = "type")]
    media_type: &'static str,
}

#[wasm_bindgen]
impl Engine {
    /// For each format, the reason why the open scan's masks can't be saved in it; empty if they can.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan.
    #[wasm_bindgen(unchecked_return_type = "Record<ExportFormat, string>")]
    pub fn export_refusals(&self) -> Result<JsValue, JsValue> {
        let scan = self.scan()?.scan();
        Ok(by_format(|format| {
            format.refusal(scan).unwrap_or_default().into()
        }))
    }

    /// For each format, what the user should know before other software reads the file, as sentences; empty if there
    /// is nothing to say.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan.
    #[wasm_bindgen(unchecked_return_type = "Record<ExportFormat, string>")]
    pub fn export_warnings(&self) -> Result<JsValue, JsValue> {
        let scan = self.scan()?.scan();
        Ok(by_format(|format| format.warning(scan).unwrap_or_default()))
    }

    /// The pairs of objects that share voxels, or with `at` the pixels of that slice.
    ///
    /// # Errors
    ///
    /// `session_order` for an object without a mask.
    #[wasm_bindgen(unchecked_return_type = "Overlap[]")]
    pub fn overlaps(
        &self,
        objects: Vec<u32>,
        #[wasm_bindgen(unchecked_param_type = "{ plane: Plane; slice: number } | null")]
        at: JsValue,
    ) -> Result<JsValue, JsValue> {
        let at: Option<SliceOfPlane> = from_js(at, "export_invalid")?;
        let scan = self.scan()?;
        let slice = at.map(|SliceOfPlane { plane, slice }| Rendering {
            plane,
            slice,
            ..scan.shown()
        });
        Ok(to_js(&scan.overlaps(&objects, slice).map_err(thrown)?))
    }

    /// Saves objects in a format.
    ///
    /// # Errors
    ///
    /// `session_order` without objects, or for an object without a mask; `export_unavailable`, `export_invalid`.
    #[wasm_bindgen(unchecked_return_type = "ExportedFile")]
    pub fn export(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ExportFormat")] format: JsValue,
        #[wasm_bindgen(unchecked_param_type = "ExportObject[]")] objects: JsValue,
        #[wasm_bindgen(unchecked_param_type = "ExportOptions")] options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let format: SaveFormat = from_js(format, "export_invalid")?;
        let objects: Vec<SavedObject> = from_js(objects, "export_invalid")?;
        let options: SaveOptions = from_js(options, "export_invalid")?;
        checked_window(options.rendering.window)?;
        let bytes = self.session.save(format, &objects, &options);
        Ok(to_js(&ExportedFile {
            bytes: Uint8Array::from(bytes.map_err(thrown)?.as_slice()),
            name: format.file_name(),
            media_type: format.media_type(),
        }))
    }
}

/// An object with a text for each format.
fn by_format(text: impl Fn(SaveFormat) -> String) -> JsValue {
    let texts = SaveFormat::ALL.map(|format| (format.name(), text(format)));
    to_js(&BTreeMap::from(texts))
}

/// Names of segments that have a coded term.
#[wasm_bindgen]
pub fn term_names() -> Vec<String> {
    Term::names()
}

/// The SNOMED CT term of each name; null for free text.
///
/// # Errors
///
/// `internal` if the terms can't be converted.
#[wasm_bindgen(unchecked_return_type = "(Term | null)[]")]
pub fn terms(names: Vec<String>) -> Result<JsValue, JsValue> {
    let terms = names.iter().map(|name| {
        let term = Term::named(name)?;
        let side = term
            .modifier
            .map(|side| format!(", {}", side.meaning.to_lowercase()));
        Some(CodedTerm {
            value: term.property.value,
            scheme: term.property.scheme,
            meaning: format!("{}{}", term.property.meaning, side.unwrap_or_default()),
        })
    });
    Ok(to_js(&terms.collect::<Vec<_>>()))
}
