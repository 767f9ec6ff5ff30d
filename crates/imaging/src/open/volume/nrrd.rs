//! NRRD: `.nrrd`, whose voxels follow the header, and `.nhdr`, which names the files with them. The header is lines of
//! `field: value` and `key:=value` up to an empty line (teem.sourceforge.net/nrrd/format.html). Where that leaves
//! something open, this follows ITK's reader.

use std::borrow::Cow;

use super::header::{Data, Encoding, Files, Header, MAX_FILES, Skip, damaged, sides};
use super::nrrd_axes::Axes;
use super::segments::Segments;
use super::words::lines;
use crate::error::Error;
use crate::format::Format;
use crate::open::samples::Number;

pub(super) const FORMAT: Format = Format::Nrrd;

/// Whether a file begins like one.
pub(super) fn detect(start: &[u8]) -> bool {
    start.starts_with(b"NRRD00")
        && start
            .get(6..8)
            .is_some_and(|x| x.iter().all(u8::is_ascii_digit))
}

/// Whether all of a header is in these bytes: its end is an empty line, or that of the file.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    lines(bytes).any(|(line, _)| line.is_empty())
}

/// What the lines say, before it is understood.
#[derive(Default)]
struct Fields {
    axes: Axes,
    kind: Option<Number>,
    encoding: Option<Encoding>,
    big_endian: Option<bool>,
    skip_lines: u64,
    skip_bytes: i64,
    files: Option<Files>,
    segments: Segments,
    /// Byte behind the empty line.
    end: usize,
}

/// Reads a header.
pub(super) fn read(bytes: &[u8]) -> Result<Header, Error> {
    let mut fields = fields(bytes)?;
    let lacks = |what: &str| damaged(FORMAT, format!("its header has no {what}"));
    let number = fields.kind.ok_or_else(|| lacks("type"))?;
    let encoding = fields.encoding.ok_or_else(|| lacks("encoding"))?;
    let shape = fields.axes.shape()?;
    let is_in_bytes = number.bytes() == 1 || encoding == Encoding::Text;
    let big_endian = match fields.big_endian {
        Some(big_endian) => big_endian,
        None if is_in_bytes => false,
        None => return Err(lacks("endian, which says how the bytes of a number follow")),
    };
    let skip_bytes = match u64::try_from(fields.skip_bytes) {
        Ok(bytes) => Skip::Bytes(bytes),
        Err(_) if encoding == Encoding::Raw => Skip::ToEnd,
        Err(_) => {
            let reason = format!("its byte skip is {}", fields.skip_bytes);
            return Err(damaged(FORMAT, reason));
        }
    };
    let mut header = Header {
        format: FORMAT,
        size: sides(FORMAT, &shape.size)?,
        channels: shape.channels,
        volumes: shape.volumes,
        number,
        big_endian,
        data: Data {
            files: fields.files.unwrap_or(Files::Own(fields.end as u64)),
            encoding,
            skip_lines: fields.skip_lines,
            skip_bytes,
        },
        place: shape.place,
        modality: "",
        segments: fields.segments.take(shape.channels),
        notes: shape.notes,
    };
    if shape.may_be_colours && header.segments.is_empty() {
        header.join_colours();
    }
    Ok(header)
}

fn fields(bytes: &[u8]) -> Result<Fields, Error> {
    let mut fields = Fields {
        end: bytes.len(),
        ..Fields::default()
    };
    let mut lines = lines(bytes);
    lines.next();
    while let Some((line, end)) = lines.next() {
        if line.is_empty() {
            fields.end = end;
            break;
        }
        if line.starts_with(b"#") {
            continue;
        }
        let line = String::from_utf8_lossy(line);
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if let Some(value) = value.strip_prefix('=') {
            fields.segments.add(name, value);
            continue;
        }
        let value = value.trim();
        match name.trim().to_ascii_lowercase().replace(' ', "").as_str() {
            "datafile" => {
                let (files, is_last) = files(value, &mut lines)?;
                fields.files = Some(files);
                if is_last {
                    break;
                }
            }
            "type" => fields.kind = Some(number(value)?),
            "encoding" => fields.encoding = Some(encoding(value)?),
            "endian" => fields.big_endian = Some(is_big(value)?),
            "lineskip" => fields.skip_lines = whole(name, value)?,
            "byteskip" => fields.skip_bytes = whole(name, value)?,
            field => fields.axes.set(field, value)?,
        }
    }
    Ok(fields)
}

fn is_big(value: &str) -> Result<bool, Error> {
    match value.to_ascii_lowercase().as_str() {
        "little" => Ok(false),
        "big" => Ok(true),
        _ => Err(damaged(FORMAT, format!("its endian is {value}"))),
    }
}

fn whole<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Error> {
    let number = value.parse();
    number.map_err(|_| damaged(FORMAT, format!("its {name} is not a number that can be")))
}

/// The files of `data file`, and whether they are its last lines.
fn files<'a>(
    value: &str,
    following: &mut impl Iterator<Item = (&'a [u8], usize)>,
) -> Result<(Files, bool), Error> {
    if value.split_whitespace().next() == Some("LIST") {
        let names = following
            .map(|(line, _)| String::from_utf8_lossy(line).trim().to_owned())
            .take_while(|name| !name.is_empty())
            .take(MAX_FILES as usize);
        return Ok((Files::Named(names.collect()), true));
    }
    // A fourth number, of dimensions, may follow those of a pattern.
    let numbers = value.split_whitespace().rev();
    let count = numbers
        .take_while(|word| word.parse::<i64>().is_ok())
        .count();
    let words = match (count, value.rsplit_once(char::is_whitespace)) {
        (4, Some((words, _))) if value.contains('%') => words,
        _ => value,
    };
    let files = Files::of_words(words.trim());
    let files = files.ok_or_else(|| damaged(FORMAT, format!("it names no files: {value}")))?;
    Ok((files, false))
}

fn number(value: &str) -> Result<Number, Error> {
    let name: Cow<'_, str> = value
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .into();
    Ok(match name.to_ascii_lowercase().as_str() {
        "signed char" | "int8" | "int8_t" => Number::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => Number::U8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => {
            Number::I16
        }
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Number::U16,
        "int" | "signed int" | "int32" | "int32_t" => Number::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => Number::U32,
        "longlong"
        | "long long"
        | "long long int"
        | "signed long long"
        | "signed long long int"
        | "int64"
        | "int64_t" => Number::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => {
            Number::U64
        }
        "float" => Number::F32,
        "double" => Number::F64,
        _ => {
            return Err(Error::UnsupportedVoxels {
                format: FORMAT,
                what: format!("voxels of type {value}"),
            });
        }
    })
}

fn encoding(value: &str) -> Result<Encoding, Error> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "raw" => Encoding::Raw,
        "txt" | "text" | "ascii" => Encoding::Text,
        "gz" | "gzip" => Encoding::Deflated,
        _ => {
            return Err(Error::Unsupported {
                what: format!("an NRRD file with the encoding {value}"),
            });
        }
    })
}
