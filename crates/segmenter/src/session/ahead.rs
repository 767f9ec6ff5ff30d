//! Slices that other encoders work on before the session needs them.
//!
//! They wait outside the cache of embeddings, and enter it when the session would have finished encoding them itself. So
//! the cache holds the same embeddings as without other encoders, and so do the masks and reviews that depend on it.

use boxel_imaging::{Placement, PropagationLimits, RgbImage8, prepare};

use super::Session;
use super::open_scan::OpenScan;
use super::propagation::Direction;
use crate::checkpoint::Model;
use crate::embed::{Embedder, Embedding};
use crate::encoder::EmbedProgress;
use crate::error::Error;
use crate::rendering::Rendering;

/// A slice for another encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Lent {
    /// Identifies the slice to [`Session::take_encoded`]; never used again.
    pub ticket: u32,
    /// The model's input, `[3, S, S]`.
    pub input: Vec<f32>,
}

/// Slices that other encoders work on, and those that are ready before they are needed.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    lent: Vec<(u32, Rendering, Placement)>,
    ready: Vec<(Rendering, Embedding)>,
    /// A slice that the session itself encodes early.
    own: Option<(Rendering, Embedder)>,
}

impl Ahead {
    pub fn is_lent(&self, rendering: &Rendering) -> bool {
        self.lent.iter().any(|(_, of, _)| of == rendering)
    }

    pub fn has(&self, rendering: &Rendering) -> bool {
        self.ready.iter().any(|(of, _)| of == rendering)
    }

    /// Removes an embedding that is ready.
    pub fn take(&mut self, rendering: &Rendering) -> Option<Embedding> {
        let place = self.ready.iter().position(|(of, _)| of == rendering)?;
        Some(self.ready.remove(place).1)
    }

    /// Removes the session's own early encoding of a slice, which is then needed.
    pub fn take_own(&mut self, rendering: &Rendering) -> Option<Embedder> {
        let own = self.own.take_if(|(of, _)| of == rendering)?;
        Some(own.1)
    }

    /// The number of embeddings that are ready, and their size on the device.
    pub fn memory(&self) -> (usize, u64) {
        let bytes = self.ready.iter().map(|(_, embedding)| embedding.bytes());
        (self.ready.len(), bytes.sum())
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn holds(&self, rendering: &Rendering) -> bool {
        let is_own = self.own.as_ref().is_some_and(|(of, _)| of == rendering);
        is_own || self.is_lent(rendering) || self.has(rendering)
    }

    /// Drops what is not wanted any more.
    fn keep_only(&mut self, wanted: &[Rendering]) {
        self.lent.retain(|(_, of, _)| wanted.contains(of));
        self.ready.retain(|(of, _)| wanted.contains(of));
        self.own.take_if(|(of, _)| !wanted.contains(of));
    }
}

impl Session {
    /// Hands out a slice that the propagation will need if no mask ends it early, or a neighbour of the encoded slice that
    /// the user is likely to need; at most `window` slices are handed out, encoded early or kept at a time. `None` if all
    /// of them are, or without weights or scan.
    pub fn lend(&mut self, window: usize) -> Option<Lent> {
        let ticket = self.next_ticket;
        let (model, scan) = self.model_and_scan().ok()?;
        let (rendering, image) = scan.next_ahead(window)?;
        let prepared = prepare(model.kind().recipe(), &image);
        let lent = (ticket, rendering, prepared.placement);
        scan.inference.ahead.lent.push(lent);
        self.next_ticket += 1;
        Some(Lent {
            ticket,
            input: prepared.input,
        })
    }

    /// Drops what was lent or encoded early and is not among the next `window` slices any more.
    pub fn drop_unwanted(&mut self, window: usize) {
        if let Some(scan) = &mut self.scan {
            let (wanted, _) = scan.wanted_ahead(window);
            scan.drop_unwanted(wanted);
        }
    }

    /// Whether the session still wants a slice that it has lent.
    pub fn is_lent(&self, ticket: u32) -> bool {
        let scan = self.scan.as_ref();
        scan.is_some_and(|scan| {
            let mut lent = scan.inference.ahead.lent.iter();
            lent.any(|(each, ..)| *each == ticket)
        })
    }

    /// The ticket of the slice that the model sees, if it is lent.
    pub fn ticket_of_shown(&self) -> Option<u32> {
        let scan = self.scan.as_ref()?;
        let seen = scan.model_rendering();
        let mut lent = scan.inference.ahead.lent.iter();
        lent.find(|(_, of, _)| *of == seen).map(|(each, ..)| *each)
    }

