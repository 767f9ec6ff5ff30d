//! The files that are tried, by subject.

mod decoders;
mod headers;
mod packed;
mod tiff;
mod volumes;
mod work;

use crate::bombs::Files;
use crate::bombs::dicom::*;

/// How opening ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    Opens,
    /// By an error of the files, such as too much memory.
    Refused,
}
pub use End::{Opens, Refused};

pub type Case = (&'static str, End, fn() -> Files);

/// All cases.
pub fn all() -> impl Iterator<Item = &'static Case> {
    let subjects = [
        headers::CASES,
        tiff::CASES,
        decoders::CASES,
        packed::CASES,
        volumes::CASES,
        work::CASES,
    ];
    subjects.into_iter().flatten()
}

/// Elements that nobody reads.
pub fn many(count: u32) -> Vec<u8> {
    (0..count)
        .flat_map(|at| text((9, at as u16), "CS", ""))
        .collect()
}

pub fn spacing() -> Vec<u8> {
    sequence((0x28, 0x9110), &[text((0x28, 0x30), "DS", "1\\1")])
}

/// Regions of an ultrasound image.
pub fn regions_of(count: usize) -> Vec<u8> {
    let long = |tag, value: u32| element(tag, "UL", &value.to_le_bytes());
    let region: Vec<u8> = [
        long((0x18, 0x6018), 0),
        long((0x18, 0x601a), 0),
        long((0x18, 0x601c), 1),
        long((0x18, 0x601e), 1),
    ]
    .concat();
    sequence((0x18, 0x6011), &vec![region; count])
}

pub fn regions(frames: u32, count: usize) -> Image {
    Image::new(frames)
        .with(text((8, 0x60), "CS", "US"))
        .with(regions_of(count))
}
