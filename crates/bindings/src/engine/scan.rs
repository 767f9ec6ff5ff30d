//! The scan of an engine, its views and what is shown of it.

use std::rc::Rc;

use boxel_segmenter::Rendering;
use boxel_segmenter::imaging::{
    Letters, NamedWindow, Note, PRESETS, Plane, Scan, SlicePlane, SpacingSource, Window,
};
use js_sys::{Float32Array, Uint8ClampedArray};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, thrown_with, to_js, with};

#[derive(Serialize)]
struct OpenedScan<'a> {
    key: &'a str,
    format: &'static str,
    modality: &'a str,
    unit: &'a str,
    looks_like_ct: bool,
    bits: u32,
    colour: bool,
    volume: bool,
    spacing_source: Option<SpacingSource>,
    views: Vec<OpenedView>,
    windows: &'a [NamedWindow],
    presets: Vec<OpenedPreset>,
    notes: &'a [Note],
}

#[derive(Serialize)]
struct OpenedView {
    plane: Plane,
    width: u32,
    height: u32,
    slices: u32,
    pixel_aspect: f64,
    spacing_mm: [Option<f64>; 3],
    letters: Option<Letters>,
}

#[derive(Serialize)]
struct OpenedPreset {
    name: &'static str,
    level: f64,
    width: f64,
}

#[derive(Serialize)]
struct Shown<'a> {
    key: &'a str,
    plane: Plane,
    slice: u32,
    window: Window,
    level: Option<f64>,
    width_of_window: Option<f64>,
    width: u32,
    height: u32,
}

#[wasm_bindgen]
impl Engine {
    /// Works on a scan that `Opener.open` returned, and forgets the one before: `{ key, format,
    /// modality, unit, looks_like_ct, bits, colour, volume, spacing_source, views, windows, presets, notes,
    /// shown }`.
    /// `shown` is what `show` returns, of the middle slice of the first view in the scan's own window.
    /// If it fails, the scan before stays.
    ///
    /// # Errors
    ///
    /// `internal` for bytes that are no scan.
    pub fn open(&mut self, scan: Vec<u8>, key: &str) -> Result<JsValue, JsValue> {
        let opened = Scan::from_bytes(&scan).map_err(thrown)?;
        drop(scan);
        self.session.open(Rc::new(opened), key);
        self.opened()
    }

    /// Works on the scan of another session, which both hold then.
    ///
    /// # Errors
    ///
    /// `session_order` if the other has none.
    pub fn open_same(&mut self, other: &Engine) -> Result<(), JsValue> {
        let (scan, key) = (other.session.scan(), other.session.scan_key());
        let (Some(scan), Some(key)) = (scan, key) else {
            return Err(thrown_with("session_order", "open an image first"));
        };
        self.session.open(Rc::clone(scan), key);
        Ok(())
    }

    /// Shows a slice of a view in a window: `{ key, plane, slice, window, level, width_of_window, width,
    /// height, rgba, values }`, where `rgba` is what the model sees, a byte per channel, and `values` are
    /// the values that it was made of, or null for colours. What was found stays.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan, or for a slice that there isn't; `window_invalid`.
    pub fn show(
        &mut self,
        plane: JsValue,
        slice: u32,
        window: JsValue,
    ) -> Result<JsValue, JsValue> {
        let rendering = Rendering {
            plane: from_js(plane, "plane_invalid")?,
            slice,
            window: window_from(window)?,
        };
        self.session.show(rendering).map_err(thrown)?;
        self.shown()
    }

    /// Sets the window that the model sees from now on, whatever is shown; with null it sees what is shown.
    ///
    /// # Errors
    ///
    /// `window_invalid`.
    pub fn set_model_window(&mut self, window: JsValue) -> Result<(), JsValue> {
        let window = match window.is_null() || window.is_undefined() {
            true => None,
            false => Some(window_from(window)?),
        };
        self.session.set_model_window(window);
        Ok(())
    }
}

/// A window whose numbers can be used.
pub(super) fn window_from(window: JsValue) -> Result<Window, JsValue> {
    let window: Window = from_js(window, "window_invalid")?;
    if let Window::Linear { level, width }
    | Window::DicomLinear { level, width }
    | Window::Sigmoid { level, width } = window
        && !(level.is_finite() && width.is_finite() && width > 0.0)
    {
        let text = format!("a window needs a level and a width above 0, not {level} and {width}");
        return Err(thrown_with("window_invalid", &text));
    }
    Ok(window)
}

impl Engine {
    fn opened(&self) -> Result<JsValue, JsValue> {
        let (Some(scan), Some(key)) = (self.session.scan(), self.session.scan_key()) else {
            return Err(thrown_with("session_order", "open an image first"));
        };
        let (grid, about) = (scan.grid(), &scan.about);
        let presets = PRESETS
            .iter()
            .filter(|_| scan.is_ct())
            .map(|preset| OpenedPreset {
                name: preset.name,
                level: preset.level,
                width: preset.width,
            });
        let opened = to_js(&OpenedScan {
            key,
            format: about.format.name(),
            modality: &about.modality,
            unit: &about.unit,
            looks_like_ct: about.looks_like_ct,
            bits: about.bits,
            colour: scan.is_colour(),
            volume: grid.is_volume(),
            spacing_source: grid.pixel_spacing.map(|spacing| spacing.source),
            views: SlicePlane::planes(grid)
                .into_iter()
                .map(|plane| opened_view(scan, plane))
                .collect(),
            windows: &about.windows,
            presets: presets.collect(),
            notes: &about.notes,
        });
        with(opened, "shown", &self.shown()?)
    }

    fn shown(&self) -> Result<JsValue, JsValue> {
        let session = &self.session;
        let (Some(scan), Some(at), Some(image), Some(key)) = (
            session.scan(),
            session.shown(),
            session.image(),
            session.key(),
        ) else {
            return Err(thrown_with("session_order", "open an image first"));
        };
        let (level, width_of_window) = scan.level_and_width(at.window).unzip();
        let shown = to_js(&Shown {
            key: key.as_str(),
            plane: at.plane,
            slice: at.slice,
            window: at.window,
            level,
            width_of_window,
            width: image.width(),
            height: image.height(),
        });
        let rgba = Uint8ClampedArray::from(image.to_rgba().as_slice());
        let shown = with(shown, "rgba", &rgba)?;
        let values = match scan.is_colour() {
            true => JsValue::NULL,
            false => {
                let values = scan.slice_values(&at.view(scan), at.slice);
                let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
                Float32Array::from(values.as_slice()).into()
            }
        };
        with(shown, "values", &values)
    }
}

fn opened_view(scan: &Scan, plane: Plane) -> OpenedView {
    let view = SlicePlane::new(scan.grid(), plane);
    let size = view.size();
    OpenedView {
        plane,
        width: size.width,
        height: size.height,
        slices: view.slices(),
        pixel_aspect: view.pixel_aspect(scan.grid()),
        spacing_mm: view.spacing_mm(scan.grid()),
        letters: view.letters(scan.grid()),
    }
}
