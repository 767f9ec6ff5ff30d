/// The grey level of a value in [`Window::Sigmoid`](super::Window::Sigmoid): DICOM's `SIGMOID`.
pub(crate) fn sigmoid(level: f64, width: f64) -> impl Fn(f64) -> u8 {
    move |x| (255.0 / (1.0 + (-4.0 * (x - level) / width).exp())) as u8
}
