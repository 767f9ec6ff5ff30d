//! NRRD, MetaImage and MGH: what is unpacked, text, and names of other files.

use super::{Case, Opens, Refused};
use crate::bombs::archives::{gzip, zip};
use crate::bombs::{Files, alone};

pub const CASES: &[Case] = &[
    ("nrrd-gzipped-of-440-mib", Opens, || {
        alone(nrrd(
            "gzip",
            "512 512 880",
            "short",
            &gzip(&vec![0; 880 << 19]),
        ))
    }),
    ("nrrd-gzipped-of-512-mib", Refused, || {
        alone(nrrd(
            "gzip",
            "512 512 1024",
            "short",
            &gzip(&vec![0; 1 << 29]),
        ))
    }),
    ("zip-of-a-nrrd", Opens, || {
        let whole = nrrd("raw", "512 512 800", "short", &vec![0; 800 << 19]);
        alone(zip(&[("a.nrrd".to_owned(), whole)]))
    }),
    ("mgz-of-440-mib", Opens, || {
        let mut bytes: Vec<u8> = [1, 512, 512, 880, 1, 4, 0]
            .into_iter()
            .flat_map(i32::to_be_bytes)
            .collect();
        bytes.resize(284 + (880 << 19), 0);
        alone(gzip(&bytes))
    }),
    ("nrrd-of-text", Opens, || {
        let text = b"0 ".repeat(9_500_000);
        alone(nrrd("text", "2000 2375 2", "double", &text))
    }),
    ("nrrd-of-gzipped-text", Opens, || {
        let text = b"0 ".repeat(20_000_000);
        alone(gzip(&nrrd("text", "2000 2000 5", "double", &text)))
    }),
    ("nrrd-bytes-to-skip", Refused, || {
        let skipped = "gzip\nbyte skip: 4000000000";
        alone(nrrd(skipped, "2 2 1", "short", &gzip(&vec![0; 1 << 30])))
    }),
    ("nrrd-of-many-channels", Opens, || {
        let bytes = vec![0; 4096 * 4000];
        let file = nrrd("raw", "4096 20 200", "uchar", &bytes);
        let text = String::from_utf8_lossy(&file[..100]).replace("kinds: domain", "kinds: list");
        alone([text.as_bytes(), &file[100..]].concat())
    }),
    ("nrrd-of-many-segments", Opens, || {
        let segments: String = (0..30_000)
            .map(|at| format!("Segment{at}_Name:=a{at}\n"))
            .collect();
        let lines = format!("raw\n{segments}");
        alone(nrrd(lines.trim_end(), "2 2 2", "short", &[0; 16]))
    }),
    ("work-names-times-headers", Opens, || {
        let parts = (1..=15_000).map(|at| (format!("{at}.raw"), vec![7]));
        let header = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 10 10 150\nencoding: raw\ndata file: %d.raw 1 15000 1\n";
        let headers = (0..5_000).map(|at| (format!("{at}.nhdr"), header.as_bytes().to_vec()));
        parts.chain(headers).collect::<Files>()
    }),
    ("work-one-file-many-times", Opens, || {
        let names = "a.raw\n".repeat(10_000);
        let header = format!(
            "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 100 100 10000\nencoding: raw\ndata file: LIST\n{names}"
        );
        let mut files = vec![
            ("a.nhdr".to_owned(), header.into_bytes()),
            ("a.raw".to_owned(), vec![7; 10_000]),
        ];
        files.extend((0..10_000).map(|at| (format!("{at}.txt"), Vec::new())));
        files
    }),
];

/// A file of these numbers.
pub fn nrrd(encoding: &str, sizes: &str, kind: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "NRRD0004\ntype: {kind}\ndimension: 3\nsizes: {sizes}\nkinds: domain domain domain\nspacings: 1 1 1\nendian: little\n\
         encoding: {encoding}\n\n"
    );
    [head.as_bytes(), bytes].concat()
}
