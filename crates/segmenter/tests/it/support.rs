//! The bundled model and volumes made of two grey levels, shared by the tests of sessions.

use std::path::PathBuf;

use boxel_segmenter::sam::Checkpoint;
use boxel_segmenter::{CheckpointKind, Compute, ComputeKind, Model};

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The bundled LiteMedSAM on the CPU.
pub fn model() -> Model {
    let weights = std::fs::read(root().join("models/litemedsam.safetensors")).unwrap();
    let compute = pollster::block_on(Compute::open(ComputeKind::Cpu)).unwrap();
    let checkpoint = Checkpoint::read(&weights).unwrap();
    Model::new(CheckpointKind::LiteMedSam, checkpoint, &compute).unwrap()
}

/// An 8-bit NIfTI-1 file (the header's fields as in nifti1.h): bright voxels where `inside` is true for column, row and
/// slice, in a grey block.
pub fn nifti(size: [usize; 3], inside: impl Fn(usize, usize, usize) -> bool) -> Vec<u8> {
    let mut file = vec![0; 352];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &348i32.to_le_bytes());
    let [columns, rows, slices] = size.map(|count| count as i16);
    for (place, dimension) in [3, columns, rows, slices, 1, 1, 1, 1].iter().enumerate() {
        put(40 + 2 * place, &dimension.to_le_bytes());
    }
    put(70, &2i16.to_le_bytes());
    put(72, &8i16.to_le_bytes());
    for place in 0..4 {
        put(76 + 4 * place, &1f32.to_le_bytes());
    }
    put(108, &352f32.to_le_bytes());
    put(344, b"n+1\0");
    for at in 0..size.iter().product() {
        let (x, y, z) = (at % size[0], at / size[0] % size[1], at / size[0] / size[1]);
        file.push(if inside(x, y, z) {
            200
        } else {
            60 + (at % 7) as u8
        });
    }
    file
}
