//! The safetensors format: eight bytes with the length of a JSON header, the header, one buffer.
//!
//! Source: the format section of safetensors' README. The header's entries are parsed by that crate; the checks are made
//! here, because its reader keeps the last of two equal keys and does not name a malformed tensor.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

use ::safetensors::Dtype as FileDtype;
use ::safetensors::tensor::TensorInfo;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::limits::{self, Limits};
use crate::{Dtype, Error, HeaderFault, Tensor, TensorFault};

/// Bytes before the header: its length, a little-endian `u64`.
const LENGTH_BYTES: usize = 8;
/// The one entry that is not a tensor: a map of texts.
const METADATA: &str = "__metadata__";

/// What a file holds.
pub struct Contents<'a> {
    pub tensors: BTreeMap<String, Tensor<'a>>,
    pub metadata: BTreeMap<String, String>,
    /// All bytes after the header.
    pub buffer: &'a [u8],
}

pub fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Contents<'a>, Error> {
    let (header, buffer) = split(bytes, limits)?;
    let header: Header = serde_json::from_slice(header).map_err(HeaderFault::Json)?;
    let Header {
        mut entries,
        metadata,
    } = header;
    limits::check("tensors", entries.len() as u64, limits.tensors)?;
    entries.sort_by_key(|(_, info)| info.data_offsets);

    let mut tensors = BTreeMap::new();
    let mut before = ("", 0);
    for (name, info) in &entries {
        limits::check("bytes in a name", name.len() as u64, limits.name_bytes)?;
        let of_tensor = |fault| Error::Tensor {
            name: name.clone(),
            fault,
        };
        let (rank, limit) = (info.shape.len(), limits.rank);
        if rank as u64 > limit {
            return Err(of_tensor(TensorFault::Rank { rank, limit }));
        }
        let (start, end) = info.data_offsets;
        if start < before.1 {
            let other = before.0.to_owned();
            let start = start as u64;
            return Err(of_tensor(TensorFault::Overlap { start, other }));
        }
        no_gap(before.1, start)?;
        let tensor = tensor(info, buffer).map_err(of_tensor)?;
        tensors.insert(name.clone(), tensor);
        before = (name, end);
    }
    no_gap(before.1, buffer.len())?;
    Ok(Contents {
        tensors,
        metadata,
        buffer,
    })
}

/// Splits a file into header and buffer.
fn split<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(&'a [u8], &'a [u8]), Error> {
    let (length, rest) = bytes
        .split_first_chunk::<LENGTH_BYTES>()
        .ok_or(HeaderFault::Length {
            declared: 0,
            left: 0,
        })?;
    let declared = u64::from_le_bytes(*length);
    let left = rest.len() as u64;
    if declared > left {
        return Err(HeaderFault::Length { declared, left }.into());
    }
    limits::check("bytes in its header", declared, limits.header_bytes)?;
    // It fits a `usize`: it is at most `left`, the length of a slice.
    Ok(rest.split_at(declared as usize))
}

fn no_gap(start: usize, end: usize) -> Result<(), HeaderFault> {
    if start < end {
        let (start, end) = (start as u64, end as u64);
        return Err(HeaderFault::Gap { start, end });
    }
    Ok(())
}

fn tensor<'a>(info: &TensorInfo, buffer: &'a [u8]) -> Result<Tensor<'a>, TensorFault> {
    let dtype = dtype(info.dtype)?;
    let shape = info.shape.clone();
    let (start, end) = info.data_offsets;
    let Some(needed) = dtype.bytes_of(&shape) else {
        return Err(TensorFault::Overflow { shape });
    };
    if end.checked_sub(start).map(|bytes| bytes as u64) != Some(needed) {
        return Err(TensorFault::Size {
            dtype,
            shape,
            needed,
            start: start as u64,
            end: end as u64,
        });
    }
    let bytes = buffer.get(start..end).ok_or(TensorFault::Truncated {
        end: end as u64,
        buffer: buffer.len() as u64,
    })?;
    Ok(Tensor {
        dtype,
        shape,
        bytes: Cow::Borrowed(bytes),
    })
}

fn dtype(dtype: FileDtype) -> Result<Dtype, TensorFault> {
    Ok(match dtype {
        FileDtype::F64 => Dtype::F64,
        FileDtype::F32 => Dtype::F32,
        FileDtype::F16 => Dtype::F16,
        FileDtype::BF16 => Dtype::BF16,
        FileDtype::I64 => Dtype::I64,
        FileDtype::I32 => Dtype::I32,
        FileDtype::I16 => Dtype::I16,
        FileDtype::I8 => Dtype::I8,
        FileDtype::U64 => Dtype::U64,
        FileDtype::U32 => Dtype::U32,
        FileDtype::U16 => Dtype::U16,
        FileDtype::U8 => Dtype::U8,
        FileDtype::BOOL => Dtype::Bool,
        other => return Err(TensorFault::Dtype(format!("{other:?}"))),
    })
}

/// The JSON object: its tensors in the file's order, and its texts.
struct Header {
    entries: Vec<(String, TensorInfo)>,
    metadata: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Header;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        let mut metadata = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!(
                    "the key `{key:.80}` occurs twice"
                )));
            }
            if key == METADATA {
                metadata = map.next_value()?;
            } else {
                entries.push((key, map.next_value()?));
            }
        }
        Ok(Header { entries, metadata })
    }
}
