//! The embeddings of the slices that a propagation needs.

use boxel_imaging::PropagationLimits;

use super::open_scan::OpenScan;
use crate::checkpoint::Model;
use crate::embed::{Embedder, Embedding};
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::rendering::Rendering;

/// A slice that a propagation encodes.
pub(super) type Encoded = Option<(Rendering, Embedder)>;

/// Whether a slice is embedded.
pub(super) enum Embedded {
    Yes(Box<Embedding>),
    No(EmbedProgress),
    /// Another encoder works on it.
    Elsewhere,
    /// The slice has one value everywhere and is not embedded.
    Uniform,
}

impl OpenScan {
    /// Runs one encoder step on a slice, or returns its embedding. `skips_uniform`: a slice that shows nothing is not
    /// encoded.
    pub(super) async fn embedding_of(
        &mut self,
        encoded: &mut Encoded,
        model: &Model,
        rendering: Rendering,
        skips_uniform: bool,
    ) -> Result<Embedded, Error> {
        if let Some(embedding) = self.inference.embedding(&rendering) {
            return Ok(Embedded::Yes(Box::new(embedding)));
        }
        if self.inference.ahead.is_lent(&rendering) {
            return Ok(Embedded::Elsewhere);
        }
        let embedder = match &mut *encoded {
            Some((of, embedder)) if *of == rendering => embedder,
            other => {
                let image = rendering.image(&self.scan);
                if skips_uniform && PropagationLimits::is_uniform(&image) {
                    return Ok(Embedded::Uniform);
                }
                let begun = self.inference.ahead.take_own(&rendering);
                let embedder = match begun {
                    Some(embedder) => embedder,
                    None => Embedder::new(model, &image)?,
                };
                &mut other.insert((rendering, embedder)).1
            }
        };
        let progress = embedder.step().await?;
        if let Some(embedding) = embedder.embedding() {
            self.inference.embeddings.keep(rendering, embedding);
            *encoded = None;
        }
        Ok(Embedded::No(progress))
    }
}
