//! The stages of the tests, and what each runs.

use crate::lint::{self, Lints};
use crate::serve::Host;
use crate::{command, package, project, rules, setup, site, weights};
use anyhow::Result;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

/// A stage of the tests.
#[derive(Clone, Copy)]
pub struct Stage {
    pub name: &'static str,
    pub what: &'static str,
    /// Runs only if it is named.
    pub by_name_only: bool,
    /// Runs at the same time as the stages after it.
    pub runs_beside: bool,
    pub run: fn() -> Result<Outcome>,
}

/// The result of a stage that did not fail.
pub enum Outcome {
    Passed,
    Skipped(String),
}

const WASM: &str = "wasm32-unknown-unknown";

/// All stages, in the order in which they run.
pub const STAGES: [Stage; 13] = [
    Stage {
        name: "check",
        what: "the rules of the repository",
        by_name_only: false,
        runs_beside: false,
        run: check,
    },
    Stage {
        name: "fmt",
        what: "formatting of the code",
        by_name_only: false,
        runs_beside: false,
        run: fmt,
    },
    Stage {
        name: "web",
        what: "types and unit tests of the page's scripts",
        by_name_only: false,
        runs_beside: false,
        run: web,
    },
    Stage {
        name: "wasm",
        what: "the tests in headless Chromium, on its CPU",
        by_name_only: false,
        runs_beside: true,
        run: wasm,
    },
    Stage {
        name: "webgpu",
        what: "the models on WebGPU, in headless Chromium",
        by_name_only: false,
        runs_beside: true,
        run: webgpu,
    },
    Stage {
        name: "clippy",
        what: "lints and documentation, for this machine; what is compiled for wasm is linted then",
        by_name_only: false,
        runs_beside: false,
        run: clippy,
    },
    Stage {
        name: "deny",
        what: "licences and sources of the dependencies",
        by_name_only: false,
        runs_beside: false,
        run: deny,
    },
    Stage {
        name: "advisories",
        what: "known vulnerabilities of the dependencies, from the RustSec database",
        by_name_only: true,
        runs_beside: false,
        run: advisories,
    },
    Stage {
        name: "native",
        what: "the tests of all crates on this machine",
        by_name_only: false,
        runs_beside: false,
        run: native,
    },
    Stage {
        name: "gpu",
        what: "the models on this machine's own GPU, if it has one",
        by_name_only: true,
        runs_beside: false,
        run: gpu,
    },
    Stage {
        name: "features",
        what: "burn-sam with WebGPU alone, and no more dependencies than it needs",
        by_name_only: true,
        runs_beside: false,
        run: features,
    },
    Stage {
        name: "doc",
        what: "the documentation in `target/doc`; its links are checked with the lints",
        by_name_only: true,
        runs_beside: false,
        run: doc,
    },
    Stage {
        name: "page",
        what: "the built page, end to end",
        by_name_only: false,
        runs_beside: false,
        run: page,
    },
];

fn check() -> Result<Outcome> {
    rules::check()?;
    Ok(Outcome::Passed)
}

fn fmt() -> Result<Outcome> {
    pass(&mut project::cargo(["fmt", "--all", "--check"])?)
}

fn clippy() -> Result<Outcome> {
    pass(&mut lint::linted_build()?)
}

/// What is linted for this machine has Flex alone, and what is linted for wasm has both backends, and WebGPU alone with the
/// dependencies of both. This has no more dependencies than WebGPU alone needs, and takes minutes to check them.
fn features() -> Result<Outcome> {
    setup::wasm_target()?;
    let mut check = project::cargo(["check", "--target", WASM, "-p", "burn-sam"])?;
    pass(check.args([
        project::WITHOUT_GPU,
        "--features",
        "webgpu",
        "--all-targets",
    ]))
}

