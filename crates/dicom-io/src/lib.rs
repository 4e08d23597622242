//! dicom-io
