//! Files of objects.

use boxel_segmenter::imaging::Plane;
use boxel_segmenter::imaging::export::{Identity, SegForm, Term};
use boxel_segmenter::{Rendering, SaveFormat, SaveOptions, SavedObject, Winner};
use js_sys::{Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use super::scan::window_from;
use crate::error::{from_js, thrown, thrown_with, to_js, with};

/// [`SaveOptions`] without the window, which is checked on its own.
#[derive(Deserialize)]
struct JsOptions {
    plane: Plane,
    slice: u32,
    identity: Identity,
    #[serde(default)]
    seg_form: JsSegForm,
    #[serde(default)]
    winner: Winner,
    now: String,
    seed: Vec<u8>,
}

/// `"auto"`, or a [`SegForm`].
#[derive(Deserialize)]
#[serde(untagged)]
enum JsSegForm {
    Form(SegForm),
    Auto(Auto),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auto {
    Auto,
}

impl Default for JsSegForm {
    fn default() -> Self {
        Self::Auto(Auto::Auto)
    }
}

#[derive(Deserialize)]
struct JsSlice {
    plane: Plane,
    slice: u32,
}

#[derive(Serialize)]
struct JsTerm {
    value: &'static str,
    scheme: &'static str,
    meaning: String,
}

#[derive(Serialize)]
struct Exported {
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
        by_format(|format| format.refusal(scan).unwrap_or_default().into())
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
        by_format(|format| format.warning(scan).unwrap_or_default())
    }

    /// The pairs of objects that share voxels, or with `at` pixels of that slice.
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
        let at: Option<JsSlice> = from_js(at, "export_invalid")?;
        let scan = self.scan()?;
        let slice = at.map(|JsSlice { plane, slice }| Rendering {
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
        #[wasm_bindgen(unchecked_param_type = "ExportFormat")] format: &str,
        #[wasm_bindgen(unchecked_param_type = "ExportObject[]")] objects: JsValue,
        #[wasm_bindgen(unchecked_param_type = "ExportOptions")] options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let found = SaveFormat::ALL.into_iter().find(|f| f.name() == format);
        let format = found.ok_or_else(|| {
            thrown_with(
                "export_invalid",
                &format!("`{format}` is not an export format"),
            )
        })?;
        let objects: Vec<SavedObject> = from_js(objects, "export_invalid")?;
        let window = window_from(Reflect::get(&options, &"window".into())?)?;
        let options: JsOptions = from_js(options, "export_invalid")?;
        let seed = <[u8; 16]>::try_from(options.seed)
            .map_err(|_| thrown_with("export_invalid", "`seed` must be 16 bytes"))?;
        let options = SaveOptions {
            rendering: Rendering {
                plane: options.plane,
                slice: options.slice,
                window,
            },
            identity: options.identity,
            seg_form: match options.seg_form {
                JsSegForm::Form(form) => Some(form),
                JsSegForm::Auto(Auto::Auto) => None,
            },
            winner: options.winner,
            now: options.now,
            seed,
        };
        let bytes = self
            .session
            .save(format, &objects, &options)
            .map_err(thrown)?;
        let exported = to_js(&Exported {
            name: format.file_name(),
            media_type: format.media_type(),
        });
        with(exported, "bytes", &Uint8Array::from(bytes.as_slice()))
    }
}

/// An object with a text for each format.
fn by_format(text: impl Fn(SaveFormat) -> String) -> Result<JsValue, JsValue> {
    let texts = Object::new();
    for format in SaveFormat::ALL {
        Reflect::set(&texts, &format.name().into(), &text(format).as_str().into())?;
    }
    Ok(texts.into())
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
        Some(JsTerm {
            value: term.property.value,
            scheme: term.property.scheme,
            meaning: format!("{}{}", term.property.meaning, side.unwrap_or_default()),
        })
    });
    Ok(to_js(&terms.collect::<Vec<_>>()))
}
