//! Several frames at each position: echoes, phases, repetitions, with various attributes that tell them apart.

use crate::support::dicom_files::{Files, firsts, place};
use crate::support::dicom_writer::{Data, nth};
use crate::support::scans::{codes, texts};
use boxel_imaging::{NoteCode, Stacking};

const IMAGE_TYPE: u32 = 0x0008_0008;
const ECHO_TIME: u32 = 0x0018_0081;
const TRIGGER_TIME: u32 = 0x0018_1060;
const ACQUISITION: u32 = 0x0020_0012;
const TEMPORAL_POSITION: u32 = 0x0020_0100;

/// The image of a slice at a time, numbered slice by slice. Its pixels are `20 · time + slice`.
fn image(slice: u32, time: u32, times: u32) -> Data {
    let stored = 20 * time + slice;
    nth(
        slice * times + time + 1,
        8.0 * f64::from(slice),
        stored as u16,
    )
}

fn images(slices: u32, times: u32, own: impl Fn(u32, u32, Data) -> Data) -> Vec<Data> {
    let all = (0..slices).flat_map(|slice| (0..times).map(move |time| (slice, time)));
    all.map(|(slice, time)| own(slice, time, image(slice, time, times)))
        .collect()
}

/// Stored values of the expected volumes.
fn volumes(slices: u32, times: u32) -> Vec<Vec<f64>> {
    let volume = |time| {
        (0..slices)
            .map(|slice| f64::from(20 * time + slice))
            .collect()
    };
    (0..times).map(volume).collect()
}

/// Pseudo-random jitter of an image, between 0 and 1.
fn jitter(slice: u32, time: u32) -> f64 {
    f64::from((slice * 7919 + time * 104_729) % 97) / 97.0
}

#[test]
fn a_cine_is_as_many_volumes_as_it_has_phases() {
    let data = images(4, 5, |slice, time, data| {
        let (slice, time) = (f64::from(slice), f64::from(time));
        let trigger = time * (40.0 + 0.7 * slice) + 3.5 * slice;
        data.text(TRIGGER_TIME, "DS", &format!("{trigger:.2}"))
    });
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), volumes(4, 5));
    let labels = files.labels();
    assert_eq!(
        labels[2],
        "CT, series 3, 4 slices of 4×3, axial, time 3 of 5"
    );
    let scan = files.scan(2);
    assert_eq!(scan.grid().slice_spacing_mm, Some(8.0));
    assert_eq!(codes(&scan), []);
}

#[test]
fn phases_of_very_different_heart_rates_stay_separate() {
    // The last phases of one slice are earlier than the middle phases of another.
    let data = images(10, 25, |slice, time, data| {
        let trigger = f64::from(time) * (30.0 + 3.0 * f64::from(slice % 3));
        data.text(TRIGGER_TIME, "DS", &trigger.to_string())
    });
    assert_eq!(Files::of(&data).all_firsts(), volumes(10, 25));
}

#[test]
fn numbers_that_go_against_the_time_do_not_matter() {
    // Numbered in reverse, and without numbers.
    let data = images(3, 4, |slice, time, data| {
        let number = 100 - slice * 4 - time;
        data.text(TRIGGER_TIME, "DS", &(time * 50 + slice).to_string())
            .text(0x0020_0013, "IS", &number.to_string())
    });
    assert_eq!(Files::of(&data).all_firsts(), volumes(3, 4));
    let bare: Vec<Data> = data
        .into_iter()
        .map(|data| data.without(0x0020_0013))
        .collect();
    assert_eq!(Files::of(&bare).all_firsts(), volumes(3, 4));
}

#[test]
fn a_missing_image_is_missing_from_its_own_phase() {
    let mut data = images(5, 4, |slice, time, data| {
        let trigger = f64::from(time) * (50.0 + f64::from(slice));
        data.text(TRIGGER_TIME, "DS", &trigger.to_string())
    });
    // Slice 2 at time 1.
    data.remove(2 * 4 + 1);
    let files = Files::of(&data);
    let mut expected = volumes(5, 4);
    expected[1].remove(2);
    assert_eq!(files.all_firsts(), expected);
    assert_eq!(codes(&files.scan(0)), []);
    assert_eq!(
        texts(&files.scan(1)),
        ["1 slice is missing between 8.0 and 24.0 mm."]
    );
}

#[test]
fn a_missing_image_without_times_gives_a_note() {
    let mut data = images(6, 4, |_, _, data| data);
    data.remove(2 * 4 + 1);
    let files = Files::of(&data);
    assert_eq!(files.choices().len(), 4);
    for choice in 0..4 {
        assert!(codes(&files.scan(choice)).contains(&NoteCode::Reading));
    }
}

