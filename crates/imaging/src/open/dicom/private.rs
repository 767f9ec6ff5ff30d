//! Private elements, identified by their creator (PS3.5 7.8.1).

use super::attribute::Attribute;
use super::data_set::DataSet;

/// Group and name of a private creator (PS3.5 7.8.1).
pub(super) type Creator = (u16, &'static str);
pub(super) const CSA: Creator = (0x0029, "SIEMENS CSA HEADER");
pub(super) const SIEMENS_MR: Creator = (0x0019, "SIEMENS MR HEADER");
pub(super) const UIH: Creator = (0x0065, "Image Private Header");

/// The private attribute of a creator with the lower byte of its element number, in whichever block the file has
/// reserved for the creator.
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
