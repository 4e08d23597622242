//! What a header says about its values: tables, windows, groups of single frames, wide values,
//! padding and overlays.

use crate::fixtures::{EXPLICIT, IMPLICIT, RLE, Recipe, item, sequence, text, words};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_io::{Opened, grey8_for_network, open_bytes, render, render_with_overlays};
use imaging::pixels::RateSource;
use imaging::window::{Tone, first_tone, header_tones, modality_value};
use sha2::{Digest, Sha256};
use std::path::Path;

fn opened(recipe: &Recipe) -> Opened {
    open_bytes(recipe.bytes(), "made.dcm").expect("a file made by the rules opens")
}

fn five(recipe: &mut Recipe, values: [i32; 5]) {
    recipe.samples = values.into_iter().cycle().take(35).collect();
}

fn table(first: u16, bits: u16, values: &[u16]) -> Vec<dicom_object::mem::InMemElement> {
    let count = u16::try_from(values.len()).expect("few");
    vec![
        words(tags::LUT_DESCRIPTOR, VR::US, &[count, first, bits]),
        words(tags::LUT_DATA, VR::OW, values),
        text(tags::LUT_EXPLANATION, VR::LO, "NORMAL"),
    ]
}

#[test]
fn a_modality_table_is_applied_before_everything_else() {
    for syntax in [EXPLICIT, IMPLICIT, RLE] {
        let mut recipe = Recipe::mono(syntax, 16, 12, false)
            .with(tags::WINDOW_CENTER, VR::DS, "150.5")
            .with(tags::WINDOW_WIDTH, VR::DS, "101")
            .with_element(sequence(
                tags::MODALITY_LUT_SEQUENCE,
                vec![item(
                    [
                        table(10, 16, &[100, 150, 200, 60_000]),
                        vec![text(tags::MODALITY_LUT_TYPE, VR::LO, "OD")],
                    ]
                    .concat(),
                )],
            ));
        five(&mut recipe, [0, 10, 11, 12, 4000]);
        let opened = opened(&recipe);
        let frame = opened.frame(0).expect("read");
        assert_eq!(frame.values().take(5).collect::<Vec<_>>(), [100, 100, 150, 200, 60_000]);
        assert_eq!(opened.meta.rescale_unit.as_deref(), Some("OD"));
        assert_eq!(opened.meta.bits_stored, 16);
        let grey = grey8_for_network(&opened, 0).expect("grey");
        assert_eq!(grey.as_raw()[..5], [0, 0, 128, 255, 255], "{syntax}");
        let native = opened.native(0).expect("read");
        assert_eq!(native.range, (0, 4000), "the stored values are still there");
    }
}

#[test]
fn a_voi_table_comes_before_the_window_and_both_are_offered() {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false)
        .with(tags::RESCALE_INTERCEPT, VR::DS, "-1000")
        .with(tags::RESCALE_SLOPE, VR::DS, "1")
        .with(tags::WINDOW_CENTER, VR::DS, "0")
        .with(tags::WINDOW_WIDTH, VR::DS, "2")
        // The first input is -999, written without a sign.
        .with_element(sequence(
            tags::VOILUT_SEQUENCE,
            vec![item(table(64_537, 12, &[0, 1024, 2048, 4095]))],
        ));
    five(&mut recipe, [0, 1, 2, 3, 900]);
    recipe.photometric = "MONOCHROME1";
    let opened = opened(&recipe);
    let grey = grey8_for_network(&opened, 0).expect("grey");
    assert_eq!(grey.as_raw()[..5], [255, 255, 191, 127, 0]);
    let offered = header_tones(&opened.meta);
    assert_eq!(offered.len(), 2);
    assert_eq!(offered[0].0.as_deref(), Some("NORMAL"));
    assert!(matches!(offered[1].1, Tone::Window { width: 2.0, .. }));
}

