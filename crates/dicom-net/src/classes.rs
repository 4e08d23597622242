//! The kinds of objects that hold pictures (PS3.4, table B.5-1): what a sender may store. Reports,
//! plans, presentation states and films are refused when the association is negotiated, by kind.

/// UIDs of their SOP classes.
pub(crate) const IMAGES: &[&str] = &[
    // Computed radiography image.
    "1.2.840.10008.5.1.4.1.1.1",
    // Digital X-ray image for presentation.
    "1.2.840.10008.5.1.4.1.1.1.1",
    // Digital X-ray image for processing.
    "1.2.840.10008.5.1.4.1.1.1.1.1",
    // Digital mammography X-ray image for presentation.
    "1.2.840.10008.5.1.4.1.1.1.2",
    // Digital mammography X-ray image for processing.
    "1.2.840.10008.5.1.4.1.1.1.2.1",
    // Digital intra oral X-ray image for presentation.
    "1.2.840.10008.5.1.4.1.1.1.3",
    // Digital intra oral X-ray image for processing.
    "1.2.840.10008.5.1.4.1.1.1.3.1",
    // CT image.
    "1.2.840.10008.5.1.4.1.1.2",
    // Enhanced CT image.
    "1.2.840.10008.5.1.4.1.1.2.1",
    // Legacy converted enhanced CT image.
    "1.2.840.10008.5.1.4.1.1.2.2",
    // CT image for processing.
    "1.2.840.10008.5.1.4.1.1.2.3",
    // Enhanced CT image for processing.
    "1.2.840.10008.5.1.4.1.1.2.4",
    // Legacy converted enhanced CT image for processing.
    "1.2.840.10008.5.1.4.1.1.2.5",
    // Ultrasound multi frame image (retired).
    "1.2.840.10008.5.1.4.1.1.3",
    // Ultrasound multi frame image.
    "1.2.840.10008.5.1.4.1.1.3.1",
    // MR image.
    "1.2.840.10008.5.1.4.1.1.4",
    // Enhanced MR image.
    "1.2.840.10008.5.1.4.1.1.4.1",
    // Enhanced MR color image.
    "1.2.840.10008.5.1.4.1.1.4.3",
    // Legacy converted enhanced MR image.
    "1.2.840.10008.5.1.4.1.1.4.4",
    // Nuclear medicine image (retired).
    "1.2.840.10008.5.1.4.1.1.5",
    // Ultrasound image (retired).
    "1.2.840.10008.5.1.4.1.1.6",
    // Ultrasound image.
    "1.2.840.10008.5.1.4.1.1.6.1",
    // Enhanced US volume.
    "1.2.840.10008.5.1.4.1.1.6.2",
    // Photoacoustic image.
    "1.2.840.10008.5.1.4.1.1.6.3",
    // Secondary capture image.
    "1.2.840.10008.5.1.4.1.1.7",
    // Multi frame single bit secondary capture image.
    "1.2.840.10008.5.1.4.1.1.7.1",
    // Multi frame grayscale byte secondary capture image.
    "1.2.840.10008.5.1.4.1.1.7.2",
    // Multi frame grayscale word secondary capture image.
    "1.2.840.10008.5.1.4.1.1.7.3",
    // Multi frame true color secondary capture image.
    "1.2.840.10008.5.1.4.1.1.7.4",
    // X-ray angiographic image.
    "1.2.840.10008.5.1.4.1.1.12.1",
    // Enhanced XA image.
    "1.2.840.10008.5.1.4.1.1.12.1.1",
    // X-ray radiofluoroscopic image.
    "1.2.840.10008.5.1.4.1.1.12.2",
    // Enhanced XRF image.
    "1.2.840.10008.5.1.4.1.1.12.2.1",
    // X-ray angiographic bi plane image.
    "1.2.840.10008.5.1.4.1.1.12.3",
    // 3D X-ray angiographic image.
    "1.2.840.10008.5.1.4.1.1.13.1.1",
    // 3D X-ray craniofacial image.
    "1.2.840.10008.5.1.4.1.1.13.1.2",
    // Breast tomosynthesis image.
    "1.2.840.10008.5.1.4.1.1.13.1.3",
    // Breast projection X-ray image for presentation.
    "1.2.840.10008.5.1.4.1.1.13.1.4",
    // Breast projection X-ray image for processing.
    "1.2.840.10008.5.1.4.1.1.13.1.5",
    // Intravascular optical coherence tomography image for presentation.
    "1.2.840.10008.5.1.4.1.1.14.1",
    // Intravascular optical coherence tomography image for processing.
    "1.2.840.10008.5.1.4.1.1.14.2",
    // Nuclear medicine image.
    "1.2.840.10008.5.1.4.1.1.20",
    // Segmentation.
    "1.2.840.10008.5.1.4.1.1.66.4",
    // VL endoscopic image.
    "1.2.840.10008.5.1.4.1.1.77.1.1",
    // VL microscopic image.
    "1.2.840.10008.5.1.4.1.1.77.1.2",
    // VL slide coordinates microscopic image.
    "1.2.840.10008.5.1.4.1.1.77.1.3",
    // VL photographic image.
    "1.2.840.10008.5.1.4.1.1.77.1.4",
    // Ophthalmic photography, 8 bit image.
    "1.2.840.10008.5.1.4.1.1.77.1.5.1",
    // Ophthalmic photography, 16 bit image.
    "1.2.840.10008.5.1.4.1.1.77.1.5.2",
    // Ophthalmic tomography image.
    "1.2.840.10008.5.1.4.1.1.77.1.5.4",
    // Wide field ophthalmic photography stereographic projection image.
    "1.2.840.10008.5.1.4.1.1.77.1.5.5",
    // Wide field ophthalmic photography 3D coordinates image.
    "1.2.840.10008.5.1.4.1.1.77.1.5.6",
    // Ophthalmic optical coherence tomography en face image.
    "1.2.840.10008.5.1.4.1.1.77.1.5.7",
    // VL whole slide microscopy image.
    "1.2.840.10008.5.1.4.1.1.77.1.6",
    // Dermoscopic photography image.
    "1.2.840.10008.5.1.4.1.1.77.1.7",
    // Confocal microscopy image.
    "1.2.840.10008.5.1.4.1.1.77.1.8",
    // Confocal microscopy tiled pyramidal image.
    "1.2.840.10008.5.1.4.1.1.77.1.9",
    // Positron emission tomography image.
    "1.2.840.10008.5.1.4.1.1.128",
    // Legacy converted enhanced PET image.
    "1.2.840.10008.5.1.4.1.1.128.1",
    // Enhanced PET image.
    "1.2.840.10008.5.1.4.1.1.130",
    // RT image.
    "1.2.840.10008.5.1.4.1.1.481.1",
    // RT dose.
    "1.2.840.10008.5.1.4.1.1.481.2",
    // Enhanced RT image.
    "1.2.840.10008.5.1.4.1.1.481.23",
];
