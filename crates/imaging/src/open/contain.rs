//! Limits a decoder's panic to its file.
//!
//! Natively a panic is caught and becomes an error. WebAssembly can't recover from a panic, so the page
//! parses files in a worker that is terminated with it, and opens the others in a new one (`web/open/parser.js`).

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;

/// Runs `read`; a panic becomes [`Error::ReaderStopped`], and its partial results are dropped.
pub(super) fn contained<T>(read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let stopped = |panic: Box<dyn Any + Send>| Error::ReaderStopped {
        reason: message(&*panic),
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| Err(stopped(panic)))
}

/// Runs `read` on several files together. If that panics, each file is tried alone; the files that panic are
/// left out, and their errors are returned with the results of the others.
pub(super) fn contained_in_each<T: Default>(
    files: &[usize],
    read: impl Fn(&[usize]) -> T,
) -> (T, Vec<Error>) {
    let tried = |files: &[usize]| contained(|| Ok(read(files)));
    if let Ok(found) = tried(files) {
        return (found, Vec::new());
    }
    let (mut sound, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        match tried(std::slice::from_ref(file)) {
            Ok(_) => sound.push(*file),
            Err(error) => errors.push(error),
        }
    }
    match tried(&sound) {
        Ok(found) => (found, errors),
        Err(error) => {
            errors.push(error);
            (T::default(), errors)
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no reason was given".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_reason() {
        let side = 7;
        let error = contained(|| -> Result<(), Error> { panic!("a side of {side}") }).unwrap_err();
        let reason = "a side of 7".to_owned();
        assert_eq!(error, Error::ReaderStopped { reason });
        assert_eq!(error.code(), "image_damaged");
        assert_eq!(contained(|| Ok(3)), Ok(3));
        let refused = contained(|| -> Result<(), Error> { Err(Error::EmptyFile) });
        assert_eq!(refused, Err(Error::EmptyFile));
    }

    #[test]
    fn one_of_several_files_takes_no_other_along() {
        let read = |files: &[usize]| {
            assert!(!files.contains(&1), "file 1");
            files.to_vec()
        };
        let (found, errors) = contained_in_each(&[0, 1, 2], read);
        assert_eq!(found, [0, 2]);
        assert!(
            matches!(errors.as_slice(), [Error::ReaderStopped { reason }] if reason == "file 1")
        );
        let (found, errors) = contained_in_each(&[0, 2], read);
        assert_eq!((found, errors.len()), (vec![0, 2], 0));
    }
}
