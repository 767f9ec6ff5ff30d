//! Fuzzes the readers of untrusted files, guided by coverage (`fuzz/README.md`).

#[path = "../../fuzz/src/corpus.rs"]
mod corpus;

use crate::args::Args;
use crate::{command, project, setup};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// For one target, if nothing else is asked for.
const MINUTES: u64 = 60;
/// Bytes of an input. Longer ones find little more, and take longer.
const MAX_LENGTH: usize = 1 << 16;
/// For one input, in seconds and MiB. The targets' own limits on memory and work are lower (`fuzz/src/scans/mod.rs`);
/// these are for what they don't count.
const MAX_SECONDS: u32 = 30;
const MAX_MEMORY: u32 = 700;
/// A stack as small as a page's would be too small for the fuzzer's own frames.
const STACK_KIB: u32 = 2048;
/// Bytes of a corpus in the repository.
const MAX_CORPUS: usize = 235_000;

/// `cargo xtask fuzz [--minutes N] [TARGET…]`: runs all targets, or the named ones, in turn; then keeps the inputs that
/// reach most of what was reached. With 0 minutes only the latter.
pub fn task(mut args: Args) -> Result<()> {
    let minutes = args.number("--minutes")?.unwrap_or(MINUTES);
    let named = args.rest()?;
    let targets = targets()?;
    if let Some(unknown) = named.iter().find(|name| !targets.contains(name)) {
        bail!(
            "there is no target `{unknown}`; the targets are {}",
            targets.join(", ")
        );
    }
    setup::to_fuzz()?;
    command::run(&mut cargo_fuzz("build", &[])?)?;
    let (mut faults, mut table) = (Vec::new(), vec![HEAD.to_owned()]);
    let chosen = targets
        .iter()
        .filter(|name| named.is_empty() || named.contains(name));
    for target in chosen {
        unpack(target)?;
        if minutes > 0 {
            let ran = run(target, minutes)?;
            table.push(ran.row(target));
            if !ran.is_ok {
                // A corpus with an input that fails can't be minimised.
                faults.push(target.as_str());
                continue;
            }
        }
        minimise(target)?;
    }
    println!("{}", table.join("\n"));
    if !faults.is_empty() {
        bail!(
            "{} stopped at an input, which lies in fuzz/artifacts: mend the reader, and start again",
            faults.join(", ")
        );
    }
    Ok(())
}

const HEAD: &str = "\
| target | CPU seconds | executions | edges |
|---|---|---|---|";

/// The names of all targets, in order.
fn targets() -> Result<Vec<String>> {
    let folder = project::root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into()));
    }
    names.sort();
    Ok(names)
}

/// cargo-fuzz with the project's own compiler: there is hardly any unsafe code that a sanitizer would watch.
fn cargo_fuzz(verb: &str, args: &[&str]) -> Result<Command> {
    let mut cargo = project::cargo(["fuzz", verb, "--sanitizer", "none", "--target-dir"])?;
    cargo.arg(project::target().join("fuzz")).args(args);
    Ok(cargo)
}

/// The inputs of this and all former runs on this machine, a file each.
fn grown(target: &str) -> PathBuf {
    project::target().join("fuzz/corpus").join(target)
}

/// The corpus in the repository.
fn packed(target: &str) -> PathBuf {
    project::root().join(format!("fuzz/corpus/{target}.corpus"))
}

/// Adds the repository's corpus to the inputs on this machine.
fn unpack(target: &str) -> Result<()> {
    let (folder, path) = (grown(target), packed(target));
    fs::create_dir_all(&folder)?;
    if !path.exists() {
        return Ok(()); // A new target.
    }
    let bytes = fs::read(&path)?;
    let inputs = corpus::unpack(&bytes);
    for input in inputs.with_context(|| format!("{} is cut off", path.display()))? {
        let name = format!("{:x}", Sha256::digest(input));
        fs::write(folder.join(name), input)?;
    }
    Ok(())
}

struct Ran {
    is_ok: bool,
    log: String,
}

