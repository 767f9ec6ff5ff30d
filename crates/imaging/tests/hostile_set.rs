//! Opens the hostile files that `tests/hostile/make.mjs` makes. Each must end in an error or in a scan within the
//! limits, within 5 s and 512 MiB, without a panic, on a stack as small as wasm's. The page is tested with the same
//! set.

#![allow(clippy::unwrap_used, reason = "a test may fail in its helpers too")]

mod peak;
mod seconds;

use boxel_imaging::{Limits, NamedFile, Scan, SlicePlane, open_choice, survey};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::{env, fs};

const MAX_TIME: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 512 << 20;
/// Stack size in bytes, as the linker sets it for wasm.
const STACK: usize = 1 << 20;

/// An entry of `cases.json`.
#[derive(Deserialize)]
struct Case {
    name: String,
    outcome: Outcome,
    files: Vec<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Refused,
    Either,
    Opens,
}

#[test]
fn every_file_ends_in_an_error_or_a_scan() {
    let Some(folder) = made() else {
        println!("SKIPPED: `node` is not on PATH: install Node.js 20 or newer");
        return;
    };
    let list = fs::read(folder.join("cases.json")).unwrap();
    let mut cases: Vec<Case> = serde_json::from_slice(&list).unwrap();
    assert!(cases.len() >= 150, "{} cases", cases.len());
    // `HOSTILE` selects one case, or those whose names begin alike, to debug them.
    if let Ok(start) = env::var("HOSTILE") {
        cases.retain(|case| case.name.starts_with(&start));
    }
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case.name, fault(case, &folder)?)))
        .collect();
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}

/// Makes the files with Node; `None` if Node is missing.
fn made() -> Option<PathBuf> {
    Command::new("node").arg("--version").output().ok()?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    // Removes the files of cases that no longer exist.
    let _ = fs::remove_dir_all(&folder);
    let make = repository.join("tests/hostile/make.mjs");
    let status = Command::new("node").arg(make).arg(&folder).status();
    assert!(status.unwrap().success(), "make.mjs failed");
    Some(folder)
}

/// What is wrong with the result of a case; `None` if nothing.
fn fault(case: &Case, folder: &Path) -> Option<String> {
    let read = |name: &String| {
        (
            name.clone(),
            fs::read(folder.join(&case.name).join(name)).unwrap(),
        )
    };
    let files: Vec<(String, Vec<u8>)> = case.files.iter().map(read).collect();
    let outcome = case.outcome;
    let (send, receive) = mpsc::channel();
    // A stack overflow is reported with the thread's name.
    let thread = thread::Builder::new()
        .name(case.name.clone())
        .stack_size(STACK);
    let opening = thread.spawn(move || send.send(open(&files, outcome)).unwrap());
    let opening = opening.unwrap();
    match receive.recv_timeout(4 * MAX_TIME) {
        Ok(fault) => fault,
        // The thread can't be stopped, and would disturb the other cases.
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{} does not end", case.name),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let _ = opening.join();
            Some("panics".to_owned())
        }
    }
}

fn open(files: &[(String, Vec<u8>)], outcome: Outcome) -> Option<String> {
    let files: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    let limits = Limits::default();
    peak::start();
    let start = seconds::of_thread();
    let opened = survey(&files, &limits)
        .and_then(|choices| open_choice(&files, choices.first().unwrap(), &limits));
    let (took, bytes) = (seconds::of_thread() - start, peak::since_start());
    if took > MAX_TIME.as_secs_f64() {
        return Some(format!("takes {took:.1} s"));
    }
    if bytes > MAX_BYTES {
        return Some(format!("takes {} MiB", bytes >> 20));
    }
    match (&opened, outcome) {
        (Ok(_), Outcome::Refused) => return Some("is opened".to_owned()),
        (Err(error), Outcome::Opens) => return Some(format!("is refused: {error}")),
        _ => {}
    }
    match opened {
        Ok(scan) => beyond(&scan, &limits),
        Err(error) if error.code() == "internal" => Some(format!("is our fault: {error}")),
        Err(_) => None,
    }
}

/// The limit that a scan exceeds, if any. Rendering it must not panic.
fn beyond(scan: &Scan, limits: &Limits) -> Option<String> {
    let grid = scan.grid();
    let size = grid.slice_size();
    let bytes = scan.voxels().len() as u64 * u64::from(scan.voxels().bits() / 8);
    if size.longest_side() > limits.max_side || bytes > limits.max_bytes {
        return Some(format!("opens as {:?}, {bytes} bytes", grid.size()));
    }
    if size.pixels() <= 1 << 20 {
        for plane in SlicePlane::planes(grid) {
            let slice_plane = SlicePlane::new(grid, plane);
            scan.render(
                &slice_plane,
                slice_plane.slices() / 2,
                scan.default_window(),
            );
        }
    }
    None
}