#[test]
fn a_table_that_overstates_its_depth_is_not_shown_black() {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false)
        .with_element(sequence(tags::VOILUT_SEQUENCE, vec![item(table(0, 16, &[0, 2047, 4095]))]));
    five(&mut recipe, [0, 1, 2, 3, 4]);
    let grey = grey8_for_network(&opened(&recipe), 0).expect("grey");
    assert_eq!(grey.as_raw()[..5], [0, 127, 255, 255, 255]);
}

#[test]
fn sigmoid_and_exact_windows_follow_their_formulas() {
    for (function, expected) in [
        // 255 / (1 + e^(-4 (v - 100) / 100)) for v = 0, 50, 100, 150, 200.
        ("SIGMOID", [5, 30, 128, 225, 250]),
        ("LINEAR_EXACT", [0, 0, 128, 255, 255]),
    ] {
        let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false)
            .with(tags::WINDOW_CENTER, VR::DS, "100")
            .with(tags::WINDOW_WIDTH, VR::DS, "100")
            .with(tags::VOILUT_FUNCTION, VR::CS, function);
        five(&mut recipe, [0, 50, 100, 150, 200]);
        let grey = grey8_for_network(&opened(&recipe), 0).expect("grey");
        assert_eq!(grey.as_raw()[..5], expected, "{function}");
    }
}

#[test]
fn every_frame_follows_its_own_groups_and_else_the_shared_ones() {
    let transformation = |slope: &str| {
        sequence(
            tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
            vec![item(vec![
                text(tags::RESCALE_INTERCEPT, VR::DS, "0"),
                text(tags::RESCALE_SLOPE, VR::DS, slope),
            ])],
        )
    };
    let window = |center: &str| {
        sequence(
            tags::FRAME_VOILUT_SEQUENCE,
            vec![item(vec![
                text(tags::WINDOW_CENTER, VR::DS, center),
                text(tags::WINDOW_WIDTH, VR::DS, "401"),
            ])],
        )
    };
    let spacing = sequence(
        tags::PIXEL_MEASURES_SEQUENCE,
        vec![item(vec![text(tags::PIXEL_SPACING, VR::DS, "0.5\\0.25")])],
    );
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false)
        .with_element(sequence(
            tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
            vec![item(vec![spacing, window("200.5")])],
        ))
        .with_element(sequence(
            tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            vec![item(vec![transformation("1")]), item(vec![transformation("4"), window("800.5")])],
        ));
    recipe.frames = 3;
    recipe.samples = [100; 35 * 3].to_vec();
    let opened = opened(&recipe);
    let metas = [0, 1, 2].map(|frame| opened.frame_meta(frame).into_owned());
    assert_eq!(metas.each_ref().map(|meta| modality_value(100, meta)), [100.0, 400.0, 100.0]);
    let centers = metas.each_ref().map(|meta| meta.windows[0].center);
    assert_eq!(centers, [200.5, 800.5, 200.5], "the second has a window of its own");
    assert!(metas.iter().all(|meta| meta.pixel_spacing.is_some_and(|s| s.col_mm == 0.25)));
    assert_eq!(opened.meta, metas[0]);
    let light = [0, 1, 2].map(|frame| grey8_for_network(&opened, frame).expect("grey").as_raw()[0]);
    assert_eq!(light, [64, 0, 64]);
}

