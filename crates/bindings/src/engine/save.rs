//! Files of what was found.

use boxel_segmenter::imaging::Plane;
use boxel_segmenter::imaging::export::{Identity, SegForm, Term};
use boxel_segmenter::{Overlap, Rendering, SaveFormat, SaveOptions, SavedObject, Winner};
use js_sys::{Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use super::scan::window_from;
use crate::error::{from_js, thrown, thrown_with, to_js, with};

#[derive(Deserialize)]
struct JsObject {
    object: u32,
    name: String,
    colour: [u8; 3],
    #[serde(default)]
    model: Option<String>,
}

#[derive(Deserialize)]
struct JsOptions {
    plane: Plane,
    slice: u32,
    identity: JsIdentity,
    #[serde(default)]
    seg_form: JsSegForm,
    #[serde(default)]
    winner: JsWinner,
    now: String,
    seed: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum JsIdentity {
    Linked,
    DeIdentified,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum JsSegForm {
    #[default]
    Auto,
    Binary,
    WholeBytes,
    LabelMap,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum JsWinner {
    #[default]
    Later,
    Earlier,
}

#[derive(Deserialize)]
struct JsSlice {
    plane: Plane,
    slice: u32,
}

#[derive(Serialize)]
struct JsOverlap {
    first: u32,
    second: u32,
    voxels: f64,
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
    /// For each format why the open scan's masks can't be saved like that, in words; empty if they can.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan.
    pub fn export_refusals(&self) -> Result<JsValue, JsValue> {
        let scan = self.session.scan();
        let scan = scan.ok_or_else(|| thrown_with("session_order", "open an image first"))?;
        let refusals = Object::new();
        for format in SaveFormat::ALL {
            let refusal = format.refusal(scan).unwrap_or_default();
            Reflect::set(&refusals, &format.name().into(), &refusal.into())?;
        }
        Ok(refusals.into())
    }

    /// For each format what the user should know before the open scan's masks, saved like that, go to other
    /// software, as sentences; empty if nothing.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan.
    pub fn export_warnings(&self) -> Result<JsValue, JsValue> {
        let scan = self.session.scan();
        let scan = scan.ok_or_else(|| thrown_with("session_order", "open an image first"))?;
        let warnings = Object::new();
        for format in SaveFormat::ALL {
            let warning = format.warning(scan).unwrap_or_default();
            Reflect::set(&warnings, &format.name().into(), &warning.as_str().into())?;
        }
        Ok(warnings.into())
    }

    /// The pairs of objects that share voxels, or with `at`, `{ plane, slice }`, pixels of that slice: `[{ first,
    /// second, voxels }]`.
    ///
    /// # Errors
    ///
    /// `session_order` for an object that there isn't.
    pub fn overlaps(&self, objects: Vec<u32>, at: JsValue) -> Result<JsValue, JsValue> {
        let at: Option<JsSlice> = from_js(at, "export_invalid")?;
        let shown = self.session.shown();
        let slice = at.zip(shown).map(|(at, shown)| Rendering {
            plane: at.plane,
            slice: at.slice,
            ..shown
        });
        let overlaps = self.session.overlaps(&objects, slice).map_err(thrown)?;
        let overlaps = overlaps.into_iter().map(|overlap: Overlap| JsOverlap {
            first: overlap.first,
            second: overlap.second,
            voxels: overlap.voxels as f64,
        });
        Ok(to_js(&overlaps.collect::<Vec<_>>()))
    }

    /// Saves objects: `{ bytes, name, type }`. `objects` are `{ object, name, colour }`; `options` are
    /// `{ plane, slice, window, identity: "linked" | "de_identified", seg_form: "auto" | "binary" | "whole_bytes" |
    /// "label_map", winner: "later" | "earlier", now, seed }`, with `now` as `YYYYMMDDTHHMMSS` and 16 random bytes as
    /// `seed`. `winner` keeps a voxel that several objects have, in a file that holds one number for each.
    ///
    /// # Errors
    ///
    /// `session_order` without objects, or for one that there isn't; `export_unavailable`,
    /// `export_invalid`.
    pub fn export(
        &self,
        format: &str,
        objects: JsValue,
        options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let found = SaveFormat::ALL.into_iter().find(|f| f.name() == format);
        let format = found.ok_or_else(|| {
            thrown_with(
                "export_invalid",
                &format!("`{format}` is no format to save in"),
            )
        })?;
        let objects: Vec<JsObject> = from_js(objects, "export_invalid")?;
        let objects = objects.into_iter().map(|saved| SavedObject {
            object: saved.object,
            name: saved.name,
            colour: saved.colour,
            model: saved.model,
        });
        let objects: Vec<SavedObject> = objects.collect();
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
            identity: match options.identity {
                JsIdentity::Linked => Identity::Linked,
                JsIdentity::DeIdentified => Identity::DeIdentified,
            },
            seg_form: match options.seg_form {
                JsSegForm::Auto => None,
                JsSegForm::Binary => Some(SegForm::Binary),
                JsSegForm::WholeBytes => Some(SegForm::WholeBytes),
                JsSegForm::LabelMap => Some(SegForm::LabelMap),
            },
            winner: match options.winner {
                JsWinner::Later => Winner::Later,
                JsWinner::Earlier => Winner::Earlier,
            },
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

/// Names of segments that stand for coded terms, to offer.
#[wasm_bindgen]
pub fn term_names() -> Vec<String> {
    Term::names()
}

/// The coded term that each name stands for: `{ value, scheme, meaning }`, or null for free text.
///
/// # Errors
///
/// `internal` if it can't be handed over.
#[wasm_bindgen]
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