#[test]
fn an_interrupted_scan_keeps_its_complete_volumes() {
    let data = images(6, 3, |_, time, data| {
        data.text(TEMPORAL_POSITION, "IS", &(time + 1).to_string())
    });
    // The last volume ends after two slices.
    let last = |at: &usize| at % 3 == 2 && at / 3 >= 2;
    let kept = (0..data.len()).filter(|at| !last(at));
    let files = Files::of(&kept.map(|at| data[at].clone()).collect::<Vec<_>>());
    let mut expected = volumes(6, 3);
    expected[2].truncate(2);
    assert_eq!(files.all_firsts(), expected);
    assert!(files.labels()[2].ends_with("time 3"));
}

#[test]
fn acquisitions_of_half_a_volume_are_joined() {
    // The table moves to and fro: odd acquisitions cover the lower half, even ones the upper half.
    let data = images(8, 4, |slice, time, data| {
        let acquisition = 2 * time + u32::from(slice >= 4) + 1;
        data.text(ACQUISITION, "IS", &acquisition.to_string())
    });
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), volumes(8, 4));
    assert!(files.labels()[3].ends_with("time 4 of 4"));
}

#[test]
fn a_missing_image_does_not_split_volumes_into_halves() {
    for slices in [4, 8] {
        let mut data = images(slices, 4, |slice, time, data| {
            let acquisition = 2 * time + u32::from(2 * slice >= slices) + 1;
            data.text(ACQUISITION, "IS", &acquisition.to_string())
        });
        // The second slice at time 2.
        data.remove(4 + 2);
        let mut expected = volumes(slices, 4);
        expected[2].remove(1);
        assert_eq!(Files::of(&data).all_firsts(), expected);
    }
}

#[test]
fn a_shorter_series_among_the_slices_of_a_longer_is_one_of_its_own() {
    // The shorter series was acquired first, and has its own times.
    let at = |time: u32, slice: u32, value: u32| {
        nth(1000 * time + slice, 5.0 * f64::from(slice), value as u16)
            .text(0x0008_0022, "DA", "20260101")
            .text(0x0008_0032, "TM", &format!("1{time}00{slice:02}"))
    };
    let short = (4..16).map(|slice| at(0, slice, 100 + slice));
    let long = (0..20).map(|slice| at(1, slice, slice));
    let files = Files::of(&short.chain(long).collect::<Vec<_>>());
    let short: Vec<f64> = (104..116).map(f64::from).collect();
    let long: Vec<f64> = (0..20).map(f64::from).collect();
    assert_eq!(files.all_firsts(), [short, long]);
    assert!(files.labels()[1].ends_with("time 2 of 2"));
}

#[test]
fn acquisitions_of_whole_volumes_are_named() {
    let data = images(3, 2, |_, time, data| {
        data.text(ACQUISITION, "IS", &(time + 4).to_string())
    });
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), volumes(3, 2));
    let labels = files.labels();
    assert!(labels[0].ends_with("acquisition 4") && labels[1].ends_with("acquisition 5"));
}

#[test]
fn acquisitions_that_overlap_are_two_volumes() {
    let part = |acquisition: &'static str, slices: std::ops::Range<u32>| {
        slices.map(move |k| {
            let n = k + 1 + if acquisition == "2" { 100 } else { 0 };
            nth(n, 5.0 * f64::from(k), n as u16).text(ACQUISITION, "IS", acquisition)
        })
    };
    let data: Vec<Data> = part("1", 0..10).chain(part("2", 8..20)).collect();
    let files = Files::of(&data);
    let first: Vec<f64> = (1..=10).map(f64::from).collect();
    let second: Vec<f64> = (109..=120).map(f64::from).collect();
    assert_eq!(files.all_firsts(), [first, second]);
}

#[test]
fn a_jittering_echo_time_splits_nothing() {
    let echo = |slice, time, data: Data| {
        let echo = 2.5 + (jitter(slice, time) * 7.0).floor() / 1000.0;
        data.text(ECHO_TIME, "DS", &echo.to_string())
    };
    let files = Files::of(&images(20, 1, echo));
    assert_eq!(files.all_firsts(), volumes(20, 1));
    // Nor with repetitions, which it must not mix.
    let files = Files::of(&images(20, 3, echo));
    assert_eq!(files.all_firsts(), volumes(20, 3));
}

#[test]
fn echoes_that_jitter_are_separated() {
    let data = images(12, 3, |slice, time, data| {
        let echo = 2.3 * f64::from(time + 1) + 0.05 * jitter(slice, time);
        data.text(ECHO_TIME, "DS", &format!("{echo:.3}"))
    });
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), volumes(12, 3));
    let labels = files.labels();
    assert!(labels[1].contains("echo time 4.6"), "{labels:?}");
}

#[test]
fn echoes_and_phases_are_both_divided() {
    // Times 0 to 5: two echoes for each of three phases.
    let data = images(4, 6, |slice, time, data| {
        let trigger = f64::from(time / 2) * (40.0 + f64::from(slice));
        data.text(ECHO_TIME, "DS", ["2.3", "4.6"][time as usize % 2])
            .text(TRIGGER_TIME, "DS", &trigger.to_string())
    });
    let files = Files::of(&data);
    let all = volumes(4, 6);
    let expected: Vec<Vec<f64>> = [0, 2, 4, 1, 3, 5].map(|time| all[time].clone()).to_vec();
    assert_eq!(files.all_firsts(), expected);
    let labels = files.labels();
    assert!(
        labels[0].ends_with("echo time 2.3, time 1 of 3"),
        "{labels:?}"
    );
    assert!(
        labels[5].ends_with("echo time 4.6, time 3 of 3"),
        "{labels:?}"
    );
}

