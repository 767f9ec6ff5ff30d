/// A fault in coded JPEG data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::open) enum Fault {
    /// The bytes end too early, or a marker comes too early.
    Truncated,
    /// The content is invalid, with the reason for the user.
    Damaged(&'static str),
}
