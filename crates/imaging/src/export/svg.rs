//! Writes outlines as SVG paths.

use std::fmt::Write;

use super::outline::outlines;
use super::{Labelled, on_grid};
use crate::error::Error;
use crate::scan::{Grid, SlicePlane};

/// XML namespace of SVG. It is a name; nothing is downloaded from it.
const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// Writes the objects on a slice of a plane, which must be in range: a path for each, along the edges of its pixels,
/// with holes (even-odd). The unit is a pixel of the plane, and the origin the outer corner of the top left pixel.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for an object of another grid.
pub fn outlines_svg(
    grid: &Grid,
    plane: &SlicePlane,
    slice: u32,
    objects: &[Labelled<'_>],
) -> Result<String, Error> {
    on_grid(grid, objects)?;
    let (width, height) = (plane.size().width, plane.size().height);
    let mut svg = format!(
        "<svg xmlns=\"{NAMESPACE}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\">\n"
    );
    for object in objects {
        let path = path(&outlines(&object.mask.slice(plane, slice)));
        if path.is_empty() {
            continue;
        }
        let [red, green, blue] = object.colour;
        let title = escaped(object.name);
        // Writing to a string can't fail.
        let _ = writeln!(
            svg,
            "<path fill=\"#{red:02x}{green:02x}{blue:02x}\" fill-opacity=\"0.6\" \
             fill-rule=\"evenodd\" d=\"{path}\"><title>{title}</title></path>"
        );
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// Path data: `M x y`, then alternating horizontal and vertical lines, then `Z`.
fn path(outlines: &[Vec<[u32; 2]>]) -> String {
    let mut path = String::new();
    for outline in outlines {
        let mut from: Option<[u32; 2]> = None;
        for &[x, y] in outline {
            let _ = match from {
                None => write!(path, "M{x} {y}"),
                Some([_, before]) if before == y => write!(path, "H{x}"),
                Some(_) => write!(path, "V{y}"),
            };
            from = Some([x, y]);
        }
        path.push('Z');
    }
    path
}

/// Escapes text for XML 1.0, and removes control characters other than line breaks and tabs.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
    out
}
