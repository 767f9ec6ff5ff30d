//! Opens the frames of a choice as a scan.

use super::attribute::*;
use super::data_set::DataSet;
use super::file::File;
use super::frame_info::{FrameInfo, Groups};
use super::layout::{Photometric, PixelLayout, Samples};
use super::lut::Palette;
use super::meaning::{Meanings, OfSlices, shape_remark};
use super::mosaic::Mosaic;
use super::pixels::Pixels;
use super::problem::Problem;
use super::remarks::Remarks;
use super::voxels::{Gathered, Lookup};
use super::{DicomPick, geometry, lut, regions, source, spacing};
use crate::error::Error;
use crate::format::Format;
use crate::open::{Limits, NamedFile};
use crate::scan::{
    About, DicomFrame, DicomSource, Grid, Note, NoteCode, Region, Rescale, Scan, Source,
};

/// Data collected from the files one by one.
struct Opened {
    columns: u32,
    rows: u32,
    voxels: Gathered,
    about: About,
    source: DicomSource,
    infos: Vec<FrameInfo>,
    /// Ultrasound regions of each frame.
    regions: Vec<Vec<Region>>,
    pixel_aspect: Option<f64>,
    size_note: Option<Note>,
    /// Rescale of each slice.
    rescales: Vec<Rescale>,
    meanings: OfSlices,
    remarks: Remarks,
}

