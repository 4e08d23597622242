//! Stored values, header and light of DICOM files made in code.

use crate::fixtures::{BIG, EXPLICIT, IMPLICIT, JPEG, RLE, Recipe, VIDEO, grey_jpeg};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_io::{Opened, ReadError, grey8_for_network, inspect_bytes, open_bytes, render};
use imaging::pixels::{Photometric, SpacingSource};

fn opened(recipe: &Recipe) -> Opened {
    open_bytes(recipe.bytes(), "made.dcm").expect("a file made by the rules opens")
}

fn values(recipe: &Recipe, frame: u32) -> Vec<i32> {
    opened(recipe).frame(frame).expect("the frame is there").values().collect()
}

#[test]
fn stored_values_survive_every_syntax_depth_and_sign() {
    let mut tried = 0;
    for syntax in [IMPLICIT, EXPLICIT, BIG, RLE] {
        for photometric in ["MONOCHROME1", "MONOCHROME2"] {
            for (allocated, stored) in [(8, 8), (8, 7), (16, 16), (16, 12), (16, 10)] {
                for signed in [false, true] {
                    let mut recipe = Recipe::mono(syntax, allocated, stored, signed);
                    recipe.photometric = photometric;
                    let what = format!("{syntax} {photometric} {stored}/{allocated} {signed}");
                    assert_eq!(values(&recipe, 0), recipe.samples, "{what}");
                    let meta = opened(&recipe).meta;
                    assert_eq!((meta.signed, u16::from(meta.bits_stored)), (signed, stored));
                    let inverted = meta.photometric == Photometric::Mono1;
                    assert_eq!(inverted, photometric == "MONOCHROME1", "{what}");
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, 80);
}

#[test]
fn bits_above_the_high_bit_are_garbage_and_cut_off() {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, true);
    let clean = recipe.samples.clone();
    for value in &mut recipe.samples {
        *value = *value & 0x0FFF | 0x5000;
    }
    assert_eq!(values(&recipe, 0), clean);
}

#[test]
fn single_bits_follow_each_other_across_frames() {
    for syntax in [EXPLICIT, IMPLICIT] {
        let mut recipe = Recipe::mono(syntax, 1, 1, false);
        recipe.frames = 3;
        recipe.samples = (0..3 * 35).map(|i| i32::from(i % 3 == 0)).collect();
        for frame in 0..3_u32 {
            let start = 35 * usize::try_from(frame).expect("small");
            assert_eq!(values(&recipe, frame), recipe.samples[start..start + 35]);
        }
    }
}

#[test]
fn every_frame_of_a_loop_is_found_and_the_next_one_is_refused() {
    for syntax in [EXPLICIT, BIG, RLE] {
        let mut recipe = Recipe::mono(syntax, 16, 16, false);
        recipe.frames = 4;
        recipe.samples = (0..35 * 4).map(|i| i * 400).collect();
        assert_eq!(values(&recipe, 3), recipe.samples[105..]);
        let error = opened(&recipe).frame(4).expect_err("there are four");
        assert_eq!(error, ReadError::NoSuchFrame { frame: 4, frames: 4 });
    }
}

#[test]
fn colour_comes_out_interleaved_whatever_the_plane_order() {
    for syntax in [IMPLICIT, EXPLICIT, BIG, RLE] {
        for planar in [false, true] {
            // RLE fixtures are built from interleaved samples; its planes are the segments.
            let planar = planar && syntax != RLE;
            let mut recipe = Recipe::mono(syntax, 8, 8, false);
            recipe.photometric = "RGB";
            recipe.planar = planar;
            let pixel = |i: i32| [i * 7, 255 - i, i * 3];
            recipe.samples = if planar {
                (0..3).flat_map(|c| (0..35).map(move |i| pixel(i)[c])).collect()
            } else {
                (0..35).flat_map(pixel).collect()
            };
            let frame = opened(&recipe).frame(0).expect("colour is read");
            let expected: Vec<u8> = (0..35).flat_map(pixel).map(|v| v as u8).collect();
            assert_eq!(frame.stored, expected, "{syntax} planar {planar}");
            assert_eq!(frame.samples, 3);
        }
    }
}

#[test]
fn ybr_becomes_rgb() {
    let mut recipe = Recipe::mono(EXPLICIT, 8, 8, false);
    recipe.photometric = "YBR_FULL";
    recipe.samples = [[76, 85, 255], [150, 44, 21], [128, 128, 128]]
        .iter()
        .cycle()
        .take(35)
        .flatten()
        .copied()
        .collect();
    let frame = opened(&recipe).frame(0).expect("read");
    assert_eq!(&frame.stored[..9], [254, 0, 0, 0, 255, 1, 128, 128, 128]);
}

#[test]
fn a_palette_paints_values_and_clamps_those_outside_it() {
    for syntax in [EXPLICIT, IMPLICIT, BIG, RLE] {
        let mut recipe = Recipe::mono(syntax, 8, 8, false);
        recipe.photometric = "PALETTE COLOR";
        recipe.samples = [0, 10, 11, 13, 200].into_iter().cycle().take(35).collect();
        let opened = opened(&recipe);
        assert_eq!(opened.meta.photometric, Photometric::Rgb);
        assert_eq!(opened.meta.photometric_in_header.as_deref(), Some("PALETTE COLOR"));
        let frame = opened.frame(0).expect("read");
        let expected = [[0, 0, 0], [0, 0, 0], [16, 32, 48], [48, 96, 144], [48, 96, 144]];
        assert_eq!(frame.stored[..15], expected.concat(), "{syntax}");
    }
}

#[test]
fn jpeg_baseline_is_read_in_one_fragment_or_in_several() {
    let jpeg = grey_jpeg(16, 24);
    let mut recipe = Recipe::mono(JPEG, 8, 8, false);
    (recipe.rows, recipe.cols) = (16, 24);
    recipe.fragments = vec![jpeg.clone()];
    let whole = values(&recipe, 0);
    assert!(whole[0] < 8 && whole[whole.len() - 1] > 230, "dark above, light below");
    // Split on an even byte, as fragments are.
    let (a, b) = jpeg.split_at(jpeg.len() / 4 * 2);
    recipe.fragments = vec![a.to_vec(), b.to_vec()];
    assert_eq!(values(&recipe, 0), whole);
    recipe.frames = 2;
    recipe.fragments = [a, b, a, b].map(<[u8]>::to_vec).to_vec();
    assert_eq!(values(&recipe, 1), whole);
}

#[test]
fn a_jpeg_of_another_size_than_the_header_is_broken() {
    let mut recipe = Recipe::mono(JPEG, 8, 8, false);
    recipe.fragments = vec![grey_jpeg(16, 24)];
    let error = open_bytes(recipe.bytes(), "x").expect_err("7 x 5 is not 24 x 16");
    assert_eq!(error.code(), "broken");
}

#[test]
fn another_syntax_is_refused_by_name_but_can_be_inspected() {
    let mut recipe = Recipe::mono(VIDEO, 8, 8, false);
    recipe.fragments = vec![vec![1, 2, 3, 4]];
    let error = open_bytes(recipe.bytes(), "x").expect_err("a film is no still");
    assert_eq!(error.code(), "unsupported_syntax");
    assert!(error.to_string().contains("MPEG-2 video"), "{error}");
    let table = inspect_bytes(&recipe.bytes()).expect("its header is readable");
    assert_eq!(table["transfer_syntax"]["uid"], VIDEO);
}

#[test]
fn the_header_is_read() {
    let recipe = Recipe::mono(EXPLICIT, 16, 12, false)
        .with(tags::RESCALE_SLOPE, VR::DS, "2.5")
        .with(tags::RESCALE_INTERCEPT, VR::DS, "-1024")
        .with(tags::WINDOW_CENTER, VR::DS, "40\\-600")
        .with(tags::WINDOW_WIDTH, VR::DS, "400\\1500")
        .with(tags::WINDOW_CENTER_WIDTH_EXPLANATION, VR::LO, "SOFT\\LUNG")
        .with(tags::IMAGER_PIXEL_SPACING, VR::DS, "0.2\\0.1")
        .with(tags::PATIENT_ORIENTATION, VR::CS, "L\\F")
        .with(tags::BURNED_IN_ANNOTATION, VR::CS, "YES")
        .with(tags::VIEW_POSITION, VR::CS, "PA");
    let meta = opened(&recipe).meta;
    assert_eq!((meta.slope, meta.intercept), (2.5, -1024.0));
    let windows: Vec<_> =
        meta.windows.iter().map(|w| (w.center, w.width, w.name.as_deref())).collect();
    assert_eq!(windows, [(40.0, 400.0, Some("SOFT")), (-600.0, 1500.0, Some("LUNG"))]);
    let spacing = meta.pixel_spacing.expect("there is one");
    assert_eq!((spacing.row_mm, spacing.col_mm), (0.2, 0.1));
    assert_eq!(spacing.source, SpacingSource::ImagerPixelSpacing);
    assert_eq!(meta.orientation.expect("there is one").edges().left, "R");
    assert!(meta.burned_in && !meta.presentation_intent_for_processing);
    assert_eq!(meta.view.as_deref(), Some("PA"));
    assert_eq!(meta.patient.name.as_deref(), Some("DOE^JANE"));
    assert_eq!(meta.patient.age_years(meta.study_date), Some(16));
}

#[test]
fn names_in_other_alphabets_are_read() {
    let recipe = Recipe::mono(EXPLICIT, 8, 8, false)
        .with(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192")
        .with(tags::PATIENT_NAME, VR::PN, "محمد^علي");
    assert_eq!(opened(&recipe).meta.patient.name.as_deref(), Some("محمد^علي"));
}

#[test]
fn light_is_slope_then_window_then_inversion() {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false)
        .with(tags::RESCALE_SLOPE, VR::DS, "2")
        .with(tags::RESCALE_INTERCEPT, VR::DS, "-100")
        .with(tags::WINDOW_CENTER, VR::DS, "100.5")
        .with(tags::WINDOW_WIDTH, VR::DS, "201");
    // Modality values 0, 50, 100, 150, 200: a fifth of the way each.
    recipe.samples = [50, 75, 100, 125, 150].into_iter().cycle().take(35).collect();
    let grey = grey8_for_network(&opened(&recipe), 0).expect("grey");
    assert_eq!(grey.as_raw()[..5], [0, 64, 128, 191, 255]);
    recipe.photometric = "MONOCHROME1";
    let grey = grey8_for_network(&opened(&recipe), 0).expect("grey");
    assert_eq!(grey.as_raw()[..5], [255, 191, 127, 64, 0]);
    assert_eq!(values(&recipe, 0)[..5], [50, 75, 100, 125, 150], "stored values stay");
}

#[test]
fn raw_detector_data_is_shown_but_not_analysed() {
    let recipe = Recipe::mono(EXPLICIT, 16, 12, false).with(
        tags::PRESENTATION_INTENT_TYPE,
        VR::CS,
        "FOR PROCESSING",
    );
    let opened = opened(&recipe);
    assert_eq!(grey8_for_network(&opened, 0), Err(ReadError::ForProcessing));
    assert!(render(&opened, 0).is_ok());
}

#[test]
fn inspection_lists_the_header_and_never_the_pixels() {
    let table = inspect_bytes(&Recipe::mono(EXPLICIT, 16, 12, false).bytes()).expect("readable");
    let rows = table["elements"].as_array().expect("a table");
    let row = |tag: &str| rows.iter().find(|row| row["tag"] == tag);
    assert_eq!(row("(0010,0010)").expect("the name is listed")["value"], "DOE^JANE");
    assert_eq!(row("(0002,0010)").expect("the syntax is listed")["vr"], "UI");
    assert!(row("(7FE0,0010)").is_none());
}

#[test]
fn a_file_without_preamble_opens_too() {
    for syntax in [EXPLICIT, IMPLICIT] {
        let recipe = Recipe::mono(syntax, 16, 12, false);
        let with_meta = recipe.bytes()[132..].to_vec();
        let opened = open_bytes(with_meta, "x").expect("opens from the meta group on");
        assert_eq!(opened.frame(0).expect("read").values().collect::<Vec<_>>(), recipe.samples);
    }
}
