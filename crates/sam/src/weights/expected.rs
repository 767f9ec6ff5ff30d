//! The names and shapes of a module's parameters, without creating its weights.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// The module's own names, with the shapes that PyTorch gives them.
///
/// Burn's own collector would initialise each tensor to learn its shape: the whole model once more, at every check.
pub(super) fn shapes<M: Module>(module: &M) -> BTreeMap<String, Vec<usize>> {
    let mut visitor = Shapes::default();
    module.visit(&mut visitor);
    visitor.found
}

#[derive(Default)]
struct Shapes {
    /// Names from the module down, each with the type that contains it.
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
        // Names of enum variants are not part of keys.
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
        // The inverse of burn-store's `PyTorchToBurnAdapter`.
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
