//! The errors of this crate, worded for the person whose file or box it is.

use crate::format::Format;

/// An error of this crate.
///
/// The text names the offending value and what to do about it; [`Error::code`] is for programs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file has no bytes.
    #[error(
        "the file is empty (0 bytes); choose a DICOM, NIfTI, NRRD, MetaImage, MGH, PNG, JPEG, BMP or TIFF file"
    )]
    EmptyFile,
    /// The header describes an image without pixels.
    #[error("the image has no pixels: its size is {width}x{height}")]
    NoPixels {
        /// Width in the header, in pixels.
        width: u32,
        /// Height in the header, in pixels.
        height: u32,
    },
    /// The first bytes belong to no known format, whatever the file's name.
    #[error(
        "the file is not an image: it begins with {start}; choose a DICOM, NIfTI, NRRD, MetaImage, MGH, PNG, JPEG, BMP or TIFF file"
    )]
    UnknownFormat {
        /// The first bytes of the file: as text if printable, otherwise in hexadecimal.
        start: String,
    },
    /// The format is known, but the content is invalid.
    #[error("the {format} file is damaged ({reason}); save or export it again")]
    Damaged {
        /// Format by magic number.
        format: Format,
        /// The decoder's reason.
        reason: String,
    },
    /// The file stops before the image does.
    #[error("the {format} file ends too early, after {bytes} bytes; copy or download it again")]
    Truncated {
        /// Format by magic number.
        format: Format,
        /// Length of the file, in bytes.
        bytes: usize,
    },
    /// The header gives a size above the [`Limits`](crate::Limits).
    #[error(
        "the image is {width}x{height} pixels; the limit is {max_side} pixels a side and \
         {max_pixels} pixels in all; crop it or scale it down"
    )]
    TooLarge {
        /// Width in the header, in pixels.
        width: u32,
        /// Height in the header, in pixels.
        height: u32,
        /// Maximum side, in pixels.
        max_side: u32,
        /// Maximum number of pixels, width times height.
        max_pixels: u64,
    },
    /// Decoding needs more memory than the [`Limits`](crate::Limits) allow.
    #[error(
        "the {format} file needs {} MiB of memory or more to be opened, and the limit is {} MiB; save it without metadata, \
         or scale it down",
        mib(*needed_bytes),
        max_bytes >> 20
    )]
    TooMuchMemory {
        /// Format by magic number.
        format: Format,
        /// What would be held at once, in bytes, as far as it was read.
        needed_bytes: u64,
        /// The limit, in bytes.
        max_bytes: u64,
    },
    /// Reading takes more steps than the [`Limits`](crate::Limits) allow: no file of a scanner or a program is so.
    #[error(
        "the {format} file takes too long to read, because of the way it is built; save or export it again"
    )]
    TooMuchWork {
        /// Format by magic number.
        format: Format,
    },
    /// All values are NaN or infinite.
    #[error(
        "none of the {count} values of the {format} file is a finite number; export it again, or choose another file"
    )]
    NoFiniteValue {
        /// Format by magic number.
        format: Format,
        /// Number of values.
        count: u64,
    },
    /// A known format, or a variant of one, that is not supported.
    #[error(
        "{what} can't be opened; export it without compression, or as a PNG or TIFF with 8 or 16 \
         bits a sample"
    )]
    Unsupported {
        /// The format or the variant, as the subject of a sentence.
        what: String,
    },
    /// A ZIP or gzip file that can't be unpacked.
    #[error("{what} can't be opened: {reason}")]
    Archive {
        /// `a ZIP archive`, or `a gzipped file`.
        what: &'static str,
        /// Why, and what to do instead.
        reason: String,
    },
    /// A ZIP or gzip with a file that is more than the [`Limits`](crate::Limits) allow.
    #[error(
        "{what} unpacks to {} MiB or more, and the limit is {} MiB; unpack it and open the files in it",
        mib(*needed_bytes),
        max_bytes >> 20
    )]
    ArchiveTooLarge {
        /// `a ZIP archive`, or `a gzipped file`.
        what: &'static str,
        /// What would be held at once, in bytes, as far as it was read.
        needed_bytes: u64,
        /// The limit, in bytes.
        max_bytes: u64,
    },
    /// A panic in a decoder: a bug of this program or of a library, not of the caller.
    #[error(
        "reading the file stopped unexpectedly ({reason}); the file may be damaged: save or export it \
         again, or in another format"
    )]
    ReaderStopped {
        /// The panic's message.
        reason: String,
    },
    /// A DICOM object that is not an image.
    #[error("the DICOM file holds no image: it is {what}; choose the files of an image series")]
    NoImage {
        /// The kind of object, such as `a structured report`, and its SOP Class UID.
        what: String,
    },
    /// A volume of an unsupported number type.
    #[error(
        "a {format} file with {what} can't be opened; convert it to whole numbers or \
         floating-point numbers of at most 64 bits"
    )]
    UnsupportedVoxels {
        /// Format by magic number.
        format: Format,
        /// The number type and its code.
        what: String,
    },
    /// A header whose voxels are in other files, of which one is missing.
    #[error(
        "the {format} header has its voxels in {}", parts(*format)
    )]
    PartMissing {
        /// Format of the header.
        format: Format,
    },
    /// The corners of a box are NaN or infinite, or enclose no area.
    #[error(
        "the box ({x0}, {y0}, {x1}, {y1}) is invalid: {reason}; give left, top, right, bottom in \
         pixels of the image"
    )]
    BoxInvalid {
        /// Left edge as given, in image pixels.
        x0: f32,
        /// Top edge as given, in image pixels.
        y0: f32,
        /// Right edge as given, in image pixels.
        x1: f32,
        /// Bottom edge as given, in image pixels.
        y1: f32,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// A stroke without a path or a radius, or with a NaN or infinite coordinate.
    #[error(
        "a stroke needs a radius above 0 and a path of numbers; its radius is {radius_px} pixels, its path has {points} points"
    )]
    StrokeInvalid {
        /// Radius as given, in widths of a pixel.
        radius_px: f32,
        /// Number of points of its path.
        points: usize,
    },
    /// The box and the image have no point in common.
    #[error(
        "the box ({x0}, {y0}, {x1}, {y1}) lies outside the image, which is {width}x{height} pixels"
    )]
    BoxOutside {
        /// Left edge as given, in image pixels.
        x0: f32,
        /// Top edge as given, in image pixels.
        y0: f32,
        /// Right edge as given, in image pixels.
        x1: f32,
        /// Bottom edge as given, in image pixels.
        y1: f32,
        /// Width of the image, in pixels.
        width: u32,
        /// Height of the image, in pixels.
        height: u32,
    },
    /// A coordinate of a point is NaN or infinite.
    #[error(
        "the point ({x}, {y}) is invalid: every coordinate must be a finite number; give x and y in \
         pixels of the image"
    )]
    PointInvalid {
        /// To the right, as given, in image pixels.
        x: f32,
        /// Downwards, as given, in image pixels.
        y: f32,
    },
    /// The point is outside the image.
    #[error("the point ({x}, {y}) lies outside the image, which is {width}x{height} pixels")]
    PointOutside {
        /// To the right, as given, in image pixels.
        x: f32,
        /// Downwards, as given, in image pixels.
        y: f32,
        /// Width of the image, in pixels.
        width: u32,
        /// Height of the image, in pixels.
        height: u32,
    },
    /// A buffer's length doesn't match its size: a bug of the calling program.
    #[error("{what} has {got} values where {expected} are expected")]
    Length {
        /// The kind of buffer.
        what: &'static str,
        /// The length that the size requires.
        expected: u64,
        /// The actual length.
        got: u64,
    },
    /// Two images that are combined have different sizes: a bug of the calling program.
    #[error("the sizes differ: {a_width}x{a_height} and {b_width}x{b_height} pixels")]
    SizesDiffer {
        /// Width of the first, in pixels.
        a_width: u32,
        /// Height of the first, in pixels.
        a_height: u32,
        /// Width of the second, in pixels.
        b_width: u32,
        /// Height of the second, in pixels.
        b_height: u32,
    },
    /// Two masks that are combined have different grids.
    #[error(
        "the masks lie on different grids: {a:?} and {b:?} voxels, in different sizes or in different \
         places in the patient; choose one of the same scan"
    )]
    GridsDiffer {
        /// Columns, rows and slices of the first.
        a: [u32; 3],
        /// Columns, rows and slices of the second.
        b: [u32; 3],
    },
    /// A reference's voxels don't coincide with those of the scan that it is compared with.
    #[error(
        "the reference does not lie on the scan's voxels: {differs}; choose one that was made for this \
         scan, or resample it to the scan's grid"
    )]
    ReferenceElsewhere {
        /// What differs, as a sentence about the reference.
        differs: String,
    },
    /// A segmentation does not lie on the scan that it is opened on.
    #[error(
        "the segmentation does not lie on the scan: {differs}; choose one that was made for this scan, or resample it to the \
         scan's grid"
    )]
    SegmentsElsewhere {
        /// What differs, as a sentence about the segmentation.
        differs: String,
    },
    /// Contours do not lie on the slices of the scan that they are opened on.
    #[error(
        "the structures do not lie on the scan: {differs}; choose those that were drawn on this scan"
    )]
    ContoursElsewhere {
        /// What differs, as a sentence about the structures.
        differs: String,
    },
    /// A structure of an RT Structure Set that is no segment.
    #[error(
        "the structure {name:?} can't be opened as a segment: {reason}; export it again, or open the others without it"
    )]
    Structure {
        /// Its name in the file.
        name: String,
        /// What is wrong, as a sentence.
        reason: String,
    },
    /// A segmentation lies in another frame of reference than the scan that it is opened on.
    #[error(
        "the segmentation does not lie on the scan: it names another frame of reference, so that its places in the patient are \
         others; choose one that was made for this scan"
    )]
    OtherFrameOfReference,
    /// A segmentation and its scan name different frames of reference, one of them de-identified, and their geometry differs.
    #[error(
        "the segmentation does not lie on the scan: it names another frame of reference, as de-identified files do, and its \
         geometry is not the scan's either: {differs}; choose one that was made for this scan"
    )]
    OtherGeometry {
        /// What differs, as a sentence about the segmentation.
        differs: String,
    },
    /// A file of masks that is not read.
    #[error("{what} can't be opened as segments: {reason}")]
    MasksUnread {
        /// What it is, such as `a COCO file`.
        what: &'static str,
        /// Why not, and what to do, as a sentence.
        reason: String,
    },
    /// A reference has no labels to compare with.
    #[error(
        "the file has {count} different values besides 0 where 1 to 1000 labels are expected; \
         choose a label map or a mask"
    )]
    NoLabels {
        /// Number of labels, or a lower bound of it.
        count: usize,
    },
    /// A label map has a number that is no label.
    #[error("the file has the label {value}, and labels go up to 65,535; number its segments anew")]
    LabelTooLarge {
        /// The number.
        value: f64,
    },
    /// A reference has a value that is no label.
    #[error(
        "the file has the value {value}, and a label is a finite number; save it as a map of whole numbers"
    )]
    LabelNotFinite {
        /// The value.
        value: f64,
    },
    /// Segments of a reference share voxels, so they don't fit in one label map.
    #[error(
        "segments {a} and {b} of the reference overlap, and a reference has one label for each voxel; save them \
         in files of their own"
    )]
    SegmentsOverlap {
        /// Number of a segment.
        a: u16,
        /// Number of the other segment.
        b: u16,
    },
    /// An edit with numbers that are not possible on the scan.
    #[error("the edit \"{edit}\" is not possible: {reason}")]
    EditInvalid {
        /// Name of the edit, such as `margin`.
        edit: &'static str,
        /// What is not possible, with the value.
        reason: String,
    },
    /// An edit that would take too much memory or time.
    #[error(
        "the edit \"{edit}\" is too large: it has {count} {what}, and the limit is {max}; edit a smaller mask, or in smaller \
         steps"
    )]
    EditTooLarge {
        /// Name of the edit, such as `margin`.
        edit: &'static str,
        /// What there is too much of.
        what: &'static str,
        /// How many there are, or a lower bound of it.
        count: u64,
        /// The limit.
        max: u64,
    },
    /// The caller has cancelled an edit. The mask is as it was.
    #[error("the edit \"{edit}\" was cancelled")]
    EditCancelled {
        /// Name of the edit, such as `margin`.
        edit: &'static str,
    },
    /// A scan was damaged between two workers: a bug of the calling program.
    #[error("the opened scan could not be handed over: {reason}")]
    Transfer {
        /// What is wrong with the bytes.
        reason: String,
    },
    /// A format can't hold the data to be saved.
    #[error("this can't be saved as a {what}: {reason}")]
    ExportUnavailable {
        /// The format.
        what: &'static str,
        /// Why, and what to do instead.
        reason: &'static str,
    },
    /// A file could not be written.
    #[error("the {what} could not be written: {reason}")]
    Encode {
        /// The kind of file.
        what: &'static str,
        /// The encoder's message.
        reason: String,
    },
}

