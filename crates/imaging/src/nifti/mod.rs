//! The NIfTI header, which is read when a scan is opened and written when masks are exported.
//!
//! NIfTI-1 and NIfTI-2: R. W. Cox et al., `nifti1.h` and `nifti2.h`, nifti.nimh.nih.gov. ANALYZE 7.5,
//! which NIfTI-1 grew out of: Mayo Clinic, `dbh.h`. What the standard leaves open is done as nibabel
//! does it, since that is what most people's masks are compared in.

mod disagreement;
mod header;
mod itk;
mod layout;
mod orientation;
mod place;

pub(crate) use disagreement::{ITK, TOLD_MM, disagreement, lean_degrees};
pub(crate) use header::{Form, Header, LONGEST_HEADER};
pub(crate) use itk::ItkPlace;
pub(crate) use orientation::Orientation;
pub(crate) use place::{Place, flipped};
