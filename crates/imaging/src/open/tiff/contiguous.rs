//! Images without their own directories: ImageJ above 4 GB and tifffile with `truncate` write one directory, and all
//! images after each other.

use super::compression::Compression;
use super::directory::File;
use super::page::Page;
use super::tags::*;

/// Number of complete images of the same format that are stored after a page's own; 0 if the page's own is
/// compressed, or not stored in one piece.
pub(super) fn images_after(file: File<'_>, page: &Page) -> u64 {
    let storage = &page.storage;
    if storage.compression != Compression::None || storage.subsampling != [1, 1] {
        return 0;
    }
    let (offsets, counts) = match storage.is_tiled {
        true => (TILE_OFFSETS, TILE_BYTE_COUNTS),
        false => (STRIP_OFFSETS, STRIP_BYTE_COUNTS),
    };
    let Ok(directory) = file.directory(page.at) else {
        return 0;
    };
    let lists = [offsets, counts].map(|tag| directory.list(tag, MAX_CHUNKS));
    let [Ok(offsets), Ok(counts)] = lists else {
        return 0;
    };
    let Some(&start) = offsets.first() else {
        return 0;
    };
    let length = storage.image_bytes(&page.kind);
    let is_one = offsets.len() == 1;
    let follow = offsets.iter().zip(&counts).zip(offsets.iter().skip(1));
    let mut are_together = follow.map(|((at, count), next)| at.checked_add(*count) == Some(*next));
    let own: u64 = counts
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count));
    // Writers set the length of a single strip to that of all images, or to 0.
    let is_whole = is_one || (are_together.all(|together| together) && own == length);
    let rest = (file.bytes.len() as u64).saturating_sub(start);
    match is_whole && length > 0 {
        true => (rest / length).saturating_sub(1),
        false => 0,
    }
}

/// Maximum number of strips or tiles: more than uncompressed images have.
const MAX_CHUNKS: u64 = 1 << 20;
