//! Problems of a file, before its name and size are added.

use crate::error::Error;
use crate::format::Format;
use crate::open::budget::{Budget, Spent};
use crate::open::jpeg::fault::Fault;

/// A problem found while reading; [`Problem::error`] turns it into an error for the user.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Problem {
    /// The bytes end too early.
    Truncated,
    /// The content is invalid; the reason completes a sentence about the file.
    Damaged(String),
    /// Not supported: the subject of a sentence that ends in "can't be opened".
    Unsupported(String),
    /// So many bytes of voxels, or of an inflated data set, which are more than the limits allow.
    TooMuchMemory(u64),
    /// An error that is already complete.
    Error(Error),
}

impl Problem {
    pub fn damaged(reason: impl Into<String>) -> Problem {
        Problem::Damaged(reason.into())
    }

    pub fn error(self, bytes: usize, budget: &Budget) -> Error {
        let format = Format::Dicom;
        match self {
            Problem::Truncated => Error::Truncated { format, bytes },
            Problem::Damaged(reason) => Error::Damaged { format, reason },
            Problem::Unsupported(what) => Error::Unsupported { what },
            Problem::TooMuchMemory(needed_bytes) => Error::TooMuchMemory {
                format,
                needed_bytes,
                max_bytes: budget.limits().max_bytes,
            },
            Problem::Error(error) => error,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        Problem::Error(error)
    }
}

impl From<Spent> for Problem {
    fn from(spent: Spent) -> Problem {
        Problem::Error(spent.error(Format::Dicom))
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        match fault {
            Fault::Truncated => Problem::Truncated,
            Fault::Damaged(reason) => Problem::damaged(reason),
        }
    }
}
