//! Puts what a DICOM file begins with in front of a data set (PS3.10 chapter 7).

/// The file of a data set in this transfer syntax.
pub fn file(syntax: &str, data_set: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    let mut uid = syntax.as_bytes().to_vec();
    if uid.len() % 2 == 1 {
        uid.push(0);
    }
    let syntax = element(0x0002_0010, b"UI", &uid);
    let length = (syntax.len() as u32).to_le_bytes();
    bytes.extend(element(0x0002_0000, b"UL", &length));
    bytes.extend(syntax);
    bytes.extend(data_set);
    bytes
}

/// An element whose VR has a short length.
pub fn element(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(((tag >> 16) as u16).to_le_bytes());
    bytes.extend((tag as u16).to_le_bytes());
    bytes.extend(vr);
    bytes.extend((value.len() as u16).to_le_bytes());
    bytes.extend(value);
    bytes
}
