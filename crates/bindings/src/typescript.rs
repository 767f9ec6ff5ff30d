//! Generates `typescript/values.d.ts`, the values that cross between the page and the engine, from the Rust types.

use std::collections::BTreeMap;
use std::path::Path;

use boxel_segmenter::imaging::export::SegForm;
use boxel_segmenter::imaging::measure::SliceAreas;
use boxel_segmenter::imaging::{Agreement, Recipe};
use boxel_segmenter::{
    Direction, EmbedProgress, EmbeddingMemory, Overlap, Prompt, PropagationStep, RecordedEdit,
    RecordedResult, ReplayCheck, SaveFormat, SaveOptions, SavedObject, VolumeEdit,
};
use ts_rs::{Config, TS, TypeVisitor};

use crate::engine::{
    Answer, CodedTerm, DeviceInfo, ExportedFile, Lent, LoadedWeights, Measured, ModelInput,
    ObjectSummary, OpenedScan, SharedEncoding, SliceMask, SliceStrokes,
};
use crate::opener::{FileSegments, ListedSegment, OpenedFile};
use crate::weights::WeightsFile;

const HEADER: &str = "\
// The values that cross between the page and the engine. A test of `crates/bindings` generates this file from the Rust
// types; wasm-bindgen adds it to the declarations of `Engine`, `Opener` and the functions. Coordinates are in image space,
// in pixels of the slice. Functions throw `{ code, message }`.
";

/// The declarations of types and of all that they contain, by name.
struct Declarations {
    config: Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Numbers, arrays and the like have no declaration.
        if T::output_path().is_none() {
            return;
        }
        let name = T::ident(&self.config);
        if self.found.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}\n", T::decl(&self.config));
        self.found.insert(name, readable(&declaration));
        T::visit_dependencies(self);
    }
}

/// `ts-rs` does not indent, and breaks lines only for comments.
fn readable(declaration: &str) -> String {
    let declaration = without_links(declaration)
        .replace("`None`", "null")
        .replace("/**\n * ", "/** ")
        .replace("\n */", " */");
    let (mut text, mut line, mut depth, mut brackets) = (String::new(), String::new(), 0, 0);
    let mut end = |line: &mut String, depth: usize| {
        if !line.is_empty() {
            text += &format!("{}{}\n", "  ".repeat(depth), line.trim_end());
        }
        line.clear();
    };
    for original in declaration.lines() {
        if original.starts_with("/**") || original.starts_with(" *") {
            line += original;
            end(&mut line, depth);
            continue;
        }
        for character in original.chars() {
            match character {
                '{' => {
                    line.push('{');
                    end(&mut line, depth);
                    depth += 1;
                }
                '}' => {
                    end(&mut line, depth);
                    depth -= 1;
                    line.push('}');
                }
                ',' if brackets == 0 => {
                    line.push(';');
                    end(&mut line, depth);
                }
                ' ' if line.is_empty() => {}
                other => {
                    match other {
                        '[' | '<' => brackets += 1,
                        ']' | '>' => brackets -= 1,
                        _ => {}
                    }
                    line.push(other);
                }
            }
        }
        end(&mut line, depth);
    }
    text
}

/// Comments without Rust's links.
fn without_links(text: &str) -> String {
    let text = text.replace("[`", "`").replace("`]", "`");
    let mut parts = text.split("(crate::");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.split_once(')');
        text + rest.map_or(part, |(_, rest)| rest)
    })
}

/// All arguments and results of `Engine`, `Opener` and the functions.
fn declarations() -> String {
    let mut types = Declarations {
        config: Config::new().with_large_int("number"),
        found: BTreeMap::new(),
    };
    types.visit::<Agreement>();
    types.visit::<Answer<'static>>();
    types.visit::<CodedTerm>();
    types.visit::<DeviceInfo<'static>>();
    types.visit::<Direction>();
    types.visit::<EmbedProgress>();
    types.visit::<EmbeddingMemory>();
    types.visit::<ExportedFile>();
    types.visit::<FileSegments>();
    types.visit::<Lent>();
    types.visit::<ListedSegment>();
    types.visit::<LoadedWeights>();
    types.visit::<Measured>();
    types.visit::<ModelInput>();
    types.visit::<ObjectSummary<'static>>();
    types.visit::<OpenedFile>();
    types.visit::<OpenedScan<'static>>();
    types.visit::<Overlap>();
    types.visit::<Prompt>();
    types.visit::<PropagationStep>();
    types.visit::<Recipe>();
    types.visit::<RecordedEdit>();
    types.visit::<RecordedResult>();
    types.visit::<ReplayCheck>();
    types.visit::<SaveFormat>();
    types.visit::<SaveOptions>();
    types.visit::<SegForm>();
    types.visit::<SavedObject>();
    types.visit::<SliceAreas>();
    types.visit::<SliceMask<'static>>();
    types.visit::<SharedEncoding>();
    types.visit::<SliceStrokes>();
    types.visit::<VolumeEdit>();
    types.visit::<WeightsFile<'static>>();
    let declarations: Vec<String> = types.found.into_values().collect();
    format!("{HEADER}\n{}", declarations.join("\n"))
}

#[test]
fn the_typescript_values_are_those_of_rust() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("typescript/values.d.ts");
    let (generated, checked_in) = (declarations(), include_str!("../typescript/values.d.ts"));
    if generated != checked_in {
        std::fs::write(&path, generated).unwrap();
        panic!(
            "typescript/values.d.ts differed from the Rust types and is now rewritten; read the changes and commit them"
        );
    }
}
