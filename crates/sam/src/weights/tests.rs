//! The names and shapes of the published checkpoints, as `tests/goldens/make_sam_keys.py` lists them
//! from the models of the original code and of `transformers`.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// Original key → Hugging Face's key, empty where there is none, and shape.
type Table = BTreeMap<String, (String, Vec<usize>)>;

fn table(name: &str) -> Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/sam_keys");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let shape = cells[2].split('x').filter_map(|side| side.parse().ok());
            let row = (cells[1].to_owned(), shape.collect());
            (cells[0].to_owned(), row)
        })
        .collect()
}

/// What a model wants, by its original names.
fn wanted(architecture: Architecture) -> BTreeMap<String, Vec<usize>> {
    let sam = architecture.config().init(&Device::flex());
    let shapes = expected::shapes(&sam).into_iter();
    shapes
        .map(|(name, shape)| (keys::original_from_module(&name), shape))
        .collect()
}

#[test]
fn the_vits_want_what_the_published_files_have() {
    for (file, architecture) in [
        ("vit_b.tsv", Architecture::VitB),
        ("vit_l.tsv", Architecture::VitL),
        ("vit_h.tsv", Architecture::VitH),
    ] {
        let table = table(file);
        assert!(table.len() > 300, "{file}");
        let listed = table
            .iter()
            .map(|(key, (_, shape))| (key.clone(), shape.clone()));
        assert_eq!(wanted(architecture), listed.collect(), "{file}");
        for (key, (theirs, _)) in &table {
            assert_eq!(&Naming::HuggingFace.file_from_original(key), theirs);
            assert_eq!(&Naming::HuggingFace.original_from_file(theirs), key);
        }
    }
}

#[test]
fn mobile_sam_wants_what_its_file_has_but_for_the_classifier() {
    let mut listed = BTreeMap::new();
    for (key, (_, shape)) in table("mobile_sam.tsv") {
        if NOT_OF_THE_MODEL.iter().any(|part| key.starts_with(part)) {
            continue;
        }
        match key.split_once(".bn.") {
            // Folded into the convolution, which has a bias then.
            Some((layer, "bias")) => listed.insert(format!("{layer}.c.bias"), shape),
            Some(_) => None,
            None => listed.insert(key, shape),
        };
    }
    assert_eq!(wanted(Architecture::MobileSam), listed);
}
