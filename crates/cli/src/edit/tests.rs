use std::fs;

use boxel_segmenter::imaging::export::nifti;
use boxel_segmenter::imaging::{
    About, Affine, Format as FileFormat, Grid, PixelSpacing, Rescale, Source, SpacingSource,
    Stacking, Voxels, labels, mask_of_label, open as open_bytes,
};
use clap::{CommandFactory, Parser};

use super::*;
use crate::test_folder::Folder;
use crate::{Cli, Command};

/// A file's path as a word of the command line.
fn path_in(folder: &Folder, name: &str) -> String {
    folder.path(name).display().to_string()
}

/// Runs `boxel edit` with words.
fn edit(words: &[&str]) -> Result<()> {
    let words = ["boxel", "edit"].into_iter().chain(words.iter().copied());
    match Cli::try_parse_from(words)?.command {
        Command::Edit(arguments) => run(&arguments),
        _ => bail!("another command"),
    }
}

fn said(words: &[&str]) -> String {
    format!("{:#}", edit(words).unwrap_err())
}

fn grid() -> Grid {
    let spacing = PixelSpacing {
        x_mm: 1.0,
        y_mm: 1.0,
        source: SpacingSource::Nifti,
    };
    Grid {
        slices: 6,
        stacking: Stacking::Slices,
        pixel_spacing: Some(spacing),
        slice_spacing_mm: Some(2.0),
        patient_from_voxel: Some(Affine([
            [1.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0],
            [0.0, 0.0, 2.0, 0.0],
        ])),
        ..Grid::image(9, 8)
    }
}

/// Label 1 on slices 2 and 4 with a speck, label 2 on slice 4: a NIfTI label map, which also is a scan of 0, 1 and 2.
fn label_map() -> Vec<u8> {
    let of = |inside: &dyn Fn([u32; 3]) -> bool| {
        let mut values = Vec::new();
        for k in 0..6 {
            for j in 0..8 {
                values.extend((0..9).map(|i| u8::from(inside([i, j, k]))));
            }
        }
        VolumeMask::from_values(&grid(), &values).unwrap()
    };
    let square = |[i, j, k]: [u32; 3]| (1..4).contains(&i) && (2..5).contains(&j) && k % 2 == 1;
    let first = of(&|voxel| (square(voxel) && voxel[2] < 4) || voxel == [8, 7, 5]);
    let second = of(&|[i, j, k]| i > 5 && j < 2 && k == 3);
    let about = About::new(FileFormat::Nifti1, 8);
    let voxels = Voxels::U8(vec![0; grid().voxels() as usize]);
    let scan = Scan::new(
        grid(),
        voxels,
        vec![Rescale::IDENTITY],
        about,
        Source::Raster,
    )
    .unwrap();
    nifti(&scan, &[&first, &second], true).unwrap()
}

fn opened_labels(path: &str) -> Vec<(f64, VolumeMask)> {
    let scan = open_bytes(&fs::read(path).unwrap(), &Limits::default()).unwrap();
    let labels = labels(&scan).unwrap();
    let mask = |label| (label, mask_of_label(scan.grid(), &scan, label).unwrap());
    labels.into_iter().map(mask).collect()
}

#[test]
fn a_chain_is_applied_in_order_recorded_and_repeated() {
    let folder = Folder::new("edit-chain");
    let (map, out, again) = ("map.nii.gz", "out.nii.gz", "again.nii.gz");
    let [map, out, again] = [map, out, again].map(|name| path_in(&folder, name));
    let steps = path_in(&folder, "steps.json");
    fs::write(&map, label_map()).unwrap();
    #[rustfmt::skip]
    edit(&[
        "--segments", &map, "--segment", "1", "--do", "islands=2", "--do", "interpolate=axial", "--do", "margin=1",
        "--do", "subtract=2", "--record", &steps, "-o", &out,
    ])
    .unwrap();
    let found = opened_labels(&out);
    // A square of 3 on three slices, which grows by a pixel to each side and not to the next slice.
    assert_eq!(found[0].1.count(), 3 * (9 + 12));
    assert_eq!((found[1].0, found[1].1.count()), (2.0, 6));
    edit(&[
        "--segments",
        &map,
        "--segment",
        "1",
        "--steps",
        &steps,
        "-o",
        &again,
    ])
    .unwrap();
    assert_eq!(opened_labels(&again), found);
    // Without an order of segments, all are edited.
    edit(&["--segments", &map, "--do", "largest", "-o", &again]).unwrap();
    let counts: Vec<u64> = opened_labels(&again)
        .iter()
        .map(|(_, mask)| mask.count())
        .collect();
    assert_eq!(counts, [9, 6]);
}

/// The label map is the scan as well.
#[test]
fn a_scan_is_thresholded_into_a_new_segment() {
    let folder = Folder::new("edit-scan");
    let [scan, out, csv] =
        ["scan.nii.gz", "out.nii.gz", "out.csv"].map(|name| path_in(&folder, name));
    fs::write(&scan, label_map()).unwrap();
    edit(&[
        &scan,
        "--do",
        "threshold=1.5:",
        "--do",
        "grow=2,3,2:1:1",
        "-o",
        &out,
        "-o",
        &csv,
    ])
    .unwrap();
    let found = opened_labels(&out);
    assert_eq!((found.len(), found[0].1.count()), (1, 6 + 9));
    assert!(fs::read_to_string(&csv).unwrap().contains("Object 1"));
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let folder = Folder::new("edit-wrong");
    let [map, out, steps] =
        ["map.nii.gz", "out.nii.gz", "steps.json"].map(|name| path_in(&folder, name));
    fs::write(&map, label_map()).unwrap();
    let of = |more: &[&str]| {
        let words = ["--segments", &map, "-o", &out].into_iter();
        said(&words.chain(more.iter().copied()).collect::<Vec<_>>())
    };
    assert!(of(&[]).contains("nothing to do"));
    assert!(of(&["--do", "blur=3"]).contains("`blur` is not an edit"));
    assert!(of(&["--do", "within=1:"]).contains("give the scan too"));
    assert!(
        of(&["--segment", "Liver", "--do", "holes"]).contains("no segment Liver\n  1: Label 1")
    );
    assert!(of(&["--do", "union=7"]).contains("no segment 7"));
    let margin = of(&["--segment", "2", "--do", "margin=5000"]);
    assert!(
        margin.contains("Label 2") && margin.contains("5000 mm"),
        "{margin}"
    );
    fs::write(&steps, r#"[{"margin_v9":{"mm":1}}]"#).unwrap();
    assert!(of(&["--steps", &steps]).contains("margin_v9"));
    let seg = path_in(&folder, "out.dcm");
    let seg = said(&["--segments", &map, "--do", "holes", "--linked", "-o", &seg]);
    assert!(seg.contains("give the scan too"), "{seg}");
    assert!(!Path::new(&out).exists());
}

#[test]
fn the_help_lists_every_edit() {
    let mut cli = Cli::command();
    let edit = cli.find_subcommand_mut("edit").unwrap();
    let help = edit.render_long_help().to_string();
    #[rustfmt::skip]
    let words = [
        "interpolate", "largest", "islands", "holes", "smooth", "margin", "within", "threshold", "grow", "paint", "erase",
        "lasso", "cut", "copy", "union", "subtract", "intersect",
    ];
    for word in words {
        assert!(
            help.contains(&format!(" {word}=")) || help.contains(&format!(" {word}[=")),
            "{word}: {help}"
        );
    }
}
