//! Products on the CPU in WebAssembly's relaxed SIMD, whose multiply-and-add is one instruction.
//!
//! A module with such an instruction is refused as a whole where the engine does not know it, so that it
//! can't stand in this module. [`module`] writes it at run time, as a small module of its own. Who knows JavaScript
//! makes an instance of it on this module's memory, puts its function in this module's table of functions at
//! [`place`], and says so by [`is_placed`]. Where that can't be done, everything is computed as before.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function as Body,
    FunctionSection, ImportSection, InstructionSink, MemArg, MemoryType, Module, TypeSection,
    ValType,
};

use super::LANES;
use super::product::{COLUMNS, ROWS, STEPS, Tile, tile_in_rust};

const VECTOR: usize = LANES / 2;
const VECTORS: usize = COLUMNS / VECTOR;
const VECTOR_BYTES: usize = 16;
const FLOAT_BYTES: usize = 4;

static IS_PLACED: AtomicBool = AtomicBool::new(false);

/// What the module imports, `[module, name]`: this module's memory.
pub const IMPORT: [&str; 2] = ["env", "memory"];
/// What the module exports: the function.
pub const EXPORT: &str = "tile";

/// Where in this module's table the function belongs: a pointer to a function is its place there.
///
/// Until then a slow one with the same result stands there.
pub fn place() -> u32 {
    tile_to_be_replaced() as usize as u32
}

/// From now on products are computed by the function at [`place`].
pub fn is_placed() {
    IS_PLACED.store(true, Ordering::Relaxed);
}

pub(super) fn tile() -> Option<Tile> {
    IS_PLACED.load(Ordering::Relaxed).then(tile_to_be_replaced)
}

/// One pointer for all who ask: each crate may have its own copy of a function, at its own place.
static TILE: Tile = tile_in_rust;

/// The compiler is not to know which function it is: another one will be at its place.
fn tile_to_be_replaced() -> Tile {
    *black_box(&TILE)
}

/// A module with the function, on an imported memory. WebAssembly's binary form.
pub fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; PARAMETERS as usize], []);
    let mut imports = ImportSection::new();
    let memory = MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import(IMPORT[0], IMPORT[1], EntityType::Memory(memory));
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export(EXPORT, ExportKind::Func, 0);
    let mut code = CodeSection::new();
    code.function(&body());
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module.section(&exports).section(&code);
    module.finish()
}

// The parameters of a `Tile`, then the locals.
const X: u32 = 0;
const X_ROW: u32 = 1;
const PANEL: u32 = 2;
const STEPS_LEFT: u32 = 3;
const OUT: u32 = 4;
const OUT_ROW: u32 = 5;
const PARAMETERS: u32 = 6;

/// The pointer into a row of x.
const fn x(row: usize) -> u32 {
    match row {
        0 => X,
        _ => PARAMETERS + row as u32 - 1,
    }
}

/// Zero at first, as all locals.
const fn sum(row: usize, vector: usize) -> u32 {
    PARAMETERS + (ROWS - 1 + row * VECTORS + vector) as u32
}

const fn weight(vector: usize) -> u32 {
    sum(ROWS, vector)
}

const FACTOR: u32 = weight(VECTORS);

fn at(offset: usize) -> MemArg {
    MemArg {
        offset: offset as u64,
        align: 2,
        target: Default::default(),
        ordering: None,
    }
}

fn body() -> Body {
    let vectors = FACTOR - sum(0, 0) + 1;
    let mut body = Body::new([(ROWS as u32 - 1, ValType::I32), (vectors, ValType::V128)]);
    let mut code = body.instructions();
    for row in 1..ROWS {
        code.local_get(x(row - 1)).local_get(X_ROW).i32_add();
        code.local_set(x(row));
    }
    code.loop_(BlockType::Empty);
    for step in 0..STEPS {
        write_step(&mut code, step);
    }
    for row in 0..ROWS {
        advance(&mut code, x(row), STEPS * FLOAT_BYTES);
    }
    advance(&mut code, PANEL, STEPS * VECTORS * VECTOR_BYTES);
    code.local_get(STEPS_LEFT).i32_const(1).i32_sub();
    code.local_tee(STEPS_LEFT).br_if(0).end();
    for row in 0..ROWS {
        write_sums(&mut code, row);
        code.local_get(OUT).local_get(OUT_ROW).i32_add();
        code.local_set(OUT);
    }
    code.end();
    body
}

/// One value of each row, by one row of the panel.
fn write_step(code: &mut InstructionSink<'_>, step: usize) {
    for vector in 0..VECTORS {
        let offset = (step * VECTORS + vector) * VECTOR_BYTES;
        code.local_get(PANEL).v128_load(at(offset));
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

/// Adds a row's sums to what is there.
fn write_sums(code: &mut InstructionSink<'_>, row: usize) {
    for vector in 0..VECTORS {
        let there = at(vector * VECTOR_BYTES);
        code.local_get(OUT).local_get(OUT).v128_load(there);
        code.local_get(sum(row, vector)).f32x4_add();
        code.v128_store(there);
    }
}

fn advance(code: &mut InstructionSink<'_>, pointer: u32, bytes: usize) {
    code.local_get(pointer).i32_const(bytes as i32).i32_add();
    code.local_set(pointer);
}
