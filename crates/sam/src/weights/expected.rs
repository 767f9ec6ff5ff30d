//! The names and shapes that a module wants, without making its weights.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// The module's own names, and the shapes that PyTorch has for them.
///
/// Burn's own collector would fill each tensor with random numbers to learn its shape: the whole
/// model once more, at every check.
pub(super) fn shapes<M: Module>(module: &M) -> BTreeMap<String, Vec<usize>> {
    let mut visitor = Shapes::default();
    module.visit(&mut visitor);
    visitor.found
}

#[derive(Default)]
struct Shapes {
    /// Names from the module down, each with the type that it is a part of.
    path: Vec<(String, String)>,
    found: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for Shapes {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.push((name.to_owned(), container_type.to_owned()));
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // A variant's name stands in no file.
        let named = |(_, container): &&(String, String)| !container.starts_with("Enum:");
        let mut names: Vec<&str> = self
            .path
            .iter()
            .filter(named)
            .map(|(n, _)| n.as_str())
            .collect();
        let mut shape = param.lazy_shape().to_vec();
        let container = self.path.last().map_or("", |(_, container)| container);
        let name = names.pop().unwrap_or_default();
        // As burn-store's `PyTorchToBurnAdapter`, the other way around.
        let name = match (container, name) {
            ("Struct:Linear", "weight") => {
                shape.reverse();
                name
            }
            ("Struct:LayerNorm", "gamma") => "weight",
            ("Struct:LayerNorm", "beta") => "bias",
            _ => name,
        };
        names.push(name);
        self.found.insert(names.join("."), shape);
    }
}