/// Opens the scan of a choice.
pub(in crate::open) fn open(
    files: &[NamedFile<'_>],
    pick: &DicomPick,
    limits: &Limits,
) -> Result<Scan, Error> {
    let mut opened: Option<Opened> = None;
    let same_file = |a: &super::PickedFrame, b: &super::PickedFrame| a.file == b.file;
    for frames in pick.frames.chunk_by(same_file) {
        let bytes = frames.first().and_then(|frame| files.get(frame.file));
        let bytes = bytes.map_or(&[][..], |file| file.bytes);
        let frames: Vec<u32> = frames.iter().map(|frame| frame.frame).collect();
        add(&mut opened, bytes, &frames, pick, limits)
            .map_err(|problem| problem.error(bytes.len(), limits))?;
    }
    finished(opened.ok_or(Error::EmptyFile)?, pick)
}

/// Adds the frames of a file. Each file's own data set defines its values and windows.
fn add(
    opened: &mut Option<Opened>,
    bytes: &[u8],
    frames: &[u32],
    pick: &DicomPick,
    limits: &Limits,
) -> Result<(), Problem> {
    let file = File::read(bytes, limits)?;
    let data = file.data_set()?;
    let whole = PixelLayout::read(&data, limits)?;
    let groups = Groups::read(&data)?;
    let mosaic = Mosaic::read(&data, &whole, &groups)?;
    let layout = mosaic.as_ref().map_or(whole, |mosaic| mosaic.layout);
    let opened = match opened {
        Some(opened) if (opened.columns, opened.rows) == (layout.columns, layout.rows) => opened,
        Some(_) => return Err(Problem::damaged("its slices are of different sizes")),
        None => opened.insert(begin(&data, &groups, &layout, frames, pick, limits)?),
    };
    opened.about.bits = opened.about.bits.max(layout.stored());
    if source::burned_in(&data) == Some(true) {
        opened.source.burned_in = Some(true);
    }
    let lookup = lookup(&data, &layout)?;
    let meanings = Meanings::read(&data, &groups, &lookup, &layout)?;
    let regions = regions::read(&data)?;
    let pixels = Pixels::read(&file, &data, whole)?;
    let image = match &mosaic {
        Some(_) => Some(pixels.frame(0)?),
        None => None,
    };
    for &frame in frames {
        let (info, decoded) = match (&mosaic, &image) {
            (Some(mosaic), Some(image)) => (mosaic.frame(frame)?, mosaic.slice(image, frame)?),
            _ => (groups.frame(frame)?, pixels.frame(frame)?),
        };
        opened.voxels.push(&decoded, &layout, &lookup)?;
        let slice = opened.infos.len() as u32;
        let mut remark = |text: &str| opened.remarks.add(text, slice);
        pixels.remarks.iter().for_each(|text| remark(text));
        decoded.remarks.iter().for_each(|text| remark(text));
        shape_remark(&data, &layout)
            .into_iter()
            .for_each(&mut remark);
        if decoded.has_stray_bits() {
            remark(
                "Samples have bits outside the stored ones (Bits Stored, High Bit): these were ignored.",
            );
        }
        if layout.channels() == 3 && layout.allocated() > 16 {
            remark("Only the upper 16 of the 32 bits of each colour are kept.");
        }
        let has_rescale = layout.channels() == 1 && matches!(lookup, Lookup::None);
        if has_rescale && info.is_rescale_broken {
            remark(
                "The rescale slope is 0, or slope or intercept is not a number: values are as stored.",
            );
        }
        opened.rescales.push(match has_rescale {
            true => info.rescale,
            false => Rescale::IDENTITY,
        });
        opened.meanings.push(meanings.frame(frame)?);
        opened.source.frames.push(DicomFrame {
            position: info.position,
            sop_class_uid: data.text(SOP_CLASS_UID),
            sop_instance_uid: data.text(SOP_INSTANCE_UID),
            series_instance_uid: data.text(SERIES_INSTANCE_UID),
            frame: (layout.frames > 1).then_some(frame + 1),
        });
        opened.infos.push(info);
        opened.regions.push(regions.clone());
    }
    Ok(())
}

/// Reads what the first file says about the whole scan.
fn begin(
    data: &DataSet<'_>,
    groups: &Groups<'_, '_>,
    layout: &PixelLayout,
    frames: &[u32],
    pick: &DicomPick,
    limits: &Limits,
) -> Result<Opened, Problem> {
    let count = pick.frames.len();
    let bytes = layout.voxel_bytes().saturating_mul(count as u64);
    if bytes > limits.max_bytes {
        return Err(Problem::TooMuchMemory);
    }
    let mut about = About::new(Format::Dicom, layout.stored());
    about.modality = data.text(MODALITY);
    let first = frames.first().copied().unwrap_or(0);
    let measures = groups.group(first, PIXEL_MEASURES_SEQUENCE)?;
    let size = spacing::read(&measures, data)?;
    Ok(Opened {
        columns: layout.columns,
        rows: layout.rows,
        voxels: Gathered::new(layout.pixels(), count, limits.max_bytes),
        about,
        source: DicomSource {
            attributes: source::attributes(data),
            frames: Vec::with_capacity(count),
            burned_in: source::burned_in(data),
        },
        infos: Vec::with_capacity(count),
        regions: Vec::with_capacity(count),
        pixel_aspect: match size.spacing {
            Some(_) => None,
            None => spacing::aspect(data),
        },
        size_note: size.note,
        rescales: Vec::with_capacity(count),
        meanings: OfSlices::default(),
        remarks: Remarks::default(),
    })
}

fn lookup(data: &DataSet<'_>, layout: &PixelLayout) -> Result<Lookup, Problem> {
    if layout.photometric == Photometric::Palette {
        return Palette::read(data).map(Lookup::Palette);
    }
    let Samples::Integers { signed, .. } = layout.samples else {
        return Ok(Lookup::None);
    };
    match data.item(MODALITY_LUT_SEQUENCE)? {
        // Some writers add an item whose elements are empty or missing.
        Some(item) if layout.channels() == 1 && !lut::is_empty(&item) => {
            lut::of_stored(&item, signed).map(Lookup::Modality)
        }
        _ => Ok(Lookup::None),
    }
}

fn finished(opened: Opened, pick: &DicomPick) -> Result<Scan, Error> {
    let Opened {
        columns,
        rows,
        voxels,
        mut about,
        source,
        infos,
        mut regions,
        pixel_aspect,
        size_note,
        mut rescales,
        meanings,
        remarks,
    } = opened;
    if regions
        .iter()
        .all(|of_frame| Some(of_frame) == regions.first())
    {
        regions.truncate(1);
        regions.retain(|of_all| !of_all.is_empty());
    }
    let mut grid = Grid {
        slices: infos.len() as u32,
        stacking: pick.stacking,
        pixel_aspect,
        regions,
        ..Grid::image(columns, rows)
    };
    geometry::place(&mut grid, &infos.iter().collect::<Vec<_>>());
    about.notes.extend(pick.notes.iter().cloned());
    about.notes.extend(size_note);
    if source.burned_in == Some(true) {
        about.notes.push(Note {
            code: NoteCode::BurnedIn,
            text: "Text is part of the picture and may name the patient.".to_owned(),
        });
    }
    about.notes.extend(remarks.notes(grid.slices));
    meanings.describe(&mut about);
    if rescales
        .iter()
        .all(|rescale| Some(rescale) == rescales.first())
    {
        rescales.truncate(1);
    }
    Scan::new(
        grid,
        voxels.into_voxels(),
        rescales,
        about,
        Source::Dicom(source),
    )
}
