//! The data of each file that are needed to sort it into scans.

use std::rc::Rc;

use super::attribute::*;
use super::data_set::DataSet;
use super::file::File;
use super::frame_info::{FrameInfo, Groups};
use super::frame_properties::FrameProperty;
use super::layout::PixelLayout;
use super::mosaic::Mosaic;
use super::pixels::{check_syntax, has_pixels};
use super::problem::Problem;
use super::sop_class;
use super::stack::FrameRef;
use crate::open::budget::Budget;
use crate::scan::Note;

/// A file and its frames; the slices of a mosaic count as frames.
#[derive(Debug)]
pub(super) struct Instance {
    /// Index of the file.
    pub file: usize,
    pub sop_instance_uid: String,
    pub study_uid: String,
    pub series_uid: String,
    pub frame_of_reference_uid: String,
    pub series_number: Option<f64>,
    pub instance_number: Option<f64>,
    pub modality: String,
    /// Layout of the pixels; for a mosaic, of one slice.
    pub layout: PixelLayout,
    pub frames: Vec<FrameInfo>,
    pub concatenation: Option<Concatenation>,
    /// Whether it is a mosaic: its frames are slices next to each other in one image, or the undivided image.
    pub is_mosaic: bool,
    /// Notes for the user about this file.
    pub notes: Vec<Note>,
}

/// A part of a multi-frame image that is split into several files (PS3.3 C.7.6.16.2.2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Concatenation {
    /// UID that all parts share.
    pub uid: String,
    /// Number of the part, counted from 1.
    pub number: u32,
    /// Number of parts, if the file gives it.
    pub total: Option<u32>,
}

impl Instance {
    pub fn read(file: usize, bytes: &[u8], budget: &Budget) -> Result<Instance, Problem> {
        let opened = File::read(bytes, budget)?;
        let data = opened.data_set()?;
        if !has_pixels(&data) {
            return Err(no_pixels(&opened, &data));
        }
        check_syntax(&opened.syntax)?;
        sop_class::refuse_tiles(&data)?;
        let layout = PixelLayout::read(&data, budget.limits())?;
        let count = frame_count(&layout, &data)?;
        let groups = Groups::read(&data, count)?;
        let mut notes: Vec<Note> = groups.note().cloned().into_iter().collect();
        let (mut layout, mut frames) = (layout, Vec::new());
        let mosaic = Mosaic::read(&data, &layout, &groups)?;
        if let Some(mosaic) = &mosaic {
            layout = mosaic.layout;
            notes.extend(mosaic.note.clone());
        }
        match &mosaic {
            Some(mosaic) => {
                budget.keep(bytes_of(mosaic.frames.len()))?;
                frames.extend(mosaic.frames.iter().cloned());
            }
            None => {
                budget.keep(bytes_of(count as usize))?;
                frames.reserve_exact(count as usize);
                for frame in 0..count {
                    budget.step(STEPS_PER_FRAME)?;
                    let mut info = groups.frame(frame)?;
                    share_properties(&mut info, frames.last(), budget)?;
                    frames.push(info);
                }
            }
        }
        let instance = Instance {
            file,
            sop_instance_uid: data.text(SOP_INSTANCE_UID),
            study_uid: data.text(STUDY_INSTANCE_UID),
            series_uid: data.text(SERIES_INSTANCE_UID),
            frame_of_reference_uid: data.text(FRAME_OF_REFERENCE_UID),
            series_number: data.number(SERIES_NUMBER),
            instance_number: data.number(INSTANCE_NUMBER),
            modality: data.text(MODALITY),
            layout,
            frames,
            concatenation: concatenation(&data),
            is_mosaic: mosaic.is_some(),
            notes,
        };
        budget.keep(instance.bytes())?;
        Ok(instance)
    }

    /// Memory of it, besides that of its frames.
    fn bytes(&self) -> u64 {
        let texts = [
            &self.sop_instance_uid,
            &self.study_uid,
            &self.series_uid,
            &self.frame_of_reference_uid,
            &self.modality,
        ];
        let texts: usize = texts.iter().map(|text| text.len()).sum();
        // What it is sorted with: its places in lists and in tables of hashes.
        const SORTED: usize = 256;
        (size_of::<Instance>() + texts + SORTED) as u64
    }

    /// The series UID of a file that can't be opened, where that much can be read of it.
    pub fn series_of_refused(bytes: &[u8], budget: &Budget) -> Option<String> {
        let opened = File::read(bytes, budget).ok()?;
        let uid = opened.data_set().ok()?.text(SERIES_INSTANCE_UID);
        Some(uid).filter(|uid| !uid.is_empty())
    }

    /// Whether its frames form their own stack, separate from other files except those of its concatenation.
    pub fn is_multi_frame(&self) -> bool {
        self.frames.len() > 1 || self.concatenation.is_some()
    }
}

/// Work of reading a frame, besides that of its elements.
pub(super) const STEPS_PER_FRAME: u64 = 20;

/// Memory of frames until the survey is over: what is known of each, and where it is sorted to.
fn bytes_of(frames: usize) -> u64 {
    let of_one = size_of::<FrameInfo>() + 2 * size_of::<FrameRef>();
    frames as u64 * of_one as u64
}

/// Lets a frame have the list of properties of the one before, where they are the same.
fn share_properties(
    info: &mut FrameInfo,
    before: Option<&FrameInfo>,
    budget: &Budget,
) -> Result<(), Problem> {
    match before {
        Some(before) if Rc::ptr_eq(&before.properties, &info.properties) => {}
        Some(before) if before.properties == info.properties => {
            info.properties = before.properties.clone();
        }
        _ => {
            let texts: usize = info
                .properties
                .iter()
                .map(|property| property.value.text_bytes())
                .sum();
            let list = info.properties.len() * size_of::<FrameProperty>();
            budget.keep((list + texts) as u64)?;
        }
    }
    Ok(())
}

/// Without a UID of its own, the parts share that of the image that they are of.
fn concatenation(data: &DataSet<'_>) -> Option<Concatenation> {
    let uids = [CONCATENATION_UID, CONCATENATION_SOURCE].map(|uid| data.text(uid));
    Some(Concatenation {
        uid: uids.into_iter().find(|uid| !uid.is_empty())?,
        number: data.whole(IN_CONCATENATION_NUMBER)?,
        total: data.whole(IN_CONCATENATION_TOTAL),
    })
}

/// Number of frames. A few bytes may claim a billion, so each frame must have at least one bit of data.
fn frame_count(layout: &PixelLayout, data: &DataSet<'_>) -> Result<u32, Problem> {
    let pixels = [PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA];
    let bytes = pixels.into_iter().filter_map(|pixels| data.element(pixels));
    let bytes: usize = bytes.map(|element| element.value.len()).sum();
    match layout.frames as usize <= 8 * bytes {
        true => Ok(layout.frames),
        false => Err(Problem::Damaged(format!(
            "its pixel data of {bytes} bytes can't be {} frames",
            layout.frames
        ))),
    }
}

fn no_pixels(file: &File<'_>, data: &DataSet<'_>) -> Problem {
    let uid = match data.text(SOP_CLASS_UID) {
        uid if uid.is_empty() => file.media_storage_sop_class.clone(),
        uid => uid,
    };
    Problem::Error(crate::error::Error::NoImage {
        what: sop_class::describe(&uid),
    })
}
