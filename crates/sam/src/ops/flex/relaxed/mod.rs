//! Functions in WebAssembly's relaxed SIMD, whose multiply-and-add is one instruction.
//!
//! Browsers without relaxed SIMD reject any module that contains it, so these functions cannot be part of this module.
//! They are emitted at run time as a small second module that shares this module's memory, and replace two stubs in
//! this module's function table. If that fails, everything is computed as without them.
//!
//! ```text
//! this module                                  second module, emitted by `module()`
//! ┌───────────────────────────┐                ┌───────────────────────────┐
//! │ memory ───────────────────┼── imported ──▶ │ env.memory                │
//! │ table[slot of microkernel]│ ◀── table.set ─┤ export "microkernel"      │
//! │ table[slot of gelu]       │ ◀── table.set ─┤ export "gelu"             │
//! └───────────────────────────┘                └───────────────────────────┘
//! JavaScript instantiates it on IMPORT, sets each of `slots()`, then calls `set_installed()`.
//! ```

mod gelu;
mod microkernel;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, FunctionSection, ImportSection,
    InstructionSink, MemArg, MemoryType, Module, TypeSection, ValType,
};

use super::LANES;
use super::gelu::Gelu;
use super::microkernel::MicroKernel;

/// Values in a vector.
const VECTOR: usize = LANES / 2;
const VECTOR_BYTES: usize = 16;
const FLOAT_BYTES: usize = 4;

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// The second module's import, `[module, name]`: this module's memory.
pub const IMPORT: [&str; 2] = ["env", "memory"];

/// The second module's exports, each with its slot in this module's function table. A function pointer is its slot.
pub fn slots() -> [(&'static str, u32); 2] {
    let (microkernel, gelu) = stubs();
    [
        ("microkernel", microkernel as usize as u32),
        ("gelu", gelu as usize as u32),
    ]
}

/// Says that all [`slots`] were set. From now on their functions are used.
pub fn set_installed() {
    INSTALLED.store(true, Ordering::Relaxed);
}

/// Whether the functions are installed.
pub(crate) fn installed() -> bool {
    INSTALLED.load(Ordering::Relaxed)
}

pub(super) fn microkernel() -> Option<MicroKernel> {
    installed().then(|| stubs().0)
}

pub(super) fn gelu() -> Option<Gelu> {
    installed().then(|| stubs().1)
}

/// One pointer to each stub for all callers: each crate may have its own copy of a function, in its own slot.
static STUBS: (MicroKernel, Gelu) = (stub_microkernel, stub_gelu);

/// The black box keeps the compiler from calling the stubs directly: their slots will hold other functions.
fn stubs() -> (MicroKernel, Gelu) {
    *black_box(&STUBS)
}

/// Holds the micro-kernel's slot until it is installed; never called.
///
/// # Safety
///
/// None is needed: it panics, and touches no memory.
#[allow(unsafe_code, reason = "it has the signature of a micro-kernel")]
unsafe extern "C" fn stub_microkernel(
    _: *const f32,
    _: usize,
    _: *const f32,
    _: usize,
    _: *mut f32,
    _: usize,
    _: usize,
) {
    unreachable!("the micro-kernel of relaxed SIMD is not installed");
}

/// Holds GELU's slot until it is installed; never called.
///
/// # Safety
///
/// None is needed: it panics, and touches no memory.
#[allow(unsafe_code, reason = "it has the signature of the other")]
unsafe extern "C" fn stub_gelu(_: *mut f32, _: usize, _: *const f32) {
    unreachable!("the GELU of relaxed SIMD is not installed");
}

/// The second module in WebAssembly's binary format: the functions of [`slots`] on an imported memory.
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
        (microkernel::PARAMETERS, microkernel::body()),
        (gelu::PARAMETERS, gelu::body()),
    ];
    for (i, ((name, _), (parameters, body))) in (0..).zip(slots().iter().zip(bodies)) {
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

/// Ends a loop: decrements `left` and repeats while it is not zero.
fn again(code: &mut InstructionSink<'_>, left: u32) {
    code.local_get(left).i32_const(1).i32_sub();
    code.local_tee(left).br_if(0).end();
}
