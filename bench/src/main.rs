//! Measures a full-size model with seeded random weights: its cost does not depend on its training, and the weights
//! need no download.
//!
//! One process measures one encoder, because the peak of a process's memory can't be reset. Prints
//! one line of JSON; `cargo xtask bench` collects them.

mod memory;

use std::time::Instant;

use anyhow::{Context, Result};
use boxel_segmenter::sam::{Architecture, Prompts, SamConfig};
use boxel_segmenter::{Compute, ComputeKind};
use burn::tensor::{Distribution, Tensor};
use clap::{Parser, ValueEnum};
use serde::Serialize;

/// Measures one image encoder.
#[derive(Debug, Parser)]
struct Arguments {
    /// Which encoder.
    #[arg(value_enum)]
    encoder: Encoder,
    /// CPU or GPU.
    #[arg(long, value_enum, default_value = "cpu")]
    device: Device,
    /// Number of encodings; the first one warms up.
    #[arg(long, default_value_t = 2)]
    rounds: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Encoder {
    LiteMedsam,
    MobileSam,
    VitB,
    VitL,
    VitH,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Device {
    Cpu,
    Gpu,
}

#[derive(Serialize)]
struct Report {
    encoder: &'static str,
    device: String,
    parameters: usize,
    /// The fastest round, in seconds.
    seconds: f64,
    /// All rounds, the first included.
    rounds: Vec<f64>,
    /// The median round after the first, in seconds.
    median_seconds: f64,
    /// Decoding of one box: the fastest round, in seconds.
    decode_seconds: f64,
    /// Decoding of one box: the median round after the first, in seconds.
    decode_median_seconds: f64,
    /// Seconds of the fastest round by stage, blocks added up.
    stages: Vec<(String, f64)>,
    /// The peak resident set of this process, in MiB; none if the system does not report it.
    peak_mib: Option<u64>,
    /// The resident set before the first round, in MiB: mostly the weights.
    before_mib: Option<u64>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let report = pollster::block_on(measure(&arguments))?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn architecture(encoder: Encoder) -> Architecture {
    match encoder {
        Encoder::LiteMedsam => Architecture::LiteMedSam,
        Encoder::MobileSam => Architecture::MobileSam,
        Encoder::VitB => Architecture::VitB,
        Encoder::VitL => Architecture::VitL,
        Encoder::VitH => Architecture::VitH,
    }
}

async fn measure(arguments: &Arguments) -> Result<Report> {
    let compute = Compute::open(match arguments.device {
        Device::Cpu => ComputeKind::Cpu,
        Device::Gpu => ComputeKind::Gpu,
    })
    .await?;
    let device = compute.device();
    device.seed(7);
    let architecture = architecture(arguments.encoder);
    let config: SamConfig = architecture
        .config()
        .context("SAM 2 is not measured here")?;
    let sam = config.init(device);
    let encoder = &sam.image_encoder;
    let side = config.image_size();
    let image = Tensor::<4>::random([1, 3, side, side], Distribution::Normal(0.0, 1.0), device);
    // Weights are initialised on first use.
    let parameters = burn::module::Module::num_params(encoder);
    read(image.clone()).await?;
    let before_mib = memory::now_mib();

    let steps = encoder.steps();
    let mut rounds: Vec<Vec<f64>> = Vec::new();
    let mut decodes = Vec::new();
    let image_pe = sam.prompt_encoder.dense_pe(device);
    let (near, far) = (0.25 * side as f32, 0.75 * side as f32);
    let prompts = Prompts::boxes(Tensor::from_data([[near, near, far, far]], device));
    for _ in 0..arguments.rounds.max(1) {
        let mut x = image.clone();
        let mut times = Vec::new();
        for index in 0..steps.len() {
            let start = Instant::now();
            x = encoder.step(index, x);
            read(x.clone()).await?;
            times.push(start.elapsed().as_secs_f64());
        }
        rounds.push(times);
        let start = Instant::now();
        let found = sam.decode(x, image_pe.clone(), &prompts, false);
        read(found.low_res_logits).await?;
        decodes.push(start.elapsed().as_secs_f64());
    }
    let sums: Vec<f64> = rounds.iter().map(|times| times.iter().sum()).collect();
    let fastest = (0..sums.len()).min_by(|a, b| sums[*a].total_cmp(&sums[*b]));
    let fastest = fastest.unwrap_or(0);
    Ok(Report {
        encoder: architecture.name(),
        device: compute.name().to_owned(),
        parameters,
        seconds: sums[fastest],
        median_seconds: median_after_first(&sums),
        decode_median_seconds: median_after_first(&decodes),
        decode_seconds: decodes.into_iter().fold(f64::INFINITY, f64::min),
        stages: by_stage(&steps, &rounds[fastest]),
        rounds: sums,
        peak_mib: memory::peak_mib(),
        before_mib,
    })
}

/// The first warms up, unless it is the only one.
fn median_after_first(seconds: &[f64]) -> f64 {
    let mut sorted = seconds[usize::from(seconds.len() > 1)..].to_vec();
    sorted.sort_by(f64::total_cmp);
    let (below, above) = ((sorted.len() - 1) / 2, sorted.len() / 2);
    (sorted[below] + sorted[above]) / 2.0
}

/// Waits until the device has computed a tensor.
async fn read(x: Tensor<4>) -> Result<()> {
    let first = x.slice([0..1, 0..1, 0..1, 0..1]);
    first.into_data_async().await?;
    Ok(())
}

fn by_stage(steps: &[String], times: &[f64]) -> Vec<(String, f64)> {
    let mut stages: Vec<(String, f64)> = Vec::new();
    for (step, time) in steps.iter().zip(times) {
        match stages.last_mut() {
            Some((stage, sum)) if stage == step => *sum += time,
            _ => stages.push((step.clone(), *time)),
        }
    }
    stages
}
