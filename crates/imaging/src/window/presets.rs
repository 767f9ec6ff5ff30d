use super::Window;

/// A standard CT window, in Hounsfield units.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Preset {
    /// Name for the user.
    pub name: &'static str,
    /// Centre of the window, in HU.
    pub level: f64,
    /// Distance from black to white, in HU.
    pub width: f64,
}

impl Preset {
    /// The preset as a window.
    pub const fn window(&self) -> Window {
        Window::Linear {
            level: self.level,
            width: self.width,
        }
    }
}

/// The usual CT windows. The first four are those of MedSAM's training data
/// (`utils/pre_CT_MR.py` names soft tissue, lung, brain and bone).
pub const PRESETS: [Preset; 6] = [
    preset("Soft tissue", 40.0, 400.0),
    preset("Lung", -600.0, 1500.0),
    preset("Bone", 400.0, 1800.0),
    preset("Brain", 40.0, 80.0),
    preset("Liver", 60.0, 160.0),
    preset("Mediastinum", 50.0, 350.0),
];

const fn preset(name: &'static str, level: f64, width: f64) -> Preset {
    Preset { name, level, width }
}
