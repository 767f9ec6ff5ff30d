//! Opens the frames of a choice as a scan.

use std::collections::HashMap;
use std::rc::Rc;

use super::attribute::*;
use super::data_set::DataSet;
use super::file::File;
use super::frame_info::{FrameInfo, Groups};
use super::frame_properties::FrameProperty;
use super::instance::STEPS_PER_FRAME;
use super::layout::{Photometric, PixelLayout, Samples};
use super::lut::Palette;
use super::meaning::{Meaning, Meanings, OfSlices, shape_remark};
use super::mosaic::Mosaic;
use super::pixels::Pixels;
use super::problem::Problem;
use super::remarks::Remarks;
use super::voxels::{Gathered, Lookup};
use super::{DicomPick, geometry, lut, regions, source, spacing};
use crate::error::Error;
use crate::format::Format;
use crate::open::budget::{Budget, Spent};
use crate::open::entry::Entry;
use crate::scan::{
    About, DicomFrame, DicomSource, DicomValue, Grid, Note, NoteCode, Region, Rescale, Scan, Source,
};

/// Data collected from one file after the other.
struct Opened<'b> {
    columns: u32,
    rows: u32,
    voxels: Gathered<'b>,
    about: About,
    attributes: Vec<DicomValue>,
    burned_in: Option<bool>,
    /// `None` until its file is read.
    slices: Vec<Option<Slice>>,
    pixel_aspect: Option<f64>,
    size_note: Option<Note>,
    remarks: Remarks,
}

/// What is known of a slice besides its voxels.
struct Slice {
    info: FrameInfo,
    rescale: Rescale,
    meaning: Rc<Meaning>,
    frame: DicomFrame,
    /// Those of its file.
    regions: Rc<Vec<Region>>,
}

/// A slice of the scan, and which frame of its file it is; both are counted from 0.
type Place = (usize, u32);

/// Opens a scan.
pub(in crate::open) fn open(
    files: &[Entry<'_>],
    pick: &DicomPick,
    budget: &Budget,
) -> Result<Scan, Error> {
    let mut opened: Option<Opened<'_>> = None;
    for (file, places) in by_file(pick) {
        let entry = files.get(file as usize).ok_or(Error::EmptyFile)?;
        let bytes = entry.load(budget)?;
        add(&mut opened, &bytes, &places, pick, budget)
            .map_err(|problem| problem.error(bytes.len(), budget))?;
    }
    finished(opened.ok_or(Error::EmptyFile)?, pick, budget)
}

/// The files of a choice in the order of their first slices: each is read once, even where slices of several files
/// take turns.
fn by_file(pick: &DicomPick) -> Vec<(u32, Vec<Place>)> {
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut files: Vec<(u32, Vec<Place>)> = Vec::new();
    for (slice, picked) in pick.frames.iter().enumerate() {
        let at = *places.entry(picked.file).or_insert_with(|| {
            files.push((picked.file, Vec::new()));
            files.len() - 1
        });
        files[at].1.push((slice, picked.frame));
    }
    files
}

/// Adds frames of a file. What its values mean and how they are to be shown is its own word.
fn add<'b>(
    opened: &mut Option<Opened<'b>>,
    bytes: &[u8],
    places: &[Place],
    pick: &DicomPick,
    budget: &'b Budget,
) -> Result<(), Problem> {
    let file = File::read(bytes, budget)?;
    let data = file.data_set()?;
    let whole = PixelLayout::read(&data, budget.limits())?;
    let groups = Groups::read(&data, whole.frames)?;
    let mosaic = Mosaic::read(&data, &whole, &groups)?;
    let layout = mosaic.as_ref().map_or(whole, |mosaic| mosaic.layout);
    let opened = match opened {
        Some(opened) if (opened.columns, opened.rows) == (layout.columns, layout.rows) => opened,
        Some(_) => return Err(Problem::damaged("its slices are of different sizes")),
        None => opened.insert(begin(&data, &groups, &layout, places, pick, budget)?),
    };
    opened.about.bits = opened.about.bits.max(layout.stored());
    if source::burned_in(&data) == Some(true) {
        opened.burned_in = Some(true);
    }
    let lookup = lookup(&data, &layout)?;
    let meanings = Meanings::read(&data, &groups, &lookup, &layout, budget)?;
    let regions = Rc::new(regions::read(&data)?);
    budget.keep(size_of_val(&regions[..]) as u64)?;
    let pixels = Pixels::read(&file, &data, whole, budget)?;
    let image = match &mosaic {
        Some(_) => Some(pixels.frame(0)?),
        None => None,
    };
    let uids = [SOP_CLASS_UID, SOP_INSTANCE_UID, SERIES_INSTANCE_UID].map(|uid| data.text(uid));
    let of_uids: usize = uids.iter().map(String::len).sum();
    // Twice: here, and as text when the scan is handed over.
    budget.keep(places.len() as u64 * 2 * (of_uids as u64 + BYTES_OF_TEXT))?;
    let shape_remark = shape_remark(&data, &layout);
    let has_rescale = layout.channels() == 1 && matches!(lookup, Lookup::None);
    let no_properties: Rc<[FrameProperty]> = Rc::default();
    for &(slice, frame) in places {
        budget.step(STEPS_PER_FRAME)?;
        let (mut info, decoded) = match (&mosaic, &image) {
            (Some(mosaic), Some(image)) => {
                (mosaic.frame(frame)?, mosaic.slice(image, frame, budget)?)
            }
            _ => (groups.frame(frame)?, pixels.frame(frame)?),
        };
        // They have served to sort it.
        info.properties = no_properties.clone();
        opened.voxels.put(slice, &decoded, &layout, &lookup)?;
        let mut remark = |text: &str| opened.remarks.add(text, slice as u32);
        pixels.remarks.iter().for_each(|text| remark(text));
        decoded.remarks.iter().for_each(|text| remark(text));
        shape_remark.into_iter().for_each(&mut remark);
        if decoded.has_stray_bits() {
            remark(
                "Samples have bits outside the stored ones (Bits Stored, High Bit): these were ignored.",
            );
        }
        if layout.channels() == 3 && layout.allocated() > 16 {
            remark("Only the upper 16 of the 32 bits of each colour are kept.");
        }
        if has_rescale && info.is_rescale_broken {
            remark(
                "The rescale slope is 0, or slope or intercept is not a number: values are as stored.",
            );
        }
        let [sop_class_uid, sop_instance_uid, series_instance_uid] = uids.clone();
        opened.slices[slice] = Some(Slice {
            rescale: match has_rescale {
                true => info.rescale,
                false => Rescale::IDENTITY,
            },
            meaning: meanings.frame(frame)?,
            frame: DicomFrame {
                position: info.position,
                sop_class_uid,
                sop_instance_uid,
                series_instance_uid,
                frame: (layout.frames > 1).then_some(frame + 1),
            },
            info,
            regions: regions.clone(),
        });
    }
    Ok(())
}

