//! What is needed of each file to sort it among the others.

use super::attribute::*;
use super::data_set::DataSet;
use super::file::File;
use super::frame_info::{FrameInfo, Groups};
use super::layout::Layout;
use super::pixels::{check_syntax, has_pixels};
use super::problem::Problem;
use super::sop_class;
use crate::open::Limits;

/// A file with its frames.
#[derive(Debug)]
pub(super) struct Instance {
    /// Which of the files.
    pub file: usize,
    pub sop_instance_uid: String,
    pub study_uid: String,
    pub series_uid: String,
    pub series_number: Option<f64>,
    pub instance_number: Option<f64>,
    pub modality: String,
    pub layout: Layout,
    pub frames: Vec<FrameInfo>,
}

impl Instance {
    pub fn read(file: usize, bytes: &[u8], limits: &Limits) -> Result<Instance, Problem> {
        let opened = File::read(bytes, limits)?;
        let data = opened.data_set()?;
        if !has_pixels(&data) {
            return Err(no_pixels(&opened, &data));
        }
        check_syntax(&opened.syntax)?;
        let layout = Layout::read(&data, limits)?;
        let groups = Groups::read(&data)?;
        let frames: Result<_, _> = (0..frame_count(&layout, &data)?)
            .map(|frame| groups.frame(frame))
            .collect();
        Ok(Instance {
            file,
            sop_instance_uid: data.text(SOP_INSTANCE_UID),
            study_uid: data.text(STUDY_INSTANCE_UID),
            series_uid: data.text(SERIES_INSTANCE_UID),
            series_number: data.number(SERIES_NUMBER),
            instance_number: data.number(INSTANCE_NUMBER),
            modality: data.text(MODALITY),
            layout,
            frames: frames?,
        })
    }
}

/// How many frames there are, which a few bytes may claim a billion of: each needs a bit of data.
fn frame_count(layout: &Layout, data: &DataSet<'_>) -> Result<u32, Problem> {
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
