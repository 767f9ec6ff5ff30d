use boxel_segmenter::imaging::{
    Choice, Limits, NamedFile, Scan, open_choice, open_reference, survey,
};
use boxel_segmenter::scan_key;
use js_sys::{Array, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{thrown, thrown_with, to_js, with};

/// Files on their way to a scan. It belongs into a worker that ends with the task: a module's memory
/// never shrinks, and a file that nobody should trust may take much of it.
#[wasm_bindgen]
#[derive(Default)]
pub struct Opener {
    files: Vec<(String, Vec<u8>)>,
    choices: Vec<Choice>,
}

#[derive(Serialize)]
struct Label<'a> {
    label: &'a str,
}

#[derive(Serialize)]
struct Opened {
    key: String,
}

#[wasm_bindgen]
impl Opener {
    /// No files yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Opener {
        Opener::default()
    }

    /// Adds a file. Its name pairs a `.hdr` with its `.img`, and is forgotten with the opener.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) {
        self.files.push((name, bytes));
    }

    /// The scans that the files hold, to choose from: `[{ label }]`.
    ///
    /// # Errors
    ///
    /// `image_format`, `image_truncated`, `image_too_large`, `image_empty`, `image_unsupported`: what is
    /// wrong with the first file where none holds a scan.
    pub fn survey(&mut self) -> Result<Array, JsValue> {
        self.choices = survey(&self.named(), &limits()).map_err(thrown)?;
        let labels = self.choices.iter().map(|choice| {
            to_js(&Label {
                label: &choice.label,
            })
        });
        Ok(labels.collect())
    }

    /// One of the scans, counted from 0: `{ key, scan }`, where `scan` is for `Engine.open`, and `key`
    /// names it by the content of the files. One past the last of several is for `Engine.open_reference`:
    /// the segments of a DICOM Segmentation as one label map, or else the first scan.
    ///
    /// # Errors
    ///
    /// Those of `survey`; `internal` for a choice that there isn't.
    pub fn open(&mut self, choice: usize) -> Result<JsValue, JsValue> {
        let scan = match self.choices.get(choice) {
            Some(chosen) => open_choice(&self.named(), chosen, &limits()),
            None if choice == self.choices.len() => {
                open_reference(&self.named(), &self.choices, &limits())
            }
            None => {
                return Err(thrown_with(
                    "internal",
                    &format!("there is no choice {choice}"),
                ));
            }
        };
        let scan = scan.map_err(thrown)?;
        let files = self.files.iter().map(|(_, bytes)| bytes.as_slice());
        let key = scan_key(files, choice);
        self.files.clear();
        let scan = bytes_of(&scan)?;
        with(to_js(&Opened { key }), "scan", &scan)
    }
}

/// What the module may take for a scan. Beside it there is room for the module itself, and for what a
/// decoder needs, in half a GiB.
fn limits() -> Limits {
    Limits {
        max_bytes: 384 << 20,
        ..Limits::default()
    }
}

/// The scan for `Engine.open`, put together outside the module's memory.
fn bytes_of(scan: &Scan) -> Result<Uint8Array, JsValue> {
    let (head, samples) = (scan.head_bytes().map_err(thrown)?, scan.sample_bytes());
    let (middle, end) = (head.len() as u32, (head.len() + samples.len()) as u32);
    let bytes = Uint8Array::new_with_length(end);
    bytes.subarray(0, middle).copy_from(&head);
    bytes.subarray(middle, end).copy_from(samples);
    Ok(bytes)
}

impl Opener {
    fn named(&self) -> Vec<NamedFile<'_>> {
        let files = self.files.iter();
        files
            .map(|(name, bytes)| NamedFile { name, bytes })
            .collect()
    }
}
