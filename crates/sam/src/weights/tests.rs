//! Compares the model with the names and shapes of the published checkpoints, which `tests/goldens/make_sam_keys.py` lists
//! from the models of the original code and of `transformers`.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::sam2::Sam2Config;

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
    let sam = architecture.config().unwrap().init(&Device::flex());
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

#[test]
fn sam_2_expects_the_keys_of_the_published_file() {
    let table = table("sam2.1_hiera_t.tsv");
    for side in [512, 1024] {
        let config = Sam2Config::published(Sam2Size::Tiny.trunk(), side);
        let shapes = expected::shapes(&config.init(&Device::flex())).into_iter();
        let shapes = shapes.map(|(name, shape)| (keys::original_from_module(&name), shape));
        let listed = table
            .iter()
            .map(|(key, (_, shape))| (key.clone(), shape.clone()));
        assert_eq!(shapes.collect::<BTreeMap<_, _>>(), listed.collect());
    }
    let names = Names {
        naming: Naming::HuggingFace,
        is_sam2: true,
    };
    for (key, (theirs, _)) in &table {
        assert_eq!(&names.file_from_original(key), theirs);
        if !key.contains("point_embeddings") {
            assert_eq!(&names.original_from_file(theirs), key);
        }
    }
}

/// A file with one value in each tensor of a table, by the names in one of its columns.
fn file_of(table: &Table, name: impl Fn(&str, &str) -> String) -> BTreeMap<String, TensorData> {
    let tensor = |(key, (theirs, shape)): (&String, &(String, Vec<usize>))| {
        let values = vec![0.5f32; shape.iter().product()];
        (name(key, theirs), TensorData::new(values, shape.clone()))
    };
    table.iter().map(tensor).collect()
}

fn checkpoint(file: BTreeMap<String, TensorData>) -> Checkpoint {
    Checkpoint::new(tensor_file::Format::Safetensors, false, file).unwrap()
}

#[test]
fn sam_2_is_recognised_by_either_naming() {
    let table = table("sam2.1_hiera_t.tsv");
    let mut theirs = file_of(&table, |_, theirs| theirs.to_owned());
    let points = TensorData::new((0..1024).map(|i| i as f32).collect::<Vec<_>>(), [4, 256]);
    theirs.insert("prompt_encoder.point_embed.weight".to_owned(), points);
    let theirs = checkpoint(theirs);
    let ours = checkpoint(file_of(&table, |key, _| key.to_owned()));
    for (checkpoint, naming) in [(&ours, Naming::Original), (&theirs, Naming::HuggingFace)] {
        assert_eq!(checkpoint.naming(), naming);
        assert!(checkpoint.is_sam2());
        let architecture = checkpoint.architecture().unwrap();
        assert_eq!(architecture, Architecture::Sam2(Sam2Size::Tiny));
        assert!(checkpoint.keys().eq(table.keys().map(String::as_str)));
        let checked = checkpoint.check_architecture(architecture, &Device::flex());
        checked.unwrap();
    }
    let third = &theirs.tensors["sam_prompt_encoder.point_embeddings.2.weight"];
    assert_eq!(third.try_to_vec::<f32>().unwrap()[..2], [512.0, 513.0]);
}

#[test]
fn relatives_of_sam_2_are_refused_by_name() {
    let table = table("sam2.1_hiera_t.tsv");
    let without = |part: &str| {
        let mut file = file_of(&table, |key, _| key.to_owned());
        file.retain(|key, _| !key.starts_with(part));
        checkpoint(file).sam2_size().unwrap_err().to_string()
    };
    let error = without("no_obj_embed_spatial");
    assert!(
        error.contains("no_obj_embed_spatial") && error.contains("SAM 2.0"),
        "{error}"
    );
    let error = without("image_encoder.trunk.pos_embed_window");
    assert!(error.contains("EfficientTAM"), "{error}");
    let file = file_of(&table, |key, _| format!("tracker.{key}"));
    let error = checkpoint(file).architecture().unwrap_err().to_string();
    assert!(error.contains("SAM 3"), "{error}");
}

#[test]
fn a_faulty_key_of_sam_2_is_named_as_the_file_names_it() {
    let table = table("sam2.1_hiera_t.tsv");
    let faulty = |change: fn(&mut BTreeMap<String, TensorData>)| {
        let mut file = file_of(&table, |_, theirs| theirs.to_owned());
        let points = TensorData::new(vec![1.0f32; 1024], [4, 256]);
        file.insert("prompt_encoder.point_embed.weight".to_owned(), points);
        change(&mut file);
        let config = Sam2Config::published(Sam2Size::Tiny.trunk(), 512);
        let checked = checkpoint(file).check_sam2(&config, &Device::flex());
        checked.unwrap_err().to_string()
    };
    let missing = faulty(|file| {
        file.remove("memory_attention.layer_norm.weight");
    });
    assert!(
        missing.contains("lack `memory_attention.layer_norm.weight`"),
        "{missing}"
    );
    let unused = faulty(|file| {
        file.insert(
            "memory_attention.more".to_owned(),
            TensorData::new(vec![1.0f32], [1]),
        );
    });
    assert!(unused.contains("`memory_attention.more`"), "{unused}");
    let misshapen = faulty(|file| {
        let key = "object_pointer_proj.proj_in.bias".to_owned();
        file.insert(key, TensorData::new(vec![1.0f32; 3], [3]));
    });
    assert!(
        misshapen.contains("object_pointer_proj.proj_in.bias") && misshapen.contains("[3]"),
        "{misshapen}"
    );
    let nan = faulty(|file| {
        let key = "no_memory_embedding".to_owned();
        file.insert(key, TensorData::new(vec![f32::NAN; 256], [1, 1, 256]));
    });
    assert!(
        nan.contains("no_memory_embedding") && nan.contains("NaN"),
        "{nan}"
    );
}
