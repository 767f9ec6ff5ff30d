//! What a Segmentation says of its segments (DICOM PS3.3 C.8.20.4).

use super::DicomPick;
use super::attribute::*;
use super::data_set::DataSet;
use super::file::File;
use super::problem::Problem;
use crate::error::Error;
use crate::open::budget::Budget;
use crate::open::entry::Entry;
use crate::scan::{Code, NamedSegment};

/// Segments that are read: as many as there are numbers for.
const MAX_SEGMENTS: usize = 65_535;

/// The segments of a Segmentation, and from which value on a voxel of a frame belongs to its segment.
pub(in crate::open) struct Segmentation {
    pub segments: Vec<NamedSegment>,
    pub least: f64,
    /// Whether voxels have the numbers of segments.
    pub is_label_map: bool,
    /// Whether the file is a Segmentation.
    pub is_any: bool,
    /// Series Instance UIDs of the images that it names.
    pub series: Vec<String>,
}

/// Reads the segments of the file that a choice begins with.
///
/// # Errors
///
/// Those of opening it.
pub(in crate::open) fn segmentation(
    files: &[Entry<'_>],
    pick: &DicomPick,
    budget: &Budget,
) -> Result<Segmentation, Error> {
    let file = pick.frames.first().map(|frame| frame.file as usize);
    let entry = file
        .and_then(|file| files.get(file))
        .ok_or(Error::EmptyFile)?;
    let bytes = entry.load(budget)?;
    let read = || {
        let file = File::read(&bytes, budget)?;
        of(&file.data_set()?)
    };
    read().map_err(|problem| problem.error(bytes.len(), budget))
}

fn of(data: &DataSet<'_>) -> Result<Segmentation, Problem> {
    let kind = data.text(SEGMENTATION_TYPE);
    // Half of what is certain; a mask of whole bytes has only 0 and what is certain.
    let most = data
        .number(MAXIMUM_FRACTIONAL_VALUE)
        .filter(|most| *most > 1.0);
    let least = match (kind.as_str(), most) {
        ("FRACTIONAL", Some(most)) => most / 2.0,
        _ => 1.0,
    };
    let charset = data.texts(SPECIFIC_CHARACTER_SET);
    let items = data.items(SEGMENT_SEQUENCE, MAX_SEGMENTS)?;
    let segments = items
        .iter()
        .filter_map(|item| segment(item, &charset).transpose());
    let series = data.items(REFERENCED_SERIES_SEQUENCE, MAX_SEGMENTS)?;
    Ok(Segmentation {
        series: series
            .iter()
            .map(|item| item.text(SERIES_INSTANCE_UID))
            .collect(),
        segments: segments.collect::<Result<_, Problem>>()?,
        least,
        is_label_map: kind == "LABELMAP",
        is_any: ["BINARY", "FRACTIONAL", "LABELMAP"].contains(&kind.as_str()),
    })
}

fn segment(item: &DataSet<'_>, charset: &[String]) -> Result<Option<NamedSegment>, Problem> {
    // A label map may name its background, which is number 0.
    let number = item.whole(SEGMENT_NUMBER).filter(|number| *number > 0);
    let Some(number) = number else {
        return Ok(None);
    };
    let lab = item.finite::<3>(RECOMMENDED_DISPLAY_CIELAB_VALUE);
    let [category, kind, modifier] = codes(item, SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, charset)?;
    Ok(Some(NamedSegment {
        category,
        kind,
        modifier,
        name: text(item, SEGMENT_LABEL, charset),
        color: lab.map(rgb_of_cielab),
        algorithm: item.text(SEGMENT_ALGORITHM_TYPE),
        algorithm_name: text(item, SEGMENT_ALGORITHM_NAME, charset),
        ..NamedSegment::new(number)
    }))
}

/// Category, type and the type's modifier, which is in the type's item. `kind` is the sequence of the type.
pub(super) fn codes(
    item: &DataSet<'_>,
    kind: Attribute,
    charset: &[String],
) -> Result<[Option<Code>; 3], Problem> {
    let modifier = match &item.item(kind)? {
        Some(kind) => code(
            kind,
            SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE,
            charset,
        )?,
        None => None,
    };
    Ok([
        code(item, SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, charset)?,
        code(item, kind, charset)?,
        modifier,
    ])
}

fn code(
    item: &DataSet<'_>,
    sequence: Attribute,
    charset: &[String],
) -> Result<Option<Code>, Problem> {
    let Some(item) = item.item(sequence)? else {
        return Ok(None);
    };
    let code = Code {
        scheme: item.text(CODING_SCHEME_DESIGNATOR),
        value: item.text(CODE_VALUE),
        meaning: text(&item, CODE_MEANING, charset),
    };
    Ok((!code.value.is_empty()).then_some(code))
}

/// Text in UTF-8 or Latin-1, where the file says so; other letters than ASCII's become `?`.
pub(super) fn text(item: &DataSet<'_>, attribute: Attribute, charset: &[String]) -> String {
    let value = item
        .element(attribute)
        .map_or(&[][..], |element| element.value);
    let value = value.get(..1024).unwrap_or(value);
    let is = |name: &str| charset.iter().any(|charset| charset == name);
    let decoded = match std::str::from_utf8(value) {
        Ok(text) if is("ISO_IR 192") => text.to_owned(),
        _ if is("ISO_IR 100") => value.iter().map(|&byte| char::from(byte)).collect(),
        _ => return item.text(attribute),
    };
    let shown: String = decoded
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    shown.trim().to_owned()
}

/// The sRGB colour of a Recommended Display CIELab Value, whose white point is taken as sRGB's, as highdicom, DCMTK and
/// `export/dicom/color.rs` do.
fn rgb_of_cielab(stored: [f64; 3]) -> [u8; 3] {
    const RGB_FROM_XYZ: [[f64; 3]; 3] = [
        [3.2406, -1.5372, -0.4986],
        [-0.9689, 1.8758, 0.0415],
        [0.0557, -0.2040, 1.0570],
    ];
    const D65: [f64; 3] = [0.9505, 1.0, 1.089];
    let [l, a, b] = stored;
    let part = |value: f64, from: f64, width: f64| value / 65_535.0 * width + from;
    let y = (part(l, 0.0, 100.0) + 16.0) / 116.0;
    let roots = [
        y + part(a, -128.0, 255.0) / 500.0,
        y,
        y - part(b, -128.0, 255.0) / 200.0,
    ];
    let mut xyz = [0.0; 3];
    for ((value, root), white) in xyz.iter_mut().zip(roots).zip(D65) {
        *value = white * of_root(root);
    }
    RGB_FROM_XYZ.map(|row| {
        let linear: f64 = row
            .iter()
            .zip(xyz)
            .map(|(factor, value)| factor * value)
            .sum();
        let level = match linear <= 0.003_130_8 {
            true => 12.92 * linear,
            false => 1.055 * linear.powf(1.0 / 2.4) - 0.055,
        };
        // `as` saturates.
        (level * 255.0).round() as u8
    })
}

/// The cube, continued as a line near 0 (CIE 15).
fn of_root(root: f64) -> f64 {
    const KAPPA: f64 = 24_389.0 / 27.0;
    match root.powi(3) > 216.0 / 24_389.0 {
        true => root.powi(3),
        false => (116.0 * root - 16.0) / KAPPA,
    }
}
