//! Measures LiteMedSAM natively next to ONNX Runtime and PyTorch, one thread each (`bench/peers`).

use crate::args::Args;
use crate::{command, project};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const REPORT: &str = "bench/peers/REPORT.md";
const ENCODER: &str = "litemedsam_encoder.onnx";
/// The default folder of the peers' models; `--peers` overrides it.
pub const PEERS: &str = "../shared/peers";

/// `cargo xtask bench peers [--rounds N] [--peers DIR] [--python PROGRAM]`
pub fn measure(mut args: Args) -> Result<()> {
    let rounds: u32 = args.number("--rounds")?.unwrap_or(5);
    let python = args.value("--python")?.unwrap_or("python3".to_owned());
    let peers = args
        .value("--peers")?
        .map_or_else(|| project::root().join(PEERS), PathBuf::from);
    args.end()?;
    ensure!(
        peers.join(ENCODER).is_file(),
        "{} holds no {ENCODER}: bench/peers/make_onnx.py makes it",
        peers.display()
    );
    // Includes the warm-up.
    let our_rounds = (rounds + 1).to_string();
    let rounds = rounds.to_string();
    let mut bench = project::cargo(["run", "--release", "-p", "boxel-bench"])?;
    bench.args([project::WITHOUT_GPU, "--", "lite-medsam"]);
    bench.args(["--rounds", &our_rounds]);
    let ours = json(bench.env("RAYON_NUM_THREADS", "1"))?;
    let theirs = json(
        Command::new(python)
            .arg(project::root().join("bench/peers/measure.py"))
            .arg(peers)
            .args(["--rounds", &rounds]),
    )?;
    let text = markdown(&ours, theirs.as_array().map_or(&[], Vec::as_slice));
    print!("{text}");
    fs::write(project::root().join(REPORT), text).with_context(|| format!("cannot write {REPORT}"))
}

fn json(command: &mut Command) -> Result<Value> {
    let line = command::shown_output(command)?;
    serde_json::from_str(&line).with_context(|| format!("a benchmark printed {line:?}"))
}

fn markdown(ours: &Value, theirs: &[Value]) -> String {
    let mut text = String::from(
        "# LiteMedSAM natively, one thread\n\n\
         Made by `cargo xtask bench peers`: medians of several rounds after a warm-up, in turn.\n\
         Compare the ratios: the machine does other work too.\n\n\
         | | encode | ratio | decode | ratio |\n|---|---|---|---|---|\n",
    );
    let seconds = |of: &Value, what: &str| of[what].as_f64().unwrap_or(f64::NAN);
    let encode = seconds(ours, "median_seconds");
    let decode = seconds(ours, "decode_median_seconds");
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "| Boxel | {encode:.2} s | | {:.0} ms | |",
        1e3 * decode
    );
    for peer in theirs {
        let (their_encode, their_decode) = (seconds(peer, "encode"), seconds(peer, "decode"));
        let _ = writeln!(
            text,
            "| {} | {their_encode:.2} s | {:.2} | {:.0} ms | {:.2} |",
            peer["name"].as_str().unwrap_or("?"),
            encode / their_encode,
            1e3 * their_decode,
            decode / their_decode,
        );
    }
    text.push_str("\nThe ratio is Boxel's time divided by the peer's.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::markdown;
    use serde_json::json;

    #[test]
    fn a_peer_is_a_row_with_its_ratios() {
        let ours = json!({ "median_seconds": 2.0, "decode_median_seconds": 0.1 });
        let theirs = [json!({ "name": "Peer 1", "encode": 1.6, "decode": 0.2 })];
        let text = markdown(&ours, &theirs);
        assert!(text.contains("| Boxel | 2.00 s | | 100 ms | |"), "{text}");
        let row = "| Peer 1 | 1.60 s | 1.25 | 200 ms | 0.50 |";
        assert!(text.contains(row), "{text}");
    }
}
