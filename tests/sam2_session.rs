//! Tracks the volume of a small SAM 2's goldens through a session, as a user would: a box, and "Propagate". The masks equal
//! those of the reference's script, which prompts with the box in each direction; by the rules of before, those of its
//! script for RECIST measures, which prompts with the mask of the box.

use std::rc::Rc;

use boxel_segmenter::imaging::{
    ImageBox, Limits, Mask, Plane, PropagationLimits, PropagationRule, SlicePlane, Window, open,
};
use boxel_segmenter::parity::Sam2Golden;
use boxel_segmenter::{
    Compute, ComputeKind, Direction, Model, Prompt, PropagationStep, Rendering, Session,
};
use boxel_tests::{SAM2_TINY, print_line};
use safetensors::SafeTensors;
use wasm_bindgen_test::wasm_bindgen_test;

/// The slice of the prompt in the cases `vol_box` and `vol_mask`, and its box.
const SLICE: u32 = 2;
const BOX: [f32; 4] = [20.0, 25.0, 37.0, 51.0];

/// An 8-bit NIfTI-1 file (the header's fields as in nifti1.h).
fn nifti([slices, rows, columns]: [usize; 3], voxels: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 352];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &348i32.to_le_bytes());
    let size = [3, columns, rows, slices, 1, 1, 1, 1];
    for (place, dimension) in size.iter().enumerate() {
        put(40 + 2 * place, &(*dimension as i16).to_le_bytes());
    }
    put(70, &2i16.to_le_bytes());
    put(72, &8i16.to_le_bytes());
    for place in 0..4 {
        put(76 + 4 * place, &1f32.to_le_bytes());
    }
    put(108, &352f32.to_le_bytes());
    put(344, b"n+1\0");
    file.extend_from_slice(voxels);
    file
}

/// Limits that only an object's absence exceeds.
fn limits(rule: PropagationRule) -> PropagationLimits {
    PropagationLimits {
        rule,
        stop_iou: 0.0,
        stop_area: f64::MAX,
        doubt_area: f64::MAX,
        stop_drift: f64::MAX,
        doubt_drift: f64::MAX,
        ..PropagationLimits::default()
    }
}

async fn propagated(session: &mut Session) -> Vec<u32> {
    let mut slices = Vec::new();
    loop {
        match session.propagation_step().await.unwrap() {
            PropagationStep::Propagated { slice, .. } => slices.push(slice),
            PropagationStep::Finished => return slices,
            PropagationStep::Stopped { slice, reason, .. } => {
                print_line!("  ends before slice {slice}: {reason:?}");
            }
            PropagationStep::Encoding { .. } | PropagationStep::Waiting { .. } => {}
        }
    }
}

fn iou(a: &Mask, b: &[u8]) -> f64 {
    let pairs = || a.values().iter().zip(b);
    let both = pairs().filter(|(a, b)| **a != 0 && **b != 0).count();
    let any = pairs().filter(|(a, b)| **a != 0 || **b != 0).count();
    both as f64 / any.max(1) as f64
}

#[wasm_bindgen_test(unsupported = tokio::test)]
async fn a_session_propagates_a_box_as_the_references_script_does() {
    #[cfg(target_family = "wasm")]
    boxel_bindings::use_relaxed_simd();
    let compute = Compute::open(ComputeKind::Cpu).await.unwrap();
    if SAM2_TINY.is_empty() {
        print_line!("SKIPPED: no ../shared/goldens/sam2_tiny");
    }
    for folder in SAM2_TINY {
        let golden = Sam2Golden::new(folder.name, folder.case, folder.outputs).unwrap();
        let sam2 = golden.model(folder.weights[0].1, &compute).unwrap();
        let outputs = SafeTensors::deserialize(folder.outputs).unwrap();
        let volume = outputs.tensor("volume.u8").unwrap();
        let &[slices, rows, columns] = volume.shape() else {
            panic!("the volume has three axes");
        };
        let file = nifti([slices, rows, columns], volume.data());
        let scan = Rc::new(open(&file, &Limits::default()).unwrap());
        let mut session = Session::default();
        session.set_model(Model::of_sam2(sam2, &compute));
        session.open(Rc::clone(&scan), "");
        let rendering = Rendering {
            plane: Plane::Stored,
            slice: SLICE,
            window: Window::Stored,
        };
        session.open_scan_mut().unwrap().show(rendering).unwrap();
        session.embed().await.unwrap();
        let [x0, y0, x1, y1] = BOX;
        let prompt = Prompt {
            object: Some(0),
            ..Prompt::from_box(ImageBox { x0, y0, x1, y1 })
        };
        session.segment(&[prompt]).await.unwrap();
        for (rule, case) in [
            (PropagationRule::GreyLevels, "vol_mask"),
            (PropagationRule::Memories, "vol_box"),
        ] {
            let both = [Direction::Up, Direction::Down];
            session
                .begin_propagation(0, SLICE, &both, None, limits(rule))
                .unwrap();
            let found = propagated(&mut session).await;
            print_line!("{}, {case}: propagated to {found:?}", folder.name);
            // The reference goes on where the object is absent, on slices 0, 10 and 11.
            assert_eq!(found, [3, 4, 5, 6, 7, 8, 9, 1]);
            let object = session.open_scan().unwrap().object_mask(0).unwrap();
            let slice_plane = SlicePlane::new(scan.grid(), Plane::Stored);
            for go in [format!("{case}.go0"), format!("{case}.go1")] {
                let order = outputs.tensor(&format!("{go}.slices")).unwrap();
                let masks = outputs.tensor(&format!("{go}.mask")).unwrap();
                let (order, _) = order.data().as_chunks::<4>();
                let masks = masks.data().chunks_exact(rows * columns);
                for (slice, expected) in order.iter().zip(masks) {
                    let slice = i32::from_le_bytes(*slice) as u32;
                    if slice != SLICE && !found.contains(&slice) {
                        continue;
                    }
                    let mask = object.voxels().slice(&slice_plane, slice);
                    let iou = iou(&mask, expected);
                    print_line!("  {go}, slice {slice}: IoU {iou:.5}");
                    assert!(iou >= 0.995, "{go}, slice {slice}: {iou}");
                }
            }
        }
    }
}
