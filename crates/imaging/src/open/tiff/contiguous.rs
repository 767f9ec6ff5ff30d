//! Images without their own directories: ImageJ above 4 GB and tifffile with `truncate` write one directory, and all
//! images after each other.

use super::compression::Compression;
use super::directory::{Directory, File};
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
    let is_sound = directory.count(offsets) <= MAX_CHUNKS && directory.count(counts) <= MAX_CHUNKS;
    let Ok(Some(start)) = directory.nth(offsets, 0) else {
        return 0;
    };
    let length = storage.image_bytes(&page.kind);
    let is_one = directory.count(offsets) == 1;
    // The length of a single strip may be that of all images, or 0.
    let is_whole = is_one || are_together(file, &directory, [offsets, counts]) == Some(length);
    if !is_sound || !is_whole {
        return 0;
    }
    let rest = (file.bytes.len() as u64).saturating_sub(start);
    match length {
        0 => 0,
        length => (rest / length).saturating_sub(1),
    }
}

/// The length of all chunks, where each begins at the end of the one before.
fn are_together(file: File<'_>, directory: &Directory<'_>, [at, count]: [u16; 2]) -> Option<u64> {
    let number = directory.count(at);
    file.budget.step(2 * number).ok()?;
    let mut end: Option<u64> = None;
    let mut length = 0u64;
    for index in 0..number {
        let begin = directory.nth(at, index).ok()??;
        if end.is_some_and(|end| end != begin) {
            return None;
        }
        let own = directory.nth(count, index).ok()??;
        end = begin.checked_add(own);
        length = length.saturating_add(own);
    }
    Some(length)
}

/// Maximum number of strips or tiles: more than uncompressed images have.
const MAX_CHUNKS: u64 = 1 << 20;
