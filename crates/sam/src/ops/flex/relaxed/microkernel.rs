use wasm_encoder::{BlockType, Function as Body, InstructionSink, ValType};

use super::{FLOAT_BYTES, VECTOR, VECTOR_BYTES, advance, again, at};
use crate::ops::flex::microkernel::{COLUMNS, ROWS, UNROLL};

const VECTORS: usize = COLUMNS / VECTOR;

// Locals: first the parameters of a `MicroKernel`.
const X: u32 = 0;
const X_ROW: u32 = 1;
const PANEL: u32 = 2;
const DEPTH: u32 = 3;
const OUT: u32 = 4;
const OUT_ROW: u32 = 5;
const GROUPS_LEFT: u32 = 6;
pub(super) const PARAMETERS: u32 = 7;
const WEIGHTS: u32 = 7;
const STEPS_LEFT: u32 = 8;

/// Pointer into a row of x.
const fn x(row: usize) -> u32 {
    STEPS_LEFT + 1 + row as u32
}

/// Pointer to a row of the result.
const fn out(row: usize) -> u32 {
    x(ROWS) + row as u32
}

const fn sum(row: usize, vector: usize) -> u32 {
    out(ROWS) + (row * VECTORS + vector) as u32
}

const fn weight(vector: usize) -> u32 {
    sum(ROWS, vector)
}

const FACTOR: u32 = weight(VECTORS);

/// A [`MicroKernel`](crate::ops::flex::microkernel::MicroKernel).
pub(super) fn body() -> Body {
    let (pointers, vectors) = (sum(0, 0) - PARAMETERS, FACTOR + 1 - sum(0, 0));
    let mut body = Body::new([(pointers, ValType::I32), (vectors, ValType::V128)]);
    let mut code = body.instructions();
    code.loop_(BlockType::Empty);
    write_rows(&mut code, (X, X_ROW), x);
    write_rows(&mut code, (OUT, OUT_ROW), out);
    load_sums(&mut code);
    code.local_get(PANEL).local_set(WEIGHTS);
    code.local_get(DEPTH).local_set(STEPS_LEFT);
    code.loop_(BlockType::Empty);
    for step in 0..UNROLL {
        write_step(&mut code, step);
    }
    for row in 0..ROWS {
        advance(&mut code, x(row), UNROLL * FLOAT_BYTES);
    }
    advance(&mut code, WEIGHTS, UNROLL * VECTORS * VECTOR_BYTES);
    again(&mut code, STEPS_LEFT);
    store_sums(&mut code);
    again(&mut code, GROUPS_LEFT);
    code.end();
    body
}

/// Sets the pointer to each row, and advances `first` past the last one.
fn write_rows(code: &mut InstructionSink<'_>, (first, bytes): (u32, u32), row: fn(usize) -> u32) {
    for i in 0..ROWS {
        code.local_get(first).local_tee(row(i));
        code.local_get(bytes).i32_add().local_set(first);
    }
}

/// Multiplies one value of each row by one row of the panel.
fn write_step(code: &mut InstructionSink<'_>, step: usize) {
    for vector in 0..VECTORS {
        let offset = (step * VECTORS + vector) * VECTOR_BYTES;
        code.local_get(WEIGHTS).v128_load(at(offset));
        code.local_set(weight(vector));
    }
    for row in 0..ROWS {
        code.local_get(x(row));
        code.v128_load32_splat(at(step * FLOAT_BYTES));
        code.local_set(FACTOR);
        for vector in 0..VECTORS {
            let sum = sum(row, vector);
            code.local_get(FACTOR).local_get(weight(vector));
            code.local_get(sum).f32x4_relaxed_madd().local_set(sum);
        }
    }
}

/// The sums start with the values of the result.
fn load_sums(code: &mut InstructionSink<'_>) {
    for row in 0..ROWS {
        for vector in 0..VECTORS {
            code.local_get(out(row));
            code.v128_load(at(vector * VECTOR_BYTES));
            code.local_set(sum(row, vector));
        }
    }
}

fn store_sums(code: &mut InstructionSink<'_>) {
    for row in 0..ROWS {
        for vector in 0..VECTORS {
            code.local_get(out(row)).local_get(sum(row, vector));
            code.v128_store(at(vector * VECTOR_BYTES));
        }
    }
}