#[test]
fn values_of_32_bits_keep_their_meaning_in_16() {
    let mut recipe = Recipe::mono(EXPLICIT, 32, 31, false)
        .with(tags::RESCALE_SLOPE, VR::DS, "0.5")
        .with(tags::RESCALE_INTERCEPT, VR::DS, "7");
    five(&mut recipe, [1_000_000, 1_000_001, 1_065_535, 1_000_500, 1_000_000]);
    let narrow = opened(&recipe);
    assert_eq!(narrow.meta.narrowed_by, 0, "the span of values fits");
    assert_eq!(narrow.frame(0).expect("read").values().take(3).collect::<Vec<_>>(), [0, 1, 65_535]);
    assert_eq!(modality_value(1, &narrow.meta), 1_000_001.0 * 0.5 + 7.0);

    five(&mut recipe, [0, 1 << 29, i32::MAX >> 1, 64, 63]);
    let wide = opened(&recipe);
    assert_eq!(wide.meta.narrowed_by, 14);
    let values: Vec<i32> = wide.frame(0).expect("read").values().take(5).collect();
    assert_eq!(values, [0, 1 << 15, 65_535, 0, 0]);
    let back = modality_value(values[1], &wide.meta);
    assert_eq!(back, f64::from(1 << 29) * 0.5 + 7.0);
    assert_eq!(wide.native(0).expect("read").range, (0, (1 << 30) - 1));
}

#[test]
fn padding_is_left_out_of_what_is_stretched() {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 16, true);
    recipe = recipe.with_element(words(tags::PIXEL_PADDING_VALUE, VR::US, &[63_536]));
    five(&mut recipe, [-2000, -2000, 10, 20, 30]);
    let opened = opened(&recipe);
    assert_eq!(opened.meta.padding, Some((-2000, -2000)), "written without its sign");
    let tone = first_tone(&opened.frame(0).expect("read"), &opened.meta);
    assert_eq!(tone, Tone::Range { low: 10.0, high: 30.0 });
}

fn overlay(bits: &[u8]) -> Vec<dicom_object::mem::InMemElement> {
    let tag = |element| Tag(0x6002, element);
    let origin = dicom_core::value::PrimitiveValue::I16([2, 3].as_slice().into());
    vec![
        words(tag(0x0010), VR::US, &[2]),
        words(tag(0x0011), VR::US, &[3]),
        text(tag(0x0040), VR::CS, "G"),
        dicom_core::DataElement::new(tag(0x0050), VR::SS, origin),
        words(tag(0x0100), VR::US, &[1]),
        words(tag(0x0102), VR::US, &[0]),
        text(tag(0x1500), VR::LO, "ruler"),
        dicom_core::DataElement::new(
            tag(0x3000),
            VR::OW,
            dicom_core::value::PrimitiveValue::U8(bits.into()),
        ),
    ]
}

#[test]
fn an_overlay_lies_beside_the_picture_and_on_it_only_when_asked() {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false);
    recipe.samples = vec![0; 35];
    for element in overlay(&[0b10_0101, 0]) {
        recipe = recipe.with_element(element);
    }
    let opened = opened(&recipe);
    let [overlay] = opened.overlays() else { panic!("one overlay") };
    assert_eq!((overlay.group, overlay.origin, overlay.region), (0x6002, (1, 2), false));
    assert_eq!(overlay.label.as_deref(), Some("ruler"));
    let plane = opened.overlay(overlay, 0).expect("read").expect("there is one");
    assert_eq!(plane, [1, 0, 1, 0, 0, 1]);
    assert!(render(&opened, 0).expect("drawn").as_bytes().iter().all(|byte| *byte == 0));
    let drawn = render_with_overlays(&opened, 0).expect("drawn");
    let lit: Vec<usize> =
        drawn.as_bytes().iter().enumerate().filter(|(_, b)| **b == 255).map(|(i, _)| i).collect();
    assert_eq!(lit, [7 + 2, 7 + 4, 14 + 4]);
}

#[test]
fn an_overlay_that_hangs_over_the_edge_or_is_cut_does_no_harm() {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false);
    for mut element in overlay(&[0xFF, 0]) {
        if element.header().tag == Tag(0x6002, 0x0050) {
            let far =
                dicom_core::value::PrimitiveValue::I16([i16::MIN, i16::MAX].as_slice().into());
            element = dicom_core::DataElement::new(Tag(0x6002, 0x0050), VR::SS, far);
        }
        recipe = recipe.with_element(element);
    }
    let with = opened(&recipe);
    assert_eq!(with.overlays().len(), 1);
    render_with_overlays(&with, 0).expect("drawn");

    let mut cut = Recipe::mono(EXPLICIT, 16, 12, false);
    for element in overlay(&[]) {
        cut = cut.with_element(element);
    }
    assert!(opened(&cut).overlays().is_empty(), "too few bits to be one");
}

