"""Compares a DICOM Segmentation with the masks that were drawn, using pydicom and highdicom.

    check_seg.py FOLDER...

A FOLDER holds `seg.dcm`; `1.mask`, `2.mask` and so on, a byte for each voxel of the grid with columns
fastest; and `case.json` with the grid's `size` (columns, rows, slices), the segments' `labels` and
`colors`, whether the object is `linked`, `patient_from_voxel` (3x4, or null) and for each slice its
source: SOP Instance UID and frame number or null. `series`, if it is not null, is the folder of the
segmented single-frame files; frames are then compared with what those files say. Frames may be up to
`tolerance_mm` off the grid, since those of real files are.

Prints one line per folder: the checks and their counts, 0 if a check does not apply. Any difference from the masks
is an AssertionError.
"""

import json
import sys
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom


def check_pixels(file, masks, affine, tolerance_mm):
    """pydicom's frames are the masks' slices, at the slices' positions."""
    data = pydicom.dcmread(file)
    frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    expected = [
        (segment, k)
        for segment, mask in enumerate(masks, 1)
        for k in range(len(mask))
        if mask[k].any()
    ]
    groups = data.PerFrameFunctionalGroupsSequence
    assert len(frames) == len(groups) == len(expected) == data.NumberOfFrames
    for frame, group, (segment, k) in zip(frames, groups, expected):
        identification = group.SegmentIdentificationSequence[0]
        assert identification.ReferencedSegmentNumber == segment
        np.testing.assert_array_equal(frame, masks[segment - 1][k])
        if affine is not None:
            position = group.PlanePositionSequence[0].ImagePositionPatient
            np.testing.assert_allclose(position, affine @ [0, 0, k, 1], atol=tolerance_mm)
    return 1


def check_segments(seg, labels, colors):
    """Labels and colours equal the objects'."""
    assert list(seg.segment_numbers) == list(range(1, len(labels) + 1))
    for number, (label, color) in enumerate(zip(labels, colors), 1):
        description = seg.get_segment_description(number)
        assert description.segment_label == label
        ours = description.RecommendedDisplayCIELabValue
        theirs = hd.color.CIELabColor.from_rgb(*color).value
        np.testing.assert_allclose(ours, theirs, atol=16)
    return len(labels)


def check_by_source(seg, masks, sources, linked):
    """For each source image highdicom returns the mask that was drawn on it."""
    if not linked:
        assert "ReferencedSeriesSequence" not in seg
        assert all("DerivationImageSequence" not in g for g in seg.PerFrameFunctionalGroupsSequence)
        return 0
    numbers = [number for _, number in sources]
    if numbers[0] is None:
        got = seg.get_pixels_by_source_instance(
            [uid for uid, _ in sources], assert_missing_frames_are_empty=True
        )
    else:
        got = seg.get_pixels_by_source_frame(
            sources[0][0], numbers, assert_missing_frames_are_empty=True
        )
    np.testing.assert_array_equal(got, np.stack(masks, axis=-1))
    return 1


def check_volume(seg, masks, affine, tolerance_mm):
    """highdicom's volume contains the same points of the patient as the masks."""
    # highdicom makes no volume from slices that are shifted against each other (gantry tilt).
    if affine is None:
        return 0
    row, column, step = (affine[:, axis] / np.linalg.norm(affine[:, axis]) for axis in range(3))
    if max(abs(row @ step), abs(column @ step)) > 1e-3:
        return 0
    volume = seg.get_volume(combine_segments=False, allow_missing_positions=True, rtol=0.05)
    for at, mask in enumerate(masks):
        # The position of each of its voxels on the masks' grid.
        points = np.argwhere(volume.array[..., at]) @ volume.affine[:3, :3].T + volume.affine[:3, 3]
        indices = np.linalg.solve(affine[:, :3], (points - affine[:, 3]).T).T
        nearest = np.round(indices).astype(int)
        assert np.linalg.norm((indices - nearest) @ affine[:, :3].T, axis=1).max() < tolerance_mm
        got = np.zeros_like(mask)
        got[tuple(nearest[:, ::-1].T)] = 1
        np.testing.assert_array_equal(got, mask)
    return 1


def check_by_file(seg, series, linked):
    """Frames are at the positions of the files that they reference, and have the same patient and study."""
    if series is None or not linked:
        return 0
    files = [pydicom.dcmread(file, stop_before_pixels=True) for file in Path(series).iterdir()]
    files = {file.SOPInstanceUID: file for file in files}
    shared = seg.SharedFunctionalGroupsSequence[0]
    for group in seg.PerFrameFunctionalGroupsSequence:
        image = group.DerivationImageSequence[0].SourceImageSequence[0]
        file = files[image.ReferencedSOPInstanceUID]
        assert image.ReferencedSOPClassUID == file.SOPClassUID
        position = group.PlanePositionSequence[0].ImagePositionPatient
        np.testing.assert_allclose(position, file.ImagePositionPatient, atol=1e-3)
        orientation = shared.PlaneOrientationSequence[0].ImageOrientationPatient
        np.testing.assert_allclose(orientation, file.ImageOrientationPatient, atol=1e-5)
        measures = shared.PixelMeasuresSequence[0]
        np.testing.assert_allclose(measures.PixelSpacing, file.PixelSpacing, rtol=1e-6)
        assert measures.SliceThickness == file.SliceThickness
        for name in (
            "PatientID",
            "PatientSex",
            "StudyInstanceUID",
            "StudyDate",
            "StudyTime",
            "FrameOfReferenceUID",
            "Rows",
            "Columns",
        ):
            assert seg[name].value == file[name].value, name
        assert seg.ReferencedSeriesSequence[0].SeriesInstanceUID == file.SeriesInstanceUID
    referred = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert {item.ReferencedSOPInstanceUID for item in referred} == set(files)
    return 1


def main(folder):
    case = json.loads((folder / "case.json").read_text())
    columns, rows, slices = case["size"]
    masks = [
        np.fromfile(folder / f"{number}.mask", np.uint8).reshape(slices, rows, columns)
        for number in range(1, len(case["labels"]) + 1)
    ]
    tolerance_mm = case["tolerance_mm"]
    affine = case["patient_from_voxel"]
    affine = None if affine is None else np.array(affine)
    file = folder / "seg.dcm"
    seg = hd.seg.segread(file)
    print("pixels", check_pixels(file, masks, affine, tolerance_mm), end=", ")
    print("segments", check_segments(seg, case["labels"], case["colors"]), end=", ")
    print("by source", check_by_source(seg, masks, case["sources"], case["linked"]), end=", ")
    print("volume", check_volume(seg, masks, affine, tolerance_mm), end=", ")
    print("by file", check_by_file(seg, case["series"], case["linked"]))


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        main(Path(argument))
