//! A checkpoint written by PyTorch, compared with the same tensors in safetensors.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use tensor_file::{Format, Limits, TensorFile};

#[test]
fn both_formats_have_the_same_tensors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/sam_tiny");
    let read = |name| fs::read(folder.join(name)).unwrap();
    let (pth, safetensors) = (read("weights.pth"), read("weights.safetensors"));
    let limits = Limits::default();
    let from_pth = TensorFile::read(&pth, &limits).unwrap();
    let from_safetensors = TensorFile::read(&safetensors, &limits).unwrap();
    assert_eq!(from_pth.format(), Format::PyTorch);
    assert_eq!(from_safetensors.format(), Format::Safetensors);
    assert!(from_pth.len() > 180, "{}", from_pth.len());
    assert!(from_pth.iter().eq(&from_safetensors), "the tensors differ");
    let is_borrowed =
        |(_, tensor): (String, tensor_file::Tensor<'_>)| matches!(tensor.bytes, Cow::Borrowed(_));
    assert!(from_pth.into_iter().all(is_borrowed), "a tensor was copied");
}
