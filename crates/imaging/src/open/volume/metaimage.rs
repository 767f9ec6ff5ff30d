//! MetaImage: `.mha`, whose voxels follow the header, and `.mhd`, which names the files with them. The header is lines of
//! `Key = Value`, of which `ElementDataFile` is the last (itk.org/Wiki/MetaIO/Documentation). Where that leaves something
//! open, this follows ITK's reader.

use super::header::{Data, Encoding, Files, Header, MAX_FILES, Skip, damaged, reading, sides};
use super::place::{AS_ITK, Place};
use super::words::{lines, numbers};
use crate::error::Error;
use crate::format::Format;
use crate::open::samples::Number;
use crate::scan::{Affine, length};

const FORMAT: Format = Format::MetaImage;
/// ITK's own limit.
const MAX_DIMENSIONS: usize = 10;
/// A file begins with one of these.
const FIRST_KEYS: [&str; 14] = [
    "ObjectType",
    "ObjectSubType",
    "NDims",
    "Comment",
    "TransformType",
    "ID",
    "ParentID",
    "Name",
    "Color",
    "BinaryData",
    "BinaryDataByteOrderMSB",
    "CompressedData",
    "DimSize",
    "AcquisitionDate",
];

/// A line's key and value; ITK takes a colon for an equals sign too.
fn pair(line: &[u8]) -> Option<(&str, std::borrow::Cow<'_, str>)> {
    let at = line.iter().position(|byte| b"=:".contains(byte))?;
    let (key, value) = line.split_at(at);
    let key = std::str::from_utf8(key).ok()?.trim();
    let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default());
    Some((key, value.trim().to_owned().into()))
}

/// Whether a file begins like one: with a key that may come first, and with the number of dimensions in a line of its own.
pub(super) fn detect(start: &[u8]) -> bool {
    let key = |line| pair(line).map(|(key, _)| key);
    let mut keys = lines(start).take(64).map(|(line, _)| key(line));
    let first = keys.next().flatten();
    let is_first = first.is_some_and(|key| FIRST_KEYS.contains(&key));
    is_first && (first == Some("NDims") || keys.any(|key| key == Some("NDims")))
}

/// Whether all of a header is in these bytes.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let mut keys = lines(bytes).map(|(line, _)| pair(line));
    keys.any(|pair| pair.is_some_and(|(key, _)| key == DATA_FILE))
}

const DATA_FILE: &str = "ElementDataFile";

/// The values of a header, as text.
#[derive(Default)]
struct Fields {
    dimensions: usize,
    sizes: Vec<u64>,
    spacing: Option<Vec<f64>>,
    element_size: Option<Vec<f64>>,
    offset: Vec<f64>,
    matrix: Option<Vec<f64>>,
    channels: Option<u64>,
    kind: Option<String>,
    big_endian: bool,
    is_text: bool,
    is_compressed: bool,
    header_size: i64,
    modality: &'static str,
    is_scaled: bool,
    files: Option<Files>,
}

/// Reads a header.
pub(super) fn read(bytes: &[u8]) -> Result<Header, Error> {
    let fields = fields(bytes)?;
    let kind = fields.kind.as_deref().unwrap_or_default();
    let dimensions = fields.dimensions;
    if fields.sizes.len() < dimensions || dimensions == 0 {
        let reason = format!(
            "it has {dimensions} dimensions (NDims), and the sizes of {}",
            fields.sizes.len()
        );
        return Err(damaged(FORMAT, reason));
    }
    let sizes = fields.sizes.get(..dimensions).unwrap_or_default();
    let (size, beyond) = sizes.split_at(dimensions.min(3));
    let volumes = beyond
        .iter()
        .try_fold(1u64, |all, &side| all.checked_mul(side));
    let mut header = Header {
        format: FORMAT,
        size: sides(FORMAT, size)?,
        channels: fields.channels.unwrap_or(1).max(1),
        volumes: volumes.unwrap_or(u64::MAX),
        number: number(kind)?,
        big_endian: fields.big_endian,
        data: Data {
            encoding: match (fields.is_text, fields.is_compressed) {
                (true, _) => Encoding::Text,
                (false, true) => Encoding::Deflated,
                (false, false) => Encoding::Raw,
            },
            skip_lines: 0,
            skip_bytes: match u64::try_from(fields.header_size) {
                Ok(bytes) => Skip::Bytes(bytes),
                Err(_) => Skip::ToEnd,
            },
            files: Files::Own(0),
        },
        place: place(&fields),
        modality: fields.modality,
        segments: Vec::new(),
        notes: Vec::new(),
    };
    if fields.is_scaled {
        header.notes.push(reading(
            "the file gives a slope and an offset for its values (ElementToIntensityFunction), which are not applied, as \
             in ITK",
        ));
    }
    header.data.files = fields.files.ok_or_else(|| {
        damaged(
            FORMAT,
            "it doesn't say where its voxels are (ElementDataFile)",
        )
    })?;
    header.join_colours();
    Ok(header)
}

