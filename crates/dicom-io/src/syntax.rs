//! Transfer syntaxes: how a DICOM data set is written down, and which of them are read here.

use crate::codec::Codec;
use dicom_transfer_syntax_registry::entries;

/// Deflated Explicit VR Little Endian: everything after the meta group is one deflate stream.
pub(crate) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

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
    /// Encapsulated, frame by frame.
    Coded(Codec),
    /// Known to exist, not read here: video, JPEG XL, JPEG 2000 part 2, pixels that lie elsewhere.
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
        use Packing::{Coded, Native, Refused};
        let (name, encoding, packing) = match uid {
            "1.2.840.10008.1.2" => ("Implicit VR Little Endian", ImplicitLittle, Native),
            "1.2.840.10008.1.2.1" => ("Explicit VR Little Endian", ExplicitLittle, Native),
            DEFLATED => ("Deflated Explicit VR Little Endian", ExplicitLittle, Native),
            "1.2.840.10008.1.2.2" => ("Explicit VR Big Endian", ExplicitBig, Native),
            other => match coded(other) {
                Some((name, codec)) => (name, ExplicitLittle, Coded(codec)),
                None => (refused_name(other), ExplicitLittle, Refused),
            },
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

/// UIDs of the transfer syntaxes that are read, as a sender may choose among them; big endian
/// and deflated (which hides its size) are for files only.
pub const READABLE: &[&str] = &[
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.8.1",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
];

/// Compressed syntaxes that are read.
fn coded(uid: &str) -> Option<(&'static str, Codec)> {
    Some(match uid {
        "1.2.840.10008.1.2.5" => ("RLE Lossless", Codec::Rle),
        "1.2.840.10008.1.2.8.1" => ("Deflated Image Frame", Codec::Deflate),
        "1.2.840.10008.1.2.4.50" => ("JPEG Baseline", Codec::Jpeg),
        "1.2.840.10008.1.2.4.51" => ("JPEG Extended", Codec::Jpeg),
        "1.2.840.10008.1.2.4.57" => ("JPEG Lossless", Codec::Jpeg),
        "1.2.840.10008.1.2.4.70" => ("JPEG Lossless (Selection Value 1)", Codec::Jpeg),
        "1.2.840.10008.1.2.4.80" => ("JPEG-LS Lossless", Codec::JpegLs),
        "1.2.840.10008.1.2.4.81" => ("JPEG-LS Near-Lossless", Codec::JpegLs),
        "1.2.840.10008.1.2.4.90" => ("JPEG 2000 Lossless", Codec::Jpeg2000),
        "1.2.840.10008.1.2.4.91" => ("JPEG 2000", Codec::Jpeg2000),
        "1.2.840.10008.1.2.4.201" => ("High-Throughput JPEG 2000 Lossless", Codec::Jpeg2000),
        "1.2.840.10008.1.2.4.202" => ("High-Throughput JPEG 2000 Lossless (RPCL)", Codec::Jpeg2000),
        "1.2.840.10008.1.2.4.203" => ("High-Throughput JPEG 2000", Codec::Jpeg2000),
        _ => return None,
    })
}

/// Names for the refusal; empty for a syntax nobody has heard of, which is then shown as a number.
fn refused_name(uid: &str) -> &'static str {
    match uid {
        "1.2.840.10008.1.2.4.92" => "JPEG 2000 Part 2 Lossless",
        "1.2.840.10008.1.2.4.93" => "JPEG 2000 Part 2",
        "1.2.840.10008.1.2.4.52" => "JPEG Extended (Process 3 and 5)",
        "1.2.840.10008.1.2.4.53" | "1.2.840.10008.1.2.4.54" => "JPEG Spectral Selection",
        "1.2.840.10008.1.2.4.55" | "1.2.840.10008.1.2.4.56" => "JPEG Full Progression",
        "1.2.840.10008.1.2.4.94" => "JPIP Referenced",
        "1.2.840.10008.1.2.4.95" => "JPIP Referenced Deflate",
        "1.2.840.10008.1.2.4.100" => "MPEG-2 video (Main Level)",
        "1.2.840.10008.1.2.4.101" => "MPEG-2 video (High Level)",
        "1.2.840.10008.1.2.4.102" | "1.2.840.10008.1.2.4.103" => "H.264 video",
        "1.2.840.10008.1.2.4.107" | "1.2.840.10008.1.2.4.108" => "HEVC video",
        "1.2.840.10008.1.2.4.110" => "JPEG XL Lossless",
        "1.2.840.10008.1.2.4.111" => "JPEG XL Recompression",
        "1.2.840.10008.1.2.4.112" => "JPEG XL",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_to_senders_is_read() {
        for uid in READABLE {
            assert_ne!(Syntax::of(uid).packing, Packing::Refused, "{uid}");
        }
    }
}
