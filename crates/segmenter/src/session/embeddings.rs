use super::rendering::Rendering;
use crate::embed::Embedding;

/// The embeddings of the slices that were looked at last, within a budget of memory on the device.
#[derive(Debug)]
pub(super) struct Embeddings {
    /// The last one was used last.
    kept: Vec<(Rendering, Embedding)>,
    budget_bytes: u64,
}

/// How much memory embeddings take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddingMemory {
    /// How many are kept.
    pub count: usize,
    /// What they take on the device.
    pub bytes: u64,
    /// What they may take; one is kept in any case.
    pub budget_bytes: u64,
}

impl Default for Embeddings {
    /// 64 MiB: 16 slices of a model whose embedding is `[256, 64, 64]`.
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            budget_bytes: 64 << 20,
        }
    }
}

impl Embeddings {
    pub fn get(&mut self, rendering: &Rendering) -> Option<Embedding> {
        let place = self.kept.iter().position(|(of, _)| of == rendering)?;
        let found = self.kept.remove(place);
        let embedding = found.1.clone();
        self.kept.push(found);
        Some(embedding)
    }

    /// An embedding without counting as its use.
    pub fn kept(&self, rendering: &Rendering) -> Option<&Embedding> {
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

    pub fn clear(&mut self) {
        self.kept.clear();
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
