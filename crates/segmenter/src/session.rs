use std::collections::BTreeMap;

use boxel_imaging::{Format, Limits, Mask, Probability, RgbImage8, Slice, open, window};

use crate::checkpoint::Model;
use crate::embed::{EmbedProgress, Embedder, Embedding};
use crate::error::Error;
use crate::key::ImageKey;
use crate::prompt::{Prompt, Resolved};
use crate::segment::{Segment, segment_prompts};

/// One image on one model: opened, then embedded, then prompted. A step in the wrong order is an
/// [`Error::Order`]; a step that fails leaves what was there before.
#[derive(Debug, Default)]
pub struct Session {
    model: Option<Model>,
    scan: Option<Scan>,
    segments: BTreeMap<u32, Segment>,
    next_id: u32,
}

#[derive(Debug)]
struct Scan {
    key: ImageKey,
    format: Format,
    slice: Slice,
    image: RgbImage8,
    progress: Progress,
}

/// An image that has just been opened.
#[derive(Debug, Clone, Copy)]
pub struct Opened<'a> {
    /// Names it by its content.
    pub key: &'a ImageKey,
    /// What its file was.
    pub format: Format,
    /// As its file held it.
    pub slice: &'a Slice,
    /// As the model's recipe gets it.
    pub image: &'a RgbImage8,
}

#[derive(Debug)]
enum Progress {
    Opened,
    Embedding(Embedder),
    Embedded(Embedding),
}

const NEEDS_IMAGE: Error = Error::Order {
    needs: "open an image",
};
const NEEDS_MODEL: Error = Error::Order {
    needs: "load the weights",
};
const NEEDS_EMBEDDING: Error = Error::Order {
    needs: "embed the image",
};

impl Session {
    /// Uses this model from now on. An image that is open stays, to be embedded anew; what another
    /// model found in it is forgotten.
    pub fn set_model(&mut self, model: Model) {
        self.model = Some(model);
        self.segments.clear();
        self.abandon();
    }

