//! Functions in WebAssembly's relaxed SIMD, whose multiply-and-add is one instruction.
//!
//! A module with such an instruction is refused as a whole where the engine does not know it, so that it
//! can't stand in this module. [`module`] writes it at run time, as a small module of its own. Who knows JavaScript
//! makes an instance of it on this module's memory, puts each of its [`functions`] at its place in this module's
//! table of functions, and says so by [`are_placed`]. Where that can't be done, everything is computed as before.

mod gelu;
mod tile;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, FunctionSection, ImportSection,
    InstructionSink, MemArg, MemoryType, Module, TypeSection, ValType,
};

use super::LANES;
use super::gelu::Gelu;
use super::tile::Tile;

/// Values in a vector.
const VECTOR: usize = LANES / 2;
const VECTOR_BYTES: usize = 16;
const FLOAT_BYTES: usize = 4;

static ARE_PLACED: AtomicBool = AtomicBool::new(false);

/// What the module imports, `[module, name]`: this module's memory.
pub const IMPORT: [&str; 2] = ["env", "memory"];

/// What the module exports, and where in this module's table each belongs: a pointer to a function is its
/// place there.
pub fn functions() -> [(&'static str, u32); 2] {
    let (tile, gelu) = to_be_replaced();
    [
        ("tile", tile as usize as u32),
        ("gelu", gelu as usize as u32),
    ]
}

/// From now on the [`functions`] are used.
pub fn are_placed() {
    ARE_PLACED.store(true, Ordering::Relaxed);
}

pub(super) fn tile() -> Option<Tile> {
    ARE_PLACED
        .load(Ordering::Relaxed)
        .then(|| to_be_replaced().0)
}

pub(super) fn gelu() -> Option<Gelu> {
    ARE_PLACED
        .load(Ordering::Relaxed)
        .then(|| to_be_replaced().1)
}

/// One pointer to each for all who ask: each crate may have its own copy of a function, at its own place.
static FUNCTIONS: (Tile, Gelu) = (no_tile, no_gelu);

/// The compiler is not to know which functions they are: others will be at their places.
fn to_be_replaced() -> (Tile, Gelu) {
    *black_box(&FUNCTIONS)
}

/// What stands at the tile's place before: nobody calls it.
#[allow(unsafe_code, reason = "it has the signature of a tile")]
unsafe extern "C" fn no_tile(
    _: *const f32,
    _: usize,
    _: *const f32,
    _: usize,
    _: *mut f32,
    _: usize,
    _: usize,
) {
    unreachable!("the tile of relaxed SIMD is not at its place");
}

/// What stands at GELU's place before: nobody calls it.
#[allow(unsafe_code, reason = "it has the signature of the other")]
unsafe extern "C" fn no_gelu(_: *mut f32, _: usize, _: *const f32) {
    unreachable!("the GELU of relaxed SIMD is not at its place");
}

/// A module with the [`functions`], on an imported memory. WebAssembly's binary form.
pub fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    let memory = MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import(IMPORT[0], IMPORT[1], EntityType::Memory(memory));
    let (mut functions, mut exports) = (FunctionSection::new(), ExportSection::new());
    let mut code = CodeSection::new();
    let bodies = [
        (tile::PARAMETERS, tile::body()),
        (gelu::PARAMETERS, gelu::body()),
    ];
    for (i, ((name, _), (parameters, body))) in (0..).zip(self::functions().iter().zip(bodies)) {
        types
            .ty()
            .function(vec![ValType::I32; parameters as usize], []);
        functions.function(i);
        exports.export(name, ExportKind::Func, i);
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module.section(&exports).section(&code);
    module.finish()
}

fn at(offset: usize) -> MemArg {
    MemArg {
        offset: offset as u64,
        align: 2,
        target: Default::default(),
        ordering: None,
    }
}

fn advance(code: &mut InstructionSink<'_>, pointer: u32, bytes: usize) {
    code.local_get(pointer).i32_const(bytes as i32).i32_add();
    code.local_set(pointer);
}

/// The end of a loop that is gone through once more while `left` is not nothing.
fn again(code: &mut InstructionSink<'_>, left: u32) {
    code.local_get(left).i32_const(1).i32_sub();
    code.local_tee(left).br_if(0).end();
}
