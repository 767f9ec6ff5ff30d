//! The frames of a choice → a scan.

use super::attribute::*;
use super::data_set::DataSet;
use super::file::File;
use super::frame_info::{FrameInfo, Groups};
use super::layout::{Layout, Photometric, Samples};
use super::lut::Palette;
use super::pixels::Pixels;
use super::problem::Problem;
use super::voxels::Lookup;
use super::{Pick, geometry, lut, regions, source, spacing, voi, voxels};
use crate::error::Error;
use crate::open::{Format, Limits, NamedFile};
use crate::scan::{
    About, DicomFrame, DicomSource, Grid, NamedWindow, Note, NoteCode, Region, Rescale, Scan,
    Source, Voxels,
};
use crate::window::Window;

/// What is gathered from one file after the other.
struct Opened {
    layout: Layout,
    lookup: Lookup,
    voxels: Voxels,
    about: About,
    source: DicomSource,
    infos: Vec<FrameInfo>,
    /// For each frame.
    regions: Vec<Vec<Region>>,
    pixel_aspect: Option<f64>,
    size_note: Option<Note>,
    has_strange_slope: bool,
}

/// Opens a scan.
pub(in crate::open) fn open(
    files: &[NamedFile<'_>],
    pick: &Pick,
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

/// Adds frames of a file.
fn add(
    opened: &mut Option<Opened>,
    bytes: &[u8],
    frames: &[u32],
    pick: &Pick,
    limits: &Limits,
) -> Result<(), Problem> {
    let file = File::read(bytes, limits)?;
    let data = file.data_set()?;
    let layout = Layout::read(&data, limits)?;
    let groups = Groups::read(&data)?;
    let opened = match opened {
        Some(opened) if opened.layout == layout => opened,
        Some(_) => return Err(Problem::damaged("its slices are of different sizes")),
        None => opened.insert(begin(&data, &groups, layout, frames, pick, limits)?),
    };
    let pixels = Pixels::read(&file, &data, layout)?;
    let regions = regions::read(&data)?;
    for &frame in frames {
        let info = groups.frame(frame)?;
        let decoded = pixels.frame(frame)?;
        voxels::push(&mut opened.voxels, &decoded, &layout, &opened.lookup)?;
        opened.has_strange_slope |= info.is_rescale_broken;
        opened.source.frames.push(DicomFrame {
            position: info.position,
            sop_class_uid: data.text(SOP_CLASS_UID),
            sop_instance_uid: data.text(SOP_INSTANCE_UID),
            frame: (layout.frames > 1).then_some(frame + 1),
        });
        opened.infos.push(info);
        opened.regions.push(regions.clone());
    }
    Ok(())
}

/// What the first file says of all.
fn begin(
    data: &DataSet<'_>,
    groups: &Groups<'_, '_>,
    layout: Layout,
    frames: &[u32],
    pick: &Pick,
    limits: &Limits,
) -> Result<Opened, Problem> {
    let count = pick.frames.len();
    let bytes = layout.voxel_bytes().saturating_mul(count as u64);
    if bytes > limits.max_bytes {
        return Err(Problem::TooMuchMemory);
    }
    let first = frames.first().copied().unwrap_or(0);
    let lookup = lookup(data, &layout)?;
    let mut about = About::new(Format::Dicom, layout.stored());
    about.modality = data.text(MODALITY);
    about.inverted = layout.photometric == Photometric::Monochrome1;
    if layout.channels() == 1 && layout.photometric != Photometric::Palette {
        let values = groups.group(first, PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?;
        about.unit = unit(data, &values, &lookup)?;
        let frame = groups.group(first, FRAME_VOI_LUT_SEQUENCE)?;
        (about.windows, about.luts) = voi::read(&frame, data)?;
    }
    if layout.allocated() == 1 && about.windows.is_empty() {
        about.windows.push(NamedWindow {
            name: String::new(),
            window: Window::Linear {
                level: 0.5,
                width: 1.0,
            },
        });
    }
    let measures = groups.group(first, PIXEL_MEASURES_SEQUENCE)?;
    let size = spacing::read(&measures, data)?;
    let source = DicomSource {
        attributes: source::attributes(data),
        frames: Vec::with_capacity(count),
        burned_in: source::burned_in(data),
    };
    Ok(Opened {
        voxels: voxels::empty(&layout, &lookup, count),
        layout,
        lookup,
        about,
        source,
        infos: Vec::with_capacity(count),
        regions: Vec::with_capacity(count),
        pixel_aspect: match size.spacing {
            Some(_) => None,
            None => spacing::aspect(data),
        },
        size_note: size.note,
        has_strange_slope: false,
    })
}

fn lookup(data: &DataSet<'_>, layout: &Layout) -> Result<Lookup, Problem> {
    if layout.photometric == Photometric::Palette {
        return Palette::read(data).map(Lookup::Palette);
    }
    let is_grey = layout.channels() == 1 && matches!(layout.samples, Samples::Integers { .. });
    match data.item(MODALITY_LUT_SEQUENCE)? {
        Some(item) if is_grey => lut::read(&item).map(Lookup::Modality),
        _ => Ok(Lookup::None),
    }
}

/// Unit of the values: of the table, of the rescale, or what goes without saying (PS3.3 C.11.1.1.2).
fn unit(data: &DataSet<'_>, values: &DataSet<'_>, lookup: &Lookup) -> Result<String, Problem> {
    let modality = data.text(MODALITY);
    let of_table = match (lookup, data.item(MODALITY_LUT_SEQUENCE)?) {
        (Lookup::Modality(_), Some(item)) => item.text(MODALITY_LUT_TYPE),
        _ => values.text(RESCALE_TYPE),
    };
    let declared = [of_table, data.text(PET_UNITS)];
    // `US` is "unspecified".
    let declared = declared
        .into_iter()
        .find(|unit| !unit.is_empty() && unit != "US" && unit != "UNSPECIFIED" && unit.len() <= 16);
    let usual = match modality.as_str() {
        "CT" if values.has(RESCALE_SLOPE) => "HU",
        "RTDOSE" if data.text(DOSE_UNITS) == "GY" => "Gy",
        _ => "",
    };
    Ok(declared.unwrap_or_else(|| usual.to_owned()))
}

fn finished(opened: Opened, pick: &Pick) -> Result<Scan, Error> {
    let Opened {
        layout,
        lookup,
        voxels,
        mut about,
        source,
        infos,
        mut regions,
        pixel_aspect,
        size_note,
        has_strange_slope,
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
        ..Grid::image(layout.columns, layout.rows)
    };
    geometry::place(&mut grid, &infos.iter().collect::<Vec<_>>());
    about.notes.extend(pick.notes.iter().cloned());
    about.notes.extend(size_note);
    let mut note = |code, text: &str| {
        about.notes.push(Note {
            code,
            text: text.to_owned(),
        });
    };
    if source.burned_in == Some(true) {
        let text = "Letters are part of the picture, and may name the patient.";
        note(NoteCode::BurnedIn, text);
    }
    let has_rescale = layout.channels() == 1 && matches!(lookup, Lookup::None);
    if has_strange_slope && has_rescale {
        let text =
            "The rescale slope or intercept is 0 or no number: values are as they are stored.";
        note(NoteCode::Reading, text);
    }
    if layout.channels() == 3 && layout.allocated() > 16 {
        let text = "Of colours of 32 bits the upper 16 are kept.";
        note(NoteCode::Reading, text);
    }
    let mut rescales: Vec<Rescale> = match has_rescale {
        true => infos.iter().map(|info| info.rescale).collect(),
        false => vec![Rescale::IDENTITY],
    };
    if rescales
        .iter()
        .all(|rescale| Some(rescale) == rescales.first())
    {
        rescales.truncate(1);
    }
    Scan::new(grid, voxels, rescales, about, Source::Dicom(source))
}