#[test]
fn an_overlay_in_the_pixels_own_words_is_found_and_the_values_stay_clean() {
    for syntax in [EXPLICIT, RLE] {
        let tag = |element| Tag(0x6000, element);
        let mut recipe = Recipe::mono(syntax, 16, 12, false)
            .with_element(words(tag(0x0010), VR::US, &[5]))
            .with_element(words(tag(0x0011), VR::US, &[7]))
            .with_element(text(tag(0x0040), VR::CS, "R"))
            .with_element(words(tag(0x0100), VR::US, &[16]))
            .with_element(words(tag(0x0102), VR::US, &[13]));
        let clean = recipe.samples.clone();
        for (place, value) in recipe.samples.iter_mut().enumerate() {
            *value |= i32::from(place % 3 == 0) << 13;
        }
        let opened = opened(&recipe);
        assert_eq!(opened.frame(0).expect("read").values().collect::<Vec<_>>(), clean);
        let [overlay] = opened.overlays() else { panic!("one overlay") };
        assert!(overlay.region);
        let plane = opened.overlay(overlay, 0).expect("read").expect("there is one");
        let expected: Vec<u8> = (0..35).map(|place| u8::from(place % 3 == 0)).collect();
        assert_eq!(plane, expected, "{syntax}");
    }
}

#[test]
fn overlays_of_real_files_are_those_that_pydicom_reads() {
    // SHA-256 of a byte to a bit, by pydicom's overlay_array.
    let known = [
        (
            "examples_overlay.dcm",
            "e71eac1bb818cffd38a434bbb97d8435a8aa2cf27a92c7008010ed04d466c211",
        ),
        (
            "MR-SIEMENS-DICOM-WithOverlays.dcm",
            "61e8eba584d78dcdf1705356110e6f2e9eea59408aace4c91b21f65bab4809df",
        ),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/dicom");
    if !folder.is_dir() {
        eprintln!("SKIPPED {}: shared data absent", known.len());
        return;
    }
    for (name, digest) in known {
        let opened = dicom_io::open(folder.join(name)).expect(name);
        let [overlay] = opened.overlays() else { panic!("{name}: one overlay") };
        let plane = opened.overlay(overlay, 0).expect(name).expect(name);
        assert_eq!(hex::encode(Sha256::digest(&plane)), digest, "{name}");
    }
}

/// A cine of three frames and what its attributes make of it.
fn plays(attributes: &[(Tag, VR, &str)]) -> Option<(f64, RateSource, Vec<f64>)> {
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false);
    for (tag, vr, value) in attributes {
        recipe = recipe.with(*tag, *vr, value);
    }
    recipe.frames = 3;
    recipe.samples = [100; 35 * 3].to_vec();
    opened(&recipe).meta.play.map(|p| (p.fps, p.source, p.waits_ms))
}

