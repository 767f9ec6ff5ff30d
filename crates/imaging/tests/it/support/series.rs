//! A CT series whose slices are as large as a test needs, with square pixels.

use std::path::{Path, PathBuf};

use boxel_imaging::export::{NewInstance, Segment};
use boxel_imaging::{
    Error, Limits, NamedFile, Scan, Segment as Opened, open_choice, open_segments, survey,
};

use super::dicom_writer::{Data, Syntax, nth};

pub const INSTANCE: NewInstance<'static> = NewInstance {
    seed: [7; 16],
    date: "20261128",
    time: "120000",
    software_version: "0",
};

/// The files of a CT: 64 × 64 pixels of 0.7 mm, as many as rows because rt-utils mistakes the columns of others for them, and
/// slices at these heights in mm. `turned` rotates it in its plane and tilts it.
pub fn files(heights: &[f64], turned: bool) -> Vec<Vec<u8>> {
    let slices = (1..).zip(heights).map(|(number, &z)| {
        let [axes, at] = match turned {
            false => ["1\\0\\0\\0\\1\\0".to_owned(), format!("-10\\-20\\{z}")],
            // Columns along (0.6, 0.8, 0), rows along (-0.64, 0.48, 0.6); the normal is (0.48, -0.36, 0.8).
            true => [
                "0.6\\0.8\\0\\-0.64\\0.48\\0.6".to_owned(),
                format!("{}\\{}\\{}", 0.48 * z - 10.0, -0.36 * z - 20.0, 0.8 * z),
            ],
        };
        nth(number, z, 1)
            .text(0x0008_0020, "DA", "20261128")
            .text(0x0008_0030, "TM", "120000")
            .text(0x0020_0010, "SH", "1")
            .text(0x0020_0032, "DS", &at)
            .text(0x0020_0037, "DS", &axes)
            .text(0x0028_0030, "DS", "0.7\\0.7")
            .u16(0x0028_0010, 64)
            .u16(0x0028_0011, 64)
            .words(vec![1; 64 * 64])
    });
    slices
        .map(|data: Data| data.file(Syntax::Explicit))
        .collect()
}

/// Heights of slices 2.5 mm apart.
pub fn even(slices: u32) -> Vec<f64> {
    (0..slices).map(|k| 2.5 * f64::from(k) - 7.3).collect()
}

pub fn scan(files: &[Vec<u8>]) -> Scan {
    let files: Vec<_> = files
        .iter()
        .map(|bytes| NamedFile { name: "x", bytes })
        .collect();
    let choices = survey(&files, &Limits::default()).unwrap();
    open_choice(&files, &choices[0], &Limits::default()).unwrap()
}

/// The segments of a file on a scan.
pub fn segments_on(scan: &Scan, bytes: &[u8]) -> Result<Vec<Opened>, Error> {
    let files = [NamedFile { name: "a", bytes }];
    let choices = survey(&files, &Limits::default())?;
    open_segments(
        &files,
        &choices,
        &boxel_imaging::ScanPlace::of(scan),
        |_| true,
        &Limits::default(),
    )
}

/// Whether a colour is what it was, up to the rounding of its file.
pub fn is_near(found: Option<[u8; 3]>, color: [u8; 3]) -> bool {
    let near = |(a, b): (u8, u8)| a.abs_diff(b) <= 1;
    found.is_some_and(|found| found.into_iter().zip(color).all(near))
}

pub fn segment<'a>(
    label: &'a str,
    color: [u8; 3],
    mask: &'a boxel_imaging::VolumeMask,
) -> Segment<'a> {
    Segment::new(label, color, mask)
}

/// A temporary folder of a test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let name = format!("boxel-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above).unwrap();
        }
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
