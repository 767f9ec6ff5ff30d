//! The images of an OME-TIFF, from its XML (OME's schema of 2016-06, and earlier ones).

use roxmltree::{Document, Node, ParsingOptions};

use super::description::{Axis, Meaning, images};
use super::sizes::{Sizes, unit_mm, usable};
use crate::scan::{PixelSpacing, SpacingSource};

/// An image of an OME-TIFF.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OmeImage {
    /// Axes; the last one changes fastest.
    pub axes: Vec<Axis>,
    /// Index of the directory that holds each plane, in the order of the axes; `None` for planes in other files.
    pub directories: Vec<Option<usize>>,
    pub sizes: Sizes,
}

/// Maximum number of XML nodes: more than a description of the allowed planes has.
const MAX_NODES: u32 = 1_000_000;

/// Parses a description; `None` if it isn't OME's. `samples` is the number of samples per pixel, which OME counts
/// as channels.
pub(super) fn read(description: &[u8], samples: u64) -> Option<Vec<OmeImage>> {
    let start = description.get(..description.len().min(4096))?;
    let is_ome = start
        .windows(4)
        .any(|window| window == b"<OME" || window == b"OME:");
    let is_xml = description.trim_ascii_start().starts_with(b"<");
    if !is_ome || !is_xml {
        return None;
    }
    let text = String::from_utf8_lossy(description);
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text.trim(), options).ok()?;
    let own = document.root_element().attribute("UUID");
    let all = document.descendants().filter(|node| name(node) == "Pixels");
    all.map(|pixels| image(&pixels, own, samples)).collect()
}

fn name<'a>(node: &Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

fn count(node: &Node<'_, '_>, attribute: &str) -> Option<u64> {
    node.attribute(attribute)?.trim().parse().ok()
}

fn image(pixels: &Node<'_, '_>, own: Option<&str>, samples: u64) -> Option<OmeImage> {
    let order = pixels.attribute("DimensionOrder").unwrap_or("XYCZT");
    // The letters after X and Y; the first one changes fastest.
    let letters: Vec<char> = order.chars().skip(2).collect();
    let is_order = letters.len() == 3 && ['C', 'Z', 'T'].iter().all(|axis| letters.contains(axis));
    let size = |letter: char| {
        let size = count(pixels, &format!("Size{letter}")).unwrap_or(1);
        match letter {
            'C' if size.is_multiple_of(samples) => size / samples,
            _ => size,
        }
    };
    let axes: Vec<Axis> = letters
        .iter()
        .rev()
        .map(|&letter| Axis {
            meaning: Meaning::of(letter),
            count: size(letter),
        })
        .collect();
    let planes = images(&axes).filter(|_| is_order)?;
    let mut directories = vec![None; usize::try_from(planes).ok()?];
    let mut data = pixels
        .children()
        .filter(|node| name(node) == "TiffData")
        .peekable();
    if data.peek().is_none() {
        for (index, directory) in directories.iter_mut().enumerate() {
            *directory = Some(index);
        }
    }
    for data in data {
        let uuid = data.children().find(|node| name(node) == "UUID");
        let uuid = uuid.and_then(|node| node.text()).map(str::trim);
        if uuid.is_some() && own.is_some() && uuid != own {
            continue;
        }
        let given = count(&data, "IFD");
        let first = given.unwrap_or(0);
        let max = match given {
            Some(_) => 1,
            None => planes,
        };
        let step = |letter: char| {
            let at = count(&data, &format!("First{letter}")).unwrap_or(0);
            match letter {
                'C' => at / samples,
                _ => at,
            }
        };
        let begin = letters.iter().rev().fold(0u64, |index, &letter| {
            index
                .saturating_mul(size(letter))
                .saturating_add(step(letter))
        });
        let taken = count(&data, "PlaneCount").or(count(&data, "NumPlanes"));
        for index in 0..taken.unwrap_or(max).min(planes) {
            let at = usize::try_from(begin.saturating_add(index)).unwrap_or(usize::MAX);
            if let Some(directory) = directories.get_mut(at) {
                *directory = usize::try_from(first.saturating_add(index)).ok();
            }
        }
    }
    Some(OmeImage {
        axes,
        directories,
        sizes: sizes(pixels),
    })
}

/// Reads PhysicalSizeX, Y and Z; the default unit is the micrometre.
fn sizes(pixels: &Node<'_, '_>) -> Sizes {
    let size = |axis: char| {
        let size: f64 = pixels
            .attribute(format!("PhysicalSize{axis}").as_str())?
            .trim()
            .parse()
            .ok()?;
        let unit = pixels.attribute(format!("PhysicalSize{axis}Unit").as_str());
        usable(size * unit_mm(unit.unwrap_or("µm"))?)
    };
    Sizes {
        pixel: size('X').zip(size('Y')).map(|(x_mm, y_mm)| PixelSpacing {
            x_mm,
            y_mm,
            source: SpacingSource::TiffDescription,
        }),
        slice_mm: size('Z'),
        note: None,
    }
}
