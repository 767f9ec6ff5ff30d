//! Small files that ask for much memory or work: whatever the input, opening it holds at most 512 MiB, its own bytes
//! included, and takes a number of steps that follows from its length.
//!
//! `BOMB=name` tries one of them, `FILE=path` times another file; `--nocapture` shows what each takes.

#![allow(clippy::unwrap_used, reason = "a test may fail in its helpers too")]

mod bombs;
mod cases;
mod headers;
mod images;
#[path = "../peak/mod.rs"]
mod peak;
#[path = "../seconds/mod.rs"]
mod seconds;
mod volumes;

use std::env;
use std::fs;

use bombs::{Files, alone};
use boxel_imaging::{Error, Limits, NamedFile, open_choice, open_reference, survey};
use cases::{Opens, Refused};

/// With the bytes of the files themselves.
const MAX_BYTES: usize = 512 << 20;
/// Inputs of which that holds.
const MAX_INPUT: usize = 20_000_000;

#[test]
fn no_input_takes_more_memory_or_work_than_its_length_allows() {
    if let Ok(path) = env::var("FILE") {
        let (held, found) = tried(&path, &alone(fs::read(&path).unwrap()));
        assert!(held <= MAX_BYTES && found.is_ok());
        return;
    }
    let only = env::var("BOMB").ok();
    let is_tried = |name: &&str| only.as_ref().is_none_or(|only| only == name);
    let mut faults = Vec::new();
    for (name, end, files) in cases::all().filter(|(name, ..)| is_tried(name)) {
        let files = files();
        assert!(length(&files) <= MAX_INPUT + 3_000_000, "{name}");
        let (held, found) = tried(name, &files);
        if held > MAX_BYTES {
            faults.push(format!("{name} holds {} MiB", held >> 20));
        }
        match (found, end) {
            (Ok(()), Opens) => {}
            (Err(error), Refused) if error.code() != "internal" => {}
            (Err(error), _) => faults.push(format!("{name} is refused: {error}")),
            (Ok(()), Refused) => faults.push(format!("{name} opens")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Opens files, prints what that takes, and returns the bytes that were held.
fn tried(name: &str, files: &Files) -> (usize, Result<(), Error>) {
    let began = seconds::of_thread();
    peak::start();
    let found = open(files);
    let held = peak::since_start() + length(files);
    let text = match &found {
        Ok(()) => "opens".to_owned(),
        Err(error) => format!("{error}").chars().take(160).collect(),
    };
    println!(
        "{name}: {:.2} MB, {} MiB, {:.2} s: {text}",
        length(files) as f64 / 1e6,
        held >> 20,
        seconds::of_thread() - began
    );
    (held, found)
}

/// Bytes of files, with their names.
fn length(files: &Files) -> usize {
    let bytes = |(name, bytes): &(String, Vec<u8>)| name.len() + bytes.len();
    files.iter().map(bytes).sum()
}

/// Files whose frames share long headers: twice as many frames are twice the work, whatever they share.
#[test]
fn what_frames_share_is_read_once() {
    let names = [
        "dicom-tables-times-frames",
        "dicom-regions-times-frames",
        "dicom-frames-of-two-files-in-turn",
        "work-shared-groups-times-frames",
        "work-root-numbers-times-frames",
        "work-root-elements-times-frames",
        "work-regions-times-frames",
    ];
    for name in names {
        let (_, _, files) = cases::all().find(|(known, ..)| *known == name).unwrap();
        let files = files();
        let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        // As many frames as any of these has.
        let limits = Limits {
            max_steps: steps(bytes, 65_536, files.len()),
            ..Limits::default()
        };
        assert_eq!(open_within(&files, &limits), Ok(()), "{name}");
    }
}

/// Most steps of files without anything that is compared each with each: so many for each byte, frame and file. Found by
/// counting those of the cases above, and doubled.
fn steps(bytes: usize, frames: usize, files: usize) -> u64 {
    (4 * bytes + 300 * frames + 20_000 * files) as u64
}

/// What the page and the command line do with files: they list the scans, open one, show it, and hand it over.
fn open(files: &Files) -> Result<(), Error> {
    open_within(files, &Limits::default())
}

fn open_within(files: &Files, limits: &Limits) -> Result<(), Error> {
    let files: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    let choices = survey(&files, limits)?;
    if choices
        .iter()
        .any(|choice| choice.label.contains("segment"))
    {
        let _ = open_reference(&files, &choices, limits);
    }
    let scan = open_choice(&files, &choices[0], limits)?;
    scan.level_and_width(scan.default_window());
    scan.head_bytes().map(drop)
}
