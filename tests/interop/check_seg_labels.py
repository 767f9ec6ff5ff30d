"""Prints the patient's name and the segments' numbers and labels as pydicom reads them: check_seg_labels.py FILE."""

import sys

import pydicom

sys.stdout.reconfigure(encoding="utf-8")
data = pydicom.dcmread(sys.argv[1])
segments = [f"{item.SegmentNumber} {item.SegmentLabel}" for item in data.SegmentSequence]
print(", ".join([str(data.PatientName), *segments]))
