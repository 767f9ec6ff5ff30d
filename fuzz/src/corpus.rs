//! The corpus of a target in one file: each input after its length, which is four bytes, little endian.
//!
//! Tests and xtask include this file by path.

/// The inputs of a corpus; `None` if one is cut off.
pub fn unpack(mut packed: &[u8]) -> Option<Vec<&[u8]>> {
    let mut inputs = Vec::new();
    while !packed.is_empty() {
        let (length, rest) = packed.split_first_chunk()?;
        let (input, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        inputs.push(input);
        packed = rest;
    }
    Some(inputs)
}

/// Packs inputs; the same ones in any order give the same file.
#[allow(dead_code, reason = "tests only read")]
pub fn pack(mut inputs: Vec<Vec<u8>>) -> Vec<u8> {
    inputs.sort();
    let mut packed = Vec::new();
    for input in inputs {
        packed.extend((input.len() as u32).to_le_bytes());
        packed.extend(input);
    }
    packed
}
