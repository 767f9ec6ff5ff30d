//! The NIfTI header: read when a scan is opened, and written when masks are exported.
//!
//! NIfTI-1 and NIfTI-2: R. W. Cox et al., `nifti1.h` and `nifti2.h`, nifti.nimh.nih.gov. ANALYZE 7.5, from which
//! NIfTI-1 developed: Mayo Clinic, `dbh.h`. Where the standard is ambiguous, this follows nibabel, which most users
//! compare their masks with.

mod disagreement;
mod header;
mod itk;
mod layout;
mod orientation;
mod place;

pub(crate) use disagreement::{ITK, TOLD_MM, disagreement, lean_degrees};
pub(crate) use header::{Form, Header, MAX_HEADER_BYTES};
pub(crate) use itk::ItkPlace;
pub(crate) use orientation::Orientation;
pub(crate) use place::{Place, flipped};
