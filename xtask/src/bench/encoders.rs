//! Measures the image encoders on this machine, as a table.

use crate::args::Args;
use crate::{command, project};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;

const REPORT: &str = "bench/REPORT.md";

/// `cargo xtask bench encoders [--device cpu|gpu] [ENCODER…]`
pub fn measure(mut args: Args) -> Result<()> {
    let device = args.value("--device")?.unwrap_or_else(|| "cpu".to_owned());
    let mut encoders = args.rest()?;
    if encoders.is_empty() {
        encoders = ["lite-medsam", "mobile-sam", "vit-b"]
            .map(str::to_owned)
            .to_vec();
    }
    let mut reports = Vec::new();
    for encoder in &encoders {
        let mut bench = project::cargo(["run", "--release", "-p", "boxel-bench"])?;
        if device == "cpu" {
            bench.arg(project::WITHOUT_GPU);
        }
        let line = command::shown_output(bench.args(["--", encoder, "--device", &device]))?;
        let report: Value = serde_json::from_str(&line)
            .with_context(|| format!("the benchmark of {encoder} printed {line:?}"))?;
        reports.push(report);
    }
    let text = markdown(&reports);
    print!("{text}");
    fs::write(project::root().join(REPORT), text)
        .with_context(|| format!("cannot write {REPORT}"))?;
    Ok(())
}

fn markdown(reports: &[Value]) -> String {
    let mut text = String::from(
        "# What an encode and a decode cost\n\n\
         Made by `cargo xtask bench encoders`: full-size models with seeded random weights, each in its\n\
         own process. A decode is of one box. The time is the fastest round; the memory is the peak resident\n\
         set of the process, weights included.\n\n\
         | encoder | parameters | device | encode | decode | peak memory |\n|---|---|---|---|---|---|\n",
    );
    for report in reports {
        // Writing to a string can't fail.
        let _ = writeln!(
            text,
            "| {} | {:.1} M | {} | {:.2} s | {:.0} ms | {} |",
            words(&report["encoder"]),
            report["parameters"].as_f64().unwrap_or(f64::NAN) / 1e6,
            words(&report["device"]),
            report["seconds"].as_f64().unwrap_or(f64::NAN),
            1e3 * report["decode_seconds"].as_f64().unwrap_or(f64::NAN),
            report["peak_mib"]
                .as_u64()
                .map_or("not measured".to_owned(), |mib| format!("{mib} MiB")),
        );
    }
    for report in reports {
        let _ = write!(text, "\n{}, by stage: ", words(&report["encoder"]));
        let stages = report["stages"].as_array().into_iter().flatten();
        let stages: Vec<String> = stages
            .map(|stage| {
                let seconds = stage[1].as_f64().unwrap_or(f64::NAN);
                format!("{} {seconds:.2} s", words(&stage[0]))
            })
            .collect();
        let _ = writeln!(text, "{}.", stages.join(", "));
    }
    text
}

fn words(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::markdown;
    use serde_json::json;

    #[test]
    fn a_report_is_a_row_and_its_stages() {
        let report = json!({
            "encoder": "ViT-B", "parameters": 89_670_912, "device": "CPU", "seconds": 35.096, "decode_seconds": 0.2,
            "stages": [["patch_embed", 0.1], ["neck", 0.25]], "peak_mib": 603,
        });
        let text = markdown(&[report]);
        assert!(
            text.contains("| ViT-B | 89.7 M | CPU | 35.10 s | 200 ms | 603 MiB |"),
            "{text}"
        );
        assert!(text.contains("patch_embed 0.10 s, neck 0.25 s."), "{text}");
    }
}
