//! Random sequences of a user's actions on an object, as the page sends them to the engine: in any order, a propagation
//! never changes a slice that the user has touched, and undo restores the same voxels, also of an edit of the volume.
//! No model runs: masks are computed from the prompts.

mod page;

use boxel_imaging::StrokeKind;
use proptest::prelude::*;

use super::propagation::Direction;
use page::Page;

const SIDE: u32 = 12;
const SLICES: u32 = 7;

/// An action of the user.
#[derive(Debug, Clone)]
enum Action {
    /// Draws a box on a slice, or sets a point that refines its mask.
    Prompt {
        slice: u32,
        refines: bool,
    },
    Stroke {
        slice: u32,
        kind: StrokeKind,
        at: [u32; 2],
    },
    /// Removes all strokes of a slice.
    RemoveStrokes {
        slice: u32,
    },
    /// `seed` determines where the masks go and where the propagation ends.
    Propagate {
        directions: Vec<Direction>,
        seed: u32,
        /// The user draws on this slice during the propagation.
        meanwhile: Option<u32>,
    },
    DiscardPropagation,
    /// `seed` determines what the edit leaves on the slices.
    EditVolume {
        slices: Vec<u32>,
        seed: u32,
    },
    /// The prompts are decoded again in another window.
    Window,
    OtherModel,
    Undo,
    Redo,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let slice = || 0..SLICES;
    let kind = prop_oneof![Just(StrokeKind::Paint), Just(StrokeKind::Erase)];
    let at = [0..SIDE, 0..SIDE];
    let directions = prop_oneof![
        Just(vec![Direction::Up]),
        Just(vec![Direction::Down]),
        Just(vec![Direction::Up, Direction::Down]),
    ];
    let meanwhile = proptest::option::weighted(0.3, slice());
    let action = prop_oneof![
        3 => (slice(), any::<bool>()).prop_map(|(slice, refines)| Action::Prompt { slice, refines }),
        4 => (slice(), kind, at).prop_map(|(slice, kind, at)| Action::Stroke { slice, kind, at }),
        1 => slice().prop_map(|slice| Action::RemoveStrokes { slice }),
        4 => (directions, any::<u32>(), meanwhile).prop_map(|(directions, seed, meanwhile)| {
            Action::Propagate { directions, seed, meanwhile }
        }),
        1 => Just(Action::DiscardPropagation),
        3 => (proptest::collection::vec(slice(), 1..5), any::<u32>()).prop_map(|(slices, seed)| {
            Action::EditVolume { slices, seed }
        }),
        1 => Just(Action::Window),
        1 => Just(Action::OtherModel),
        4 => Just(Action::Undo),
        2 => Just(Action::Redo),
    ];
    proptest::collection::vec(action, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slices_that_the_user_touched_stay_the_users_in_any_order(
        is_loaded in any::<bool>(),
        actions in actions(),
    ) {
        let mut page = Page::new(is_loaded);
        for action in &actions {
            page.does(action);
        }
        // Undo everything, then redo it.
        while !page.history.is_empty() {
            page.undo();
        }
        while !page.future.is_empty() {
            page.redo();
        }
    }
}
