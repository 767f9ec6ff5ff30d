//! Tags of the attributes that are written or copied, with the names of the data dictionary (PS3.6 6 and 7).

/// Group and element, sorted as in data sets.
pub(super) type Tag = (u16, u16);

/// File Meta Information Group Length, VR UL.
pub(super) const FILE_META_INFORMATION_GROUP_LENGTH: Tag = (0x0002, 0x0000);
/// File Meta Information Version, VR OB.
pub(super) const FILE_META_INFORMATION_VERSION: Tag = (0x0002, 0x0001);
/// Media Storage SOP Class UID, VR UI.
pub(super) const MEDIA_STORAGE_SOP_CLASS_UID: Tag = (0x0002, 0x0002);
/// Media Storage SOP Instance UID, VR UI.
pub(super) const MEDIA_STORAGE_SOP_INSTANCE_UID: Tag = (0x0002, 0x0003);
/// Transfer Syntax UID, VR UI.
pub(super) const TRANSFER_SYNTAX_UID: Tag = (0x0002, 0x0010);
/// Implementation Class UID, VR UI.
pub(super) const IMPLEMENTATION_CLASS_UID: Tag = (0x0002, 0x0012);
/// Implementation Version Name, VR SH.
pub(super) const IMPLEMENTATION_VERSION_NAME: Tag = (0x0002, 0x0013);
/// Specific Character Set, VR CS.
pub(super) const SPECIFIC_CHARACTER_SET: Tag = (0x0008, 0x0005);
/// Image Type, VR CS.
pub(super) const IMAGE_TYPE: Tag = (0x0008, 0x0008);
/// Instance Creation Date, VR DA.
pub(super) const INSTANCE_CREATION_DATE: Tag = (0x0008, 0x0012);
/// Instance Creation Time, VR TM.
pub(super) const INSTANCE_CREATION_TIME: Tag = (0x0008, 0x0013);
/// SOP Class UID, VR UI.
pub(super) const SOP_CLASS_UID: Tag = (0x0008, 0x0016);
/// SOP Instance UID, VR UI.
pub(super) const SOP_INSTANCE_UID: Tag = (0x0008, 0x0018);
/// Study Date, VR DA.
pub(super) const STUDY_DATE: Tag = (0x0008, 0x0020);
/// Series Date, VR DA.
pub(super) const SERIES_DATE: Tag = (0x0008, 0x0021);
/// Content Date, VR DA.
pub(super) const CONTENT_DATE: Tag = (0x0008, 0x0023);
/// Study Time, VR TM.
pub(super) const STUDY_TIME: Tag = (0x0008, 0x0030);
/// Series Time, VR TM.
pub(super) const SERIES_TIME: Tag = (0x0008, 0x0031);
/// Content Time, VR TM.
pub(super) const CONTENT_TIME: Tag = (0x0008, 0x0033);
/// Accession Number, VR SH.
pub(super) const ACCESSION_NUMBER: Tag = (0x0008, 0x0050);
/// Modality, VR CS.
pub(super) const MODALITY: Tag = (0x0008, 0x0060);
/// Manufacturer, VR LO.
pub(super) const MANUFACTURER: Tag = (0x0008, 0x0070);
/// Referring Physician's Name, VR PN.
pub(super) const REFERRING_PHYSICIAN_NAME: Tag = (0x0008, 0x0090);
/// Code Value, VR SH.
pub(super) const CODE_VALUE: Tag = (0x0008, 0x0100);
/// Coding Scheme Designator, VR SH.
pub(super) const CODING_SCHEME_DESIGNATOR: Tag = (0x0008, 0x0102);
/// Code Meaning, VR LO.
pub(super) const CODE_MEANING: Tag = (0x0008, 0x0104);
/// Study Description, VR LO.
pub(super) const STUDY_DESCRIPTION: Tag = (0x0008, 0x1030);
/// Series Description, VR LO.
pub(super) const SERIES_DESCRIPTION: Tag = (0x0008, 0x103e);
/// Manufacturer's Model Name, VR LO.
pub(super) const MANUFACTURER_MODEL_NAME: Tag = (0x0008, 0x1090);
/// Referenced Series Sequence, VR SQ.
pub(super) const REFERENCED_SERIES_SEQUENCE: Tag = (0x0008, 0x1115);
/// Referenced Instance Sequence, VR SQ.
pub(super) const REFERENCED_INSTANCE_SEQUENCE: Tag = (0x0008, 0x114a);
/// Referenced SOP Class UID, VR UI.
pub(super) const REFERENCED_SOP_CLASS_UID: Tag = (0x0008, 0x1150);
/// Referenced SOP Instance UID, VR UI.
pub(super) const REFERENCED_SOP_INSTANCE_UID: Tag = (0x0008, 0x1155);
/// Referenced Frame Number, VR IS.
pub(super) const REFERENCED_FRAME_NUMBER: Tag = (0x0008, 0x1160);
/// Source Image Sequence, VR SQ.
pub(super) const SOURCE_IMAGE_SEQUENCE: Tag = (0x0008, 0x2112);
/// Derivation Image Sequence, VR SQ.
pub(super) const DERIVATION_IMAGE_SEQUENCE: Tag = (0x0008, 0x9124);
/// Derivation Code Sequence, VR SQ.
pub(super) const DERIVATION_CODE_SEQUENCE: Tag = (0x0008, 0x9215);
/// Patient's Name, VR PN.
pub(super) const PATIENT_NAME: Tag = (0x0010, 0x0010);
/// Patient ID, VR LO.
pub(super) const PATIENT_ID: Tag = (0x0010, 0x0020);
/// Issuer of Patient ID, VR LO.
pub(super) const ISSUER_OF_PATIENT_ID: Tag = (0x0010, 0x0021);
/// Patient's Birth Date, VR DA.
pub(super) const PATIENT_BIRTH_DATE: Tag = (0x0010, 0x0030);
/// Patient's Birth Time, VR TM.
pub(super) const PATIENT_BIRTH_TIME: Tag = (0x0010, 0x0032);
/// Patient's Sex, VR CS.
pub(super) const PATIENT_SEX: Tag = (0x0010, 0x0040);
/// Patient's Age, VR AS.
pub(super) const PATIENT_AGE: Tag = (0x0010, 0x1010);
/// Patient's Size, VR DS.
pub(super) const PATIENT_SIZE: Tag = (0x0010, 0x1020);
/// Patient's Weight, VR DS.
pub(super) const PATIENT_WEIGHT: Tag = (0x0010, 0x1030);
/// Patient Species Description, VR LO.
pub(super) const PATIENT_SPECIES_DESCRIPTION: Tag = (0x0010, 0x2201);
/// Patient's Sex Neutered, VR CS.
pub(super) const PATIENT_SEX_NEUTERED: Tag = (0x0010, 0x2203);
/// Patient Breed Description, VR LO.
pub(super) const PATIENT_BREED_DESCRIPTION: Tag = (0x0010, 0x2292);
/// Patient Breed Code Sequence, VR SQ.
pub(super) const PATIENT_BREED_CODE_SEQUENCE: Tag = (0x0010, 0x2293);
/// Breed Registration Sequence, VR SQ.
pub(super) const BREED_REGISTRATION_SEQUENCE: Tag = (0x0010, 0x2294);
/// Responsible Person, VR PN.
pub(super) const RESPONSIBLE_PERSON: Tag = (0x0010, 0x2297);
/// Responsible Organization, VR LO.
pub(super) const RESPONSIBLE_ORGANIZATION: Tag = (0x0010, 0x2299);
/// Patient Identity Removed, VR CS.
pub(super) const PATIENT_IDENTITY_REMOVED: Tag = (0x0012, 0x0062);
/// De-identification Method, VR LO.
pub(super) const DEIDENTIFICATION_METHOD: Tag = (0x0012, 0x0063);
/// Slice Thickness, VR DS.
pub(super) const SLICE_THICKNESS: Tag = (0x0018, 0x0050);
/// Spacing Between Slices, VR DS.
pub(super) const SPACING_BETWEEN_SLICES: Tag = (0x0018, 0x0088);
/// Device Serial Number, VR LO.
pub(super) const DEVICE_SERIAL_NUMBER: Tag = (0x0018, 0x1000);
/// Software Versions, VR LO.
pub(super) const SOFTWARE_VERSIONS: Tag = (0x0018, 0x1020);
/// Study Instance UID, VR UI.
pub(super) const STUDY_INSTANCE_UID: Tag = (0x0020, 0x000d);
/// Series Instance UID, VR UI.
pub(super) const SERIES_INSTANCE_UID: Tag = (0x0020, 0x000e);
/// Study ID, VR SH.
pub(super) const STUDY_ID: Tag = (0x0020, 0x0010);
/// Series Number, VR IS.
pub(super) const SERIES_NUMBER: Tag = (0x0020, 0x0011);
/// Instance Number, VR IS.
pub(super) const INSTANCE_NUMBER: Tag = (0x0020, 0x0013);
/// Patient Orientation, VR CS.
pub(super) const PATIENT_ORIENTATION: Tag = (0x0020, 0x0020);
/// Image Position (Patient), VR DS.
pub(super) const IMAGE_POSITION_PATIENT: Tag = (0x0020, 0x0032);
/// Image Orientation (Patient), VR DS.
pub(super) const IMAGE_ORIENTATION_PATIENT: Tag = (0x0020, 0x0037);
/// Frame of Reference UID, VR UI.
pub(super) const FRAME_OF_REFERENCE_UID: Tag = (0x0020, 0x0052);
/// Position Reference Indicator, VR LO.
pub(super) const POSITION_REFERENCE_INDICATOR: Tag = (0x0020, 0x1040);
/// Stack ID, VR SH.
pub(super) const STACK_ID: Tag = (0x0020, 0x9056);
/// In-Stack Position Number, VR UL.
pub(super) const IN_STACK_POSITION_NUMBER: Tag = (0x0020, 0x9057);
/// Frame Content Sequence, VR SQ.
pub(super) const FRAME_CONTENT_SEQUENCE: Tag = (0x0020, 0x9111);
/// Plane Position Sequence, VR SQ.
pub(super) const PLANE_POSITION_SEQUENCE: Tag = (0x0020, 0x9113);
/// Plane Orientation Sequence, VR SQ.
pub(super) const PLANE_ORIENTATION_SEQUENCE: Tag = (0x0020, 0x9116);
/// Dimension Index Values, VR UL.
pub(super) const DIMENSION_INDEX_VALUES: Tag = (0x0020, 0x9157);
/// Dimension Organization UID, VR UI.
pub(super) const DIMENSION_ORGANIZATION_UID: Tag = (0x0020, 0x9164);
/// Dimension Index Pointer, VR AT.
pub(super) const DIMENSION_INDEX_POINTER: Tag = (0x0020, 0x9165);
/// Functional Group Pointer, VR AT.
pub(super) const FUNCTIONAL_GROUP_POINTER: Tag = (0x0020, 0x9167);
/// Dimension Organization Sequence, VR SQ.
pub(super) const DIMENSION_ORGANIZATION_SEQUENCE: Tag = (0x0020, 0x9221);
/// Dimension Index Sequence, VR SQ.
pub(super) const DIMENSION_INDEX_SEQUENCE: Tag = (0x0020, 0x9222);
/// Dimension Description Label, VR LO.
pub(super) const DIMENSION_DESCRIPTION_LABEL: Tag = (0x0020, 0x9421);
/// Samples per Pixel, VR US.
pub(super) const SAMPLES_PER_PIXEL: Tag = (0x0028, 0x0002);
/// Photometric Interpretation, VR CS.
pub(super) const PHOTOMETRIC_INTERPRETATION: Tag = (0x0028, 0x0004);
/// Number of Frames, VR IS.
pub(super) const NUMBER_OF_FRAMES: Tag = (0x0028, 0x0008);
/// Rows, VR US.
pub(super) const ROWS: Tag = (0x0028, 0x0010);
/// Columns, VR US.
pub(super) const COLUMNS: Tag = (0x0028, 0x0011);
/// Pixel Spacing, VR DS.
pub(super) const PIXEL_SPACING: Tag = (0x0028, 0x0030);
/// Bits Allocated, VR US.
pub(super) const BITS_ALLOCATED: Tag = (0x0028, 0x0100);
/// Bits Stored, VR US.
pub(super) const BITS_STORED: Tag = (0x0028, 0x0101);
/// High Bit, VR US.
pub(super) const HIGH_BIT: Tag = (0x0028, 0x0102);
/// Pixel Representation, VR US.
pub(super) const PIXEL_REPRESENTATION: Tag = (0x0028, 0x0103);
/// Pixel Padding Value, VR US.
pub(super) const PIXEL_PADDING_VALUE: Tag = (0x0028, 0x0120);
/// Spatial Locations Preserved, VR CS.
pub(super) const SPATIAL_LOCATIONS_PRESERVED: Tag = (0x0028, 0x135a);
/// Lossy Image Compression, VR CS.
pub(super) const LOSSY_IMAGE_COMPRESSION: Tag = (0x0028, 0x2110);
/// Lossy Image Compression Ratio, VR DS.
pub(super) const LOSSY_IMAGE_COMPRESSION_RATIO: Tag = (0x0028, 0x2112);
/// Lossy Image Compression Method, VR CS.
pub(super) const LOSSY_IMAGE_COMPRESSION_METHOD: Tag = (0x0028, 0x2114);
/// Pixel Measures Sequence, VR SQ.
pub(super) const PIXEL_MEASURES_SEQUENCE: Tag = (0x0028, 0x9110);
/// Purpose of Reference Code Sequence, VR SQ.
pub(super) const PURPOSE_OF_REFERENCE_CODE_SEQUENCE: Tag = (0x0040, 0xa170);
/// Segmentation Type, VR CS.
pub(super) const SEGMENTATION_TYPE: Tag = (0x0062, 0x0001);
/// Segment Sequence, VR SQ.
pub(super) const SEGMENT_SEQUENCE: Tag = (0x0062, 0x0002);
/// Segmented Property Category Code Sequence, VR SQ.
pub(super) const SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE: Tag = (0x0062, 0x0003);
/// Segment Number, VR US.
pub(super) const SEGMENT_NUMBER: Tag = (0x0062, 0x0004);
/// Segment Label, VR LO.
pub(super) const SEGMENT_LABEL: Tag = (0x0062, 0x0005);
/// Segmentation Algorithm Identification Sequence, VR SQ.
pub(super) const SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE: Tag = (0x0062, 0x0007);
/// Segment Algorithm Type, VR CS.
pub(super) const SEGMENT_ALGORITHM_TYPE: Tag = (0x0062, 0x0008);
/// Segment Algorithm Name, VR LO.
pub(super) const SEGMENT_ALGORITHM_NAME: Tag = (0x0062, 0x0009);
/// Segment Identification Sequence, VR SQ.
pub(super) const SEGMENT_IDENTIFICATION_SEQUENCE: Tag = (0x0062, 0x000a);
/// Referenced Segment Number, VR US.
pub(super) const REFERENCED_SEGMENT_NUMBER: Tag = (0x0062, 0x000b);
/// Recommended Display CIELab Value, VR US.
pub(super) const RECOMMENDED_DISPLAY_CIE_LAB_VALUE: Tag = (0x0062, 0x000d);
/// Segmented Property Type Code Sequence, VR SQ.
pub(super) const SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE: Tag = (0x0062, 0x000f);
/// Maximum Fractional Value, VR US.
pub(super) const MAXIMUM_FRACTIONAL_VALUE: Tag = (0x0062, 0x000e);
/// Segmentation Fractional Type, VR CS.
pub(super) const SEGMENTATION_FRACTIONAL_TYPE: Tag = (0x0062, 0x0010);
/// Segmented Property Type Modifier Code Sequence, VR SQ.
pub(super) const SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE: Tag = (0x0062, 0x0011);
/// Segments Overlap, VR CS.
pub(super) const SEGMENTS_OVERLAP: Tag = (0x0062, 0x0013);
/// Tracking ID, VR UT.
pub(super) const TRACKING_ID: Tag = (0x0062, 0x0020);
/// Tracking UID, VR UI.
pub(super) const TRACKING_UID: Tag = (0x0062, 0x0021);
/// Algorithm Family Code Sequence, VR SQ.
pub(super) const ALGORITHM_FAMILY_CODE_SEQUENCE: Tag = (0x0066, 0x002f);
/// Algorithm Version, VR LO.
pub(super) const ALGORITHM_VERSION: Tag = (0x0066, 0x0031);
/// Algorithm Name, VR LO.
pub(super) const ALGORITHM_NAME: Tag = (0x0066, 0x0036);
/// Content Label, VR CS.
pub(super) const CONTENT_LABEL: Tag = (0x0070, 0x0080);
/// Content Description, VR LO.
pub(super) const CONTENT_DESCRIPTION: Tag = (0x0070, 0x0081);
/// Content Creator's Name, VR PN.
pub(super) const CONTENT_CREATOR_NAME: Tag = (0x0070, 0x0084);
/// Shared Functional Groups Sequence, VR SQ.
pub(super) const SHARED_FUNCTIONAL_GROUPS_SEQUENCE: Tag = (0x5200, 0x9229);
/// Per-Frame Functional Groups Sequence, VR SQ.
pub(super) const PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE: Tag = (0x5200, 0x9230);
/// Pixel Data, VR OB or OW.
pub(super) const PIXEL_DATA: Tag = (0x7fe0, 0x0010);
