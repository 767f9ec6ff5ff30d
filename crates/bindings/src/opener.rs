use boxel_segmenter::imaging::{
    Choice, Limits, Link, NamedFile, Plane, Scan, ScanPlace, are_segmentations, open_choice,
    open_reference, survey,
};
use boxel_segmenter::{LoadedSegment, SegmentFacts, SegmentList, SegmentReader, scan_key};
use js_sys::{Array, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{thrown, thrown_with, to_js};

/// Reads files into a scan. It belongs in a worker that is terminated after the task: a module's memory never
/// shrinks, and an untrusted file may take much of it.
#[wasm_bindgen]
#[derive(Default)]
pub struct Opener {
    files: Vec<(String, Vec<u8>)>,
    choices: Vec<Choice>,
    listed: Option<SegmentList>,
    segments: Option<SegmentReader>,
}

/// A segment of a file, to choose.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ListedSegment {
    name: String,
    /// As a session file has it; null if the file gives none.
    colour: Option<u32>,
}

/// Segments of a file, on the slices of the scan that they are opened on.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct FileSegments {
    /// How many of the chosen segments are read.
    read: usize,
    segments: Vec<FileSegment>,
}

/// A segment of a file. Those without voxels are left out.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
struct FileSegment {
    /// Its name, codes and algorithm.
    facts: SegmentFacts,
    /// As a session file has it; null if the file gives none.
    colour: Option<u32>,
    /// The plane of the scan's stored slices.
    plane: Plane,
    /// The slice on which it is largest.
    slice: u32,
    voxels: u64,
    /// What says where it lies.
    link: Link,
    /// For `Engine.restore_object`.
    masks: String,
}

#[derive(Serialize)]
struct Label<'a> {
    label: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct OpenedFile {
    /// Identifies the scan: the SHA-256 of the files and the choice.
    key: String,
    /// For `Engine.open`.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
    scan: Uint8Array,
}

#[wasm_bindgen]
impl Opener {
    /// An opener without files.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Opener {
        Opener::default()
    }

    /// Adds a file. Its name pairs a `.hdr` with its `.img`, and is not kept longer than the opener.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) {
        self.files.push((name, bytes));
    }

    /// The scans that the files contain, to choose from.
    ///
    /// # Errors
    ///
    /// `image_format`, `image_truncated`, `image_too_large`, `image_empty`, `image_unsupported`: the error of the first
    /// file, if no file contains a scan.
    #[wasm_bindgen(unchecked_return_type = "{ label: string }[]")]
    pub fn survey(&mut self) -> Result<Array, JsValue> {
        self.choices = survey(&self.named(), &Limits::default()).map_err(thrown)?;
        let labels = self.choices.iter().map(|choice| {
            to_js(&Label {
                label: &choice.label,
            })
        });
        Ok(labels.collect())
    }

    /// Reads one of the scans, counted from 0. One past the last choice is for `Engine.open_reference`: the segments of
    /// a DICOM Segmentation as one label map, or else the first scan.
    ///
    /// # Errors
    ///
    /// Those of `survey`; `internal` if the choice does not exist.
    #[wasm_bindgen(unchecked_return_type = "OpenedFile")]
    pub fn open(&mut self, choice: usize) -> Result<JsValue, JsValue> {
        let scan = match self.choices.get(choice) {
            Some(chosen) => open_choice(&self.named(), chosen, &Limits::default()),
            None if choice == self.choices.len() => {
                open_reference(&self.named(), &self.choices, &Limits::default())
            }
            None => {
                return Err(thrown_with(
                    "internal",
                    &format!("choice {choice} does not exist"),
                ));
            }
        };
        let scan = scan.map_err(thrown)?;
        let files = self.files.iter().map(|(_, bytes)| bytes.as_slice());
        let key = scan_key(files, choice);
        self.files.clear();
        let scan = bytes_of(&scan)?;
        Ok(to_js(&OpenedFile { key, scan }))
    }

    /// Whether each file, alone, is a segmentation.
    #[wasm_bindgen(unchecked_return_type = "boolean[]")]
    pub fn segmentations(&self) -> Array {
        let limits = Limits::default();
        let found = are_segmentations(&self.named(), &limits);
        found.into_iter().map(JsValue::from_bool).collect()
    }

    /// Lists the segments of the files, to be opened on a scan, whose `Engine.scan_place` is given. If `resample`, each voxel
    /// of the scan gets the segments of their nearest voxel.
    ///
    /// # Errors
    ///
    /// Those of `survey`; `segments_elsewhere` if they do not lie on the scan's voxels, so that only resampling helps;
    /// `grids_differ` if they lie elsewhere in the patient, or nobody knows where; `reference_labels` for a file without
    /// labels, or with too many.
    #[wasm_bindgen(unchecked_return_type = "ListedSegment[]")]
    pub fn list_segments(&mut self, place: &str, resample: Option<bool>) -> Result<Array, JsValue> {
        let place = ScanPlace::from_json(place).map_err(thrown)?;
        let place = match resample {
            Some(true) => place.with_resampling(),
            _ => place,
        };
        let list = SegmentList::of(&self.named(), place, &Limits::default());
        let list = list.map_err(thrown)?;
        let names = list.names();
        let names = names.map(|(name, colour)| to_js(&ListedSegment { name, colour }));
        let names = names.collect();
        self.listed = Some(list);
        Ok(names)
    }

    /// Begins to read some of the listed segments, by their places in the list, and returns how many they are.
    ///
    /// # Errors
    ///
    /// `segments_limit`; `internal` before `list_segments`.
    pub fn begin_segments(&mut self, chosen: Vec<usize>) -> Result<usize, JsValue> {
        let listed = self.listed.take();
        let listed = listed.ok_or_else(|| thrown_with("internal", "no segments were listed"))?;
        let reader = listed.reader(&chosen, &Limits::default());
        let reader = reader.map_err(thrown)?;
        let count = reader.count();
        self.segments = Some(reader);
        Ok(count)
    }

    /// The next segments; null after the last ones.
    ///
    /// # Errors
    ///
    /// Those of `list_segments` and `begin_segments`; `internal` before them.
    #[wasm_bindgen(unchecked_return_type = "FileSegments | null")]
    pub fn next_segments(&mut self) -> Result<JsValue, JsValue> {
        let begun = self.segments.take();
        let mut reader = begun.ok_or_else(|| thrown_with("internal", "no segments were begun"))?;
        let next = reader.next(&self.named(), &Limits::default());
        let Some(segments) = next.map_err(thrown)? else {
            return Ok(JsValue::NULL);
        };
        let found = FileSegments {
            read: reader.read(),
            segments: segments.into_iter().map(FileSegment::from).collect(),
        };
        self.segments = Some(reader);
        Ok(to_js(&found))
    }
}

impl From<LoadedSegment> for FileSegment {
    fn from(loaded: LoadedSegment) -> Self {
        Self {
            facts: loaded.facts,
            colour: loaded.colour,
            plane: loaded.plane,
            slice: loaded.slice,
            voxels: loaded.voxels,
            link: loaded.link,
            masks: loaded.masks.to_json(),
        }
    }
}

/// The scan's bytes for `Engine.open`, assembled outside the module's memory.
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
