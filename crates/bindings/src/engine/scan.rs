//! The open scan, its planes, and the slice that is shown.

use std::rc::Rc;

use boxel_segmenter::imaging::{
    Letters, NamedWindow, Note, PRESETS, Plane, Preset, Scan, ScanPlace, SlicePlane, SpacingSource,
    Window,
};
use boxel_segmenter::{ImageKey, OpenScan, Rendering};
use js_sys::{Float32Array, Uint8Array, Uint8ClampedArray};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Engine;
use crate::error::{from_js, thrown, thrown_with, to_js};

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct OpenedScan<'a> {
    key: &'a str,
    /// Such as `DICOM` or `NIfTI-1`.
    format: &'static str,
    /// `CT`, `MR`, …; may be empty.
    modality: &'a str,
    /// `HU`, …; may be empty.
    unit: &'a str,
    /// The file has no modality, but the values look like Hounsfield units, so the scan is treated as a CT.
    looks_like_ct: bool,
    /// Bits of a sample in the file.
    bits: u32,
    colour: bool,
    /// Whether slices are neighbours in space.
    volume: bool,
    spacing_source: Option<SpacingSource>,
    /// The first one is the plane of acquisition.
    views: Vec<OpenedView>,
    /// The windows in the file.
    windows: &'a [NamedWindow],
    presets: &'static [Preset],
    notes: &'a [Note],
    shown: Shown,
}

/// A plane of the scan.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "View"))]
pub(crate) struct OpenedView {
    plane: Plane,
    width: u32,
    height: u32,
    slices: u32,
    /// A pixel's height in units of its width.
    pixel_aspect: f64,
    /// In mm along a row, down the rows, from slice to slice.
    spacing_mm: [Option<f64>; 3],
    letters: Option<Letters>,
    /// For columns, rows and slices: the axis of the grid, and whether it is reversed.
    voxel_axes: [(usize, bool); 3],
}

/// A slice in a window.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Shown {
    /// Identifies the image; answers contain it.
    #[cfg_attr(test, ts(type = "string"))]
    key: ImageKey,
    plane: Plane,
    slice: u32,
    window: Window,
    /// The window's level, if it has one.
    level: Option<f64>,
    width_of_window: Option<f64>,
    width: u32,
    height: u32,
    /// The image windowed to 8 bits, alpha 255.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Uint8ClampedArray<ArrayBuffer>"))]
    rgba: Uint8ClampedArray,
    /// The values before the window, row-major; null for a colour image.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Float32Array<ArrayBuffer> | null"))]
    values: JsValue,
}

#[wasm_bindgen]
impl Engine {
    /// Opens a scan that `Opener.open` returned and drops the former one. `shown` is the middle slice of the first
    /// plane in the scan's own window. If it fails, the former scan stays.
    ///
    /// # Errors
    ///
    /// `internal` if the bytes are not a scan.
    #[wasm_bindgen(unchecked_return_type = "OpenedScan")]
    pub fn open(&mut self, scan: Uint8Array, key: &str) -> Result<JsValue, JsValue> {
        let opened = scan_of(&scan)?;
        self.session.open(Rc::new(opened), key);
        self.opened()
    }

    /// Opens the scan of another engine. Both share its memory.
    ///
    /// # Errors
    ///
    /// `session_order` if the other engine has no scan.
    pub fn open_same(&mut self, other: &Engine) -> Result<(), JsValue> {
        let scan = other.scan()?;
        self.session.open(Rc::clone(scan.scan()), scan.key());
        Ok(())
    }

    /// Where the open scan lies, and which slice is shown, for `Opener.list_segments`.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan.
    pub fn scan_place(&self) -> Result<String, JsValue> {
        let scan = self.scan()?;
        let Rendering { plane, slice, .. } = scan.shown();
        Ok(ScanPlace::of(scan.scan()).showing(plane, slice).to_json())
    }

    /// Shows a slice of a plane in a window. Objects stay.
    ///
    /// # Errors
    ///
    /// `session_order` without a scan, or if the slice does not exist; `window_invalid`.
    #[wasm_bindgen(unchecked_return_type = "Shown")]
    pub fn show(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Plane")] plane: JsValue,
        slice: u32,
        #[wasm_bindgen(unchecked_param_type = "Window")] window: JsValue,
    ) -> Result<JsValue, JsValue> {
        let rendering = Rendering {
            plane: from_js(plane, "plane_invalid")?,
            slice,
            window: window_from(window)?,
        };
        self.scan_mut()?.show(rendering).map_err(thrown)?;
        Ok(to_js(&shown(self.scan()?)))
    }

    /// Sets the window in which the model sees the scan; with null it sees the window that is shown.
    ///
    /// # Errors
    ///
    /// `window_invalid`, `session_order` without a scan.
    pub fn set_model_window(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Window | null")] window: JsValue,
    ) -> Result<(), JsValue> {
        let window = optional_window_from(window)?;
        self.scan_mut()?.set_model_window(window);
        Ok(())
    }
}

/// A scan that `Opener.open` returned, copied straight to where it stays: the module's memory never shrinks.
pub(super) fn scan_of(bytes: &Uint8Array) -> Result<Scan, JsValue> {
    let copy = |from: usize, into: &mut [u8]| {
        let end = from + into.len();
        bytes.subarray(from as u32, end as u32).copy_to(into);
    };
    Scan::copied_from(bytes.length() as usize, copy).map_err(thrown)
}

/// A window, or `None` for null and undefined.
pub(super) fn optional_window_from(window: JsValue) -> Result<Option<Window>, JsValue> {
    match window.is_null() || window.is_undefined() {
        true => Ok(None),
        false => window_from(window).map(Some),
    }
}

fn window_from(window: JsValue) -> Result<Window, JsValue> {
    checked_window(from_js(window, "window_invalid")?)
}

/// A window with a finite level and a width above 0.
pub(super) fn checked_window(window: Window) -> Result<Window, JsValue> {
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
        let open = self.scan()?;
        let scan = open.scan();
        let (grid, about) = (scan.grid(), &scan.about);
        Ok(to_js(&OpenedScan {
            key: open.key(),
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
            presets: if scan.is_ct() { &PRESETS } else { &[] },
            notes: &about.notes,
            shown: shown(open),
        }))
    }
}

fn shown(open: &OpenScan) -> Shown {
    let (scan, at, image) = (open.scan(), open.shown(), open.image());
    let (level, width_of_window) = scan.level_and_width(at.window).unzip();
    Shown {
        key: open.image_key(),
        plane: at.plane,
        slice: at.slice,
        window: at.window,
        level,
        width_of_window,
        width: image.width(),
        height: image.height(),
        rgba: Uint8ClampedArray::from(image.to_rgba().as_slice()),
        values: match scan.is_colour() {
            true => JsValue::NULL,
            false => {
                let values = scan.slice_values(&at.slice_plane(scan), at.slice);
                let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
                Float32Array::from(values.as_slice()).into()
            }
        },
    }
}

fn opened_view(scan: &Scan, plane: Plane) -> OpenedView {
    let slice_plane = SlicePlane::new(scan.grid(), plane);
    let size = slice_plane.size();
    OpenedView {
        plane,
        width: size.width,
        height: size.height,
        slices: slice_plane.slices(),
        pixel_aspect: slice_plane.pixel_aspect(scan.grid()),
        spacing_mm: slice_plane.spacing_mm(scan.grid()),
        letters: slice_plane.letters(scan.grid()),
        voxel_axes: slice_plane.axes(),
    }
}
