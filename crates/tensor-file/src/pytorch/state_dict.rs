//! Finds the model's tensors in a checkpoint.

use std::collections::BTreeMap;

use super::pickle::{Value, ValueId, Values};
use super::rebuild;
use crate::limits::{self, Limits};
use crate::{Error, StateDictFault};

/// Keys under which training scripts save the model's state dict.
const NESTED: [&str; 2] = ["model", "state_dict"];

/// The entries of the state dict, by name.
///
/// A state dict holds no dicts. A dict below `model` or `state_dict` therefore means that the outermost dict is a training
/// checkpoint, even if it has a tensor of its own, such as a loss.
pub fn entries<'p>(
    values: &Values<'p>,
    limits: &Limits,
) -> Result<BTreeMap<&'p str, ValueId>, Error> {
    let root = by_name(values, values.root(), limits)?;
    let mut chosen = None;
    for name in NESTED {
        let Some(&value) = root.get(name) else {
            continue;
        };
        let Value::Dict(entries) = values.get(value) else {
            continue;
        };
        // Some scripts save the model's settings under one of these keys.
        let has_tensors = entries
            .iter()
            .any(|entry| rebuild::is_tensor(values, entry.1));
        match chosen {
            Some((_, true)) if has_tensors => return Err(StateDictFault::Ambiguous.into()),
            Some((_, earlier)) if earlier >= has_tensors => {}
            _ => chosen = Some((value, has_tensors)),
        }
    }
    let (value, entries) = match chosen {
        Some((value, _)) => (value, by_name(values, value, limits)?),
        None => (values.root(), root),
    };
    only_names(values, value)?;
    limits::check("tensors", entries.len() as u64, limits.tensors)?;
    Ok(entries)
}

/// The entries of a dict that have text keys.
fn by_name<'p>(
    values: &Values<'p>,
    dict: ValueId,
    limits: &Limits,
) -> Result<BTreeMap<&'p str, ValueId>, Error> {
    let Value::Dict(entries) = values.get(dict) else {
        let found = values.describe(dict);
        return Err(StateDictFault::Root { found }.into());
    };
    let mut named = BTreeMap::new();
    for &(key, value) in entries {
        let &Value::Text(name) = values.get(key) else {
            continue;
        };
        limits::check("bytes in a name", name.len() as u64, limits.name_bytes)?;
        if named.insert(name, value).is_some() {
            return Err(StateDictFault::Duplicate(name.to_owned()).into());
        }
    }
    Ok(named)
}

/// Refuses keys that are not text.
fn only_names(values: &Values<'_>, dict: ValueId) -> Result<(), StateDictFault> {
    let Value::Dict(entries) = values.get(dict) else {
        return Ok(());
    };
    let is_text = |key: ValueId| matches!(values.get(key), Value::Text(_));
    match entries.iter().find(|(key, _)| !is_text(*key)) {
        None => Ok(()),
        Some(&(key, _)) => {
            let found = values.describe(key);
            Err(StateDictFault::Key { found })
        }
    }
}
