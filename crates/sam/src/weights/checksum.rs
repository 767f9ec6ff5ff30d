//! The checksum that Boxel writes into the files that it converts.
//!
//! `__metadata__` of the safetensors file has the key [`KEY`] with the SHA-256 of all bytes after the header, as 64
//! lower-case hexadecimal digits. The header needs none: its names, shapes and offsets are compared with the model and with
//! the file's length.

use std::collections::BTreeMap;
use std::fmt::Write;

use safetensors::tensor::TensorInfo;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tensor_file::TensorFile;

use super::WeightsError;

const KEY: &str = "boxel.sha256";
/// Bytes before the header: its length, a little-endian `u64`.
const LENGTH_BYTES: usize = 8;
/// Readers may rely on tensors that start at a multiple of this; the header is padded with spaces.
const ALIGNMENT: usize = 8;

/// Whether the file has a checksum. Fails if it has one and the bytes of the tensors do not have it.
pub(super) fn verify(file: &TensorFile<'_>) -> Result<bool, WeightsError> {
    let (Some(recorded), Some(buffer)) = (file.metadata(KEY), file.buffer()) else {
        return Ok(false);
    };
    let found = sha256_hex(buffer);
    if found != recorded {
        return Err(WeightsError::Checksum {
            recorded: recorded.to_owned(),
            found,
        });
    }
    Ok(true)
}

/// Whether the file has a checksum, which is not compared.
pub(super) fn is_in(file: &TensorFile<'_>) -> bool {
    file.metadata(KEY).is_some()
}

/// The JSON header, in which every map is sorted: the same tensors give the same bytes.
#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(rename = "__metadata__", default)]
    metadata: BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

/// Adds the checksum to a safetensors file.
pub(super) fn added(file: &[u8]) -> Result<Vec<u8>, WeightsError> {
    let malformed = |reason: String| WeightsError::Write { reason };
    let parts = file
        .split_first_chunk::<LENGTH_BYTES>()
        .and_then(|(length, rest)| {
            rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
        });
    let (header, buffer) = parts.ok_or_else(|| malformed("the file has no header".to_owned()))?;
    let json = |error: serde_json::Error| malformed(error.to_string());
    let mut header: Header = serde_json::from_slice(header).map_err(json)?;
    header.metadata.insert(KEY.to_owned(), sha256_hex(buffer));
    let mut header = serde_json::to_vec(&header).map_err(json)?;
    header.resize(header.len().next_multiple_of(ALIGNMENT), b' ');
    let length = (header.len() as u64).to_le_bytes();
    Ok([length.as_slice(), &header, buffer].concat())
}

fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;
    use tensor_file::Limits;

    use super::*;

    fn file() -> Vec<u8> {
        let bytes: Vec<u8> = (0..24).collect();
        let view = TensorView::new(Dtype::F32, vec![2, 3], &bytes).unwrap();
        let metadata = [("format".to_owned(), "pt".to_owned())].into();
        safetensors::serialize([("b", view.clone()), ("a", view)], Some(metadata)).unwrap()
    }

    fn read(bytes: &[u8]) -> TensorFile<'_> {
        TensorFile::read(bytes, &Limits::default()).unwrap()
    }

    #[test]
    fn a_checksum_is_added_and_everything_else_stays() {
        let (before, after) = (file(), added(&file()).unwrap());
        assert_eq!(after, added(&before).unwrap(), "reproducible");
        let (before, after) = (read(&before), read(&after));
        assert!(!verify(&before).unwrap() && verify(&after).unwrap());
        assert!(before.iter().eq(after.iter()));
        assert_eq!(after.metadata("format"), Some("pt"));
        let start = after.get("a").unwrap().bytes.as_ptr() as usize;
        let file = after.buffer().unwrap().as_ptr() as usize;
        assert!((start - file).is_multiple_of(ALIGNMENT));
    }

    #[test]
    fn any_flipped_bit_of_a_tensor_is_noticed() {
        let good = added(&file()).unwrap();
        let buffer = good.len() - 48;
        for at in buffer..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                let error = verify(&read(&bad)).unwrap_err();
                assert!(matches!(error, WeightsError::Checksum { .. }), "{error}");
            }
        }
    }

    #[test]
    fn a_file_that_is_none_gets_no_checksum() {
        for bytes in [&b""[..], b"1234567", &[0xff; 16], b"\x02\0\0\0\0\0\0\0[]"] {
            assert!(added(bytes).is_err());
        }
    }
}
