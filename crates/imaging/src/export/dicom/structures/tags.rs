//! Tags of an RT Structure Set (PS3.6 6), besides those that a segmentation has too.

use crate::export::dicom::tags::Tag;

/// Operators' Name, VR PN.
pub(super) const OPERATORS_NAME: Tag = (0x0008, 0x1070);
/// Structure Set Label, VR SH.
pub(super) const STRUCTURE_SET_LABEL: Tag = (0x3006, 0x0002);
/// Structure Set Date, VR DA.
pub(super) const STRUCTURE_SET_DATE: Tag = (0x3006, 0x0008);
/// Structure Set Time, VR TM.
pub(super) const STRUCTURE_SET_TIME: Tag = (0x3006, 0x0009);
/// Referenced Frame of Reference Sequence, VR SQ.
pub(super) const REFERENCED_FRAME_OF_REFERENCE_SEQUENCE: Tag = (0x3006, 0x0010);
/// RT Referenced Study Sequence, VR SQ.
pub(super) const RT_REFERENCED_STUDY_SEQUENCE: Tag = (0x3006, 0x0012);
/// RT Referenced Series Sequence, VR SQ.
pub(super) const RT_REFERENCED_SERIES_SEQUENCE: Tag = (0x3006, 0x0014);
/// Contour Image Sequence, VR SQ.
pub(super) const CONTOUR_IMAGE_SEQUENCE: Tag = (0x3006, 0x0016);
/// Structure Set ROI Sequence, VR SQ.
pub(super) const STRUCTURE_SET_ROI_SEQUENCE: Tag = (0x3006, 0x0020);
/// ROI Number, VR IS.
pub(super) const ROI_NUMBER: Tag = (0x3006, 0x0022);
/// Referenced Frame of Reference UID, VR UI.
pub(super) const REFERENCED_FRAME_OF_REFERENCE_UID: Tag = (0x3006, 0x0024);
/// ROI Name, VR LO.
pub(super) const ROI_NAME: Tag = (0x3006, 0x0026);
/// ROI Display Color, VR IS.
pub(super) const ROI_DISPLAY_COLOR: Tag = (0x3006, 0x002a);
/// ROI Generation Algorithm, VR CS.
pub(super) const ROI_GENERATION_ALGORITHM: Tag = (0x3006, 0x0036);
/// ROI Generation Description, VR LO.
pub(super) const ROI_GENERATION_DESCRIPTION: Tag = (0x3006, 0x0038);
/// ROI Contour Sequence, VR SQ.
pub(super) const ROI_CONTOUR_SEQUENCE: Tag = (0x3006, 0x0039);
/// Contour Sequence, VR SQ.
pub(super) const CONTOUR_SEQUENCE: Tag = (0x3006, 0x0040);
/// Contour Geometric Type, VR CS.
pub(super) const CONTOUR_GEOMETRIC_TYPE: Tag = (0x3006, 0x0042);
/// Number of Contour Points, VR IS.
pub(super) const NUMBER_OF_CONTOUR_POINTS: Tag = (0x3006, 0x0046);
/// Contour Data, VR DS.
pub(super) const CONTOUR_DATA: Tag = (0x3006, 0x0050);
/// RT ROI Observations Sequence, VR SQ.
pub(super) const RT_ROI_OBSERVATIONS_SEQUENCE: Tag = (0x3006, 0x0080);
/// Observation Number, VR IS.
pub(super) const OBSERVATION_NUMBER: Tag = (0x3006, 0x0082);
/// Referenced ROI Number, VR IS.
pub(super) const REFERENCED_ROI_NUMBER: Tag = (0x3006, 0x0084);
/// RT ROI Identification Code Sequence, VR SQ.
pub(super) const RT_ROI_IDENTIFICATION_CODE_SEQUENCE: Tag = (0x3006, 0x0086);
/// RT ROI Interpreted Type, VR CS.
pub(super) const RT_ROI_INTERPRETED_TYPE: Tag = (0x3006, 0x00a4);
/// ROI Interpreter, VR PN.
pub(super) const ROI_INTERPRETER: Tag = (0x3006, 0x00a6);
/// Approval Status, VR CS.
pub(super) const APPROVAL_STATUS: Tag = (0x300e, 0x0002);
