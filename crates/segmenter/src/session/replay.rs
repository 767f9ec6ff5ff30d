use boxel_imaging::{ImageBox, ImagePoint, PropagationLimits};

use super::propagation::{Direction, Step};
use super::{Rendering, Session};
use crate::error::Error;
use crate::prompt::{PointLabel, Prompt, PromptPoint};
use crate::session_file::{RecordedObject, RecordedPrompt, RecordedStep};

impl Session {
    /// Does for an object what a recorded session did, step by step.
    ///
    /// # Errors
    ///
    /// Those of the steps; then what was done so far stays.
    pub async fn replay(&mut self, object: &RecordedObject) -> Result<(), Error> {
        let (number, plane) = (object.number, object.plane);
        for step in &object.steps {
            match step {
                RecordedStep::Prompt {
                    slice,
                    window,
                    prompts,
                } => {
                    self.show(Rendering {
                        plane,
                        slice: *slice,
                        window: *window,
                    })?;
                    self.replay_chain(number, prompts).await?;
                }
                RecordedStep::Propagate {
                    from,
                    window,
                    directions,
                    until,
                } => {
                    self.show(Rendering {
                        plane,
                        slice: *from,
                        window: *window,
                    })?;
                    for direction in directions {
                        let until = until.map(|[low, high]| match direction {
                            Direction::Up => high,
                            Direction::Down => low,
                        });
                        self.replay_propagation(number, *from, *direction, until)
                            .await?;
                    }
                }
                RecordedStep::TakeBack => self.take_back(number)?,
                RecordedStep::Unmark { slice } => self.unmark(number, *slice)?,
                RecordedStep::Edit { slice, strokes } => {
                    self.edit(number, *slice, strokes.clone())?;
                }
            }
        }
        Ok(())
    }

    async fn replay_chain(&mut self, object: u32, prompts: &[RecordedPrompt]) -> Result<(), Error> {
        self.embed().await?;
        let mut before = None;
        for recorded in prompts {
            let prompt = recorded.prompt(object, before);
            let id = self.segment(&[prompt]).await?.first().copied();
            if let (Some(id), Some(candidate)) = (id, recorded.candidate) {
                self.choose(id, candidate)?;
            }
            before = id;
        }
        Ok(())
    }

    /// One way, to its own end or to a slice.
    async fn replay_propagation(
        &mut self,
        object: u32,
        from: u32,
        direction: Direction,
        until: Option<u32>,
    ) -> Result<(), Error> {
        if until == Some(from) {
            return Ok(());
        }
        self.begin_propagation(object, from, &[direction], PropagationLimits::default())?;
        loop {
            match self.propagation_step().await? {
                Step::Finished => return Ok(()),
                Step::Carried { slice, .. } if Some(slice) == until => {
                    self.abandon_propagation();
                    return Ok(());
                }
                _ => {}
            }
        }
    }
}

impl RecordedPrompt {
    fn prompt(&self, object: u32, refine: Option<u32>) -> Prompt {
        let points = self.points.iter().map(|&(x, y, label)| PromptPoint {
            point: ImagePoint { x, y },
            label: match label {
                0 => PointLabel::Background,
                _ => PointLabel::Foreground,
            },
        });
        Prompt {
            image_box: self
                .image_box
                .map(|[x0, y0, x1, y1]| ImageBox { x0, y0, x1, y1 }),
            points: points.collect(),
            refine,
            refine_carried: self.refine_carried,
            // The file has what the user took.
            take: true,
            multimask: self.multimask,
            object: Some(object),
        }
    }
}
