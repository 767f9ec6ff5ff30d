/// Whether a point is on the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointLabel {
    /// On the object.
    Foreground,
    /// Next to the object.
    Background,
}
