use boxel_segmenter::sam::relaxed_simd::{IMPORT, module, set_installed, slots};
use js_sys::{Function, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};

/// Uses relaxed SIMD on the CPU if the browser has it; otherwise changes nothing.
pub fn use_relaxed_simd() {
    if install().is_ok() {
        set_installed();
    }
}

/// Fails if the browser rejects the module.
fn install() -> Result<(), JsValue> {
    let [from, name] = IMPORT;
    let (imports, memory) = (Object::new(), Object::new());
    Reflect::set(&memory, &name.into(), &wasm_bindgen::memory())?;
    Reflect::set(&imports, &from.into(), &memory)?;
    let module = WebAssembly::Module::new(&Uint8Array::from(module().as_slice()))?;
    let instance = WebAssembly::Instance::new(&module, &imports)?;
    let table: WebAssembly::Table = wasm_bindgen::function_table().dyn_into()?;
    for (name, slot) in slots() {
        let function: Function = Reflect::get(&instance.exports(), &name.into())?.dyn_into()?;
        table.set(slot, &function)?;
    }
    Ok(())
}
