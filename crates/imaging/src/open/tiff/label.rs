//! Labels of stacks, such as `TIFF, channel 1 of 2, 9 slices of 64×60`.

use super::description::{Axis, Meaning};
use super::page::PixelFormat;
use super::series::{Found, Plane, Series};
use crate::format::Format;

impl Series {
    /// The words that distinguish the stack from others of its series.
    pub fn words(
        &self,
        found: &Found,
        index: usize,
        places: &[(Axis, u64)],
        sample: u64,
    ) -> String {
        let mut words = String::new();
        let described = found.series.iter().filter(|series| series.is_described);
        if self.is_described && described.count() > 1 {
            words += &format!("series {} of {}, ", index + 1, found.series.len());
        }
        let samples = u64::from(self.kind.channels);
        let mut is_channel_said = false;
        for (axis, place) in places {
            let (count, name) = match axis.meaning {
                Meaning::Channel => {
                    is_channel_said = axis.count * samples > 1;
                    let (place, count) = (place * samples + sample + 1, axis.count * samples);
                    if count > 1 {
                        words += &format!("channel {place} of {count}, ");
                    }
                    continue;
                }
                Meaning::Time => (axis.count, "time"),
                Meaning::Slice => (axis.count, "slice"),
                Meaning::Other => (axis.count, "part"),
            };
            if count > 1 {
                words += &format!("{name} {} of {count}, ", place + 1);
            }
        }
        if samples > 1 && !is_channel_said {
            words += &format!("channel {} of {samples}, ", sample + 1);
        }
        words
    }

    /// A label that distinguishes the stack from the file's others.
    pub fn label(&self, found: &Found, planes: &[Plane], stacked: Axis, words: &str) -> String {
        let PixelFormat { width, height, .. } = self.kind;
        let format = Format::Tiff.name();
        let (count, total) = (planes.len(), found.pages.len());
        let place = |plane: Option<&Plane>| plane.map_or(0, |plane| plane.page);
        let (first, last) = (place(planes.first()), place(planes.last()));
        let page = found.pages.get(first).and_then(|page| page.as_ref().ok());
        let reduced = match page {
            Some(page) if page.is_reduced => ", a reduced copy",
            _ => "",
        };
        let what = if stacked.meaning == Meaning::Slice {
            "slices"
        } else {
            "images"
        };
        match (self.is_described, count) {
            (true, 1) if total == 1 && words.is_empty() => format.to_owned(),
            (true, 1) => format!("{format}, {words}{width}×{height}"),
            (true, _) => format!("{format}, {words}{count} {what} of {width}×{height}"),
            (false, _) if total == 1 && words.is_empty() => format.to_owned(),
            (false, _) if total == 1 => format!("{format}, {words}{width}×{height}"),
            (false, 1) => {
                let page = first + 1;
                format!("{format}, {words}page {page} of {total}, {width}×{height}{reduced}")
            }
            _ if count == total => format!("{format}, {words}{count} pages of {width}×{height}"),
            _ => {
                let (first, last) = (first + 1, last + 1);
                let pages = match last + 1 - first == count {
                    true => format!("pages {first} to {last} of {total}"),
                    false => format!("{count} of the pages {first} to {last} of {total}"),
                };
                format!("{format}, {words}{pages}, {width}×{height}{reduced}")
            }
        }
    }
}
