//! Private elements, which are known by who created them (PS3.5 7.8.1).

use super::attribute::Attribute;
use super::data_set::DataSet;

/// Creators of private elements (PS3.5 7.8.1), with their groups.
pub(super) type Creator = (u16, &'static str);
pub(super) const CSA: Creator = (0x0029, "SIEMENS CSA HEADER");
pub(super) const SIEMENS_MR: Creator = (0x0019, "SIEMENS MR HEADER");
pub(super) const UIH: Creator = (0x0065, "Image Private Header");

/// The private attribute of a creator by the lower half of its element number, wherever the file has put the
/// creator's block.
pub(super) fn private(
    data: &DataSet<'_>,
    (group, creator): Creator,
    element: u16,
) -> Option<Attribute> {
    let attribute = |element, vr: &[u8; 2]| Attribute {
        tag: (group, element),
        vr: *vr,
        name: creator,
    };
    let mut blocks = 0x10..=0xff_u16;
    let block = blocks.find(|block| data.text(attribute(*block, b"LO")) == creator)?;
    let found = attribute(block << 8 | element, b"UN");
    data.filled(found).map(|_| found)
}
