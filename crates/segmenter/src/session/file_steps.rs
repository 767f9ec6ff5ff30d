//! Reads the steps of a session file, within memory that follows from its length.

use std::fmt;

use boxel_imaging::{EditStep, PropagationRule, Stroke, Window};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Direction;
use super::file::{RecordedPrompt, RecordedStep};
use super::file_limits::MAX_PROMPTS;
use super::recorded_edit::{RecordedEdit, RecordedMask};

/// The fields of all steps. Serde's own reader of tagged enums holds every field in memory before it knows the tag, at 32
/// bytes for each number, also unknown fields.
#[derive(Deserialize)]
struct Fields {
    #[serde(rename = "do")]
    kind: Kind,
    slice: Option<u32>,
    window: Option<Window>,
    prompts: Option<Prompts>,
    from: Option<u32>,
    directions: Option<Vec<Direction>>,
    until: Option<[u32; 2]>,
    range: Option<u32>,
    rule: Option<PropagationRule>,
    strokes: Option<Vec<Stroke>>,
    edit: Option<EditStep>,
    other: Option<RecordedMask>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Load,
    Prompt,
    Propagate,
    #[serde(rename = "take_back")]
    DiscardPropagation,
    Unmark,
    Edit,
    EditVolume,
}

impl<'de> Deserialize<'de> for RecordedStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn needed<T, E: Error>(field: Option<T>, name: &'static str) -> Result<T, E> {
            field.ok_or_else(|| E::missing_field(name))
        }
        let fields = Fields::deserialize(deserializer)?;
        let slice = || needed(fields.slice, "slice");
        let window = || needed(fields.window, "window");
        Ok(match fields.kind {
            Kind::Load => RecordedStep::Load,
            Kind::Prompt => RecordedStep::Prompt {
                slice: slice()?,
                window: window()?,
                prompts: needed(fields.prompts, "prompts")?.0,
            },
            Kind::Propagate => RecordedStep::Propagate {
                from: needed(fields.from, "from")?,
                window: window()?,
                directions: needed(fields.directions, "directions")?,
                until: fields.until,
                range: fields.range,
                rule: fields.rule.unwrap_or(PropagationRule::NextBox),
            },
            Kind::DiscardPropagation => RecordedStep::DiscardPropagation,
            Kind::Unmark => RecordedStep::Unmark { slice: slice()? },
            Kind::Edit => RecordedStep::Edit {
                slice: slice()?,
                strokes: needed(fields.strokes, "strokes")?,
            },
            Kind::EditVolume => {
                let edit = needed(fields.edit, "edit")?;
                let other = match edit.other() {
                    Some(_) => Some(needed(fields.other, "other")?),
                    None => None,
                };
                RecordedStep::EditVolume(Box::new(RecordedEdit { edit, other }))
            }
        })
    }
}

/// A prompt without fields takes three bytes in the file and many times that in memory, so their number is limited while
/// they are read.
struct Prompts(Vec<RecordedPrompt>);

impl<'de> Deserialize<'de> for Prompts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Limited;
        impl<'de> Visitor<'de> for Limited {
            type Value = Prompts;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of prompts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Prompts, A::Error> {
                let mut prompts = Vec::new();
                while let Some(prompt) = list.next_element()? {
                    prompts.push(prompt);
                    if prompts.len() > MAX_PROMPTS {
                        return Err(A::Error::custom(format_args!(
                            "a slice has more than {MAX_PROMPTS} prompts, which is the limit; check which program wrote it"
                        )));
                    }
                }
                Ok(Prompts(prompts))
            }
        }
        deserializer.deserialize_seq(Limited)
    }
}
