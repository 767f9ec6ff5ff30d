//! Mosaics: slices of a volume next to each other in one image, as Siemens and United Imaging (UIH) store functional
//! and diffusion MR. In Boxel the frames of such a file are its slices.
//!
//! The position in Siemens' files is that of a slice as large as the mosaic with the same centre; see nibabel's
//! "Siemens mosaic format". UIH's layout and attributes are described in dcm2niix's `UIH/README.md`.

use std::borrow::Cow;

use super::attribute::*;
use super::csa;
use super::data_set::DataSet;
use super::frame_info::{FrameInfo, Groups, unit_vectors};
use super::layout::{PixelLayout, Samples};
use super::pixels::Frame;
use super::private::{CSA, SIEMENS_MR, UIH, private};
use super::problem::Problem;
use crate::open::budget::Budget;
use crate::scan::{Note, NoteCode, cross, dot};

/// Maximum number of slices of a mosaic; real ones have up to about 150.
const MAX_SLICES: f64 = 4096.0;

/// Minimum cosine between the CSA header's normal and that of Image Orientation (Patient).
const PARALLEL: f64 = 0.99;

/// Division of an image into slices.
#[derive(Debug)]
pub(super) struct Mosaic {
    /// Layout of one slice.
    pub layout: PixelLayout,
    /// Frame information of each slice in order, or of the whole image if it can't be divided.
    pub frames: Vec<FrameInfo>,
    /// Note for the user about the division.
    pub note: Option<Note>,
    /// Number of slices in a row of the mosaic.
    across: usize,
}

/// The manufacturer of a mosaic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Maker {
    Siemens,
    Uih,
}

impl Mosaic {
    /// Reads the division; `None` if the image is not a mosaic.
    pub fn read(
        data: &DataSet<'_>,
        layout: &PixelLayout,
        groups: &Groups<'_, '_>,
    ) -> Result<Option<Mosaic>, Problem> {
        let image_type = data.texts(IMAGE_TYPE);
        let is = |word: &str| image_type.iter().any(|value| value == word);
        let maker = match (is("MOSAIC"), is("VFRAME")) {
            (true, _) => Maker::Siemens,
            (_, true) if private(data, UIH, 0x50).is_some() => Maker::Uih,
            _ => return Ok(None),
        };
        if layout.frames != 1 {
            return Ok(None);
        }
        let whole = groups.frame(0)?;
        let count = count(data, maker);
        if count.is_none() && is_single(data, layout) {
            return Ok(None);
        }
        let divided = count.and_then(|count| divide(layout, count, maker));
        let Some((layout, across)) = divided else {
            return Ok(Some(undivided(layout, whole, count)));
        };
        let count = count.unwrap_or(1);
        let (frames, note) = match maker {
            Maker::Siemens => siemens(data, whole, layout, across, count),
            Maker::Uih => uih(data, whole, count)?,
        };
        Ok(Some(Mosaic {
            layout,
            frames,
            note,
            across,
        }))
    }

    /// The frame information of a slice, counted from 0.
    pub fn frame(&self, slice: u32) -> Result<FrameInfo, Problem> {
        let found = self.frames.get(slice as usize).cloned();
        found.ok_or(Problem::Truncated)
    }

    /// A slice of the decoded image, counted from 0.
    pub fn slice<'b>(
        &self,
        image: &Frame<'_>,
        slice: u32,
        budget: &'b Budget,
    ) -> Result<Frame<'b>, Problem> {
        if image.photometric.is_halved() {
            let what = "a DICOM mosaic with halved chroma";
            return Err(Problem::Unsupported(what.to_owned()));
        }
        let width = match image.samples {
            Samples::Integers { allocated, .. } => (allocated / 8).max(1) as usize,
            Samples::F32 => 4,
            Samples::F64 => 8,
        };
        let channels = self.layout.channels() as usize;
        let (planes, cell) = match image.planar {
            true => (channels, width),
            false => (1, width * channels),
        };
        let (columns, rows) = (self.layout.columns as usize, self.layout.rows as usize);
        let at = (slice as usize % self.across, slice as usize / self.across);
        let plane_length = image.cells.len() / planes;
        let held = budget.hold((planes * rows * columns * cell) as u64)?;
        let mut cells = Vec::with_capacity(planes * rows * columns * cell);
        for plane in 0..planes {
            for row in 0..rows {
                let pixel = (at.1 * rows + row) * columns * self.across + at.0 * columns;
                let from = plane * plane_length + pixel * cell;
                let part = image.cells.get(from..from + columns * cell);
                cells.extend_from_slice(part.ok_or(Problem::Truncated)?);
            }
        }
        Ok(Frame {
            cells: Cow::Owned(cells),
            planar: image.planar,
            samples: image.samples,
            photometric: image.photometric,
            remarks: image.remarks.clone(),
            held: Some(held),
        })
    }
}

/// Number of slices in the mosaic.
fn count(data: &DataSet<'_>, maker: Maker) -> Option<usize> {
    let number = |creator, element, vr: &[u8; 2]| {
        let attribute = private(data, creator, element)?;
        data.number(Attribute {
            vr: *vr,
            ..attribute
        })
    };
    let count = match maker {
        Maker::Uih => number(UIH, 0x50, b"DS"),
        Maker::Siemens => {
            let header = csa_numbers(data, "NumberOfImagesInMosaic");
            // Or where an anonymizer left only its private copy.
            // Or where only the slices' times are left.
            let times = || {
                let times = private(data, SIEMENS_MR, 0x29)?;
                let times = data.numbers(Attribute {
                    vr: *b"FD",
                    ..times
                });
                (times.len() > 1).then_some(times.len() as f64)
            };
            header
                .first()
                .copied()
                .or_else(|| number(SIEMENS_MR, 0x0a, b"US"))
                .or_else(times)
        }
    }?;
    let is_count = count.fract() == 0.0 && (1.0..=MAX_SLICES).contains(&count);
    is_count.then_some(count as usize)
}

