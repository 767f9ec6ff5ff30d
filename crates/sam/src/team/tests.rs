//! Threads as the members of a team: the embedding is that of one engine.

use super::{Team, join};
use crate::{ImageEncoder, ImageEncoderConfig, TinyVitConfig, VitConfig};
use burn::tensor::{Device, Distribution, Tensor};
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// A product of few rows is left to Burn, which rounds differently; such rows are in parts of these small maps only.
const ROUNDING: f32 = 1e-5;

#[derive(Default)]
struct Board {
    /// The map whose parts are being taken, and its next part.
    taking: (usize, usize),
    /// By map and part.
    given: HashMap<(usize, usize), Vec<f32>>,
    /// Whether a member has died.
    has_lost_one: bool,
}

/// A member in a thread.
struct Member {
    board: Arc<(Mutex<Board>, Condvar)>,
    members: usize,
    /// The current map, counted from 1, and its number of parts.
    map: Mutex<(usize, usize)>,
    /// Dies when it has taken this many parts.
    dies_after: Option<Mutex<usize>>,
}

impl Team for Member {
    fn members(&self) -> usize {
        self.members
    }

    fn begin(&self, parts: usize, _: usize) -> bool {
        let mut map = self.map.lock().unwrap();
        *map = (map.0 + 1, parts);
        true
    }

    fn take(&self) -> Option<usize> {
        let (map, parts) = *self.map.lock().unwrap();
        let mut board = self.board.0.lock().unwrap();
        if board.taking.0 < map {
            board.taking = (map, 0);
        }
        let part = board.taking.1;
        if board.taking.0 > map || part >= parts {
            return None;
        }
        board.taking.1 += 1;
        if let Some(left) = &self.dies_after {
            let mut left = left.lock().unwrap();
            if *left == 0 {
                board.has_lost_one = true;
                self.board.1.notify_all();
                drop(board);
                std::panic::resume_unwind(Box::new("dies"));
            }
            *left -= 1;
        }
        Some(part)
    }

    fn give(&self, part: usize, _: usize, values: &[f32]) {
        let (map, _) = *self.map.lock().unwrap();
        let mut board = self.board.0.lock().unwrap();
        board.given.insert((map, part), values.to_vec());
        self.board.1.notify_all();
    }

    fn receive(&self, part: usize, _: usize, values: &mut [f32]) -> bool {
        let (map, _) = *self.map.lock().unwrap();
        let mut board = self.board.0.lock().unwrap();
        loop {
            if let Some(given) = board.given.get(&(map, part)) {
                values.copy_from_slice(given);
                return true;
            }
            if board.has_lost_one {
                return false;
            }
            board = self.board.1.wait(board).unwrap();
        }
    }

    fn end(&self) {}
}

/// The embedding by one engine, and by each member of a team that does not die.
fn embed(config: &ImageEncoderConfig, members: usize, dies_after: Option<usize>) -> Vec<Vec<f32>> {
    let device = Device::flex();
    let encoder = config.init(&device);
    let side = match config {
        ImageEncoderConfig::TinyVit(config) => config.image_size,
        ImageEncoderConfig::Vit(config) => config.image_size,
    };
    let image = Tensor::random([1, 3, side, side], Distribution::Normal(0.0, 1.0), &device);
    let values = |encoder: &ImageEncoder, image: Tensor<4>| {
        encoder
            .forward(image)
            .into_data()
            .try_to_vec::<f32>()
            .unwrap()
    };
    let mut found = vec![values(&encoder, image.clone())];
    let board = Arc::<(Mutex<Board>, Condvar)>::default();
    let threads: Vec<_> = (0..members)
        .map(|i| {
            let (encoder, image, board) = (encoder.clone(), image.clone(), board.clone());
            thread::spawn(move || {
                let dies = dies_after.filter(|_| i == 1).map(Mutex::new);
                let member = Member {
                    board,
                    members,
                    map: Mutex::default(),
                    dies_after: dies,
                };
                catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let _joined = join(Rc::new(member));
                    values(&encoder, image)
                }))
            })
        })
        .collect();
    for thread in threads {
        found.extend(thread.join().unwrap());
    }
    found
}

/// The largest difference between two values.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn configs() -> [ImageEncoderConfig; 3] {
    // Windows that do not fill the map, an odd number of rows, and both patch embeddings.
    let tiny = |side| {
        TinyVitConfig::new(
            side,
            [32, 32, 64, 64],
            [1, 2, 1, 1],
            [1, 2, 2, 2],
            [7, 7, 5, 7],
            [2, 2, 1],
        )
    };
    let vit = VitConfig::new(144, 32, 3, 2, vec![1]).with_window_size(4);
    [
        ImageEncoderConfig::TinyVit(tiny(36)),
        ImageEncoderConfig::TinyVit(tiny(72).with_patch_stride(2)),
        ImageEncoderConfig::Vit(vit),
    ]
}

#[test]
fn a_team_finds_the_embedding_of_one_engine() {
    for config in configs() {
        for members in [1, 2, 4] {
            let [alone, team @ ..] = &embed(&config, members, None)[..] else {
                panic!("no embedding");
            };
            assert_eq!(team.len(), members);
            for found in team {
                let difference = difference(found, alone);
                assert!(difference < ROUNDING, "{members}: {difference}, {config:?}");
            }
        }
    }
}

#[test]
fn the_others_compute_what_a_member_that_dies_had_taken() {
    for config in configs() {
        for dies_after in [0, 1, 5] {
            let [alone, team @ ..] = &embed(&config, 2, Some(dies_after))[..] else {
                panic!("no embedding");
            };
            // Where it took fewer parts than that, it did not die.
            assert!(!team.is_empty());
            for found in team {
                let difference = difference(found, alone);
                assert!(
                    difference < ROUNDING,
                    "dies after {dies_after}: {difference}, {config:?}"
                );
            }
        }
    }
}