fn doc() -> Result<Outcome> {
    let mut doc = project::cargo(["doc", "--no-deps", "--workspace", project::WITHOUT_GPU])?;
    pass(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn deny() -> Result<Outcome> {
    if let Err(error) = setup::cargo_deny() {
        return Ok(Outcome::Skipped(format!(
            "cannot install cargo-deny: {error:#}"
        )));
    }
    // Without advisories: they change daily, and would fail a build of an old commit for a new reason.
    pass(project::cargo(["deny", "check"])?.args(["licenses", "bans", "sources"]))
}

/// Fails without the network: a check that can't be made did not pass.
fn advisories() -> Result<Outcome> {
    setup::cargo_deny()?;
    pass(project::cargo(["deny", "check"])?.arg("advisories"))
}

fn native() -> Result<Outcome> {
    // Compiling needs the processor, and fetching the other programs the network: both at the same time.
    let (weights, interop) = thread::scope(|scope| {
        let interop = scope.spawn(setup::interop);
        (weights::for_the_tests(), interop.join())
    });
    // Without full precision the tests check the bundled weights only, and say so.
    if let Some(reason) = weights? {
        println!("SKIPPED: {reason}");
    }
    interop.unwrap_or_else(|panic| resume_unwind(panic))?;
    pass(&mut lint::linted(["test", "--workspace"])?)
}

fn gpu() -> Result<Outcome> {
    pass(&mut project::cargo([
        "test",
        "-p",
        "boxel-tests",
        "--test",
        "gpu",
    ])?)
}

/// This build and the page's are both release builds for wasm in the same folder, so Burn is compiled once.
fn wasm() -> Result<Outcome> {
    command::run(&mut browser_engine_tests(&["--no-run"])?)?;
    pass(&mut browser_engine_tests(&[
        "--test", "bindings", "--test", "parity",
    ])?)
}

/// A software adapter compiles the shaders for minutes, on one thread.
fn webgpu() -> Result<Outcome> {
    pass(&mut browser_engine_tests(&["--test", "gpu"])?)
}

fn browser_engine_tests(which: &[&str]) -> Result<Command> {
    setup::to_compile_wasm()?;
    let mut tests = project::cargo(["test", "--release", "-p", "boxel-tests", "--target", WASM])?;
    tests.args(which);
    tests
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env("CHROMEDRIVER", setup::browser()?.driver);
    Lints::On.apply(&mut tests)?;
    Ok(tests)
}

fn web() -> Result<Outcome> {
    setup::node()?;
    setup::node_modules(&browser_tests())?;
    command::run(npm()?.args(["run", "types"]))?;
    setup::to_bundle()?;
    let bundle_tests = format!("{}/bundle.test.mjs", setup::BUNDLE);
    command::run(project::program("node")?.args(["--test", &bundle_tests]))?;
    pass(npm()?.args(["run", "unit"]))
}

fn page() -> Result<Outcome> {
    setup::node()?;
    let browser = setup::browser()?;
    setup::node_modules(&browser_tests())?;
    site::build(Lints::On)?;
    package::assemble(&site::dist())?;
    let mut lint = npm()?;
    lint.args(["run", "package"])
        .env("BOXEL_PACKAGE", package::folder());
    command::run(&mut lint)?;
    let host = Host::start(&site::dist(), "/", Some(0))?;
    let mut playwright = npm()?;
    playwright
        .args(["run", "e2e"])
        .env("BOXEL_URL", &host.address)
        .env("BOXEL_DIST", site::dist())
        .env("BOXEL_PACKAGE", package::folder())
        .env("CHROMIUM", &browser.chromium);
    command::run(&mut playwright)?;
    // Without Firefox its tests report that they are skipped, and how to install it.
    let firefox = setup::firefox().unwrap_or_else(|| "firefox-esr".into());
    let mut second = npm()?;
    second
        .args(["run", "firefox"])
        .env("BOXEL_DIST", site::dist())
        .env("FIREFOX", firefox);
    pass(&mut second)
}

fn pass(command: &mut Command) -> Result<Outcome> {
    command::run(command)?;
    Ok(Outcome::Passed)
}

fn browser_tests() -> PathBuf {
    project::root().join("tests/browser")
}

fn npm() -> Result<Command> {
    let mut npm = project::program("npm")?;
    // Playwright uses the system's Chromium.
    npm.current_dir(browser_tests())
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    Ok(npm)
}
