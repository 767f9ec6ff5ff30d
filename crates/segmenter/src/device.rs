use burn::tensor::{DType, Device};
use burn_sam::Precision;

use crate::error::Error;

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComputeKind {
    /// WebGPU, in a browser or natively.
    Gpu,
    /// Burn's Flex, on one thread in a browser and on all of them natively.
    Cpu,
}

/// A device that is ready to compute.
#[derive(Debug, Clone)]
pub struct Compute {
    kind: ComputeKind,
    device: Device,
    name: String,
}

/// Operations handed to the GPU in one submission. A watchdog ends a submission that takes about
/// 10 s, and a slow GPU needs most of a second for some of them.
#[cfg(feature = "webgpu")]
const TASKS_PER_SUBMISSION: usize = 16;

impl Compute {
    /// Opens a device. A GPU can be opened once in a process or a worker; keep it.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceUnavailable`] where there is no adapter, or the runtime can't use it.
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
            reason: "this program was built without the feature `webgpu`".to_owned(),
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

    /// What large models compute in: f16 on a GPU that has it (`shader-f16` in a browser).
    pub fn precision(&self) -> Precision {
        match self.kind {
            ComputeKind::Gpu if self.device.supports_dtype(DType::F16) => Precision::F16,
            ComputeKind::Gpu | ComputeKind::Cpu => Precision::F32,
        }
    }

    /// The adapter's name, as far as it says it: browsers hide it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Burn's handle.
    pub fn device(&self) -> &Device {
        &self.device
    }
}
