//! The segments that a segmentation of 3D Slicer (`.seg.nrrd`) names in its header.

use std::collections::BTreeMap;

use crate::scan::{Code, NamedSegment};

/// Segments that are read: as many as a DICOM Segmentation may have.
const MAX_SEGMENTS: usize = 65_535;
/// Bytes of a name.
const MAX_NAME: usize = 256;

/// What has been read of them, by their number in the header.
#[derive(Default)]
pub(super) struct Segments(BTreeMap<u32, Said>);

#[derive(Default)]
struct Said {
    name: String,
    label: Option<u32>,
    layer: Option<u32>,
    color: Option<[u8; 3]>,
    codes: [Option<Code>; 3],
    /// Type and name, as in a DICOM Segmentation.
    algorithm: [String; 2],
}

impl Segments {
    /// Takes a key such as `Segment3_Name`; others are left out.
    pub fn add(&mut self, key: &str, value: &str) {
        let numbered = key
            .strip_prefix("Segment")
            .and_then(|rest| rest.split_once('_'));
        let Some((number, field)) = numbered else {
            return;
        };
        let is_known = ["Name", "LabelValue", "Layer", "Color", "Tags"].contains(&field);
        let Some(number) = number.parse().ok().filter(|_| is_known) else {
            return;
        };
        if self.0.len() >= MAX_SEGMENTS && !self.0.contains_key(&number) {
            return;
        }
        let said = self.0.entry(number).or_default();
        match field {
            "Name" => said.name = name(value),
            "LabelValue" => said.label = value.trim().parse().ok(),
            "Layer" => said.layer = value.trim().parse().ok(),
            "Color" => said.color = color(value),
            _ => {
                said.codes = codes(value);
                said.algorithm = ["Type:", "Name:"].map(|field| algorithm(value, field));
            }
        }
    }

    /// The segments in the order of their numbers. Where no layer is given, each of several has its own.
    pub fn take(&mut self, layers: u64) -> Vec<NamedSegment> {
        let said = std::mem::take(&mut self.0);
        let segments = said.into_values().enumerate().map(|(index, said)| {
            let own = if layers > 1 { index as u32 } else { 0 };
            let [category, kind, modifier] = said.codes;
            let [algorithm, algorithm_name] = said.algorithm;
            NamedSegment {
                label: said.label.unwrap_or(match layers {
                    0 | 1 => index as u32 + 1,
                    _ => 1,
                }),
                layer: said.layer.unwrap_or(own),
                name: said.name,
                color: said.color,
                category,
                kind,
                modifier,
                algorithm,
                algorithm_name,
            }
        });
        segments.collect()
    }
}

/// Without what can't be shown, such as an escaped line feed.
fn name(value: &str) -> String {
    let shown = value.replace("\\n", " ").replace("\\\\", "\\");
    let shown: String = shown
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    let mut end = shown.len().min(MAX_NAME);
    while !shown.is_char_boundary(end) {
        end -= 1;
    }
    shown[..end].trim().to_owned()
}

/// Red, green and blue from 0 to 1.
fn color(value: &str) -> Option<[u8; 3]> {
    let channels: Vec<f64> = super::words::numbers(value, 3)?;
    let channels: [f64; 3] = channels.try_into().ok()?;
    let is_color = channels.iter().all(|channel| (0.0..=1.0).contains(channel));
    is_color.then(|| channels.map(|channel| (channel * 255.0).round() as u8))
}

/// Category, type and its modifier out of the tags: `TerminologyEntry:context~scheme^code^meaning~scheme^code^meaning~…`.
fn codes(tags: &str) -> [Option<Code>; 3] {
    let entry = tags
        .split('|')
        .find_map(|tag| tag.trim().strip_prefix("TerminologyEntry:"));
    let mut parts = entry.unwrap_or_default().split('~').skip(1);
    let mut code = || {
        let mut words = parts.next()?.split('^').map(str::trim);
        let [scheme, value, meaning] = [words.next()?, words.next()?, words.next()?];
        let is_code = !scheme.is_empty() && !value.is_empty();
        is_code.then(|| Code {
            scheme: name(scheme),
            value: name(value),
            meaning: name(meaning),
        })
    };
    [code(), code(), code()]
}

/// Segment Algorithm Type or Name out of the tags, as Slicer keeps them: `DICOM.SegmentAlgorithmType:AUTOMATIC`.
fn algorithm(tags: &str, field: &str) -> String {
    let said = tags.split('|').find_map(|tag| {
        let said = tag.trim().strip_prefix("DICOM.SegmentAlgorithm")?;
        said.strip_prefix(field)
    });
    name(said.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_of_slicer_keeps_name_colour_and_codes() {
        let mut segments = Segments::default();
        let tags = "Segmentation.Status:inprogress|TerminologyEntry:Segmentation category and type - 3D Slicer \
                    General Anatomy list~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~^^~Anatomic codes~^^~^^|\
                    DICOM.SegmentAlgorithmType:AUTOMATIC|DICOM.SegmentAlgorithmName:A program 2|";
        for (key, value) in [
            ("Segment0_ID", "Segment_1"),
            ("Segment0_Name", "liver \\n and more"),
            ("Segment0_Color", "0.866667 0.509804 0.396078"),
            ("Segment0_LabelValue", "3"),
            ("Segment0_Layer", "1"),
            ("Segment0_Tags", tags),
            ("Segment12_Name", "x"),
            ("Segmentation_MasterRepresentation", "Binary labelmap"),
        ] {
            segments.add(key, value);
        }
        let [liver, other] = segments.take(2).try_into().unwrap();
        assert_eq!(
            (liver.name.as_str(), liver.label, liver.layer),
            ("liver   and more", 3, 1)
        );
        assert_eq!(liver.color, Some([221, 130, 101]));
        assert_eq!(liver.category.unwrap().value, "123037004");
        assert_eq!(liver.kind.unwrap().meaning, "Liver");
        assert_eq!(
            [liver.algorithm.as_str(), &liver.algorithm_name],
            ["AUTOMATIC", "A program 2"]
        );
        assert_eq!((other.algorithm, other.algorithm_name), Default::default());
        assert_eq!((other.label, other.layer, other.color), (1, 1, None));
    }
}
