//! One A4 page: lines of text and bars are put on it, and it is written as a PDF file with the
//! fonts it used and with the text behind the glyphs, so that it can be searched and copied.

use super::letters::{Font, Glyph, Letters, Shaped};
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use std::collections::BTreeMap;

/// In points, 1/72 inch.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// 1 to 9; 6 is what everybody takes.
const EFFORT: u8 = 6;

/// What the file says of itself. No name of a patient: titles are shown by file browsers.
pub(super) struct Facts<'a> {
    pub title: &'a str,
    pub maker: &'a str,
    pub made_at: chrono::DateTime<chrono::FixedOffset>,
}

pub(super) struct Page {
    pub letters: Letters,
    content: Content,
    /// Per font, the glyphs in use, each with what it stands for: the stroke of several Arabic
    /// letters is one glyph. The place in the list is the number the page knows them by.
    used: BTreeMap<usize, Vec<(u16, String)>>,
    /// A letter could not be drawn.
    pub missing: bool,
}

impl Page {
    pub(super) fn new() -> Self {
        Self {
            letters: Letters::load(),
            content: Content::new(),
            used: BTreeMap::new(),
            missing: false,
        }
    }

    /// Puts a shaped line with its left end at `x` and its base line `y` below the upper edge.
    pub(super) fn line(&mut self, shaped: &Shaped, x: f32, y: f32, size: f32, grey: f32) {
        self.missing |= shaped.missing;
        self.content.set_fill_gray(grey);
        let mut left = x;
        self.content.begin_text();
        let mut font = None;
        for glyph in &shaped.glyphs {
            if font != Some(glyph.font) {
                font = Some(glyph.font);
                self.content.set_font(Name(font_name(glyph.font).as_bytes()), size);
            }
            let (dx, dy) = glyph.offset;
            let (at_x, at_y) = (left + dx * size / 1000.0, HEIGHT - y + dy * size / 1000.0);
            self.content.set_text_matrix([1.0, 0.0, 0.0, 1.0, at_x, at_y]);
            let number = self.number(glyph);
            self.content.show(Str(&number.to_be_bytes()));
            left += glyph.advance * size / 1000.0;
        }
        self.content.end_text();
    }

    /// The number of a glyph on this page, from 1; 0 would be the box. A page has far fewer than
    /// 65,535 letters.
    fn number(&mut self, glyph: &Glyph) -> u16 {
        let used = self.used.entry(glyph.font).or_default();
        let known = used.iter().position(|(id, text)| *id == glyph.id && *text == glyph.text);
        let place = known.unwrap_or_else(|| {
            used.push((glyph.id, glyph.text.clone()));
            used.len() - 1
        });
        u16::try_from(place + 1).unwrap_or(0)
    }

    /// A filled box; `y` is its upper edge, below that of the page.
    pub(super) fn bar(&mut self, x: f32, y: f32, width: f32, height: f32, grey: f32) {
        self.content.set_fill_gray(grey);
        self.content.rect(x, HEIGHT - y - height, width, height).fill_nonzero();
    }

    /// The outline of a box.
    pub(super) fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        self.content.set_stroke_gray(0.25).set_line_width(0.8);
        self.content.rect(x, HEIGHT - y - height, width, height).stroke();
    }

    /// The whole file.
    pub(super) fn finish(self, facts: &Facts<'_>) -> Vec<u8> {
        let [catalog, pages, page, content, info] = [1, 2, 3, 4, 5].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog)
            .pages(pages)
            .lang(TextStr("en"))
            .viewer_preferences()
            .display_doc_title(true);
        pdf.pages(pages).kids([page]).count(1);
        let mut next = 6;
        // Six objects for each font.
        let places: Vec<(usize, Ref)> = self
            .used
            .keys()
            .map(|&font| {
                let at = Ref::new(next);
                next += 6;
                (font, at)
            })
            .collect();
        let mut sheet = pdf.page(page);
        sheet.parent(pages).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content);
        let mut resources = sheet.resources();
        let mut fonts = resources.fonts();
        for (font, at) in &places {
            fonts.pair(Name(font_name(*font).as_bytes()), *at);
        }
        fonts.finish();
        resources.finish();
        sheet.finish();
        let drawn = compress_to_vec_zlib(&self.content.finish(), EFFORT);
        pdf.stream(content, &drawn).filter(Filter::FlateDecode);
        for (font, at) in &places {
            if let Some(glyphs) = self.used.get(font) {
                write_font(&mut pdf, &self.letters, *font, *at, glyphs);
            }
        }
        pdf.document_info(info)
            .title(TextStr(facts.title))
            .creator(TextStr(facts.maker))
            .producer(TextStr(facts.maker))
            .creation_date(date(facts.made_at));
        pdf.finish()
    }
}

fn font_name(font: usize) -> String {
    format!("F{font}")
}

fn date(at: chrono::DateTime<chrono::FixedOffset>) -> Date {
    use chrono::{Datelike, Timelike};
    let small = |value: u32| u8::try_from(value).unwrap_or(0);
    let at = at.to_utc();
    Date::new(u16::try_from(at.year()).unwrap_or(0))
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// A font as a Type 0 font over the numbers of this page, the TrueType file whole beside it.
fn write_font(pdf: &mut Pdf, letters: &Letters, place: usize, at: Ref, glyphs: &[(u16, String)]) {
    let Font { name, data, face } = &letters.fonts[place];
    let nth = |n: i32| Ref::new(at.get() + n);
    let [cid, descriptor, cmap, file, map] = [1, 2, 3, 4, 5].map(nth);
    pdf.type0_font(at)
        .base_font(Name(name.as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(cmap);
    let mut font = pdf.cid_font(cid);
    font.subtype(CidFontType::Type2)
        .base_font(Name(name.as_bytes()))
        .system_info(IDENTITY)
        .font_descriptor(descriptor)
        .default_width(0.0)
        .cid_to_gid_map_stream(map);
    let mut widths = font.widths();
    widths.consecutive(1, glyphs.iter().map(|(id, _)| letters.natural(place, *id)));
    widths.finish();
    font.finish();
    let scale = 1000.0 / face.units_per_em().max(1) as f32;
    let per_mille = |value: i16| f32::from(value) * scale;
    let bounds = face.global_bounding_box();
    pdf.font_descriptor(descriptor)
        .name(Name(name.as_bytes()))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(
            per_mille(bounds.x_min),
            per_mille(bounds.y_min),
            per_mille(bounds.x_max),
            per_mille(bounds.y_max),
        ))
        .italic_angle(0.0)
        .ascent(per_mille(face.ascender()))
        .descent(per_mille(face.descender()))
        .cap_height(per_mille(face.capital_height().unwrap_or(face.ascender())))
        .stem_v(if name.ends_with("SemiBold") { 120.0 } else { 80.0 })
        .font_file2(file);
    let mut unicode = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
    for (number, (_, text)) in (1_u16..).zip(glyphs) {
        if !text.is_empty() {
            unicode.pair_with_multiple(number, text.chars());
        }
    }
    pdf.cmap(cmap, &unicode.finish());
    let ids: Vec<u8> = [0_u16]
        .into_iter()
        .chain(glyphs.iter().map(|(id, _)| *id))
        .flat_map(u16::to_be_bytes)
        .collect();
    pdf.stream(map, &ids);
    let packed = compress_to_vec_zlib(data, EFFORT);
    // `length1` is the length before it was packed.
    pdf.stream(file, &packed)
        .filter(Filter::FlateDecode)
        .pair(Name(b"Length1"), i32::try_from(data.len()).unwrap_or(0));
}
