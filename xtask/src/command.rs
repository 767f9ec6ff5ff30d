//! Runs other programs.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// The command as typed in a shell, without its environment.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Shows the command, runs it and fails if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// A command that runs while others do.
pub struct Background {
    line: String,
    thread: JoinHandle<(io::Result<Output>, Instant)>,
}

impl Background {
    pub fn start(mut command: Command) -> Self {
        let line = line(&command);
        eprintln!("$ {line} (in the background; its output follows at the end)");
        let thread = thread::spawn(move || {
            let output = command.stdin(Stdio::null()).output();
            (output, Instant::now())
        });
        Self { line, thread }
    }

    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Shows the command's output after it has ended, and fails if it failed; and when it ended.
    pub fn wait(self) -> (Result<()>, Instant) {
        let line = self.line;
        let (output, end) = self
            .thread
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic));
        eprintln!("$ {line}");
        let result = output
            .with_context(|| format!("could not start `{line}`"))
            .and_then(|output| {
                print!("{}", String::from_utf8_lossy(&output.stdout));
                eprint!("{}", String::from_utf8_lossy(&output.stderr));
                if !output.status.success() {
                    bail!("`{line}` failed ({})", output.status);
                }
                Ok(())
            });
        (result, end)
    }
}

/// Runs the command without showing it and returns what it wrote to its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    written(command.stderr(Stdio::piped()))
}

/// Like [`output`], but shows the command and its messages, for commands that take long.
pub fn shown_output(command: &mut Command) -> Result<String> {
    eprintln!("$ {}", line(command));
    written(command.stderr(Stdio::inherit()))
}

fn written(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start `{line}`"))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` failed ({}): {}", output.status, error.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` did not write UTF-8"))
}
