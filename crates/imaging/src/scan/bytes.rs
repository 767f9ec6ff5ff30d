//! Serializes a scan, to send it from the worker that parses files to the worker that holds the model. Both come from
//! the same build, so the format may change with any version.

use std::io;

use serde::{Deserialize, Serialize};

use super::voxels::for_any;
use super::{About, Grid, NamedSegment, Rescale, Scan, Source, Voxels};
use crate::error::Error;

#[derive(Deserialize)]
struct Header {
    grid: Grid,
    kind: String,
    rescales: Vec<Rescale>,
    about: About,
    source: Source,
    segments: Vec<NamedSegment>,
}

/// The same, borrowed: a scan may have many frames.
#[derive(Serialize)]
struct Written<'s> {
    grid: &'s Grid,
    kind: &'s str,
    rescales: &'s [Rescale],
    about: &'s About,
    source: &'s Source,
    segments: &'s [NamedSegment],
}

/// Counts what is written to it.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Scan {
    /// Everything except the samples: the length of a JSON header (8 bytes, little-endian), then the header.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] if the header can't be written.
    pub fn head_bytes(&self) -> Result<Vec<u8>, Error> {
        let header = Written {
            grid: &self.grid,
            kind: kind_of(&self.voxels),
            rescales: &self.rescales,
            about: &self.about,
            source: &self.source,
            segments: &self.segments,
        };
        let wrong = |error: serde_json::Error| Error::Encode {
            what: "scan",
            reason: error.to_string(),
        };
        // Written twice, the first time to count: a vector that grows takes three times its content.
        let mut counted = Counted(0);
        serde_json::to_writer(&mut counted, &header).map_err(wrong)?;
        let mut bytes = Vec::with_capacity(8 + counted.0);
        bytes.extend((counted.0 as u64).to_le_bytes());
        serde_json::to_writer(&mut bytes, &header).map_err(wrong)?;
        Ok(bytes)
    }

    /// The samples in native byte order, borrowed, because a copy would double the memory of a large scan.
    pub fn sample_bytes(&self) -> &[u8] {
        for_any!(&self.voxels, values => bytemuck::cast_slice(values))
    }

    /// Reads a scan from its [`Scan::head_bytes`] followed by its [`Scan::sample_bytes`].
    ///
    /// # Errors
    ///
    /// [`Error::Transfer`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Scan, Error> {
        Scan::copied_from(bytes.len(), |from, into| {
            into.copy_from_slice(&bytes[from..from + into.len()]);
        })
    }

    /// The same for bytes elsewhere, as in another memory: `copy` copies those from a position on. Samples are copied once,
    /// to where they stay.
    ///
    /// # Errors
    ///
    /// Those of [`Scan::from_bytes`].
    pub fn copied_from(
        length: usize,
        mut copy: impl FnMut(usize, &mut [u8]),
    ) -> Result<Scan, Error> {
        const BEGIN: usize = 8;
        let wrong = |reason: &str| Error::Transfer {
            reason: reason.to_owned(),
        };
        let left = length.checked_sub(BEGIN).ok_or(wrong("no header"))?;
        let mut head_length = [0; BEGIN];
        copy(0, &mut head_length);
        let head_length = usize::try_from(u64::from_le_bytes(head_length)).ok();
        let head_length = head_length.filter(|head_length| *head_length <= left);
        let mut header = vec![0; head_length.ok_or(wrong("its header is cut off"))?];
        copy(BEGIN, &mut header);
        let begin = BEGIN + header.len();
        let header: Header =
            serde_json::from_slice(&header).map_err(|error| wrong(&error.to_string()))?;
        let mut voxels = zeros(&header.kind, length - begin).ok_or(wrong("unknown samples"))?;
        for_any!(&mut voxels, values => copy(begin, bytemuck::cast_slice_mut(values)));
        let scan = Scan::new(
            header.grid,
            voxels,
            header.rescales,
            header.about,
            header.source,
        );
        let segments = header.segments;
        scan.map(|scan| Scan { segments, ..scan })
    }
}

fn kind_of(voxels: &Voxels) -> &'static str {
    match voxels {
        Voxels::U8(_) => "u8",
        Voxels::I8(_) => "i8",
        Voxels::U16(_) => "u16",
        Voxels::I16(_) => "i16",
        Voxels::U32(_) => "u32",
        Voxels::I32(_) => "i32",
        Voxels::F32(_) => "f32",
        Voxels::F64(_) => "f64",
        Voxels::Rgb8(_) => "rgb8",
        Voxels::Rgb16(_) => "rgb16",
    }
}

/// As many samples as so many bytes have, all 0.
fn zeros(kind: &str, bytes: usize) -> Option<Voxels> {
    Some(match kind {
        "u8" => Voxels::U8(vec![0; bytes]),
        "i8" => Voxels::I8(vec![0; bytes]),
        "u16" => Voxels::U16(vec![0; bytes / 2]),
        "i16" => Voxels::I16(vec![0; bytes / 2]),
        "u32" => Voxels::U32(vec![0; bytes / 4]),
        "i32" => Voxels::I32(vec![0; bytes / 4]),
        "f32" => Voxels::F32(vec![0.0; bytes / 4]),
        "f64" => Voxels::F64(vec![0.0; bytes / 8]),
        "rgb8" => Voxels::Rgb8(vec![0; bytes]),
        "rgb16" => Voxels::Rgb16(vec![0; bytes / 2]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;

    #[test]
    fn a_scan_comes_back_as_it_was() {
        let about = About::new(Format::Tiff, 16);
        let voxels = Voxels::I16(vec![-1, 2, -32_768, 32_767, 0, 7]);
        let mut scan = Scan::from_image(3, 2, voxels, about).unwrap();
        scan.segments.push(NamedSegment::new(7));
        let bytes = [&scan.head_bytes().unwrap(), scan.sample_bytes()].concat();
        assert_eq!(Scan::from_bytes(&bytes).unwrap(), scan);
        for end in [0, 7, 20, bytes.len() - 1] {
            assert!(Scan::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
    }
}
