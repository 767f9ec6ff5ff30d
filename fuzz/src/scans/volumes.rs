use boxel_imaging::NamedFile;

use super::dicom::deflated;
use super::files::split;
use super::nifti::gzipped;
use super::{open, take};

/// A file that a header may name, if the fuzzer writes its name.
const PART: &str = "b.raw";

/// The input is flags, and a header with what follows it. It is opened as it is, with its numbers deflated by us, because
/// a fuzzer doesn't find a sound stream, or with a second file, which stands behind a separator.
fn volume(mut input: &[u8], start: &[u8], end_of_header: &[u8]) {
    let [flags] = take(&mut input);
    let mut files = split(input);
    let first = files.next().unwrap_or_default();
    let part = files.next();
    let mut bytes = [start, first].concat();
    let end = bytes
        .windows(end_of_header.len())
        .position(|window| window == end_of_header);
    if let (1, Some(end)) = (flags & 3, end) {
        let numbers = bytes.split_off(end + end_of_header.len());
        bytes.extend(gzipped(&numbers));
    }
    let bytes = if flags & 3 == 2 {
        gzipped(&bytes)
    } else {
        bytes
    };
    let part = match flags & 4 {
        0 => part.unwrap_or_default().to_vec(),
        _ => deflated(part.unwrap_or_default()),
    };
    let named = |name, bytes| NamedFile { name, bytes };
    open(&[named("a", &bytes), named(PART, &part)]);
}

/// The input is flags and an NRRD behind its magic number.
pub fn nrrd(input: &[u8]) {
    volume(input, b"NRRD0004\n", b"\n\n");
}

/// The input is flags and a MetaImage behind its first line.
pub fn metaimage(input: &[u8]) {
    volume(input, b"ObjectType = Image\nNDims = 3\n", b"= LOCAL\n");
}

/// The input is flags and an MGH behind its version.
pub fn mgh(input: &[u8]) {
    // Its numbers are never deflated alone.
    volume(input, &1i32.to_be_bytes(), &[0xff; 64]);
}
