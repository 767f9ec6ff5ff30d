//! Files → groups of frames that could be stacked: of one series, one size, one kind, one orientation.

use std::collections::HashSet;

use super::frame_info::FrameInfo;
use super::instance::Instance;
use super::stack::FrameRef;
use crate::scan::PixelSpacing;

/// Frames that have everything but their position in common.
#[derive(Debug)]
pub(super) struct Group {
    pub frames: Vec<FrameRef>,
    /// All are of one multi-frame image.
    pub is_multi_frame: bool,
    /// Instances that were there twice and were left out.
    pub duplicates: usize,
}

/// How far cosines may differ, and spacings in relation: files round them.
const SAME_COSINE: f64 = 1e-3;
const SAME_SPACING: f64 = 1e-3;

/// Groups in the order of their first file; a multi-frame image is none with other files.
pub(super) fn groups(instances: &[Instance]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen = HashSet::new();
    for (at, instance) in instances.iter().enumerate() {
        let uid = &instance.sop_instance_uid;
        let is_multi_frame = instance.frames.len() > 1;
        let begin = groups.len();
        let is_known = !uid.is_empty() && !seen.insert(uid.as_str());
        for frame in 0..instance.frames.len() {
            let member = FrameRef {
                instance: at,
                frame,
            };
            // Of a multi-frame image, only groups that it began itself.
            let from = if is_multi_frame { begin } else { 0 };
            let mut candidates = groups.iter_mut().skip(from);
            let found = candidates.find(|group| {
                group.is_multi_frame == is_multi_frame && belongs(group, member, instances)
            });
            match found {
                Some(group) if is_known && !is_multi_frame => group.duplicates += 1,
                Some(group) => group.frames.push(member),
                None if is_known => break,
                None => groups.push(Group {
                    frames: vec![member],
                    is_multi_frame,
                    duplicates: 0,
                }),
            }
        }
    }
    groups
}

fn belongs(group: &Group, member: FrameRef, instances: &[Instance]) -> bool {
    let first = group.frames[0];
    let (a, b) = (&instances[first.instance], &instances[member.instance]);
    let is_one = first.instance == member.instance
        || (&a.series_uid, &a.study_uid, &a.modality) == (&b.series_uid, &b.study_uid, &b.modality)
            && a.layout == b.layout;
    is_one && is_parallel(&a.frames[first.frame], &b.frames[member.frame])
}

fn is_parallel(a: &FrameInfo, b: &FrameInfo) -> bool {
    let orientation = match (&a.orientation, &b.orientation) {
        (Some(a), Some(b)) => {
            let (a, b) = (a.as_flattened(), b.as_flattened());
            a.iter().zip(b).all(|(a, b)| (a - b).abs() < SAME_COSINE)
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    let near = |a: f64, b: f64| (a - b).abs() <= SAME_SPACING * a.abs();
    let spacing = match (a.spacing, b.spacing) {
        (Some(a), Some(b)) => {
            let PixelSpacing { x_mm, y_mm, source } = a;
            near(x_mm, b.x_mm) && near(y_mm, b.y_mm) && source == b.source
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    orientation && spacing
}
