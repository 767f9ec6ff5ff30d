//! Measures of a two-dimensional mask.

use boxel_imaging::{Bounds, Error, Mask, Probability};

/// A mask from rows of `.` and `#`.
fn mask(rows: &[&str]) -> Mask {
    let values = rows
        .concat()
        .bytes()
        .map(|cell| u8::from(cell == b'#'))
        .collect();
    Mask::new(rows[0].len() as u32, rows.len() as u32, values).unwrap()
}

#[test]
fn area_and_bounds() {
    let shape = mask(&["......", "..#...", ".#..#.", "......"]);
    assert_eq!(shape.area_px(), 3);
    let bounds = Bounds {
        x0: 1,
        y0: 1,
        x1: 5,
        y1: 3,
    };
    assert_eq!(shape.bounds(), Some(bounds));
    assert_eq!(
        mask(&["###", "###"]).bounds(),
        Some(Bounds {
            x0: 0,
            y0: 0,
            x1: 3,
            y1: 2
        })
    );
    assert_eq!(mask(&["...", "..."]).bounds(), None);
}

#[test]
fn overlap() {
    let a = mask(&["##..", "##.."]);
    let b = mask(&[".##.", "...."]);
    assert_eq!(a.dice(&b), Ok(2.0 / 6.0));
    assert_eq!(a.iou(&b), Ok(1.0 / 5.0));
    assert_eq!(a.union(&b), Ok(mask(&["###.", "##.."])));
    assert_eq!((a.dice(&a), a.iou(&a)), (Ok(1.0), Ok(1.0)));
}

#[test]
fn empty_masks_agree_with_each_other_only() {
    let (none, some) = (mask(&["..", ".."]), mask(&["#.", ".."]));
    assert_eq!((none.dice(&none), none.iou(&none)), (Ok(1.0), Ok(1.0)));
    assert_eq!((none.dice(&some), none.iou(&some)), (Ok(0.0), Ok(0.0)));
}

#[test]
fn sizes_must_match() {
    let (wide, tall) = (mask(&["##"]), mask(&["#", "#"]));
    let error = wide.union(&tall).unwrap_err();
    assert_eq!(error.to_string(), "the sizes differ: 2x1 and 1x2 pixels");
    assert!(wide.dice(&tall).is_err() && wide.iou(&tall).is_err());
    let length = Mask::new(2, 2, vec![1; 3]).unwrap_err();
    assert!(matches!(
        length,
        Error::Length {
            expected: 4,
            got: 3,
            ..
        }
    ));
}

/// Any value other than 0 is inside, as in the files of other programs.
#[test]
fn values_become_0_and_1() {
    assert_eq!(
        Mask::new(3, 1, vec![0, 1, 255]).unwrap().values(),
        [0, 1, 1]
    );
}

#[test]
fn the_threshold_itself_is_outside() {
    let map = Probability::new(3, 1, vec![0.5, 0.500_001, 0.2]).unwrap();
    assert_eq!(map.mask(Probability::THRESHOLD).values(), [0, 1, 0]);
    let other = Probability::new(3, 1, vec![0.1, 0.9, 0.3]).unwrap();
    assert_eq!(map.maximum(&other).unwrap().values(), [0.5, 0.9, 0.3]);
}
