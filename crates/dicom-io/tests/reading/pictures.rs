//! Pictures that are not DICOM.

use crate::fixtures::{encode, grey_jpeg, with_exif_orientation};
use dicom_io::{SourceFormat, grey8_for_network, inspect, open, open_bytes, render};
use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage};

fn ramp() -> GrayImage {
    GrayImage::from_fn(16, 9, |x, y| Luma([u8::try_from(x * 10 + y * 5).expect("a byte")]))
}

#[test]
fn eight_bit_grey_passes_unchanged_in_every_lossless_format() {
    for (format, kind) in [
        (ImageFormat::Png, SourceFormat::Png),
        (ImageFormat::Tiff, SourceFormat::Tiff),
        (ImageFormat::Bmp, SourceFormat::Bmp),
    ] {
        let opened = open_bytes(encode(&ramp().into(), format), "x.jpg").expect("opens");
        assert_eq!(opened.kind(), kind, "content decides, not the name");
        assert_eq!(grey8_for_network(&opened, 0).expect("grey"), ramp());
    }
}

#[test]
fn grey_jpeg_passes_as_decoded() {
    let bytes = grey_jpeg(40, 30);
    let decoded = image::load_from_memory(&bytes).expect("valid").into_luma8();
    let opened = open_bytes(bytes, "x").expect("opens");
    assert_eq!(grey8_for_network(&opened, 0).expect("grey"), decoded);
}

#[test]
fn sixteen_bit_grey_keeps_its_depth_and_is_stretched_for_the_network() {
    let deep = ImageBuffer::<Luma<u16>, _>::from_fn(20, 20, |x, y| {
        Luma([u16::try_from(10_000 + x * 50 + y * 50).expect("fits")])
    });
    let bytes = encode(&DynamicImage::ImageLuma16(deep), ImageFormat::Png);
    let opened = open_bytes(bytes, "x").expect("opens");
    assert_eq!(opened.meta.bits_stored, 16);
    assert_eq!(opened.frame(0).expect("read").values().next(), Some(10_000));
    let grey = grey8_for_network(&opened, 0).expect("grey");
    assert_eq!((grey.get_pixel(0, 0).0, grey.get_pixel(19, 19).0), ([0], [255]));
}

#[test]
fn colour_stays_colour_on_screen_and_becomes_luma_for_the_network() {
    let red = RgbImage::from_pixel(4, 4, Rgb([200, 0, 0]));
    let opened = open_bytes(encode(&red.clone().into(), ImageFormat::WebP), "x").expect("opens");
    assert_eq!(render(&opened, 0).expect("drawn").into_rgb8(), red);
    assert_eq!(grey8_for_network(&opened, 0).expect("grey").get_pixel(0, 0).0, [43]);
}

#[test]
fn exif_orientation_turns_the_picture_upright() {
    // Dark above, light below; 40 rows of 30. Held turned, the same bytes are 30 rows of 40.
    let jpeg = grey_jpeg(40, 30);
    let corner_after = [
        // orientation, rows, cols, is the top left light
        (1, 40, 30, false),
        (2, 40, 30, false),
        (3, 40, 30, true),
        (4, 40, 30, true),
        (5, 30, 40, false),
        (6, 30, 40, true),
        (7, 30, 40, true),
        (8, 30, 40, false),
    ];
    for (orientation, rows, cols, light) in corner_after {
        let bytes = with_exif_orientation(&jpeg, orientation);
        let opened = open_bytes(bytes, "phone.jpg").expect("opens");
        assert_eq!((opened.meta.rows, opened.meta.cols), (rows, cols), "{orientation}");
        let grey = grey8_for_network(&opened, 0).expect("grey");
        assert_eq!((grey.height(), grey.width()), (rows, cols));
        assert_eq!(grey.get_pixel(0, 0).0[0] > 128, light, "orientation {orientation}");
    }
}

#[test]
fn a_file_on_disk_opens_by_path_and_keeps_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("chest.dcm");
    std::fs::write(&path, encode(&ramp().into(), ImageFormat::Png)).expect("written");
    let opened = open(&path).expect("opens");
    assert_eq!((opened.name.as_str(), opened.kind()), ("chest.dcm", SourceFormat::Png));
    assert_eq!(inspect(&path).expect("readable")["cols"], 16);
    assert_eq!(open(folder.path()).expect_err("a folder is no file").code(), "io");
    assert_eq!(open(folder.path().join("gone")).expect_err("no file").code(), "io");
}
