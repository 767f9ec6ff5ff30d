//! Which of the user's files are segmentations.

use super::png;
use crate::error::Error;
use crate::format::Format;
use crate::open::contain::contained;
use crate::open::{
    Choice, Limits, NamedFile, Pick, archive, dicom, open_choice, opening, survey, volume,
};

/// After as many images without labels no further one is looked at: they are a stack of images.
const MAX_IMAGES: usize = 16;

/// For each file, whether all scans in it are segmentations: a DICOM Segmentation or RT Structure Set, a `.seg.nrrd`, whole
/// numbers that look like those of labels, or a file that holds masks alone. A file that can't be read is none. A PNG
/// without a label counts as one among PNGs with labels, of which it may be a slice.
pub fn are_segmentations(files: &[NamedFile<'_>], limits: &Limits) -> Vec<bool> {
    let mut images = 0;
    let looks = files.iter().map(|file| {
        if images >= MAX_IMAGES {
            return Look::Other;
        }
        let look = look_at(*file, limits).unwrap_or(Look::Other);
        images += usize::from(look == Look::Image);
        look
    });
    let looks: Vec<Look> = looks.collect();
    let are_labels = looks.contains(&Look::Labels) && images == 0;
    let is_one = |look: &Look| match look {
        Look::Segmentation | Look::Labels => true,
        Look::Blank => are_labels,
        Look::Image | Look::Other => false,
    };
    looks.iter().map(is_one).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Segmentation,
    /// A PNG with labels.
    Labels,
    /// A PNG of zeros.
    Blank,
    /// Another PNG.
    Image,
    Other,
}

fn look_at(file: NamedFile<'_>, limits: &Limits) -> Result<Look, Error> {
    let files = [file];
    let choices = survey(&files, limits)?;
    // A look at the first one says what a file is: its layers and its segments are alike.
    let first = choices.first().ok_or(Error::EmptyFile)?;
    let is_one = match &first.pick {
        Pick::Structures { .. } | Pick::Masks { .. } => true,
        Pick::Dicom(pick) => {
            let budget = &opening(&files, first, limits)?;
            let (entries, _) = archive::entries(&files, budget);
            contained(|| dicom::segmentation(&entries, pick, budget))?.is_any
        }
        Pick::Raster {
            file,
            format: Format::Png,
        } => return look_at_png(&files, first, *file, limits),
        _ => {
            let scan = open_choice(&files, first, limits)?;
            !scan.segments.is_empty() || volume::are_likely(&scan) || volume::are_few(&scan)
        }
    };
    Ok(match is_one {
        true => Look::Segmentation,
        false => Look::Other,
    })
}

fn look_at_png(
    files: &[NamedFile<'_>],
    choice: &Choice,
    file: usize,
    limits: &Limits,
) -> Result<Look, Error> {
    let budget = &opening(files, choice, limits)?;
    let (entries, _) = archive::entries(files, budget);
    let entry = entries.get(file).ok_or(Error::EmptyFile)?;
    let image =
        contained(|| png::read(&entry.load(budget)?, budget)).and_then(|image| image.scan());
    let Ok(scan) = image else {
        return Ok(Look::Image);
    };
    Ok(match scan {
        _ if volume::are_likely(&scan) || volume::are_few(&scan) => Look::Labels,
        _ if (0..scan.voxels().len()).all(|at| scan.voxels().grey(at) == Some(0.0)) => Look::Blank,
        _ => Look::Image,
    })
}