    /// Takes a lent slice's embedding, as [`Encoding::finish`](crate::Encoding::finish) returns it. Does nothing if the slice is not wanted any more.
    ///
    /// # Errors
    ///
    /// [`Error::Values`] if the number of values is not the model's; the slice is then no longer lent.
    pub fn take_encoded(&mut self, ticket: u32, values: Vec<f32>) -> Result<(), Error> {
        let Ok((model, scan)) = self.model_and_scan() else {
            return Ok(());
        };
        let ahead = &mut scan.inference.ahead;
        let Some(place) = ahead.lent.iter().position(|(each, ..)| *each == ticket) else {
            return Ok(());
        };
        let (_, rendering, placement) = ahead.lent.remove(place);
        let embedding = Embedding::of_values(model, values, placement)?;
        ahead.ready.push((rendering, embedding));
        Ok(())
    }

    /// Takes a slice back from an encoder that has failed. The session encodes it, or lends it again.
    pub fn take_back(&mut self, ticket: u32) {
        if let Some(scan) = &mut self.scan {
            let lent = &mut scan.inference.ahead.lent;
            lent.retain(|(each, ..)| *each != ticket);
        }
    }

    /// Encodes one step of a slice that the propagation will need later, to be called while it waits for a lent one.
    /// `None` if there is no such slice among the next `window` ones.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without weights or scan; [`Error::DeviceFailed`].
    pub async fn encode_ahead(&mut self, window: usize) -> Result<Option<EmbedProgress>, Error> {
        let (model, scan) = self.model_and_scan()?;
        scan.encode_ahead(model, window).await
    }
}

impl OpenScan {
    /// The slices that are worth encoding now, the first one first, and whether the propagation needs them.
    fn wanted_ahead(&self, window: usize) -> (Vec<Rendering>, bool) {
        if self.inference.propagation.is_some() {
            return (self.coming(window), true);
        }
        let seen = self.model_rendering();
        if !self.scan.grid().is_volume() || !self.inference.embeddings.has(&seen) {
            return (Vec::new(), false);
        }
        let mut masks = self.objects.values();
        let has_mask =
            masks.any(|object| object.plane() == seen.plane && object.slice(seen.slice).is_some());
        // An object may be propagated both ways; without one, the user may scroll on.
        let directions = match has_mask {
            true => vec![Direction::Up, Direction::Down],
            false => self.heading.into_iter().collect(),
        };
        let count = seen.slice_plane(&self.scan).slices();
        let slices = directions
            .into_iter()
            .filter_map(|direction| direction.next(seen.slice, count));
        let wanted = slices.map(|slice| Rendering { slice, ..seen });
        (wanted.take(window).collect(), false)
    }

    fn drop_unwanted(&mut self, mut wanted: Vec<Rendering>) {
        // A neighbour that the user has scrolled to is needed now.
        wanted.push(self.model_rendering());
        self.inference.ahead.keep_only(&wanted);
    }

    /// The first wanted slice that nothing encodes yet, with its image.
    fn next_ahead(&mut self, window: usize) -> Option<(Rendering, RgbImage8)> {
        let (wanted, is_propagating) = self.wanted_ahead(window);
        self.drop_unwanted(wanted.clone());
        let inference = &mut self.inference;
        for rendering in wanted {
            let held = inference.embeddings.has(&rendering)
                || inference.ahead.holds(&rendering)
                || inference.is_encoding(&rendering);
            if held {
                continue;
            }
            let image = rendering.image(&self.scan);
            match PropagationLimits::is_uniform(&image) {
                false => return Some((rendering, image)),
                // The propagation ends there.
                true if is_propagating => return None,
                true => {}
            }
        }
        None
    }

    async fn encode_ahead(
        &mut self,
        model: &Model,
        window: usize,
    ) -> Result<Option<EmbedProgress>, Error> {
        if self.inference.ahead.own.is_none() {
            let Some((rendering, image)) = self.next_ahead(window) else {
                return Ok(None);
            };
            self.inference.ahead.own = Some((rendering, Embedder::new(model, &image)?));
        }
        let Some((rendering, mut embedder)) = self.inference.ahead.own.take() else {
            return Ok(None);
        };
        let progress = embedder.step().await?;
        match embedder.embedding() {
            Some(embedding) => self.inference.ahead.ready.push((rendering, embedding)),
            None => self.inference.ahead.own = Some((rendering, embedder)),
        }
        Ok(Some(progress))
    }
}
