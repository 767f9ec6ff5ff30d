//! Files of what was found.

use boxel_segmenter::imaging::Plane;
use boxel_segmenter::imaging::export::Identity;
use boxel_segmenter::{Rendering, SaveFormat, SaveOptions, SavedObject};
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
}

#[derive(Deserialize)]
struct JsOptions {
    plane: Plane,
    slice: u32,
    identity: JsIdentity,
    now: String,
    seed: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum JsIdentity {
    Linked,
    DeIdentified,
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

    /// Saves objects: `{ bytes, name, type }`. `objects` are `{ object, name, colour }`; `options` are
    /// `{ plane, slice, window, identity: "linked" | "de_identified", now, seed }`, with `now` as
    /// `YYYYMMDDTHHMMSS` and 16 random bytes as `seed`.
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
