use burn::tensor::{DType, Device};
use burn_sam::tensor_file::Format;
use burn_sam::{Architecture, Checkpoint, Naming, Sam2Size};

use crate::checkpoint_kind::CheckpointKind;
use crate::error::Error;
use crate::key::sha256_hex;

/// A description of a weights file, before it is loaded.
#[derive(Debug, Clone)]
pub struct WeightsFile {
    /// PyTorch or safetensors.
    pub format: Format,
    /// The original's key names or Hugging Face's.
    pub naming: Naming,
    /// The architecture of the model.
    pub architecture: Architecture,
    /// The number format; `None` if tensors differ.
    pub dtype: Option<DType>,
    /// The number of tensors, with BatchNorms folded.
    pub tensors: usize,
    /// The number of parameters in all tensors.
    pub parameters: usize,
    /// The SHA-256 of the file, as 64 hexadecimal digits.
    pub sha256: String,
    /// The name of the published file, if the checksum is known.
    pub published: Option<&'static str>,
    /// Whether the file has Boxel's own checksum of its tensors, which was found to be right.
    pub has_checksum: bool,
    /// The families that it may belong to: one, if the shapes or the checksum determine it.
    pub kinds: Vec<CheckpointKind>,
}

/// A published file with its checksum.
struct Published {
    sha256: &'static str,
    name: &'static str,
    kind: CheckpointKind,
}

/// What is said about a file whose SHA-256 is in no list: nothing shows that it is undamaged.
pub const NOT_PUBLISHED: &str = "not a published file";

/// Reads a weights file and describes it.
///
/// # Errors
///
/// A file that is not a weights file, is damaged, or is of an unknown model; the first key that is missing, unused or has
/// a wrong shape, or whose values no working model has.
pub fn inspect(bytes: &[u8]) -> Result<(WeightsFile, Checkpoint), Error> {
    let (checkpoint, sha256) = with_sha256(bytes, || Checkpoint::read(bytes));
    described(checkpoint?, sha256)
}

/// Computes the SHA-256 while something else is done with the same bytes: for a large file each takes as long as reading
/// it from a disk.
#[cfg(not(target_family = "wasm"))]
fn with_sha256<T>(bytes: &[u8], work: impl FnOnce() -> T) -> (T, String) {
    std::thread::scope(|scope| {
        let hashing = std::thread::Builder::new().spawn_scoped(scope, || sha256_hex(bytes));
        let result = work();
        let sha256 = hashing.ok().and_then(|thread| thread.join().ok());
        (result, sha256.unwrap_or_else(|| sha256_hex(bytes)))
    })
}

/// A browser's module has one thread.
#[cfg(target_family = "wasm")]
fn with_sha256<T>(bytes: &[u8], work: impl FnOnce() -> T) -> (T, String) {
    (work(), sha256_hex(bytes))
}

/// As [`inspect`], for a file whose SHA-256 the caller has computed and compared already.
///
/// # Errors
///
/// Those of [`inspect`], except that a damaged file is not noticed.
pub fn inspect_checked(bytes: &[u8], sha256: &str) -> Result<(WeightsFile, Checkpoint), Error> {
    described(Checkpoint::read_checked(bytes)?, sha256.to_owned())
}

fn described(checkpoint: Checkpoint, sha256: String) -> Result<(WeightsFile, Checkpoint), Error> {
    let architecture = checkpoint.architecture()?;
    checkpoint.check_architecture(architecture, &Device::flex())?;
    let published = PUBLISHED.iter().find(|file| file.sha256 == sha256);
    let file = WeightsFile {
        format: checkpoint.format(),
        naming: checkpoint.naming(),
        architecture,
        dtype: checkpoint.dtype(),
        tensors: checkpoint.keys().count(),
        parameters: checkpoint.parameters(),
        sha256,
        published: published.map(|file| file.name),
        has_checksum: checkpoint.has_checksum(),
        kinds: match published {
            Some(file) => vec![file.kind],
            None => CheckpointKind::candidates(architecture),
        },
    };
    Ok((file, checkpoint))
}

impl WeightsFile {
    /// The family, if it can belong to only one.
    ///
    /// # Errors
    ///
    /// [`Error::RecipeUnknown`] if several are possible.
    pub fn kind(&self) -> Result<CheckpointKind, Error> {
        match self.kinds.as_slice() {
            [kind] => Ok(*kind),
            kinds => Err(Error::RecipeUnknown {
                architecture: self.architecture.name(),
                kinds: kinds.to_vec(),
            }),
        }
    }

    /// The possible family that has this recipe.
    ///
    /// # Errors
    ///
    /// [`Error::RecipeMismatch`] if no possible family has the recipe.
    pub fn kind_with(&self, recipe: boxel_imaging::Recipe) -> Result<CheckpointKind, Error> {
        let found = self.kinds.iter().find(|kind| kind.recipe() == recipe);
        found.copied().ok_or(Error::RecipeMismatch {
            architecture: self.published.unwrap_or(self.architecture.name()),
            recipe,
        })
    }
}

/// The checksums of Meta's and MobileSAM's files are those in `micro_sam/util.py` of
/// computational-cell-analytics/micro-sam; those of SAM 2.1 in its `micro_sam/v2/util.py`. Nobody publishes a checksum of
/// `medsam_vit_b.pth`, nor of MedSAM2's files.
const PUBLISHED: [Published; 10] = [
    Published {
        sha256: "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
        name: "sam_vit_b_01ec64.pth",
        kind: CheckpointKind::SamVitB,
    },
    Published {
        sha256: "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
        name: "sam_vit_l_0b3195.pth",
        kind: CheckpointKind::SamVitL,
    },
    Published {
        sha256: "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
        name: "sam_vit_h_4b8939.pth",
        kind: CheckpointKind::SamVitH,
    },
    Published {
        sha256: "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        name: "mobile_sam.pt",
        kind: CheckpointKind::MobileSam,
    },
    Published {
        sha256: "79d8c9dca6db4d69d3f905579e5250af05e859fff9c1f543e89a513c3028ce76",
        name: "lite_medsam.pth",
        kind: CheckpointKind::LiteMedSam,
    },
    Published {
        sha256: "78531f2921d004ab9863edefce3d055a0793f03effa5f9d6951ce35aaa6df08b",
        name: "litemedsam.safetensors",
        kind: CheckpointKind::LiteMedSam,
    },
    Published {
        sha256: "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69",
        name: "sam2.1_hiera_tiny.pt",
        kind: CheckpointKind::Sam2(Sam2Size::Tiny),
    },
    Published {
        sha256: "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38",
        name: "sam2.1_hiera_small.pt",
        kind: CheckpointKind::Sam2(Sam2Size::Small),
    },
    Published {
        sha256: "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
        name: "sam2.1_hiera_base_plus.pt",
        kind: CheckpointKind::Sam2(Sam2Size::BasePlus),
    },
    Published {
        sha256: "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318",
        name: "sam2.1_hiera_large.pt",
        kind: CheckpointKind::Sam2(Sam2Size::Large),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_well_formed_and_unique() {
        for (index, file) in PUBLISHED.iter().enumerate() {
            let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(
                file.sha256.len() == 64 && file.sha256.chars().all(is_digit),
                "{}",
                file.name
            );
            let earlier = &PUBLISHED[..index];
            assert!(
                earlier.iter().all(|other| other.sha256 != file.sha256),
                "{}",
                file.name
            );
        }
    }
}