fn run(target: &str, minutes: u64) -> Result<Ran> {
    let path = project::target().join(format!("fuzz/{target}.log"));
    eprintln!(
        "`{target}` runs for {minutes} minutes; {} shows it",
        path.display()
    );
    let fuzz = cargo_fuzz("run", &[target])?;
    let mut shell = project::program("sh")?;
    // `times` writes the CPU time of the shell and, in the last line, of its children.
    let script = format!("ulimit -s {STACK_KIB}; \"$@\"; code=$?; times; exit $code");
    shell.args(["-c", &script, "sh"]);
    shell.arg(fuzz.get_program()).args(fuzz.get_args());
    shell.arg(grown(target)).arg("--").args([
        format!("-max_total_time={}", 60 * minutes),
        format!("-max_len={MAX_LENGTH}"),
        format!("-timeout={MAX_SECONDS}"),
        format!("-rss_limit_mb={MAX_MEMORY}"),
        "-print_final_stats=1".to_owned(),
    ]);
    let file = File::create(&path)?;
    shell.stdin(Stdio::null());
    shell.stderr(file.try_clone()?).stdout(file);
    let is_ok = shell.status()?.success();
    let log = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    Ok(Ran { is_ok, log })
}

/// Replaces the repository's corpus by the fewest inputs that reach all that the inputs on this machine reach; of those the
/// shortest, as many as fit.
fn minimise(target: &str) -> Result<()> {
    let fewest = grown(target).with_extension("fewest");
    let _ = fs::remove_dir_all(&fewest);
    fs::create_dir_all(&fewest)?;
    let mut merge = cargo_fuzz("run", &[target])?;
    merge.args([&fewest, &grown(target)]);
    // By edges alone: how often each was taken would keep ten times as many.
    merge.args(["--", "-set_cover_merge=1", "-use_counters=0"]);
    merge.arg(format!("-max_len={MAX_LENGTH}"));
    command::run(&mut merge)?;
    let inputs = files(&fewest)?;
    let path = packed(target);
    fs::create_dir_all(path.parent().context("a folder")?)?;
    fs::write(path, corpus::pack(shortest(inputs, MAX_CORPUS)))?;
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = fs::read_dir(folder)?;
    entries.map(|entry| Ok(fs::read(entry?.path())?)).collect()
}

/// The shortest inputs, together of so many bytes at most.
fn shortest(mut inputs: Vec<Vec<u8>>, most: usize) -> Vec<Vec<u8>> {
    inputs.sort_by_key(Vec::len);
    let mut left = most;
    inputs.retain(|input| match left.checked_sub(input.len()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    inputs
}

impl Ran {
    fn row(&self, target: &str) -> String {
        // The last number that is written so.
        let number = |name: &str| {
            let (_, last) = self.log.rsplit_once(name)?;
            let digits = last.trim_start().split(|end: char| !end.is_ascii_digit());
            digits.into_iter().next()?.parse::<u64>().ok()
        };
        let seconds = self.log.lines().last().and_then(seconds);
        let executions = number("stat::number_of_executed_units:");
        let cells = [seconds, executions, number(" cov:")]
            .map(|number| number.map_or("?".to_owned(), |number| number.to_string()));
        format!("| `{target}` | {} |", cells.join(" | "))
    }
}

/// The sum of user and system time, as `times` writes both: `1m2.340s 0m0.560s`.
fn seconds(line: &str) -> Option<u64> {
    let one = |word: &str| {
        let (minutes, seconds) = word.strip_suffix('s')?.split_once('m')?;
        Some(60.0 * minutes.parse::<f64>().ok()? + seconds.parse::<f64>().ok()?)
    };
    let (user, system) = line.split_once(' ')?;
    Some((one(user)? + one(system)?).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_a_row_of_the_table() {
        let log = "#2 INITED cov: 10 ft: 2\n#9 DONE cov: 12 ft: 3\nstat::number_of_executed_units: 9\n\
                   0m0.001s 0m0.002s\n1m2.340s 0m0.560s\n";
        let ran = |log: &str| Ran {
            is_ok: true,
            log: log.to_owned(),
        };
        assert_eq!(ran(log).row("a"), "| `a` | 63 | 9 | 12 |");
        assert_eq!(ran("nothing").row("a"), "| `a` | ? | ? | ? |");
    }

    #[test]
    fn the_shortest_inputs_are_kept_and_come_back() {
        let inputs = [3, 1, 9, 2].map(|length| vec![7; length]).to_vec();
        let kept = shortest(inputs, 6);
        assert_eq!(kept.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 3]);
        let packed = corpus::pack(kept.clone());
        assert_eq!(corpus::unpack(&packed).unwrap(), kept);
        assert!(corpus::unpack(&packed[..packed.len() - 1]).is_none());
    }

    #[test]
    fn each_target_has_a_corpus() {
        for target in targets().unwrap() {
            assert!(packed(&target).exists(), "{target}");
        }
    }
}