/// Whether the image is too small to be a mosaic of the acquired slices. Other programs divide mosaics and keep the
/// word in Image Type. Interpolation may double a slice's sides.
fn is_single(data: &DataSet<'_>, layout: &PixelLayout) -> bool {
    let acquired = data.numbers(ACQUISITION_MATRIX);
    let largest = acquired.into_iter().fold(0.0, f64::max);
    f64::from(layout.rows.max(layout.columns)) <= 2.0 * largest
}

fn csa_numbers(data: &DataSet<'_>, name: &str) -> Vec<f64> {
    let header = private(data, CSA, 0x10).and_then(|header| data.element(header));
    header.map_or(Vec::new(), |header| csa::numbers(header.value, name))
}

/// The layout of a slice, and the number of slices in a row. Siemens' mosaics have as many rows as columns; UIH's
/// have no empty rows.
fn divide(layout: &PixelLayout, count: usize, maker: Maker) -> Option<(PixelLayout, usize)> {
    let across = (count as f64).sqrt().ceil() as u32;
    let down = match maker {
        Maker::Siemens => across,
        Maker::Uih => (count as u32).div_ceil(across),
    };
    let fits = layout.columns.is_multiple_of(across) && layout.rows.is_multiple_of(down);
    let slice = PixelLayout {
        columns: layout.columns / across,
        rows: layout.rows / down,
        ..*layout
    };
    (fits && slice.columns > 0 && slice.rows > 0).then_some((slice, across as usize))
}

fn without_place(info: &FrameInfo) -> FrameInfo {
    FrameInfo {
        position: None,
        orientation: None,
        ..info.clone()
    }
}

fn no_place(text: String) -> Option<Note> {
    Some(Note {
        code: NoteCode::NoPositions,
        text,
    })
}

fn undivided(layout: &PixelLayout, whole: FrameInfo, count: Option<usize>) -> Mosaic {
    let why = match count {
        None => "the file does not say of how many".to_owned(),
        Some(count) => format!(
            "{}×{} pixels can't be divided into {count}",
            layout.columns, layout.rows
        ),
    };
    let text = format!(
        "This image is a mosaic of slices, and {why}. It is shown as one image, without a place in the patient."
    );
    Mosaic {
        layout: *layout,
        frames: vec![without_place(&whole)],
        note: no_place(text),
        across: 1,
    }
}

fn siemens(
    data: &DataSet<'_>,
    whole: FrameInfo,
    layout: PixelLayout,
    across: usize,
    count: usize,
) -> (Vec<FrameInfo>, Option<Note>) {
    let missing = |what: &str| {
        let text = format!(
            "This image is a mosaic of {count} slices. The file does not say {what}, so they have no place in the \
             patient."
        );
        (vec![without_place(&whole); count], no_place(text))
    };
    let place = (whole.position, whole.orientation, whole.spacing);
    let (Some(position), Some([row, column]), Some(spacing)) = place else {
        return missing("where they lie");
    };
    let normal = cross(row, column);
    let stacked = csa_numbers(data, "SliceNormalVector");
    let along = match stacked[..] {
        [x, y, z] => dot([x, y, z], normal),
        _ => 0.0,
    };
    if along.abs() < PARALLEL {
        return missing("in which direction they are stacked");
    }
    let Some(step) = whole.slice_spacing.or(whole.slice_thickness) else {
        return missing("how far apart they are");
    };
    let note = whole.slice_spacing.is_none().then(|| Note {
        code: NoteCode::Reading,
        text: format!(
            "The file does not give the distance between slices; the slice thickness of {step} mm is used instead."
        ),
    });
    // Offset from the corner of the mosaic to that of a slice with the same centre.
    let inwards = |side: u32, mm: f64| f64::from(side) * (across as f64 - 1.0) / 2.0 * mm;
    let right = inwards(layout.columns, spacing.x_mm);
    let down = inwards(layout.rows, spacing.y_mm);
    let frames = (0..count).map(|slice| {
        let up = slice as f64 * step * along.signum();
        FrameInfo {
            position: Some([0, 1, 2].map(|axis| {
                position[axis] + row[axis] * right + column[axis] * down + normal[axis] * up
            })),
            ..whole.clone()
        }
    });
    (frames.collect(), note)
}

/// Frame information from UIH's sequence, which has an item with the position of each slice.
fn uih(
    data: &DataSet<'_>,
    whole: FrameInfo,
    count: usize,
) -> Result<(Vec<FrameInfo>, Option<Note>), Problem> {
    let items = match private(data, UIH, 0x51) {
        Some(sequence) => data.items(sequence, count)?,
        None => Vec::new(),
    };
    let own = items.iter().filter_map(|item| {
        let orientation = item.finite(IMAGE_ORIENTATION).and_then(unit_vectors);
        Some(FrameInfo {
            position: Some(item.finite(IMAGE_POSITION)?),
            orientation: orientation.or(whole.orientation),
            ..whole.clone()
        })
    });
    let frames: Vec<FrameInfo> = own.collect();
    if frames.len() == count {
        return Ok((frames, None));
    }
    let text = format!(
        "This image is a mosaic of {count} slices. The file does not say where each lies, so they have no place in the \
         patient."
    );
    Ok((vec![without_place(&whole); count], no_place(text)))
}
