use burn::tensor::{DType, Device};
use burn_sam::Precision;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The kind of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ComputeKind {
    /// WebGPU, in a browser or on the native target.
    Gpu,
    /// Burn's Flex: one thread in a browser, all threads on the native target.
    Cpu,
}

/// An open device.
#[derive(Debug, Clone)]
pub struct Compute {
    kind: ComputeKind,
    device: Device,
    name: String,
}

/// The number of operations in one GPU submission. A watchdog ends a submission that takes about 10 s, and a slow GPU
/// needs almost a second for some operations.
#[cfg(feature = "webgpu")]
const TASKS_PER_SUBMISSION: usize = 16;

impl Compute {
    /// Opens a device. A GPU can be opened only once in a process or a worker.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceUnavailable`] if there is no adapter or the runtime can't use it.
    pub async fn open(kind: ComputeKind) -> Result<Self, Error> {
        match kind {
            ComputeKind::Cpu => Ok(Self {
                kind,
                device: Device::flex(),
                name: match burn_sam::has_relaxed_simd() {
                    true => "CPU (Burn Flex, relaxed SIMD)".to_owned(),
                    false => "CPU (Burn Flex)".to_owned(),
                },
            }),
            ComputeKind::Gpu => Self::open_gpu().await,
        }
    }

    #[cfg(not(feature = "webgpu"))]
    async fn open_gpu() -> Result<Self, Error> {
        Err(Error::DeviceUnavailable {
            kind: "GPU",
            reason: "this program was built without the feature `webgpu`; choose the CPU"
                .to_owned(),
        })
    }

    #[cfg(feature = "webgpu")]
    async fn open_gpu() -> Result<Self, Error> {
        let options = Device::wgpu_options().tasks_max(TASKS_PER_SUBMISSION);
        let (device, setup) =
            options
                .init_with_setup_async()
                .await
                .map_err(|error| Error::DeviceUnavailable {
                    kind: "GPU",
                    reason: error.to_string(),
                })?;
        let info = setup.adapter.get_info();
        Ok(Self {
            kind: ComputeKind::Gpu,
            device,
            name: format!("{} ({})", info.name, info.backend),
        })
    }

    /// GPU or CPU.
    pub fn kind(&self) -> ComputeKind {
        self.kind
    }

    /// The precision of large models: f16 on a GPU that supports it (`shader-f16` in a browser).
    pub fn precision(&self) -> Precision {
        match self.kind {
            ComputeKind::Gpu if self.device.supports_dtype(DType::F16) => Precision::F16,
            ComputeKind::Gpu | ComputeKind::Cpu => Precision::F32,
        }
    }

    /// The adapter's name. Browsers hide most of it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Burn's handle of the device.
    pub fn device(&self) -> &Device {
        &self.device
    }
}
