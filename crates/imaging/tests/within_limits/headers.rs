//! DICOM headers at random.

use boxel_imaging::{Error, Limits};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::bombs::Files;
use crate::bombs::dicom::*;
use crate::cases::{many, regions_of, spacing};
use crate::{MAX_BYTES, MAX_INPUT, open_within, peak, steps};

/// A DICOM file at random.
#[derive(Debug, Clone)]
struct Header {
    frames: u32,
    /// Characters of each text.
    texts: usize,
    regions: usize,
    /// Groups of all frames and of each frame: which of [`groups`].
    shared: Vec<(usize, usize)>,
    own: Vec<(usize, usize)>,
    is_deflated: bool,
}

fn header() -> impl Strategy<Value = Header> {
    let groups = || vec((0..8usize, 0..40usize), 0..5);
    let sizes = prop_oneof![0..20usize, 900..1100usize];
    let frames = prop_oneof![1..4u32, 1000..3000u32, 20_000..65_536u32];
    (
        frames,
        sizes,
        0..200usize,
        groups(),
        groups(),
        any::<bool>(),
    )
        .prop_map(
            |(frames, texts, regions, shared, own, is_deflated)| Header {
                frames,
                texts,
                regions,
                shared,
                own,
                is_deflated,
            },
        )
}

/// Functional groups: each with a few numbers, or with lists and texts of a length.
fn groups(which: &[(usize, usize)], frame: u32, texts: usize) -> Vec<u8> {
    let group = |&(kind, count): &(usize, usize)| match kind {
        0 => position(f64::from(frame) * count as f64),
        1 => orientation(AXIAL),
        2 => spacing(),
        3 => sequence(
            (0x28, 0x9132),
            &[text((0x28, 0x1055), "LO", &long(texts, count))],
        ),
        4 => {
            let table = [
                element((0x28, 0x3002), "US", &[1, 0, 0, 0, 8, 0]),
                text((0x28, 0x3003), "LO", &long(texts, count)),
                element((0x28, 0x3006), "OW", &[1, 0]),
            ];
            sequence(
                (0x28, 0x9132),
                &[sequence((0x28, 0x3010), &vec![table.concat(); count])],
            )
        }
        5 => sequence(
            (0x18, 0x9226),
            &[text((8, 0x9007), "CS", &long(texts, count))],
        ),
        6 => {
            let index = (frame % (count as u32 + 1)).to_le_bytes();
            sequence((0x20, 0x9111), &[element((0x20, 0x9128), "UL", &index)])
        }
        _ => sequence((0x28, 0x9145), &[many(count as u32 * 100)]),
    };
    which.iter().flat_map(group).collect()
}

impl Header {
    /// The file, and how long its data set is.
    fn file(&self, seed: usize) -> (Vec<u8>, usize) {
        // As long as one file may be, whatever each frame says.
        let most = 4_000_000 / groups(&self.own, 1, self.texts).len().max(1);
        let frames = self.frames.min(most as u32).max(1);
        let mut image = wordy(frames, seed)
            .with(text((8, 8), "CS", &long(self.texts, seed)))
            .with(sequence(
                (0x5200, 0x9229),
                &[groups(&self.shared, 0, self.texts)],
            ));
        if self.regions > 0 {
            image = image.with(regions_of(self.regions));
        }
        if !self.own.is_empty() {
            let own = (0..frames).map(|frame| groups(&self.own, frame, self.texts));
            image = image.with(sequence((0x5200, 0x9230), &own.collect::<Vec<_>>()));
        }
        let data = image.data_set();
        let syntax = if self.is_deflated { DEFLATED } else { EXPLICIT };
        (file(syntax, &data), data.len())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn headers_at_random_keep_the_limits(headers in vec(header(), 1..6), copies in 1..16usize) {
        let (mut files, mut bytes, mut frames, mut input) = (Files::new(), 0, 0, 0);
        for (seed, header) in headers.iter().cycle().take(headers.len() * copies).enumerate() {
            let (file, length) = header.file(seed);
            if input + file.len() > MAX_INPUT {
                break;
            }
            input += file.len();
            bytes += length;
            frames += header.frames as usize;
            files.push((format!("{seed}.dcm"), file));
        }
        // Inflated twice, and read to list the scans and to compare copies.
        let limits = Limits {
            max_steps: steps(4 * bytes, 4 * frames, 4 * files.len()),
            ..Limits::default()
        };
        peak::start();
        let found = open_within(&files, &limits);
        let held = peak::since_start() + input;
        prop_assert!(held <= MAX_BYTES, "{} MiB", held >> 20);
        prop_assert!(!matches!(found, Err(Error::TooMuchWork { .. })), "{found:?}");
        prop_assert!(found.err().is_none_or(|error| error.code() != "internal"));
    }
}
