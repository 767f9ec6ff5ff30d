use wasm_encoder::{BlockType, Function as Body, InstructionSink, ValType};

use super::{FLOAT_BYTES, VECTOR_BYTES, advance, again, at};
use crate::ops::flex::gelu::{CONSTANTS, P, Q};

// Locals: first the parameters of a `Gelu`.
const VALUES: u32 = 0;
const VECTORS_LEFT: u32 = 1;
const TABLE: u32 = 2;
pub(super) const PARAMETERS: u32 = 3;

/// The local of a constant, in the order of the table.
const fn constant(index: usize) -> u32 {
    PARAMETERS + index as u32
}

const LAST: u32 = constant(0);
const FIRST: u32 = constant(1);
const HALF: u32 = constant(2);
const ONE: u32 = constant(3);
const SIGN: u32 = constant(4);
const OF_P: usize = 5;
const OF_Q: usize = OF_P + P.len();

const X: u32 = constant(CONSTANTS);
const Z: u32 = X + 1;
const U: u32 = X + 2;
const ERF: u32 = X + 3;

/// A [`Gelu`](crate::ops::flex::gelu::Gelu) that computes what `gelu_in_rust` does.
pub(super) fn body() -> Body {
    let mut body = Body::new([(ERF + 1 - PARAMETERS, ValType::V128)]);
    let mut code = body.instructions();
    // Loaded from memory, so that the engine keeps them in registers: it would rebuild known ones in every iteration.
    for index in 0..CONSTANTS {
        code.local_get(TABLE)
            .v128_load32_splat(at(index * FLOAT_BYTES));
        code.local_set(constant(index));
    }
    code.loop_(BlockType::Empty);
    code.local_get(VALUES).v128_load(at(0)).local_tee(X);
    code.local_get(FIRST).f32x4_relaxed_max();
    code.local_get(LAST).f32x4_relaxed_min().local_tee(Z);
    code.local_get(Z).f32x4_mul().local_set(U);
    polynomial(&mut code, OF_P, P.len());
    code.local_get(Z).f32x4_mul();
    polynomial(&mut code, OF_Q, Q.len());
    code.f32x4_div().local_set(ERF);
    // The fraction inside the fitted range; beyond it 1 with the sign of x.
    code.local_get(ERF);
    code.local_get(X).local_get(SIGN).v128_and();
    code.local_get(ONE).v128_or();
    code.local_get(Z).f32x4_abs().local_get(LAST).f32x4_lt();
    code.i32x4_relaxed_laneselect().local_set(ERF);
    code.local_get(VALUES);
    code.local_get(X).local_get(HALF).f32x4_mul().local_tee(Z);
    code.local_get(ERF).local_get(Z).f32x4_relaxed_madd();
    code.v128_store(at(0));
    advance(&mut code, VALUES, VECTOR_BYTES);
    again(&mut code, VECTORS_LEFT);
    code.end();
    body
}

/// Leaves the value of the polynomial at `U` on the stack.
fn polynomial(code: &mut InstructionSink<'_>, first: usize, count: usize) {
    code.local_get(constant(first + count - 1));
    for index in (0..count - 1).rev() {
        code.local_get(U).local_get(constant(first + index));
        code.f32x4_relaxed_madd();
    }
}
