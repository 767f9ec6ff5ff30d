//! Edits of a mask: interpolated, cleaned, smoothed, grown, painted, and combined with other masks.
//!
//! An [`EditStep`] is one edit with its numbers. It goes from a [`VolumeMask`](crate::VolumeMask) to a new one, on the grid of
//! a scan, and always gives the same mask: what a session file records is enough to repeat it. `docs/editing.md` says which
//! function of SciPy, scikit-image or SimpleITK each one equals, and the tests compare them voxel by voxel.
//!
//! | edit | works on | takes |
//! |---|---|---|
//! | interpolate, smooth, margin | the box around the mask | time that grows with its voxels, not with the radius |
//! | largest, islands, fill holes | runs of voxels | time that grows with the voxels and with the runs |
//! | threshold, grow | the scan's values | time that grows with the voxels |
//! | sphere, lasso, copy, union, subtract, intersect | what they change | |
//!
//! Lengths are in mm along the axes of the grid, which are perpendicular except in a scan with a tilted gantry.
//!
//! ```
//! use boxel_imaging::edit::{Connectivity, EditScene};
//! use boxel_imaging::{About, EditStep, Format, Grid, Rescale, Scan, Source, VolumeMask, Voxels};
//!
//! # fn main() -> Result<(), boxel_imaging::Error> {
//! let (grid, about) = (Grid::image(6, 1), About::new(Format::Png, 8));
//! let stored = Voxels::U8(vec![10, 90, 80, 0, 0, 95]);
//! let scan = Scan::new(grid, stored, vec![Rescale::IDENTITY], about, Source::Raster)?;
//! let steps: Vec<EditStep> = serde_json::from_str(
//!     r#"[{ "threshold_v1": { "range": { "low": 50 } } }, { "largest_v1": { "connectivity": "corners" } }]"#,
//! ).unwrap();
//! let scene = EditScene::new(&scan);
//! let mut mask = VolumeMask::empty(scan.grid());
//! for step in &steps {
//!     mask = step.apply(&mask, &scene)?;
//! }
//! assert_eq!(mask.voxels().collect::<Vec<_>>(), [[1, 0, 0], [2, 0, 0]]);
//! # Ok(())
//! # }
//! ```

mod components;
mod facts;
mod grow;
mod holes;
mod interpolate;
mod job;
mod lasso;
mod margin;
mod millimetres;
mod plane_box;
mod runs;
mod smooth;
mod sphere;
mod step;
mod threshold;

pub use components::MinSize;
pub use runs::Connectivity;
pub use step::{EditScene, EditStep};
pub use threshold::ValueRange;

/// Largest margin, radius or distance of an edit, in mm. A person is shorter than twice that.
pub const MAX_EDIT_MM: f64 = 1000.0;
/// Largest number of points of a lasso, or of a path of the sphere.
pub const MAX_EDIT_POINTS: usize = 100_000;
/// Largest number of voxels that an edit works on at once: some edits take four bytes for each.
pub const MAX_EDIT_VOXELS: u64 = 1 << 29;
/// Largest number of runs of voxels that are connected with each other, at 24 bytes each.
pub const MAX_EDIT_RUNS: u64 = 1 << 25;
/// Largest number of pairs of a voxel and a piece of a path that one stroke of the sphere compares: some seconds.
pub const MAX_SPHERE_TESTS: u64 = 1 << 31;
/// Largest half width of the box that [`EditStep::Smooth`] counts in, in voxels along an axis.
pub const MAX_SMOOTH_VOXELS: u32 = 127;

/// Lengths that differ by less than this part of them are the same: a voxel 3 mm away lies in a margin of 3 mm, though sums
/// of 0.1 mm are not exact.
const SAME_LENGTH: f64 = 1e-9;