    /// The model, once there is one.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Opens an image file and forgets the one before, with all that was found in it.
    ///
    /// # Errors
    ///
    /// Those of [`boxel_imaging::open`]; then the image before stays.
    pub fn open(&mut self, bytes: &[u8], limits: &Limits) -> Result<Opened<'_>, Error> {
        let format = Format::detect(bytes)?;
        let slice = open(bytes, limits)?;
        let image = window(&slice);
        self.segments.clear();
        let scan = self.scan.insert(Scan {
            key: ImageKey::of(bytes),
            format,
            slice,
            image,
            progress: Progress::Opened,
        });
        Ok(Opened {
            key: &scan.key,
            format: scan.format,
            slice: &scan.slice,
            image: &scan.image,
        })
    }

    /// The open image's key.
    pub fn key(&self) -> Option<&ImageKey> {
        self.scan.as_ref().map(|scan| &scan.key)
    }

    /// The open image as the model's recipe gets it.
    pub fn image(&self) -> Option<&RgbImage8> {
        self.scan.as_ref().map(|scan| &scan.image)
    }

    /// Begins to embed the open image and returns the number of steps.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] without weights or image.
    pub fn begin_embedding(&mut self) -> Result<usize, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let scan = self.scan.as_mut().ok_or(NEEDS_IMAGE)?;
        let embedder = Embedder::new(model, &scan.image);
        let total = embedder.total();
        scan.progress = Progress::Embedding(embedder);
        Ok(total)
    }

    /// Does one step. After the last one the image is embedded.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] where nothing has begun; [`Error::DeviceFailed`], and the image is no
    /// longer being embedded.
    pub async fn embed_step(&mut self) -> Result<EmbedProgress, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let scan = self.scan.as_mut().ok_or(NEEDS_IMAGE)?;
        let Progress::Embedding(embedder) = &mut scan.progress else {
            return Err(NEEDS_EMBEDDING);
        };
        match embedder.step(model).await {
            Ok(progress) => {
                if let Some(embedding) = embedder.embedding() {
                    scan.progress = Progress::Embedded(embedding);
                }
                Ok(progress)
            }
            Err(error) => {
                scan.progress = Progress::Opened;
                Err(error)
            }
        }
    }

    /// Embeds the open image in one go.
    ///
    /// # Errors
    ///
    /// Those of [`Session::begin_embedding`] and [`Session::embed_step`].
    pub async fn embed(&mut self) -> Result<(), Error> {
        for _ in 0..self.begin_embedding()? {
            self.embed_step().await?;
        }
        Ok(())
    }

    /// Gives an embedding up, whether it is finished or not. The image stays open.
    pub fn abandon(&mut self) {
        if let Some(scan) = &mut self.scan {
            scan.progress = Progress::Opened;
        }
    }

    /// Decodes prompts, those of one form in one batch, and keeps what is found. Returns their
    /// numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Order`] before the image is embedded; a prompt that is empty or lies outside the
    /// image, or refines a segment that there isn't; a device that fails. Then nothing is kept.
    pub async fn segment(&mut self, prompts: &[Prompt]) -> Result<Vec<u32>, Error> {
        let model = self.model.as_ref().ok_or(NEEDS_MODEL)?;
        let scan = self.scan.as_ref().ok_or(NEEDS_IMAGE)?;
        let Progress::Embedded(embedding) = &scan.progress else {
            return Err(NEEDS_EMBEDDING);
        };
        let prompts = prompts.iter().map(|prompt| {
            let logits = match prompt.refine {
                Some(id) => Some(self.get(id)?.logits().to_vec()),
                None => None,
            };
            let prompt = prompt.clone().checked(scan.image.size())?;
            Ok(Resolved { prompt, logits })
        });
        let prompts = prompts.collect::<Result<Vec<Resolved>, Error>>()?;
        let segments = segment_prompts(model, embedding, prompts).await?;
        let first = self.next_id;
        for segment in segments {
            self.segments.insert(self.next_id, segment);
            self.next_id += 1;
        }
        Ok((first..self.next_id).collect())
    }

    /// Takes another of the masks that the model offers for a prompt.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`], [`Error::NoSuchCandidate`].
    pub fn choose(&mut self, id: u32, candidate: usize) -> Result<(), Error> {
        let segment = self.segments.get_mut(&id);
        segment
            .ok_or(Error::NoSuchSegment { id })?
            .choose(candidate)
    }

    /// What was found for a prompt, by its number.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`].
    pub fn get(&self, id: u32) -> Result<&Segment, Error> {
        self.segments.get(&id).ok_or(Error::NoSuchSegment { id })
    }

    /// Forgets what was found for a prompt.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`].
    pub fn remove(&mut self, id: u32) -> Result<(), Error> {
        let removed = self.segments.remove(&id);
        removed.map(|_| ()).ok_or(Error::NoSuchSegment { id })
    }

    /// Forgets everything that was found. The image stays embedded.
    pub fn clear(&mut self) {
        self.segments.clear();
    }

    /// The union of masks.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`]; [`Error::Order`] for no mask at all.
    pub fn union(&self, ids: &[u32]) -> Result<Mask, Error> {
        self.merged(ids, |segment| &segment.mask, Mask::union)
    }

    /// The largest probability of each pixel.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSegment`]; [`Error::Order`] for no mask at all.
    pub fn maximum_probability(&self, ids: &[u32]) -> Result<Probability, Error> {
        self.merged(ids, |segment| &segment.probability, Probability::maximum)
    }

    fn merged<T: Clone>(
        &self,
        ids: &[u32],
        part: impl Fn(&Segment) -> &T,
        merge: impl Fn(&T, &T) -> Result<T, boxel_imaging::Error>,
    ) -> Result<T, Error> {
        let (first, rest) = ids.split_first().ok_or(Error::Order {
            needs: "choose a mask",
        })?;
        let mut merged = part(self.get(*first)?).clone();
        for id in rest {
            merged = merge(&merged, part(self.get(*id)?))?;
        }
        Ok(merged)
    }
}