/// Text of a slice when a scan is handed over, besides its UIDs: numbers and names.
const BYTES_OF_TEXT: u64 = 200;

/// The first file's data, which hold for all.
fn begin<'b>(
    data: &DataSet<'_>,
    groups: &Groups<'_, '_>,
    layout: &PixelLayout,
    places: &[Place],
    pick: &DicomPick,
    budget: &'b Budget,
) -> Result<Opened<'b>, Problem> {
    let count = pick.frames.len();
    let bytes = layout.voxel_bytes().saturating_mul(count as u64);
    if bytes > budget.limits().max_bytes {
        return Err(Problem::TooMuchMemory(bytes));
    }
    // Together with the list of files, and what is made of it in the end.
    const OF_SLICE: usize = size_of::<Option<Slice>>() + 2 * size_of::<Slice>();
    budget.keep((count * OF_SLICE) as u64)?;
    let mut about = About::new(Format::Dicom, layout.stored());
    about.modality = data.text(MODALITY);
    let first = places.first().map_or(0, |(_, frame)| *frame);
    let measures = groups.group(first, PIXEL_MEASURES_SEQUENCE)?;
    let size = spacing::read(&measures, data)?;
    Ok(Opened {
        columns: layout.columns,
        rows: layout.rows,
        voxels: Gathered::new(layout.pixels(), count, budget),
        about,
        attributes: source::attributes(data),
        burned_in: source::burned_in(data),
        slices: std::iter::repeat_with(|| None).take(count).collect(),
        pixel_aspect: match size.spacing {
            Some(_) => None,
            None => spacing::aspect(data),
        },
        size_note: size.note,
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

fn finished(opened: Opened<'_>, pick: &DicomPick, budget: &Budget) -> Result<Scan, Error> {
    let Opened {
        columns,
        rows,
        voxels,
        mut about,
        attributes,
        burned_in,
        slices,
        pixel_aspect,
        size_note,
        remarks,
    } = opened;
    let slices: Vec<Slice> = slices.into_iter().flatten().collect();
    let infos: Vec<&FrameInfo> = slices.iter().map(|slice| &slice.info).collect();
    let mut grid = Grid {
        slices: infos.len() as u32,
        stacking: pick.stacking,
        pixel_aspect,
        regions: regions_of(&slices, budget).map_err(|spent| spent.error(Format::Dicom))?,
        ..Grid::image(columns, rows)
    };
    geometry::place(&mut grid, &infos);
    about.notes.extend(pick.notes.iter().cloned());
    about.notes.extend(size_note);
    if burned_in == Some(true) {
        about.notes.push(Note {
            code: NoteCode::BurnedIn,
            text: "Text is part of the picture and may name the patient.".to_owned(),
        });
    }
    about.notes.extend(remarks.notes(grid.slices));
    let mut meanings = OfSlices::default();
    let mut rescales = Vec::with_capacity(slices.len());
    let mut frames = Vec::with_capacity(slices.len());
    for slice in slices {
        meanings.push(slice.meaning);
        rescales.push(slice.rescale);
        frames.push(slice.frame);
    }
    meanings.describe(&mut about);
    if rescales
        .iter()
        .all(|rescale| Some(rescale) == rescales.first())
    {
        rescales.truncate(1);
    }
    let source = DicomSource {
        attributes,
        frames,
        burned_in,
    };
    let source = Source::Dicom(source);
    Scan::new(grid, voxels.into_voxels(), rescales, about, source)
}

/// The regions of all slices: one list where they are the same.
fn regions_of(slices: &[Slice], budget: &Budget) -> Result<Vec<Vec<Region>>, Spent> {
    let Some(first) = slices.first().map(|slice| &slice.regions) else {
        return Ok(Vec::new());
    };
    let is_first = |slice: &Slice| Rc::ptr_eq(&slice.regions, first) || slice.regions == *first;
    if slices.iter().all(is_first) {
        let all = (!first.is_empty()).then(|| first.to_vec());
        return Ok(all.into_iter().collect());
    }
    let count: usize = slices.iter().map(|slice| slice.regions.len()).sum();
    let bytes = count * (size_of::<Region>() + BYTES_OF_REGION) + size_of_val(slices);
    budget.keep(bytes as u64)?;
    Ok(slices.iter().map(|slice| slice.regions.to_vec()).collect())
}

/// Text of a region when a scan is handed over.
const BYTES_OF_REGION: usize = 150;