#[test]
fn a_cine_plays_at_the_recommended_rate_then_the_cine_rate_then_the_frame_time() {
    let wanted = |value| (tags::RECOMMENDED_DISPLAY_FRAME_RATE, VR::IS, value);
    let rate = |value| (tags::CINE_RATE, VR::IS, value);
    let time = |value| (tags::FRAME_TIME, VR::DS, value);
    let times = |value| (tags::FRAME_TIME_VECTOR, VR::DS, value);
    assert_eq!(plays(&[]), None);
    let all = [wanted("12"), rate("30"), time("40"), times("0\\50\\150")];
    assert_eq!(plays(&all), Some((12.0, RateSource::RecommendedDisplayFrameRate, vec![])));
    assert_eq!(plays(&all[1..]), Some((30.0, RateSource::CineRate, vec![])));
    assert_eq!(plays(&all[2..]), Some((25.0, RateSource::FrameTime, vec![])));
    let uneven = Some((10.0, RateSource::FrameTimeVector, vec![50.0, 150.0]));
    assert_eq!(plays(&all[3..]), uneven);
    // A field that was never filled in, or cannot be a rate, hides no better one.
    assert_eq!(plays(&[wanted("0"), rate("-3"), time("0"), all[3]]), uneven);
    assert_eq!(plays(&[wanted("0"), time("40")]), Some((25.0, RateSource::FrameTime, vec![])));
    assert_eq!(plays(&[times("0\\50")]), None, "one time is missing");
    assert_eq!(plays(&[times("0\\50\\-1")]), None);
    assert_eq!(plays(&[wanted("100000"), rate("x")]), None);
    // Where both times stand in the file, the Frame Increment Pointer names the one that counts.
    let pointer = DataElement::new(
        tags::FRAME_INCREMENT_POINTER,
        VR::AT,
        PrimitiveValue::Tags([tags::FRAME_TIME_VECTOR].as_slice().into()),
    );
    let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false)
        .with(tags::FRAME_TIME, VR::DS, "40")
        .with(tags::FRAME_TIME_VECTOR, VR::DS, "0\\50\\150")
        .with_element(pointer);
    recipe.frames = 3;
    recipe.samples = [100; 35 * 3].to_vec();
    let read = opened(&recipe).meta.play.map(|p| p.source);
    assert_eq!(read, Some(RateSource::FrameTimeVector));
}

#[test]
fn one_frame_is_no_cine_whatever_its_header_says() {
    let recipe = Recipe::mono(EXPLICIT, 16, 12, false).with(tags::CINE_RATE, VR::IS, "30");
    assert_eq!(opened(&recipe).meta.play, None);
}

#[test]
fn every_frame_has_a_place_in_the_body_or_none_has() {
    let lying = "1\\0\\0\\0\\1\\0";
    let slice = Recipe::mono(EXPLICIT, 16, 12, false)
        .with(tags::IMAGE_POSITION_PATIENT, VR::DS, "-10\\-20\\35.5")
        .with(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, lying)
        .with(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.3");
    let meta = opened(&slice).meta;
    assert_eq!(meta.frame_of_reference.as_deref(), Some("1.2.3"));
    let [place] = meta.places[..] else { panic!("one frame, one place") };
    assert_eq!((place.at, place.normal), ([-10.0, -20.0, 35.5], [0.0, 0.0, 1.0]));
    let nowhere = slice.with(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\1\\0\\0");
    assert_eq!(opened(&nowhere).meta.places, [], "two directions that are one span no plane");

    let at = |z: &str| {
        let position = text(tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("0\\0\\{z}"));
        item(vec![sequence(tags::PLANE_POSITION_SEQUENCE, vec![item(vec![position])])])
    };
    let orientation = text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, lying);
    let shared =
        item(vec![sequence(tags::PLANE_ORIENTATION_SEQUENCE, vec![item(vec![orientation])])]);
    let volume = |frames: Vec<_>| {
        let mut recipe = Recipe::mono(EXPLICIT, 16, 12, false)
            .with_element(sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared.clone()]))
            .with_element(sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames));
        recipe.frames = 3;
        recipe.samples = [100; 35 * 3].to_vec();
        opened(&recipe).meta.places.iter().map(|p| p.at[2]).collect::<Vec<_>>()
    };
    assert_eq!(volume(vec![at("5"), at("7.5"), at("10")]), [5.0, 7.5, 10.0]);
    assert_eq!(volume(vec![at("5"), at("7.5")]), [0.0; 0], "the third one lies nowhere");
}
