//! The tile of [`super::product`] in WebAssembly's relaxed SIMD, whose multiply-and-add is one instruction.
//!
//! A module with such an instruction is refused as a whole where the engine does not know it, so that it
//! can't stand in this module: it is written at run time, as a small module on this one's memory, and put in
//! this module's table of functions. Where that fails, everything is computed as before.

use std::hint::black_box;
use std::sync::OnceLock;

use js_sys::{Function, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};
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
const NAME: &str = "tile";

/// The tile, where the engine has relaxed SIMD. It is tried once.
pub(super) fn tile() -> Option<Tile> {
    static TILE: OnceLock<Option<Tile>> = OnceLock::new();
    *TILE.get_or_init(|| {
        // The compiler is not to know which function it is: another one will be at its place.
        let tile: Tile = black_box(tile_in_rust);
        replace(tile).ok().map(|()| tile)
    })
}

/// Puts the written function in the table, at the place of `tile`: a pointer to a function is its place.
fn replace(tile: Tile) -> Result<(), JsValue> {
    let code = Uint8Array::from(module().as_slice());
    let imports = Object::new();
    Reflect::set(&imports, &"env".into(), &env()?.into())?;
    let module = WebAssembly::Module::new(&code)?;
    let instance = WebAssembly::Instance::new(&module, &imports)?;
    let written: Function = Reflect::get(&instance.exports(), &NAME.into())?.dyn_into()?;
    let table: WebAssembly::Table = wasm_bindgen::function_table().dyn_into()?;
    table.set(tile as usize as u32, &written)
}

fn env() -> Result<Object, JsValue> {
    let env = Object::new();
    Reflect::set(&env, &"memory".into(), &wasm_bindgen::memory())?;
    Ok(env)
}

/// A module with the function, on an imported memory.
fn module() -> Vec<u8> {
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
    imports.import("env", "memory", EntityType::Memory(memory));
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export(NAME, ExportKind::Func, 0);
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
