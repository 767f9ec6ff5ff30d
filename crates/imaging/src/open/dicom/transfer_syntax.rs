//! Transfer syntaxes by UID (DICOM PS3.6 annex A).

use super::element::Encoding;

/// How a data set and its pixels are encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TransferSyntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
    /// Explicit VR little-endian, deflated.
    Deflated,
    Rle,
    /// JPEG baseline (process 1), extended (2 and 4) or lossless (14); the codestream tells which.
    Jpeg,
    Jpeg2000,
    JpegLs,
    /// A transfer syntax that is not supported.
    Other {
        uid: String,
    },
}

/// Names of transfer syntaxes that are not supported.
const NAMES: [(&str, &str); 20] = [
    ("1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed"),
    ("1.2.840.10008.1.2.4.52", "JPEG Extended, Arithmetic"),
    ("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection"),
    ("1.2.840.10008.1.2.4.55", "JPEG Full Progression"),
    ("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Lossless"),
    ("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2"),
    ("1.2.840.10008.1.2.4.94", "JPIP Referenced"),
    ("1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate"),
    ("1.2.840.10008.1.2.4.100", "MPEG-2 Main Profile"),
    ("1.2.840.10008.1.2.4.101", "MPEG-2 High Profile"),
    ("1.2.840.10008.1.2.4.102", "MPEG-4 High Profile"),
    ("1.2.840.10008.1.2.4.103", "MPEG-4 BD-compatible"),
    ("1.2.840.10008.1.2.4.107", "HEVC Main Profile"),
    ("1.2.840.10008.1.2.4.108", "HEVC Main 10 Profile"),
    ("1.2.840.10008.1.2.4.110", "JPEG XL Lossless"),
    ("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression"),
    ("1.2.840.10008.1.2.4.112", "JPEG XL"),
    (
        "1.2.840.10008.1.2.4.201",
        "High-Throughput JPEG 2000 Lossless",
    ),
    ("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 RPCL"),
    ("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"),
];

impl TransferSyntax {
    pub fn of_uid(uid: &str) -> TransferSyntax {
        match uid {
            "1.2.840.10008.1.2" => TransferSyntax::ImplicitLittle,
            "1.2.840.10008.1.2.1" => TransferSyntax::ExplicitLittle,
            "1.2.840.10008.1.2.1.99" => TransferSyntax::Deflated,
            "1.2.840.10008.1.2.2" => TransferSyntax::ExplicitBig,
            "1.2.840.10008.1.2.5" => TransferSyntax::Rle,
            "1.2.840.10008.1.2.4.50"
            | "1.2.840.10008.1.2.4.51"
            | "1.2.840.10008.1.2.4.57"
            | "1.2.840.10008.1.2.4.70" => TransferSyntax::Jpeg,
            "1.2.840.10008.1.2.4.80" | "1.2.840.10008.1.2.4.81" => TransferSyntax::JpegLs,
            "1.2.840.10008.1.2.4.90" | "1.2.840.10008.1.2.4.91" => TransferSyntax::Jpeg2000,
            _ => TransferSyntax::Other {
                uid: uid.to_owned(),
            },
        }
    }

    /// A transfer syntax for a data set that names none.
    pub fn of_encoding(encoding: Encoding) -> TransferSyntax {
        match (encoding.explicit, encoding.big_endian) {
            (_, true) => TransferSyntax::ExplicitBig,
            (true, false) => TransferSyntax::ExplicitLittle,
            (false, false) => TransferSyntax::ImplicitLittle,
        }
    }

    /// Whether samples are stored uncompressed.
    pub fn is_native(&self) -> bool {
        use TransferSyntax::{Deflated, ExplicitBig, ExplicitLittle, ImplicitLittle};
        matches!(
            self,
            ImplicitLittle | ExplicitLittle | ExplicitBig | Deflated
        )
    }

    /// Encoding of the data set's elements.
    pub fn encoding(&self) -> Encoding {
        match self {
            TransferSyntax::ImplicitLittle => Encoding::IMPLICIT,
            TransferSyntax::ExplicitBig => Encoding::EXPLICIT_BIG,
            _ => Encoding::EXPLICIT,
        }
    }
}

/// Name and UID, for the user.
pub(super) fn describe(uid: &str) -> String {
    match NAMES.iter().find(|(known, _)| *known == uid) {
        Some((_, name)) => format!("{name}, {uid}"),
        None => uid.to_owned(),
    }
}
