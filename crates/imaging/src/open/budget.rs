//! What reading files may take: memory, counted before it is allocated, and steps of work.
//!
//! One [`Budget`] belongs to one call, [`survey`](super::survey) or [`open_choice`](super::open_choice), and is shared by
//! all readers in it, so that unpacked files, headers, a decoder's buffers and the scan count together.

use std::cell::Cell;

use super::{Limits, NamedFile};
use crate::error::Error;
use crate::format::Format;

/// Inputs up to this length get [`Limits::max_held`] and [`Limits::max_steps`]; for longer ones both grow. An upload of
/// 20 MB is what the limits promise for.
const SMALL_INPUT: u64 = 20_000_000;
/// Bytes that may be held for each byte of input beyond that: an archive unpacks to three times its length as a rule, and
/// its files and the scan are held together. Chosen by hand.
const HELD_PER_BYTE: u64 = 8;
/// Steps for each byte of input beyond that: as many as a small input has.
const STEPS_PER_BYTE: u64 = 32;
/// Memory that isn't counted: lists while they grow, a decoder's tables, names of files. Chosen by hand, above what
/// `tests/within_limits` finds.
const UNCOUNTED: u64 = 8 << 20;

/// Bytes that are inflated in one step.
pub(super) const BYTES_PER_STEP: u64 = 4;

/// What the list of choices may take: it outlives the survey, and is there while one of them is opened.
const MAX_CHOICES_BYTES: u64 = 32 << 20;

/// Memory and work that are left.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    most: u64,
    bytes: Cell<u64>,
    choices: Cell<u64>,
    steps: Cell<u64>,
}

/// What a budget lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spent {
    /// Memory: so much would be held at once.
    Memory { needed_bytes: u64, max_bytes: u64 },
    /// Work.
    Steps,
}

impl Spent {
    /// For the person whose files these are.
    pub fn error(self, format: Format) -> Error {
        match self {
            Spent::Memory {
                needed_bytes,
                max_bytes,
            } => Error::TooMuchMemory {
                format,
                needed_bytes,
                max_bytes,
            },
            Spent::Steps => Error::TooMuchWork { format },
        }
    }
}

impl Budget {
    /// For opening these files.
    pub fn new(files: &[NamedFile<'_>], limits: &Limits) -> Budget {
        let length = files.iter().fold(0u64, |sum, file| {
            sum.saturating_add(file.bytes.len() as u64)
        });
        let beyond = length.saturating_sub(SMALL_INPUT);
        let more = |factor: u64| beyond.saturating_mul(factor);
        let most = limits
            .max_held
            .saturating_sub(UNCOUNTED + length.min(SMALL_INPUT))
            .saturating_add(more(HELD_PER_BYTE));
        Budget {
            limits: *limits,
            most,
            bytes: Cell::new(most),
            choices: Cell::new(0),
            steps: Cell::new(limits.max_steps.saturating_add(more(STEPS_PER_BYTE))),
        }
    }

    /// The limits that hold for each image.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes memory until the guard is dropped. Call it before allocating.
    ///
    /// # Errors
    ///
    /// [`Spent::Memory`] where it is not left.
    pub fn hold(&self, bytes: u64) -> Result<Held<'_>, Spent> {
        self.keep(bytes)?;
        Ok(Held {
            budget: self,
            bytes,
        })
    }

    /// Takes memory for as long as the budget lives.
    ///
    /// # Errors
    ///
    /// As [`Budget::hold`].
    pub fn keep(&self, bytes: u64) -> Result<(), Spent> {
        let left = self.bytes.get();
        match left.checked_sub(bytes) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(Spent::Memory {
                needed_bytes: (self.most - left).saturating_add(bytes),
                max_bytes: self.most,
            }),
        }
    }

    /// Takes memory for a choice, which outlives the budget.
    ///
    /// # Errors
    ///
    /// As [`Budget::hold`]; also above [`MAX_CHOICES_BYTES`].
    pub fn keep_choice(&self, bytes: u64) -> Result<(), Spent> {
        let needed_bytes = self.choices.get().saturating_add(bytes);
        if needed_bytes > MAX_CHOICES_BYTES {
            return Err(Spent::Memory {
                needed_bytes,
                max_bytes: MAX_CHOICES_BYTES,
            });
        }
        self.keep(bytes)?;
        self.choices.set(needed_bytes);
        Ok(())
    }

    /// Memory of the choices.
    pub fn choices_bytes(&self) -> u64 {
        self.choices.get()
    }

    /// Counts work: a step is about 10 ns, such as a comparison, or four bytes inflated.
    pub fn count(&self, steps: u64) {
        self.steps.set(self.steps.get().saturating_sub(steps));
    }

    /// Counts work, and ends it where none is left.
    ///
    /// # Errors
    ///
    /// [`Spent::Steps`].
    pub fn step(&self, steps: u64) -> Result<(), Spent> {
        self.count(steps);
        match self.steps.get() {
            0 => Err(Spent::Steps),
            _ => Ok(()),
        }
    }
}

/// Memory that is taken.
#[derive(Debug)]
pub(super) struct Held<'b> {
    budget: &'b Budget,
    bytes: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let left = &self.budget.bytes;
        left.set(left.get() + self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back_and_a_longer_input_has_more() {
        let limits = Limits::default();
        let budget = Budget::new(&[], &limits);
        let most = limits.max_held - UNCOUNTED;
        let held = budget.hold(most - 5).unwrap();
        let spent = Spent::Memory {
            needed_bytes: most + 2,
            max_bytes: most,
        };
        assert_eq!(budget.keep(7), Err(spent));
        drop(held);
        budget.keep(most).unwrap();
        let bytes = vec![0; SMALL_INPUT as usize + 10];
        let most = |length: usize| {
            let bytes = &bytes[..length];
            Budget::new(&[NamedFile { name: "", bytes }], &limits).most
        };
        let small = SMALL_INPUT as usize;
        assert_eq!(most(1000), limits.max_held - UNCOUNTED - 1000);
        assert_eq!(most(small + 10), most(small) + 80);
    }

    #[test]
    fn choices_count_and_have_a_limit_of_their_own() {
        let budget = Budget::new(&[], &Limits::default());
        budget.keep_choice(MAX_CHOICES_BYTES - 1).unwrap();
        assert!(budget.keep_choice(2).is_err());
        budget.keep_choice(1).unwrap();
        assert_eq!(budget.choices_bytes(), MAX_CHOICES_BYTES);
        assert!(budget.keep(budget.most - MAX_CHOICES_BYTES + 1).is_err());
    }

    #[test]
    fn work_ends() {
        let limits = Limits {
            max_steps: 3,
            ..Limits::default()
        };
        let budget = Budget::new(&[], &limits);
        assert_eq!(budget.step(2), Ok(()));
        assert_eq!(budget.step(2), Err(Spent::Steps));
    }
}
