use boxel_imaging::{ImageBox, ImagePoint, PropagationLimits};

use super::Session;
use super::file::{RecordedObject, RecordedPrompt, RecordedStep};
use super::propagation::{Direction, PropagationStep};
use super::tracking::DEFAULT_PROPAGATION_RANGE;
use crate::error::Error;
use crate::point_label::PointLabel;
use crate::prompt::{Prompt, PromptPoint};
use crate::rendering::Rendering;

impl Session {
    /// Repeats the recorded steps of an object.
    ///
    /// # Errors
    ///
    /// Those of the steps; then the steps before stay done.
    pub async fn replay(&mut self, object: &RecordedObject) -> Result<(), Error> {
        let (number, plane) = (object.number, object.plane);
        for step in &object.steps {
            match step {
                RecordedStep::Load => self.open_scan_mut()?.load_again(object)?,
                RecordedStep::Prompt {
                    slice,
                    window,
                    prompts,
                } => {
                    self.open_scan_mut()?.show(Rendering {
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
                    range,
                    rule,
                } => {
                    self.open_scan_mut()?.show(Rendering {
                        plane,
                        slice: *from,
                        window: *window,
                    })?;
                    for direction in directions {
                        let until = until.map(|[low, high]| match direction {
                            Direction::Up => high,
                            Direction::Down => low,
                        });
                        let limits = PropagationLimits::with_rule(*rule);
                        self.replay_propagation(number, *from, *direction, until, *range, limits)
                            .await?;
                    }
                }
                RecordedStep::DiscardPropagation => {
                    self.open_scan_mut()?.discard_propagation(number)?;
                }
                RecordedStep::Unmark { slice } => {
                    self.open_scan_mut()?.unmark(number, *slice)?;
                }
                RecordedStep::Edit { slice, strokes } => {
                    self.open_scan_mut()?
                        .edit(number, *slice, strokes.clone())?;
                }
                RecordedStep::EditVolume(recorded) => {
                    self.open_scan_mut()?.replay_edit(number, plane, recorded)?;
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
                self.open_scan_mut()?.choose(id, candidate)?;
            }
            before = id;
        }
        Ok(())
    }

    /// Propagates in one direction to its end or to a slice.
    async fn replay_propagation(
        &mut self,
        object: u32,
        from: u32,
        direction: Direction,
        until: Option<u32>,
        range: Option<u32>,
        limits: PropagationLimits,
    ) -> Result<(), Error> {
        if until == Some(from) {
            return Ok(());
        }
        // Nothing else encodes here, so the propagation never waits.
        self.open_scan_mut()?.abandon_propagation();
        self.begin_propagation_within(
            &[object],
            from,
            &[direction],
            None,
            limits,
            range.unwrap_or(DEFAULT_PROPAGATION_RANGE),
        )?;
        loop {
            match self.propagation_step().await? {
                PropagationStep::Finished => return Ok(()),
                PropagationStep::Propagated { slice, .. } if Some(slice) == until => {
                    self.open_scan_mut()?.abandon_propagation();
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
            polygon: self.polygon.clone(),
            refine,
            refine_propagated: self.refine_propagated,
            // The file records only masks that the user took.
            take: true,
            multimask: self.multimask,
            object: Some(object),
        }
    }
}
