//! The DICOM attributes that Boxel reads, with the value representation (VR) of PS3.6. The VR in a file is not needed,
//! and often missing (implicit VR) or lost (`UN`).

use super::element::Tag;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute {
    pub tag: Tag,
    pub vr: [u8; 2],
    pub name: &'static str,
}

macro_rules! attributes {
    ($($constant:ident = ($group:literal, $element:literal) $vr:ident $name:literal;)*) => {
        $(pub(super) const $constant: Attribute = Attribute {
            tag: ($group, $element),
            vr: two(stringify!($vr)),
            name: $name,
        };)*
    };
}

const fn two(vr: &str) -> [u8; 2] {
    [vr.as_bytes()[0], vr.as_bytes()[1]]
}

attributes! {
    TRANSFER_SYNTAX_UID = (0x0002, 0x0010) UI "Transfer Syntax UID";
    MEDIA_STORAGE_SOP_CLASS_UID = (0x0002, 0x0002) UI "Media Storage SOP Class UID";
    SPECIFIC_CHARACTER_SET = (0x0008, 0x0005) CS "Specific Character Set";
    CODE_VALUE = (0x0008, 0x0100) SH "Code Value";
    CODING_SCHEME_DESIGNATOR = (0x0008, 0x0102) SH "Coding Scheme Designator";
    CODE_MEANING = (0x0008, 0x0104) LO "Code Meaning";
    IMAGE_TYPE = (0x0008, 0x0008) CS "Image Type";
    SOP_CLASS_UID = (0x0008, 0x0016) UI "SOP Class UID";
    SOP_INSTANCE_UID = (0x0008, 0x0018) UI "SOP Instance UID";
    STUDY_DATE = (0x0008, 0x0020) DA "Study Date";
    ACQUISITION_DATE = (0x0008, 0x0022) DA "Acquisition Date";
    CONTENT_DATE = (0x0008, 0x0023) DA "Content Date";
    ACQUISITION_DATE_TIME = (0x0008, 0x002a) DT "Acquisition DateTime";
    STUDY_TIME = (0x0008, 0x0030) TM "Study Time";
    ACQUISITION_TIME = (0x0008, 0x0032) TM "Acquisition Time";
    CONTENT_TIME = (0x0008, 0x0033) TM "Content Time";
    ACCESSION_NUMBER = (0x0008, 0x0050) SH "Accession Number";
    MODALITY = (0x0008, 0x0060) CS "Modality";
    MANUFACTURER = (0x0008, 0x0070) LO "Manufacturer";
    INSTITUTION_NAME = (0x0008, 0x0080) LO "Institution Name";
    REFERRING_PHYSICIAN_NAME = (0x0008, 0x0090) PN "Referring Physician's Name";
    TIMEZONE_OFFSET = (0x0008, 0x0201) SH "Timezone Offset From UTC";
    STATION_NAME = (0x0008, 0x1010) SH "Station Name";
    STUDY_DESCRIPTION = (0x0008, 0x1030) LO "Study Description";
    SERIES_DESCRIPTION = (0x0008, 0x103e) LO "Series Description";
    MANUFACTURER_MODEL_NAME = (0x0008, 0x1090) LO "Manufacturer's Model Name";
    REFERENCED_SERIES_SEQUENCE = (0x0008, 0x1115) SQ "Referenced Series Sequence";
    FRAME_TYPE = (0x0008, 0x9007) CS "Frame Type";
    COMPLEX_IMAGE_COMPONENT = (0x0008, 0x9208) CS "Complex Image Component";
    PATIENT_NAME = (0x0010, 0x0010) PN "Patient's Name";
    PATIENT_ID = (0x0010, 0x0020) LO "Patient ID";
    ISSUER_OF_PATIENT_ID = (0x0010, 0x0021) LO "Issuer of Patient ID";
    PATIENT_BIRTH_DATE = (0x0010, 0x0030) DA "Patient's Birth Date";
    PATIENT_BIRTH_TIME = (0x0010, 0x0032) TM "Patient's Birth Time";
    PATIENT_SEX = (0x0010, 0x0040) CS "Patient's Sex";
    OTHER_PATIENT_IDS = (0x0010, 0x1000) LO "Other Patient IDs";
    PATIENT_AGE = (0x0010, 0x1010) AS "Patient's Age";
    PATIENT_SIZE = (0x0010, 0x1020) DS "Patient's Size";
    PATIENT_WEIGHT = (0x0010, 0x1030) DS "Patient's Weight";
    PATIENT_SPECIES = (0x0010, 0x2201) LO "Patient Species Description";
    PATIENT_SEX_NEUTERED = (0x0010, 0x2203) CS "Patient's Sex Neutered";
    PATIENT_BREED = (0x0010, 0x2292) LO "Patient Breed Description";
    RESPONSIBLE_PERSON = (0x0010, 0x2297) PN "Responsible Person";
    RESPONSIBLE_ORGANIZATION = (0x0010, 0x2299) LO "Responsible Organization";
    PATIENT_IDENTITY_REMOVED = (0x0012, 0x0062) CS "Patient Identity Removed";
    DEIDENTIFICATION_METHOD = (0x0012, 0x0063) LO "De-identification Method";
    LONGITUDINAL_TEMPORAL_INFORMATION = (0x0028, 0x0303) CS "Longitudinal Temporal Information Modified";
    BODY_PART_EXAMINED = (0x0018, 0x0015) CS "Body Part Examined";
    SLICE_THICKNESS = (0x0018, 0x0050) DS "Slice Thickness";
    KVP = (0x0018, 0x0060) DS "KVP";
    ECHO_TIME = (0x0018, 0x0081) DS "Echo Time";
    INVERSION_TIME = (0x0018, 0x0082) DS "Inversion Time";
    ECHO_NUMBERS = (0x0018, 0x0086) IS "Echo Number(s)";
    SPACING_BETWEEN_SLICES = (0x0018, 0x0088) DS "Spacing Between Slices";
    DEVICE_SERIAL_NUMBER = (0x0018, 0x1000) LO "Device Serial Number";
    SOFTWARE_VERSIONS = (0x0018, 0x1020) LO "Software Versions";
    TRIGGER_TIME = (0x0018, 0x1060) DS "Trigger Time";
    FRAME_TIME = (0x0018, 0x1063) DS "Frame Time";
    FRAME_TIME_VECTOR = (0x0018, 0x1065) DS "Frame Time Vector";
    DISTANCE_SOURCE_TO_DETECTOR = (0x0018, 0x1110) DS "Distance Source to Detector";
    DISTANCE_SOURCE_TO_PATIENT = (0x0018, 0x1111) DS "Distance Source to Patient";
    ESTIMATED_MAGNIFICATION = (0x0018, 0x1114) DS "Estimated Radiographic Magnification Factor";
    IMAGER_PIXEL_SPACING = (0x0018, 0x1164) DS "Imager Pixel Spacing";
    CONVOLUTION_KERNEL = (0x0018, 0x1210) SH "Convolution Kernel";
    ACQUISITION_MATRIX = (0x0018, 0x1310) US "Acquisition Matrix";
    FLIP_ANGLE = (0x0018, 0x1314) DS "Flip Angle";
    SLICE_LOCATION_VECTOR = (0x0018, 0x2005) DS "Slice Location Vector";
    NOMINAL_SCANNED_PIXEL_SPACING = (0x0018, 0x2010) DS "Nominal Scanned Pixel Spacing";
    ULTRASOUND_REGIONS = (0x0018, 0x6011) SQ "Sequence of Ultrasound Regions";
    REGION_SPATIAL_FORMAT = (0x0018, 0x6012) US "Region Spatial Format";
    REGION_MIN_X0 = (0x0018, 0x6018) UL "Region Location Min X0";
    REGION_MIN_Y0 = (0x0018, 0x601a) UL "Region Location Min Y0";
    REGION_MAX_X1 = (0x0018, 0x601c) UL "Region Location Max X1";
    REGION_MAX_Y1 = (0x0018, 0x601e) UL "Region Location Max Y1";
    PHYSICAL_UNITS_X = (0x0018, 0x6024) US "Physical Units X Direction";
    PHYSICAL_UNITS_Y = (0x0018, 0x6026) US "Physical Units Y Direction";
    PHYSICAL_DELTA_X = (0x0018, 0x602c) FD "Physical Delta X";
    PHYSICAL_DELTA_Y = (0x0018, 0x602e) FD "Physical Delta Y";
    FRAME_ACQUISITION_DATE_TIME = (0x0018, 0x9074) DT "Frame Acquisition DateTime";
    EFFECTIVE_ECHO_TIME = (0x0018, 0x9082) FD "Effective Echo Time";
    DIFFUSION_B_VALUE = (0x0018, 0x9087) FD "Diffusion b-value";
    MR_ECHO_SEQUENCE = (0x0018, 0x9114) SQ "MR Echo Sequence";
    MR_DIFFUSION_SEQUENCE = (0x0018, 0x9117) SQ "MR Diffusion Sequence";
    CARDIAC_SYNCHRONIZATION_SEQUENCE = (0x0018, 0x9118) SQ "Cardiac Synchronization Sequence";
    MR_IMAGE_FRAME_TYPE_SEQUENCE = (0x0018, 0x9226) SQ "MR Image Frame Type Sequence";
    CT_IMAGE_FRAME_TYPE_SEQUENCE = (0x0018, 0x9329) SQ "CT Image Frame Type Sequence";
    PROJECTION_CALIBRATION_SEQUENCE = (0x0018, 0x9401) SQ "Projection Pixel Calibration Sequence";
    OBJECT_PIXEL_SPACING = (0x0018, 0x9404) FD "Object Pixel Spacing in Center of Beam";
    STUDY_INSTANCE_UID = (0x0020, 0x000d) UI "Study Instance UID";
    SERIES_INSTANCE_UID = (0x0020, 0x000e) UI "Series Instance UID";
    STUDY_ID = (0x0020, 0x0010) SH "Study ID";
    SERIES_NUMBER = (0x0020, 0x0011) IS "Series Number";
    ACQUISITION_NUMBER = (0x0020, 0x0012) IS "Acquisition Number";
    INSTANCE_NUMBER = (0x0020, 0x0013) IS "Instance Number";
    IMAGE_POSITION = (0x0020, 0x0032) DS "Image Position (Patient)";
    IMAGE_ORIENTATION = (0x0020, 0x0037) DS "Image Orientation (Patient)";
    FRAME_OF_REFERENCE_UID = (0x0020, 0x0052) UI "Frame of Reference UID";
    LATERALITY = (0x0020, 0x0060) CS "Laterality";
    TEMPORAL_POSITION = (0x0020, 0x0100) IS "Temporal Position Identifier";
    CONCATENATION_SOURCE = (0x0020, 0x0242) UI "SOP Instance UID of Concatenation Source";
    POSITION_REFERENCE_INDICATOR = (0x0020, 0x1040) LO "Position Reference Indicator";
    STACK_ID = (0x0020, 0x9056) SH "Stack ID";
    IN_STACK_POSITION = (0x0020, 0x9057) UL "In-Stack Position Number";
    FRAME_CONTENT_SEQUENCE = (0x0020, 0x9111) SQ "Frame Content Sequence";
    PLANE_POSITION_SEQUENCE = (0x0020, 0x9113) SQ "Plane Position Sequence";
    PLANE_ORIENTATION_SEQUENCE = (0x0020, 0x9116) SQ "Plane Orientation Sequence";
    TEMPORAL_POSITION_INDEX = (0x0020, 0x9128) UL "Temporal Position Index";
    NOMINAL_CARDIAC_TRIGGER_DELAY = (0x0020, 0x9153) FD "Nominal Cardiac Trigger Delay Time";
    DIMENSION_INDEX_VALUES = (0x0020, 0x9157) UL "Dimension Index Values";
    CONCATENATION_UID = (0x0020, 0x9161) UI "Concatenation UID";
    IN_CONCATENATION_NUMBER = (0x0020, 0x9162) US "In-concatenation Number";
    IN_CONCATENATION_TOTAL = (0x0020, 0x9163) US "In-concatenation Total Number";
    DIMENSION_ORGANIZATION_TYPE = (0x0020, 0x9311) CS "Dimension Organization Type";
    SAMPLES_PER_PIXEL = (0x0028, 0x0002) US "Samples per Pixel";
    PHOTOMETRIC_INTERPRETATION = (0x0028, 0x0004) CS "Photometric Interpretation";
    PLANAR_CONFIGURATION = (0x0028, 0x0006) US "Planar Configuration";
    NUMBER_OF_FRAMES = (0x0028, 0x0008) IS "Number of Frames";
    FRAME_INCREMENT_POINTER = (0x0028, 0x0009) AT "Frame Increment Pointer";
    ROWS = (0x0028, 0x0010) US "Rows";
    COLUMNS = (0x0028, 0x0011) US "Columns";
    PIXEL_SPACING = (0x0028, 0x0030) DS "Pixel Spacing";
    PIXEL_ASPECT_RATIO = (0x0028, 0x0034) IS "Pixel Aspect Ratio";
    BITS_ALLOCATED = (0x0028, 0x0100) US "Bits Allocated";
    BITS_STORED = (0x0028, 0x0101) US "Bits Stored";
    HIGH_BIT = (0x0028, 0x0102) US "High Bit";
    PIXEL_REPRESENTATION = (0x0028, 0x0103) US "Pixel Representation";
    BURNED_IN_ANNOTATION = (0x0028, 0x0301) CS "Burned In Annotation";
    LOSSY_IMAGE_COMPRESSION = (0x0028, 0x2110) CS "Lossy Image Compression";
    LOSSY_IMAGE_COMPRESSION_RATIO = (0x0028, 0x2112) DS "Lossy Image Compression Ratio";
    LOSSY_IMAGE_COMPRESSION_METHOD = (0x0028, 0x2114) CS "Lossy Image Compression Method";
    PIXEL_SPACING_CALIBRATION_TYPE = (0x0028, 0x0a02) CS "Pixel Spacing Calibration Type";
    WINDOW_CENTER = (0x0028, 0x1050) DS "Window Center";
    WINDOW_WIDTH = (0x0028, 0x1051) DS "Window Width";
    RESCALE_INTERCEPT = (0x0028, 0x1052) DS "Rescale Intercept";
    RESCALE_SLOPE = (0x0028, 0x1053) DS "Rescale Slope";
    RESCALE_TYPE = (0x0028, 0x1054) LO "Rescale Type";
    WINDOW_EXPLANATION = (0x0028, 0x1055) LO "Window Center & Width Explanation";
    VOI_LUT_FUNCTION = (0x0028, 0x1056) CS "VOI LUT Function";
    RED_DESCRIPTOR = (0x0028, 0x1101) US "Red Palette Color Lookup Table Descriptor";
    GREEN_DESCRIPTOR = (0x0028, 0x1102) US "Green Palette Color Lookup Table Descriptor";
    BLUE_DESCRIPTOR = (0x0028, 0x1103) US "Blue Palette Color Lookup Table Descriptor";
    RED_DATA = (0x0028, 0x1201) OW "Red Palette Color Lookup Table Data";
    GREEN_DATA = (0x0028, 0x1202) OW "Green Palette Color Lookup Table Data";
    BLUE_DATA = (0x0028, 0x1203) OW "Blue Palette Color Lookup Table Data";
    RED_SEGMENTED_DATA = (0x0028, 0x1221) OW "Segmented Red Palette Color Lookup Table Data";
    GREEN_SEGMENTED_DATA = (0x0028, 0x1222) OW "Segmented Green Palette Color Lookup Table Data";
    BLUE_SEGMENTED_DATA = (0x0028, 0x1223) OW "Segmented Blue Palette Color Lookup Table Data";
    MODALITY_LUT_SEQUENCE = (0x0028, 0x3000) SQ "Modality LUT Sequence";
    LUT_DESCRIPTOR = (0x0028, 0x3002) US "LUT Descriptor";
    LUT_EXPLANATION = (0x0028, 0x3003) LO "LUT Explanation";
    MODALITY_LUT_TYPE = (0x0028, 0x3004) LO "Modality LUT Type";
    LUT_DATA = (0x0028, 0x3006) OW "LUT Data";
    VOI_LUT_SEQUENCE = (0x0028, 0x3010) SQ "VOI LUT Sequence";
    PIXEL_MEASURES_SEQUENCE = (0x0028, 0x9110) SQ "Pixel Measures Sequence";
    FRAME_VOI_LUT_SEQUENCE = (0x0028, 0x9132) SQ "Frame VOI LUT Sequence";
    PIXEL_VALUE_TRANSFORMATION_SEQUENCE = (0x0028, 0x9145) SQ "Pixel Value Transformation Sequence";
    FRAME_PIXEL_DATA_SEQUENCE = (0x0028, 0x9443) SQ "Frame Pixel Data Properties Sequence";
    TOTAL_PIXEL_MATRIX_COLUMNS = (0x0048, 0x0006) UL "Total Pixel Matrix Columns";
    TOTAL_PIXEL_MATRIX_ROWS = (0x0048, 0x0007) UL "Total Pixel Matrix Rows";
    ENERGY_WINDOW_VECTOR = (0x0054, 0x0010) US "Energy Window Vector";
    DETECTOR_VECTOR = (0x0054, 0x0020) US "Detector Vector";
    DETECTOR_INFORMATION_SEQUENCE = (0x0054, 0x0022) SQ "Detector Information Sequence";
    PHASE_VECTOR = (0x0054, 0x0030) US "Phase Vector";
    ROTATION_VECTOR = (0x0054, 0x0050) US "Rotation Vector";
    RR_INTERVAL_VECTOR = (0x0054, 0x0060) US "R-R Interval Vector";
    TIME_SLOT_VECTOR = (0x0054, 0x0070) US "Time Slot Vector";
    SLICE_VECTOR = (0x0054, 0x0080) US "Slice Vector";
    NUMBER_OF_SLICES = (0x0054, 0x0081) US "Number of Slices";
    TIME_SLICE_VECTOR = (0x0054, 0x0100) US "Time Slice Vector";
    PET_UNITS = (0x0054, 0x1001) CS "Units";
    FRAME_REFERENCE_TIME = (0x0054, 0x1300) DS "Frame Reference Time";
    PRESENTATION_LUT_SHAPE = (0x2050, 0x0020) CS "Presentation LUT Shape";
    SEGMENTATION_TYPE = (0x0062, 0x0001) CS "Segmentation Type";
    SEGMENT_SEQUENCE = (0x0062, 0x0002) SQ "Segment Sequence";
    SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE = (0x0062, 0x0003) SQ "Segmented Property Category Code Sequence";
    SEGMENT_NUMBER = (0x0062, 0x0004) US "Segment Number";
    SEGMENT_LABEL = (0x0062, 0x0005) LO "Segment Label";
    SEGMENT_ALGORITHM_TYPE = (0x0062, 0x0008) CS "Segment Algorithm Type";
    SEGMENT_ALGORITHM_NAME = (0x0062, 0x0009) LO "Segment Algorithm Name";
    RECOMMENDED_DISPLAY_CIELAB_VALUE = (0x0062, 0x000d) US "Recommended Display CIELab Value";
    MAXIMUM_FRACTIONAL_VALUE = (0x0062, 0x000e) US "Maximum Fractional Value";
    SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE = (0x0062, 0x000f) SQ "Segmented Property Type Code Sequence";
    SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE = (0x0062, 0x0011) SQ "Segmented Property Type Modifier Code Sequence";
    SEGMENT_IDENTIFICATION_SEQUENCE = (0x0062, 0x000a) SQ "Segment Identification Sequence";
    REFERENCED_SEGMENT_NUMBER = (0x0062, 0x000b) US "Referenced Segment Number";
    REFERENCED_FRAME_OF_REFERENCE_SEQUENCE = (0x3006, 0x0010) SQ "Referenced Frame of Reference Sequence";
    STRUCTURE_SET_ROI_SEQUENCE = (0x3006, 0x0020) SQ "Structure Set ROI Sequence";
    ROI_NUMBER = (0x3006, 0x0022) IS "ROI Number";
    REFERENCED_FRAME_OF_REFERENCE_UID = (0x3006, 0x0024) UI "Referenced Frame of Reference UID";
    ROI_NAME = (0x3006, 0x0026) LO "ROI Name";
    ROI_DISPLAY_COLOR = (0x3006, 0x002a) IS "ROI Display Color";
    ROI_GENERATION_ALGORITHM = (0x3006, 0x0036) CS "ROI Generation Algorithm";
    ROI_GENERATION_DESCRIPTION = (0x3006, 0x0038) LO "ROI Generation Description";
    ROI_CONTOUR_SEQUENCE = (0x3006, 0x0039) SQ "ROI Contour Sequence";
    CONTOUR_SEQUENCE = (0x3006, 0x0040) SQ "Contour Sequence";
    CONTOUR_GEOMETRIC_TYPE = (0x3006, 0x0042) CS "Contour Geometric Type";
    NUMBER_OF_CONTOUR_POINTS = (0x3006, 0x0046) IS "Number of Contour Points";
    CONTOUR_DATA = (0x3006, 0x0050) DS "Contour Data";
    RT_ROI_OBSERVATIONS_SEQUENCE = (0x3006, 0x0080) SQ "RT ROI Observations Sequence";
    REFERENCED_ROI_NUMBER = (0x3006, 0x0084) IS "Referenced ROI Number";
    RT_ROI_IDENTIFICATION_CODE_SEQUENCE = (0x3006, 0x0086) SQ "RT ROI Identification Code Sequence";
    IMAGE_PLANE_PIXEL_SPACING = (0x3002, 0x0011) DS "Image Plane Pixel Spacing";
    RADIATION_MACHINE_SAD = (0x3002, 0x0022) DS "Radiation Machine SAD";
    RT_IMAGE_SID = (0x3002, 0x0026) DS "RT Image SID";
    DOSE_UNITS = (0x3004, 0x0002) CS "Dose Units";
    GRID_FRAME_OFFSETS = (0x3004, 0x000c) DS "Grid Frame Offset Vector";
    DOSE_GRID_SCALING = (0x3004, 0x000e) DS "Dose Grid Scaling";
    SHARED_FUNCTIONAL_GROUPS = (0x5200, 0x9229) SQ "Shared Functional Groups Sequence";
    PER_FRAME_FUNCTIONAL_GROUPS = (0x5200, 0x9230) SQ "Per-Frame Functional Groups Sequence";
    EXTENDED_OFFSET_TABLE = (0x7fe0, 0x0001) OV "Extended Offset Table";
    EXTENDED_OFFSET_LENGTHS = (0x7fe0, 0x0002) OV "Extended Offset Table Lengths";
    FLOAT_PIXEL_DATA = (0x7fe0, 0x0008) OF "Float Pixel Data";
    DOUBLE_FLOAT_PIXEL_DATA = (0x7fe0, 0x0009) OD "Double Float Pixel Data";
    PIXEL_DATA = (0x7fe0, 0x0010) OW "Pixel Data";
}
