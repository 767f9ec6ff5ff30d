use serde::Serialize;

use crate::embed::Embedding;
use crate::rendering::Rendering;

/// 64 MiB: 16 slices of a model whose embedding is `[256, 64, 64]` in f32.
pub const DEFAULT_EMBEDDING_BUDGET_BYTES: u64 = 64 << 20;

/// A least-recently-used cache of slices' embeddings, within a budget of device memory.
#[derive(Debug)]
pub(super) struct Embeddings {
    /// The most recently used one is last.
    kept: Vec<(Rendering, Embedding)>,
    budget_bytes: u64,
}

/// The device memory of embeddings: cached ones, and those that other encoders have sent before they are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EmbeddingMemory {
    /// The number of embeddings.
    pub count: usize,
    /// Their size on the device.
    pub bytes: u64,
    /// The largest size of the cached ones; one embedding is kept in any case.
    pub budget_bytes: u64,
}

impl Embeddings {
    pub fn new(budget_bytes: u64) -> Self {
        Self {
            kept: Vec::new(),
            budget_bytes,
        }
    }

    pub fn get(&mut self, rendering: &Rendering) -> Option<Embedding> {
        let place = self.kept.iter().position(|(of, _)| of == rendering)?;
        let found = self.kept.remove(place);
        let embedding = found.1.clone();
        self.kept.push(found);
        Some(embedding)
    }

    /// An embedding, without counting this as a use.
    pub fn peek(&self, rendering: &Rendering) -> Option<&Embedding> {
        let kept = self.kept.iter().find(|(of, _)| of == rendering);
        kept.map(|(_, embedding)| embedding)
    }

    pub fn has(&self, rendering: &Rendering) -> bool {
        self.kept.iter().any(|(of, _)| of == rendering)
    }

    pub fn keep(&mut self, rendering: Rendering, embedding: Embedding) {
        self.kept.retain(|(of, _)| *of != rendering);
        self.kept.push((rendering, embedding));
        self.fit();
    }

    pub fn forget(&mut self, rendering: &Rendering) {
        self.kept.retain(|(of, _)| of != rendering);
    }

    pub fn set_budget(&mut self, bytes: u64) {
        self.budget_bytes = bytes;
        self.fit();
    }

    pub fn memory(&self) -> EmbeddingMemory {
        EmbeddingMemory {
            count: self.kept.len(),
            bytes: self
                .kept
                .iter()
                .map(|(_, embedding)| embedding.bytes())
                .sum(),
            budget_bytes: self.budget_bytes,
        }
    }

    fn fit(&mut self) {
        while self.kept.len() > 1 && self.memory().bytes > self.budget_bytes {
            self.kept.remove(0);
        }
    }
}
