//! How the samples of a page are stored.

use super::compression::Compression;
use super::directory::Directory;
use super::page::{Colour, PixelFormat};
use super::tags::*;
use super::{damaged, unsupported};
use crate::error::Error;

/// The strips or tiles of an image, and the format of their data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Storage {
    /// Samples per pixel, including those that are not read.
    pub samples: u32,
    /// Whether each sample has its own chunks.
    pub is_planar: bool,
    pub compression: Compression,
    /// Tag 317: 1 none, 2 differences, 3 floating-point differences.
    pub predictor: u64,
    /// Whether the lowest bit of each byte comes first (tag 266).
    pub is_lowest_bit_first: bool,
    pub is_tiled: bool,
    /// Width and rows of a chunk, in pixels; the last strip may have fewer rows.
    pub chunk: [u32; 2],
    /// How many pixels across and down share chroma samples in YCbCr (tag 530).
    pub subsampling: [u32; 2],
}

impl Storage {
    /// Reads the storage from a directory and checks it.
    pub fn read(
        directory: &Directory<'_>,
        kind: &PixelFormat,
        samples: u32,
        compression: Compression,
    ) -> Result<Storage, Error> {
        let is_tiled = directory.count(TILE_OFFSETS) > 0;
        let side = |tag, default: u32| -> Result<u32, Error> {
            let side = directory.unsigned(tag)?.unwrap_or(default.into());
            match u32::try_from(side) {
                Ok(side @ 1..) => Ok(side),
                // 2^32 − 1 and larger values mean a single strip.
                Err(_) => Ok(u32::MAX),
                Ok(0) => Err(damaged(format!("its tag {tag} is 0"))),
            }
        };
        let chunk = match is_tiled {
            true => [side(TILE_WIDTH, 0)?, side(TILE_LENGTH, 0)?],
            false => [
                kind.width,
                side(ROWS_PER_STRIP, kind.height)?.min(kind.height),
            ],
        };
        let is_planar = match directory.unsigned(PLANAR_CONFIGURATION)? {
            None | Some(1) => false,
            Some(2) => samples > 1,
            Some(other) => return Err(damaged(format!("its PlanarConfiguration is {other}"))),
        };
        let predictor = directory.unsigned(PREDICTOR)?.unwrap_or(1);
        let subsampling = match (kind.colour, compression) {
            // JPEG data carry their own subsampling.
            (Colour::YCbCr, Compression::Jpeg) => [1, 1],
            (Colour::YCbCr, _) => match directory.list(YCBCR_SUBSAMPLING, 2)?.as_slice() {
                [] => [2, 2],
                &[across @ (1 | 2 | 4), down @ (1 | 2 | 4)] => [across as u32, down as u32],
                other => return Err(damaged(format!("its YCbCrSubSampling is {other:?}"))),
            },
            _ => [1, 1],
        };
        if subsampling != [1, 1] && (is_planar || predictor != 1) {
            let what = "a TIFF file of this kind (colours of less resolution, apart or predicted)";
            return Err(unsupported(what.to_owned()));
        }
        Ok(Storage {
            samples,
            is_planar,
            compression,
            predictor,
            is_lowest_bit_first: directory.unsigned(FILL_ORDER)? == Some(2),
            is_tiled,
            chunk,
            subsampling,
        })
    }

    /// Size in bytes of an uncompressed image, with the parts of tiles beyond its edge.
    pub fn image_bytes(&self, kind: &PixelFormat) -> u64 {
        let [width, rows] = self.chunk.map(u64::from);
        let down = match self.is_tiled {
            true => u64::from(kind.height).div_ceil(rows) * rows,
            false => u64::from(kind.height),
        };
        let across = u64::from(kind.width).div_ceil(width);
        let (samples, planes) = match self.is_planar {
            true => (1, u64::from(self.samples)),
            false => (u64::from(self.samples), 1),
        };
        let row = (width * samples * u64::from(kind.bits)).div_ceil(8);
        (down * across).saturating_mul(row).saturating_mul(planes)
    }
}