#[test]
fn magnitude_and_phase_are_separated_by_image_type() {
    let data = images(4, 2, |_, time, data| {
        data.text(
            IMAGE_TYPE,
            "CS",
            ["ORIGINAL\\PRIMARY\\M", "ORIGINAL\\PRIMARY\\P"][time as usize],
        )
    });
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), volumes(4, 2));
    assert!(files.labels()[1].ends_with("image type ORIGINAL\\PRIMARY\\P"));
}

#[test]
fn times_of_day_order_volumes_across_midnight() {
    // The second volume is acquired after midnight, and has lower numbers.
    let data = images(3, 2, |slice, time, data| {
        let (date, hour) = [("20260131", "235958"), ("20260201", "000003")][time as usize];
        data.text(0x0008_0022, "DA", date)
            .text(0x0008_0032, "TM", &format!("{hour}.{slice}"))
            .text(0x0020_0013, "IS", &(10 - 5 * time + slice).to_string())
    });
    assert_eq!(Files::of(&data).all_firsts(), volumes(3, 2));
}

#[test]
fn positions_that_are_rounded_otherwise_are_the_same() {
    let data = images(6, 2, |slice, time, data| {
        let z = 3.3333 * f64::from(slice);
        let z = if time == 0 {
            format!("{z:.4}")
        } else {
            format!("{z:.1}")
        };
        data.text(0x0020_0032, "DS", &format!("-10\\-20\\{z}"))
            .text(TEMPORAL_POSITION, "IS", &(time + 1).to_string())
    });
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), volumes(6, 2));
    // Thin slices with gaps between them are not merged.
    let thin = |k: u32| {
        let z = 0.02 * f64::from(k) + if k > 5 { 5.0 } else { 0.0 };
        nth(k + 1, z, k as u16).text(0x0028_0030, "DS", "0.02\\0.02")
    };
    let files = Files::of(&(0..12).map(thin).collect::<Vec<_>>());
    assert_eq!(files.scan(0).grid().slices, 12);
}

#[test]
fn repetitions_at_one_position_are_frames() {
    let scan = Files::of(&images(1, 6, |_, _, data| data)).scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Frames);
    assert_eq!(firsts(&scan), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
}

#[test]
fn volumes_that_follow_a_head_stay_separate() {
    let moved = |by: fn(u32) -> f64| {
        let data = images(8, 4, |slice, time, data| {
            let z = 4.0 * f64::from(slice) + by(time);
            data.text(0x0020_0032, "DS", &format!("-10\\-20\\{z:.4}"))
                .text(ACQUISITION, "IS", &(time + 1).to_string())
        });
        Files::of(&data)
    };
    // By less than rounding, and by a good part of the slice distance.
    let files = moved(|time| 0.07 * f64::from(time * time % 5 % 3));
    assert_eq!(files.all_firsts(), volumes(8, 4));
    let files = moved(|time| [0.0, 0.9, 1.4, -0.6][time as usize]);
    assert_eq!(files.all_firsts(), volumes(8, 4));
    let first = |choice| place(&files.scan(choice), [0.0, 0.0, 0.0])[2];
    assert_eq!([0, 1, 2, 3].map(first), [0.0, 0.9, 1.4, -0.6]);
}

#[test]
fn two_parts_of_other_distances_are_one_volume() {
    // 4 mm apart in the lower part and 7 mm in the upper, each an acquisition, which don't overlap.
    let data = (0..12).map(|k| {
        let z = if k < 6 { 4 * k } else { 24 + 7 * (k - 6) };
        nth(k + 1, f64::from(z), k as u16).text(ACQUISITION, "IS", if k < 6 { "1" } else { "2" })
    });
    let files = Files::of(&data.collect::<Vec<_>>());
    assert_eq!(files.choices().len(), 1);
    assert_eq!(files.scan(0).grid().slices, 12);
}

#[test]
fn a_localizer_does_not_take_the_place_of_a_slice() {
    // It comes first, at the position of a slice.
    let mut data: Vec<Data> = (1..=8)
        .map(|k| {
            nth(k + 1, 5.0 * f64::from(k), k as u16).text(
                IMAGE_TYPE,
                "CS",
                "ORIGINAL\\PRIMARY\\AXIAL",
            )
        })
        .collect();
    data.insert(
        0,
        nth(1, 20.0, 99).text(IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER"),
    );
    let files = Files::of(&data);
    let slices: Vec<f64> = (1..=8).map(f64::from).collect();
    let mut all = files.all_firsts();
    all.sort_by_key(Vec::len);
    assert_eq!(all, [vec![99.0], slices]);
}
