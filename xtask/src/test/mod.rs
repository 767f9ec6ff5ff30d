//! Runs the tests in stages, quick ones first.

mod stages;

use crate::args::Args;
use crate::command::Background;
use crate::lint;
use anyhow::{Result, bail};
use stages::{Outcome, STAGES, Stage};
use std::process::Command;
use std::time::{Duration, Instant};

/// `cargo xtask test [--keep-going] [STAGE…]`
pub fn task(mut args: Args) -> Result<()> {
    let keep_going = args.flag("--keep-going");
    let chosen = choose(&args.rest()?)?;
    lint::prepare()?;
    let (beside, others): (Vec<_>, Vec<_>) = chosen.iter().partition(|stage| stage.runs_beside);
    let mut report = Report::default();
    let mut background = None;
    for stage in &chosen {
        if stage.runs_beside && !others.is_empty() {
            if background.is_none() {
                background = Some((Background::start(alone(&beside)?), Instant::now()));
            }
            continue;
        }
        eprintln!("\n=== {}: {}", stage.name, stage.what);
        let start = Instant::now();
        let result = (stage.run)();
        report.add(stage.name, &result, start.elapsed());
        if background
            .as_ref()
            .is_some_and(|(command, _)| command.has_ended())
        {
            report.add_background(&beside, background.take());
        }
        if !keep_going && !report.failed.is_empty() {
            break;
        }
    }
    report.add_background(&beside, background);
    println!("\n{}", report.lines.join("\n"));
    if !report.failed.is_empty() {
        bail!("failed: {}", report.failed.join(", "));
    }
    Ok(())
}

/// These stages in a process of their own: their compilers and browsers use what the others leave of the processor.
fn alone(stages: &[&Stage]) -> Result<Command> {
    let mut task = Command::new(lint::itself()?);
    task.arg("test").args(stages.iter().map(|stage| stage.name));
    Ok(task)
}

#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failed: Vec<String>,
}

impl Report {
    fn add(&mut self, name: &str, result: &Result<Outcome>, took: Duration) {
        self.lines.push(line(name, result, took));
        if let Err(error) = result {
            eprintln!("error: {error:#}");
            self.failed.push(name.to_owned());
        }
    }

    /// Waits for the stages that run beside the others, and shows what they wrote, with the time of each.
    fn add_background(&mut self, stages: &[&Stage], started: Option<(Background, Instant)>) {
        let Some((command, start)) = started else {
            return;
        };
        let names: Vec<_> = stages.iter().map(|stage| stage.name).collect();
        eprintln!(
            "\n=== {}: ran at the same time as the others",
            names.join(", ")
        );
        let (result, end) = command.wait();
        let result = result.map(|()| Outcome::Passed);
        self.add(&names.join(", "), &result, end - start);
    }
}

/// The named stages in their usual order; without names, all stages except those that run only by name.
fn choose(names: &[String]) -> Result<Vec<&'static Stage>> {
    let all = STAGES.map(|stage| stage.name).join(", ");
    if let Some(unknown) = names
        .iter()
        .find(|name| !STAGES.iter().any(|stage| stage.name == **name))
    {
        bail!("there is no stage `{unknown}`: the stages are {all}");
    }
    let is_chosen = |stage: &&Stage| match names {
        [] => !stage.by_name_only,
        names => names.iter().any(|name| name == stage.name),
    };
    Ok(STAGES.iter().filter(is_chosen).collect())
}

fn line(name: &str, result: &Result<Outcome>, took: Duration) -> String {
    let seconds = took.as_secs();
    let word = match result {
        Ok(Outcome::Passed) => "passed".to_owned(),
        Ok(Outcome::Skipped(why)) => format!("SKIPPED: {why}"),
        Err(_) => "FAILED".to_owned(),
    };
    format!(
        "  {name:12} {:3} min {:02} s  {word}",
        seconds / 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::{Outcome, choose, line};
    use std::time::Duration;

    fn names(chosen: &[&str]) -> Vec<&'static str> {
        let words: Vec<String> = chosen.iter().map(|name| (*name).to_owned()).collect();
        choose(&words)
            .unwrap()
            .iter()
            .map(|stage| stage.name)
            .collect()
    }

    #[test]
    fn stages_run_in_their_own_order() {
        assert_eq!(names(&["page", "fmt"]), ["fmt", "page"]);
        assert_eq!(names(&[]).len(), super::STAGES.len() - 4);
        let by_name_only = ["advisories", "gpu", "features", "doc"];
        assert!(by_name_only.iter().all(|name| !names(&[]).contains(name)));
        assert_eq!(names(&["gpu"]), ["gpu"]);
        assert!(choose(&["fnt".to_owned()]).is_err());
    }

    #[test]
    fn the_summary_tells_skipped_from_passed() {
        assert_eq!(
            line("wasm", &Ok(Outcome::Passed), Duration::from_secs(61)),
            "  wasm           1 min 01 s  passed"
        );
        assert!(
            line(
                "deny",
                &Ok(Outcome::Skipped("x".to_owned())),
                Duration::ZERO
            )
            .ends_with("SKIPPED: x")
        );
    }
}
