//! PyTorch checkpoints: a zip archive with a pickle, `data.pkl`, and a record for each storage.
//!
//! Source: PyTorch's `torch/serialization.py` (`_save`, `_load`) and
//! `caffe2/serialize/inline_container.h`, which lists the records.

mod archive;
mod pickle;
mod rebuild;
mod state_dict;
mod strided;

use std::borrow::Cow;
use std::collections::BTreeMap;

use archive::Archive;
use rebuild::{Rebuilt, Storage};

use crate::limits::{Budget, Limits};
use crate::{Error, Tensor, TensorFault};

pub fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<BTreeMap<String, Tensor<'a>>, Error> {
    let archive = Archive::open(bytes, limits)?;
    let mut budget = Budget::new(limits);
    archive.check_version(&mut budget)?;
    let pickle = archive.pickle(limits, &mut budget)?;
    let values = pickle::read(&pickle, limits)?;

    // Grouped by storage, so that each is read and checked once, however many tensors share it.
    let mut by_storage: BTreeMap<&str, Vec<(&str, Rebuilt<'_>)>> = BTreeMap::new();
    for (name, value) in state_dict::entries(&values, limits)? {
        let rebuilt =
            rebuild::tensor(&values, value, limits).map_err(|fault| fault.of_tensor(name))?;
        let sharing = by_storage.entry(rebuilt.storage.key).or_default();
        sharing.push((name, rebuilt));
    }
    let mut tensors = BTreeMap::new();
    for sharing in by_storage.values() {
        tensors.extend(read_storage(&archive, sharing, &mut budget)?);
    }
    Ok(tensors)
}

/// Reads the tensors that share one storage.
fn read_storage<'a>(
    archive: &Archive<'a>,
    sharing: &[(&str, Rebuilt<'_>)],
    budget: &mut Budget,
) -> Result<Vec<(String, Tensor<'a>)>, Error> {
    for (name, rebuilt) in sharing {
        check_storage(archive, &rebuilt.storage).map_err(|fault| fault.of_tensor(name))?;
    }
    let Some((_, first)) = sharing.first() else {
        return Ok(Vec::new());
    };
    let mut bytes = archive.storage(first.storage.key, budget)?;
    let mut tensors = Vec::with_capacity(sharing.len());
    for (name, rebuilt) in sharing {
        let layout = rebuilt.layout().map_err(|fault| fault.of_tensor(name))?;
        // A storage that was inflated for a single tensor becomes that tensor, without a copy.
        let is_whole = layout.is_whole() && sharing.len() == 1;
        let bytes = match &mut bytes {
            Cow::Owned(owned) if is_whole => Cow::Owned(std::mem::take(owned)),
            Cow::Owned(owned) => Cow::Owned(layout.copy(owned, budget)?),
            Cow::Borrowed(borrowed) => match layout.slice(borrowed) {
                Some(slice) => Cow::Borrowed(slice),
                None => Cow::Owned(layout.copy(borrowed, budget)?),
            },
        };
        let tensor = Tensor {
            dtype: rebuilt.dtype,
            shape: rebuilt.shape.clone(),
            bytes,
        };
        tensors.push(((*name).to_owned(), tensor));
    }
    Ok(tensors)
}

/// Checks that a storage's record has the size that the pickle declares.
fn check_storage(archive: &Archive<'_>, storage: &Storage<'_>) -> Result<(), TensorFault> {
    let found = archive
        .storage_size(storage.key)
        .ok_or_else(|| TensorFault::NoStorage(storage.key.to_owned()))?;
    if found != storage.bytes {
        return Err(TensorFault::StorageSize {
            storage: storage.key.to_owned(),
            declared: storage.bytes,
            found,
        });
    }
    Ok(())
}
