//! Archives and NIfTI files: what is unpacked, and the scan.

use super::{Case, Opens, Refused};
use crate::bombs::archives::{gzip, nifti, nifti_header, zip};
use crate::bombs::dicom::{Image, long, text};
use crate::bombs::{Files, alone, several};

pub const CASES: &[Case] = &[
    ("nifti-4096-volumes-in-500-files", Refused, || {
        let header = nifti_header([5, 2, 2, 2, 4096, 1, 1, 1], 2, 8);
        several(500, |_| header.clone())
    }),
    ("nifti-gzipped-of-440-mib", Opens, || {
        alone(gzip(&nifti([3, 512, 512, 880, 1, 1, 1, 1], 4, 16)))
    }),
    ("nifti-gzipped-of-500-mib", Opens, || {
        alone(gzip(&nifti([3, 512, 512, 1000, 1, 1, 1, 1], 4, 16)))
    }),
    ("zip-of-a-nifti", Opens, || {
        zip_of(nifti([3, 512, 512, 600, 1, 1, 1, 1], 4, 16))
    }),
    ("nifti-gzipped-of-512-mib", Refused, || {
        alone(gzip(&nifti([3, 512, 512, 1024, 1, 1, 1, 1], 4, 16)))
    }),
    ("zip-of-a-series", Opens, || {
        let slice = |at: usize| {
            let image = Image {
                size: [512, 512],
                allocated: 16,
                ..Image::new(1)
            };
            let place = format!("0\\0\\{at}");
            image.with(text((0x20, 0x32), "DS", &place)).file()
        };
        let slices = (0..800).map(|at| (format!("{at}.dcm"), slice(at)));
        alone(zip(&slices.collect::<Vec<_>>()))
    }),
    ("zip-of-a-large-file", Opens, || {
        let image = Image {
            size: [512, 512],
            allocated: 16,
            ..Image::new(450)
        };
        alone(zip(&[("1.dcm".to_owned(), image.file())]))
    }),
    ("zip-of-many-files", Opens, || {
        let image = Image {
            size: [100, 100],
            ..Image::new(1)
        };
        let files = (0..19_000).map(|at| {
            let image = image.with_number(at);
            (format!("{at}.dcm"), image.file())
        });
        alone(zip(&files.collect::<Vec<_>>()))
    }),
    ("zip-in-zips", Refused, || {
        let inner = zip(&zip_of_zeros(200 << 20));
        alone(zip(&[
            ("inner.zip".to_owned(), inner.clone()),
            ("other.zip".to_owned(), inner),
        ]))
    }),
    ("zip-of-long-names", Refused, || {
        let names = (0..19_000).map(|at| (long(60_000, at), vec![0]));
        let inner = zip(&names.take(8_000).collect::<Vec<_>>());
        alone(zip(&[("inner.zip".to_owned(), inner)]))
    }),
    ("nifti-of-doubles-shown", Opens, || {
        let mut bytes = nifti_header([3, 512, 512, 200, 1, 1, 1, 1], 64, 64);
        let values = [1.5f64, 2.5, -7.0].map(f64::to_le_bytes);
        let voxels = values.iter().cycle().take(512 * 512 * 200);
        bytes.extend(voxels.flatten());
        alone(gzip(&bytes))
    }),
    ("nifti-of-bytes-shown", Opens, || {
        let mut bytes = nifti_header([3, 512, 512, 1_600, 1, 1, 1, 1], 2, 8);
        bytes.resize(bytes.len() + 512 * 512 * 1_600, 7);
        alone(gzip(&bytes))
    }),
];

fn zip_of(bytes: Vec<u8>) -> Files {
    alone(zip(&[("file.nii".to_owned(), bytes)]))
}

fn zip_of_zeros(count: usize) -> Files {
    vec![("zeros".to_owned(), vec![0; count])]
}