/// What belongs to a header, and what to do about it.
fn parts(format: Format) -> &'static str {
    match format {
        Format::Nrrd => {
            "other files; choose the .nhdr file and the data files that it names together"
        }
        Format::MetaImage => {
            "other files; choose the .mhd file and the .raw or .zraw files that it names together"
        }
        _ => "a second file; choose the .hdr and the .img file of the same name together",
    }
}

/// Whole MiB, rounded up.
fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

impl Error {
    /// A code for programs to match on, which stays the same between versions.
    pub fn code(&self) -> &'static str {
        match self {
            Error::EmptyFile | Error::NoPixels { .. } => "image_empty",
            Error::UnknownFormat { .. } | Error::Damaged { .. } => "image_format",
            Error::Truncated { .. } => "image_truncated",
            Error::TooLarge { .. }
            | Error::TooMuchMemory { .. }
            | Error::TooMuchWork { .. }
            | Error::ArchiveTooLarge { .. } => "image_too_large",
            Error::ReaderStopped { .. } | Error::NoFiniteValue { .. } => "image_damaged",
            Error::Unsupported { .. }
            | Error::UnsupportedVoxels { .. }
            | Error::NoImage { .. }
            | Error::Structure { .. }
            | Error::MasksUnread { .. }
            | Error::Archive { .. } => "image_unsupported",
            Error::PartMissing { .. } => "image_incomplete",
            Error::BoxInvalid { .. } => "box_invalid",
            Error::BoxOutside { .. } => "box_outside",
            Error::StrokeInvalid { .. } => "stroke_invalid",
            Error::PointInvalid { .. } => "point_invalid",
            Error::PointOutside { .. } => "point_outside",
            Error::GridsDiffer { .. }
            | Error::ReferenceElsewhere { .. }
            | Error::ContoursElsewhere { .. }
            | Error::OtherGeometry { .. }
            | Error::OtherFrameOfReference => "grids_differ",
            Error::SegmentsElsewhere { .. } => "segments_elsewhere",
            Error::NoLabels { .. }
            | Error::LabelNotFinite { .. }
            | Error::LabelTooLarge { .. }
            | Error::SegmentsOverlap { .. } => "reference_labels",
            Error::EditInvalid { .. } => "edit_invalid",
            Error::EditTooLarge { .. } => "edit_too_large",
            Error::EditCancelled { .. } => "edit_cancelled",
            Error::ExportUnavailable { .. } => "export_unavailable",
            Error::Length { .. }
            | Error::SizesDiffer { .. }
            | Error::Transfer { .. }
            | Error::Encode { .. } => "internal",
        }
    }
}
