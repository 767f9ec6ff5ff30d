//! Compares the model with the names and shapes of the published checkpoints, which `tests/goldens/make_sam_keys.py` lists
//! from the models of the original code and of `transformers`.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// From the original key, Hugging Face's key (empty if there is none) and the shape.
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

/// The shapes that a model expects, by their original keys.
fn expected_shapes(architecture: Architecture) -> BTreeMap<String, Vec<usize>> {
    let sam = architecture.config().init(&Device::flex());
    let shapes = expected::shapes(&sam).into_iter();
    shapes
        .map(|(name, shape)| (keys::original_from_module(&name), shape))
        .collect()
}

#[test]
fn the_vits_expect_the_keys_of_the_published_files() {
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
        assert_eq!(expected_shapes(architecture), listed.collect(), "{file}");
        for (key, (theirs, _)) in &table {
            assert_eq!(&Naming::HuggingFace.file_from_original(key), theirs);
            assert_eq!(&Naming::HuggingFace.original_from_file(theirs), key);
        }
    }
}

#[test]
fn mobile_sam_expects_the_keys_of_its_file_except_the_classifier() {
    let mut listed = BTreeMap::new();
    for (key, (_, shape)) in table("mobile_sam.tsv") {
        if IGNORED_KEYS.iter().any(|part| key.starts_with(part)) {
            continue;
        }
        match key.split_once(".bn.") {
            // Folded into the convolution, which gets a bias.
            Some((layer, "bias")) => listed.insert(format!("{layer}.c.bias"), shape),
            Some(_) => None,
            None => listed.insert(key, shape),
        };
    }
    assert_eq!(expected_shapes(Architecture::MobileSam), listed);
}
