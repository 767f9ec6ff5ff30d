use std::rc::Rc;

use boxel_segmenter::sam::{Joined, Team, join};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPE: &str = "/** A member of a team of engines that encode one image together; `crates/sam/src/team.rs` says what it does. */
export interface Team {
    members(): number;
    begin(parts: number, values: number): boolean;
    take(): number | undefined;
    give(part: number, offset: number, values: Float32Array): void;
    receive(part: number, offset: number, values: Float32Array): boolean;
    end(): void;
}";

#[wasm_bindgen]
extern "C" {
    /// A member in JavaScript.
    #[wasm_bindgen(typescript_type = "Team")]
    pub type JsTeam;
    #[wasm_bindgen(method)]
    fn members(this: &JsTeam) -> usize;
    #[wasm_bindgen(method)]
    fn begin(this: &JsTeam, parts: usize, values: usize) -> bool;
    #[wasm_bindgen(method)]
    fn take(this: &JsTeam) -> Option<usize>;
    #[wasm_bindgen(method)]
    fn give(this: &JsTeam, part: usize, offset: usize, values: &[f32]);
    #[wasm_bindgen(method)]
    fn receive(this: &JsTeam, part: usize, offset: usize, values: &mut [f32]) -> bool;
    #[wasm_bindgen(method)]
    fn end(this: &JsTeam);
}

struct Member(JsTeam);

impl Team for Member {
    fn members(&self) -> usize {
        self.0.members()
    }

    fn begin(&self, parts: usize, values: usize) -> bool {
        self.0.begin(parts, values)
    }

    fn take(&self) -> Option<usize> {
        self.0.take()
    }

    fn give(&self, part: usize, offset: usize, values: &[f32]) {
        self.0.give(part, offset, values);
    }

    fn receive(&self, part: usize, offset: usize, values: &mut [f32]) -> bool {
        self.0.receive(part, offset, values)
    }

    fn end(&self) {
        self.0.end();
    }
}

/// Makes the engine a member of the team until the result is dropped.
pub fn member_of(team: Option<JsTeam>) -> Option<Joined> {
    team.map(|team| join(Rc::new(Member(team))))
}