/// Reads the lines up to the one that says where the voxels are.
fn fields(bytes: &[u8]) -> Result<Fields, Error> {
    let mut fields = Fields::default();
    let mut lines = lines(bytes);
    while let Some((line, end)) = lines.next() {
        let Some((key, value)) = pair(line) else {
            continue;
        };
        let value = value.as_ref();
        let list = |most| {
            numbers(value, most)
                .ok_or_else(|| damaged(FORMAT, format!("its {key} is not a list of numbers")))
        };
        let is_true = value.starts_with(['T', 't', '1']);
        match key {
            "NDims" => {
                let count = value.parse().ok().filter(|count| *count <= MAX_DIMENSIONS);
                fields.dimensions = count.ok_or_else(|| {
                    damaged(FORMAT, "its number of dimensions (NDims) is not 1 to 10")
                })?;
            }
            "DimSize" => {
                fields.sizes = numbers(value, MAX_DIMENSIONS)
                    .ok_or_else(|| damaged(FORMAT, "its DimSize is not a list of sizes"))?;
            }
            "ElementSpacing" => fields.spacing = Some(list(MAX_DIMENSIONS)?),
            "ElementSize" => fields.element_size = Some(list(MAX_DIMENSIONS)?),
            "Offset" | "Position" | "Origin" => fields.offset = list(MAX_DIMENSIONS)?,
            "TransformMatrix" | "Rotation" | "Orientation" => {
                fields.matrix = Some(list(MAX_DIMENSIONS * MAX_DIMENSIONS)?);
            }
            "ElementNumberOfChannels" => fields.channels = value.parse().ok(),
            "ElementType" => fields.kind = Some(value.to_owned()),
            "BinaryData" => fields.is_text = !is_true,
            "BinaryDataByteOrderMSB" | "ElementByteOrderMSB" => fields.big_endian = is_true,
            "CompressedData" => fields.is_compressed = is_true,
            "HeaderSize" => {
                fields.header_size = value
                    .parse()
                    .map_err(|_| damaged(FORMAT, "its HeaderSize is not a number"))?;
            }
            "Modality" => {
                fields.modality = match value {
                    "MET_MOD_CT" => "CT",
                    "MET_MOD_MR" => "MR",
                    _ => "",
                };
            }
            "ElementToIntensityFunctionSlope" => fields.is_scaled |= value.parse() != Ok(1.0),
            "ElementToIntensityFunctionOffset" => fields.is_scaled |= value.parse() != Ok(0.0),
            DATA_FILE => {
                fields.files = Some(files(value, end, lines)?);
                break;
            }
            _ => {}
        }
    }
    Ok(fields)
}

/// The files that are named, in the line or in those that follow.
fn files<'a>(
    value: &str,
    end: usize,
    following: impl Iterator<Item = (&'a [u8], usize)>,
) -> Result<Files, Error> {
    if ["LOCAL", "local", "Local"].contains(&value) {
        return Ok(Files::Own(end as u64));
    }
    if value.starts_with("LIST") {
        let names = following
            .map(|(line, _)| String::from_utf8_lossy(line).trim().to_owned())
            .filter(|name| !name.is_empty())
            .take(MAX_FILES as usize);
        return Ok(Files::Named(names.collect()));
    }
    Files::of_words(value).ok_or_else(|| {
        damaged(
            FORMAT,
            format!("it names no files: ElementDataFile = {value}"),
        )
    })
}

/// The numbers of an element; MetaIO's `long` has 32 bits.
fn number(kind: &str) -> Result<Number, Error> {
    let plain = kind.strip_suffix("_ARRAY").unwrap_or(kind);
    Ok(match plain {
        "MET_UCHAR" => Number::U8,
        "MET_CHAR" | "MET_ASCII_CHAR" => Number::I8,
        "MET_USHORT" => Number::U16,
        "MET_SHORT" => Number::I16,
        "MET_UINT" | "MET_ULONG" => Number::U32,
        "MET_INT" | "MET_LONG" => Number::I32,
        "MET_ULONG_LONG" => Number::U64,
        "MET_LONG_LONG" => Number::I64,
        "MET_FLOAT" => Number::F32,
        "MET_DOUBLE" => Number::F64,
        _ => {
            return Err(Error::UnsupportedVoxels {
                format: FORMAT,
                what: format!("voxels of type {kind} (ElementType)"),
            });
        }
    })
}

/// The matrix has the direction of each axis as a row of numbers, in patient space (LPS).
fn place(fields: &Fields) -> Place {
    let dimensions = fields.dimensions;
    let spacing = |axis: usize| {
        let given = fields.spacing.as_ref().or(fields.element_size.as_ref());
        given.and_then(|spacing| spacing.get(axis)).copied()
    };
    let ([Some(x), Some(y)], true) = ([spacing(0), spacing(1)], dimensions >= 2) else {
        return Place::Unknown;
    };
    if dimensions == 2 {
        return Place::Size([x.abs(), y.abs()]);
    }
    let Some(z) = spacing(2) else {
        return Place::Unknown;
    };
    let direction = |axis: usize| -> Option<[f64; 3]> {
        let matrix = fields.matrix.as_ref()?;
        let row = matrix.get(axis * dimensions..)?.first_chunk::<3>()?;
        (length(*row) > 0.0).then_some(*row)
    };
    let origin = fields
        .offset
        .first_chunk::<3>()
        .copied()
        .unwrap_or_default();
    let affine = |axes: [[f64; 3]; 3]| {
        let axes = [(axes[0], x), (axes[1], y), (axes[2], z)];
        let axes = axes.map(|(axis, mm)| axis.map(|value| value * mm));
        Affine([0, 1, 2].map(|row| [axes[0][row], axes[1][row], axes[2][row], origin[row]]))
    };
    match [direction(0), direction(1), direction(2)] {
        [Some(x), Some(y), Some(z)] => Place::Patient(affine([x, y, z])),
        _ => {
            let along = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
            Place::Assumed(affine(along), AS_ITK)
        }
    }
}
