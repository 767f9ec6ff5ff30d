//! The CSA header, in which Siemens stores values that DICOM has no attribute for. Its format is not published; this
//! reader follows the descriptions in nibabel (`nicom/csareader.py`) and SPM.

/// Maximum number of elements of a header, and of items of an element; real headers have about 130 and 6.
const MAX_COUNT: u32 = 1000;

/// Length of an element's name in bytes; below, of its header before the first item.
const NAME: usize = 64;
const HEADER: usize = 84;

/// The numbers of an element, by its name; empty if it is missing or the bytes are not a CSA header.
pub(super) fn numbers(csa: &[u8], name: &str) -> Vec<f64> {
    find(csa, name).unwrap_or_default()
}

fn find(csa: &[u8], name: &str) -> Option<Vec<f64>> {
    let is_second = csa.starts_with(b"SV10");
    let mut at = if is_second { 8 } else { 0 };
    let count = word(csa, at).filter(|count| (1..=MAX_COUNT).contains(count))?;
    at += 8;
    let mut first_items = None;
    for _ in 0..count {
        let header = csa.get(at..at.checked_add(HEADER)?)?;
        let items = word(header, NAME + 12).filter(|items| *items <= MAX_COUNT)?;
        // The first version of the format adds this to every length.
        let surplus = *first_items.get_or_insert(items);
        at += HEADER;
        let end = header.iter().position(|&byte| byte == 0)?.min(NAME);
        let is_asked = &header[..end] == name.as_bytes();
        let mut values = Vec::new();
        for _ in 0..items {
            let length = match is_second {
                true => word(csa, at + 4)?,
                false => word(csa, at)?.checked_sub(surplus)?,
            } as usize;
            at += 16;
            let item = csa.get(at..at.checked_add(length)?)?;
            let text = item.split(|&byte| byte == 0).next().unwrap_or_default();
            let text = String::from_utf8_lossy(text);
            values.extend(text.trim().parse::<f64>());
            at += length.next_multiple_of(4);
        }
        if is_asked {
            return Some(values);
        }
    }
    None
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element of a header, for either version of the format.
    fn element(name: &str, values: &[&str], surplus: Option<u32>) -> Vec<u8> {
        let mut out = name.as_bytes().to_vec();
        out.resize(NAME, 0);
        for number in [values.len() as u32, 0x0053_4644, 3, values.len() as u32, 77] {
            out.extend(number.to_le_bytes());
        }
        for value in values {
            let length = value.len() as u32 + 1;
            let first = surplus.map_or(0, |surplus| length + surplus);
            for number in [first, length, 77, 0] {
                out.extend(number.to_le_bytes());
            }
            out.extend(value.as_bytes());
            out.resize(out.len() + 1, 0);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        out
    }

    fn header(is_second: bool) -> Vec<u8> {
        let surplus = (!is_second).then_some(1);
        let mut out = if is_second {
            b"SV10\x04\x03\x02\x01".to_vec()
        } else {
            Vec::new()
        };
        out.extend(2u32.to_le_bytes());
        out.extend(77u32.to_le_bytes());
        out.extend(element("NumberOfImagesInMosaic", &["36  "], surplus));
        out.extend(element(
            "SliceNormalVector",
            &["-0.5", "0.5", "0.625"],
            surplus,
        ));
        out
    }

    #[test]
    fn elements_are_found_by_name_in_both_versions() {
        for is_second in [true, false] {
            let header = header(is_second);
            assert_eq!(numbers(&header, "NumberOfImagesInMosaic"), [36.0]);
            let normal = numbers(&header, "SliceNormalVector");
            assert_eq!(normal, [-0.5, 0.5, 0.625]);
            assert!(numbers(&header, "Other").is_empty());
        }
    }

    #[test]
    fn damaged_headers_give_no_numbers() {
        let header = header(true);
        for end in 0..header.len() {
            assert!(numbers(&header[..end], "Other").is_empty());
        }
        let mut huge = header;
        // The length of the first item.
        huge[16 + HEADER + 4..][..4].fill(0xff);
        assert!(numbers(&huge, "SliceNormalVector").is_empty());
    }
}
