//! What an OME-TIFF says of its images, in XML (OME's schema of 2016-06, and those before it).

use roxmltree::{Document, Node, ParsingOptions};

use super::description::{Axis, Meaning, images};
use super::sizes::{Sizes, unit_mm, usable};
use crate::scan::{PixelSpacing, SpacingSource};

/// An image of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OmeImage {
    /// The last changes fastest.
    pub axes: Vec<Axis>,
    /// For each place along the axes the directory with its plane, counted from 0; `None` for planes of
    /// other files.
    pub directories: Vec<Option<usize>>,
    pub sizes: Sizes,
}

/// More nodes than a description of that many planes has.
const MAX_NODES: u32 = 1_000_000;

/// The images of a description; `None` if it isn't OME's. `samples` are those of a pixel, which OME counts
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
    // The letters after X and Y, the fastest-changing first.
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
        let most = match given {
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
        for index in 0..taken.unwrap_or(most).min(planes) {
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

/// PhysicalSizeX, Y and Z, in micrometres where there is no unit.
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
