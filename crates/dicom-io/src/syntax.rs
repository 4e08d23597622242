//! Transfer syntaxes: how a DICOM data set is written down, and which of them are read here.

use dicom_transfer_syntax_registry::entries;

/// How the bytes of the data set are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
}

/// How the pixels are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Native,
    Rle,
    /// JPEG baseline, extended (8 bit) and lossless.
    Jpeg,
    /// Known to exist, not read in this release.
    Refused,
}

/// A transfer syntax as found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub uid: String,
    pub name: String,
    pub encoding: Encoding,
    pub packing: Packing,
}

impl Syntax {
    pub(crate) fn of(uid: &str) -> Self {
        use Encoding::{ExplicitBig, ExplicitLittle, ImplicitLittle};
        let (name, encoding, packing) = match uid {
            "1.2.840.10008.1.2" => ("Implicit VR Little Endian", ImplicitLittle, Packing::Native),
            "1.2.840.10008.1.2.1" => ("Explicit VR Little Endian", ExplicitLittle, Packing::Native),
            "1.2.840.10008.1.2.2" => ("Explicit VR Big Endian", ExplicitBig, Packing::Native),
            "1.2.840.10008.1.2.5" => ("RLE Lossless", ExplicitLittle, Packing::Rle),
            "1.2.840.10008.1.2.4.50" => ("JPEG Baseline", ExplicitLittle, Packing::Jpeg),
            "1.2.840.10008.1.2.4.51" => ("JPEG Extended", ExplicitLittle, Packing::Jpeg),
            "1.2.840.10008.1.2.4.57" => ("JPEG Lossless", ExplicitLittle, Packing::Jpeg),
            "1.2.840.10008.1.2.4.70" => {
                ("JPEG Lossless (Selection Value 1)", ExplicitLittle, Packing::Jpeg)
            }
            other => (refused_name(other), ExplicitLittle, Packing::Refused),
        };
        let name = if name.is_empty() { format!("transfer syntax {uid}") } else { name.into() };
        Self { uid: uid.into(), name, encoding, packing }
    }

    /// What the DICOM library calls this layout of bytes.
    pub(crate) fn library(&self) -> dicom_transfer_syntax_registry::TransferSyntax {
        match self.encoding {
            Encoding::ImplicitLittle => entries::IMPLICIT_VR_LITTLE_ENDIAN.erased(),
            Encoding::ExplicitLittle => entries::EXPLICIT_VR_LITTLE_ENDIAN.erased(),
            Encoding::ExplicitBig => entries::EXPLICIT_VR_BIG_ENDIAN.erased(),
        }
    }
}

/// Names for the refusal; empty for a syntax nobody has heard of, which is then shown as a number.
fn refused_name(uid: &str) -> &'static str {
    match uid {
        "1.2.840.10008.1.2.1.99" => "Deflated Explicit VR Little Endian",
        "1.2.840.10008.1.2.8.1" => "Deflated Image Frame",
        "1.2.840.10008.1.2.4.80" => "JPEG-LS Lossless",
        "1.2.840.10008.1.2.4.81" => "JPEG-LS Near-Lossless",
        "1.2.840.10008.1.2.4.90" => "JPEG 2000 Lossless",
        "1.2.840.10008.1.2.4.91" => "JPEG 2000",
        "1.2.840.10008.1.2.4.92" => "JPEG 2000 Part 2 Lossless",
        "1.2.840.10008.1.2.4.93" => "JPEG 2000 Part 2",
        "1.2.840.10008.1.2.4.94" => "JPIP Referenced",
        "1.2.840.10008.1.2.4.95" => "JPIP Referenced Deflate",
        "1.2.840.10008.1.2.4.100" => "MPEG-2 video (Main Level)",
        "1.2.840.10008.1.2.4.101" => "MPEG-2 video (High Level)",
        "1.2.840.10008.1.2.4.102" | "1.2.840.10008.1.2.4.103" => "H.264 video",
        "1.2.840.10008.1.2.4.107" | "1.2.840.10008.1.2.4.108" => "HEVC video",
        "1.2.840.10008.1.2.4.110" => "JPEG XL Lossless",
        "1.2.840.10008.1.2.4.111" => "JPEG XL Recompression",
        "1.2.840.10008.1.2.4.112" => "JPEG XL",
        "1.2.840.10008.1.2.4.201" => "High-Throughput JPEG 2000 Lossless",
        "1.2.840.10008.1.2.4.202" => "High-Throughput JPEG 2000 Lossless (RPCL)",
        "1.2.840.10008.1.2.4.203" => "High-Throughput JPEG 2000",
        _ => "",
    }
}
