//! Pages: lines of text, bars and paths are put on them, and they are written as one PDF file with
//! the fonts they used and with the text behind the glyphs, so that it can be searched and copied.

use crate::letters::{Font, Glyph, Letters, Shaped};
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use std::collections::BTreeMap;

/// 72 points are an inch.
pub const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// Width and height of a page, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub width: f32,
    pub height: f32,
}

impl Size {
    /// 210 mm by 297 mm.
    pub const A4: Self = Self { width: 595.28, height: 841.89 };

    /// A page of so many millimetres.
    #[must_use]
    pub fn mm(width: f32, height: f32) -> Self {
        Self { width: width * POINTS_PER_MM, height: height * POINTS_PER_MM }
    }
}

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// 1 to 9; 6 is what everybody takes.
const EFFORT: u8 = 6;

/// What the file says of itself. No name of a patient: titles are shown by file browsers.
pub struct Facts<'a> {
    pub title: &'a str,
    /// Product and version.
    pub maker: &'a str,
    pub made_at: chrono::DateTime<chrono::FixedOffset>,
    /// Language of the words, as BCP 47 has it (`en`, `ar`).
    pub language: &'a str,
}

/// What a path is drawn with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ink {
    /// Filled, 0 black to 1 white; holes by the even-odd rule.
    Fill(f32),
    /// A line of this width in points, and its grey.
    Line(f32, f32),
}

/// A file in the making. Everything is drawn on the page that was begun last.
pub struct Document {
    pub letters: Letters,
    pages: Vec<(Size, Content)>,
    /// Per font, the glyphs in use, each with what it stands for: the stroke of several Arabic
    /// letters is one glyph. The place in the list is the number the pages know them by.
    used: BTreeMap<usize, Vec<(u16, String)>>,
    /// A letter could not be drawn.
    pub missing: bool,
}

impl Document {
    /// A file with its first page begun.
    #[must_use]
    pub fn new(first: Size) -> Self {
        Self {
            letters: Letters::load(),
            pages: vec![(first, Content::new())],
            used: BTreeMap::new(),
            missing: false,
        }
    }

    /// Begins another page.
    pub fn next_page(&mut self, size: Size) {
        self.pages.push((size, Content::new()));
    }

    /// The number of the page that is drawn on, from 0.
    #[must_use]
    pub fn page(&self) -> usize {
        self.pages.len() - 1
    }

    /// Its size.
    #[must_use]
    pub fn size(&self) -> Size {
        self.pages[self.page()].0
    }

    fn content(&mut self) -> &mut Content {
        let last = self.page();
        &mut self.pages[last].1
    }

    /// Puts a shaped line with its left end at `x` and its base line `y` below the upper edge.
    pub fn line(&mut self, shaped: &Shaped, x: f32, y: f32, size: f32, grey: f32) {
        self.missing |= shaped.missing;
        let height = self.size().height;
        self.content().set_fill_gray(grey).begin_text();
        let mut left = x;
        let mut font = None;
        for glyph in &shaped.glyphs {
            if font != Some(glyph.font) {
                font = Some(glyph.font);
                self.content().set_font(Name(font_name(glyph.font).as_bytes()), size);
            }
            let (dx, dy) = glyph.offset;
            let (at_x, at_y) = (left + dx * size / 1000.0, height - y + dy * size / 1000.0);
            let number = self.number(glyph);
            self.content()
                .set_text_matrix([1.0, 0.0, 0.0, 1.0, at_x, at_y])
                .show(Str(&number.to_be_bytes()));
            left += glyph.advance * size / 1000.0;
        }
        self.content().end_text();
    }

    /// The number of a glyph in this file, from 1; 0 would be the box. A file has far fewer than
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
    pub fn bar(&mut self, x: f32, y: f32, width: f32, height: f32, grey: f32) {
        self.boxes(&[[x, y, width, height]], grey);
    }

    /// Filled boxes of one grey, each as left, upper edge, width, height.
    pub fn boxes(&mut self, boxes: &[[f32; 4]], grey: f32) {
        let top = self.size().height;
        let content = self.content();
        content.set_fill_gray(grey);
        for &[x, y, width, height] in boxes {
            content.rect(x, top - y - height, width, height);
        }
        // A fill without a path is no operator that may stand alone.
        if !boxes.is_empty() {
            content.fill_nonzero();
        }
    }

    /// The outline of a box.
    pub fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        self.frame_with(x, y, width, height, 0.8, 0.25);
    }

    /// The outline of a box in a line of this width and grey.
    pub fn frame_with(&mut self, x: f32, y: f32, w: f32, h: f32, line: f32, grey: f32) {
        let top = self.size().height;
        self.content()
            .set_stroke_gray(grey)
            .set_line_width(line)
            .rect(x, top - y - h, w, h)
            .stroke();
    }

    /// A straight line between two points.
    pub fn rule(&mut self, from: (f32, f32), to: (f32, f32), width: f32, grey: f32) {
        let top = self.size().height;
        self.content()
            .set_stroke_gray(grey)
            .set_line_width(width)
            .move_to(from.0, top - from.1)
            .line_to(to.0, top - to.1)
            .stroke();
    }

    /// Closed outlines of straight lines. A circle is a polygon of many corners: a printer's dot
    /// is coarser.
    pub fn polygons(&mut self, outlines: &[Vec<(f32, f32)>], ink: Ink) {
        let top = self.size().height;
        let content = self.content();
        let mut drawn = false;
        for outline in outlines {
            let [first, rest @ ..] = outline.as_slice() else { continue };
            content.move_to(first.0, top - first.1);
            for corner in rest {
                content.line_to(corner.0, top - corner.1);
            }
            content.close_path();
            drawn = true;
        }
        if !drawn {
            return;
        }
        match ink {
            Ink::Fill(grey) => content.set_fill_gray(grey).fill_even_odd(),
            Ink::Line(width, grey) => content.set_stroke_gray(grey).set_line_width(width).stroke(),
        };
    }

    /// The whole file. Viewers are told to print it at its true size.
    #[must_use]
    pub fn finish(self, facts: &Facts<'_>) -> Vec<u8> {
        let [catalog, pages, info] = [1, 2, 3].map(Ref::new);
        let mut next = 4;
        let mut take = |many: i32| {
            let at = Ref::new(next);
            next += many;
            at
        };
        let sheets: Vec<(Ref, Ref)> = self.pages.iter().map(|_| (take(1), take(1))).collect();
        // Six objects for each font.
        let fonts: Vec<(usize, Ref)> = self.used.keys().map(|&font| (font, take(6))).collect();
        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(pages).lang(TextStr(facts.language));
        let mut preferences = root.viewer_preferences();
        preferences.display_doc_title(true);
        preferences.pair(Name(b"PrintScaling"), Name(b"None"));
        preferences.finish();
        root.finish();
        let count = i32::try_from(sheets.len()).unwrap_or(i32::MAX);
        pdf.pages(pages).kids(sheets.iter().map(|(page, _)| *page)).count(count);
        for ((size, content), (page, drawn)) in self.pages.into_iter().zip(&sheets) {
            let mut sheet = pdf.page(*page);
            sheet
                .parent(pages)
                .media_box(Rect::new(0.0, 0.0, size.width, size.height))
                .contents(*drawn);
            let mut resources = sheet.resources();
            let mut named = resources.fonts();
            for (font, at) in &fonts {
                named.pair(Name(font_name(*font).as_bytes()), *at);
            }
            named.finish();
            resources.finish();
            sheet.finish();
            let packed = compress_to_vec_zlib(&content.finish(), EFFORT);
            pdf.stream(*drawn, &packed).filter(Filter::FlateDecode);
        }
        for (font, at) in &fonts {
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
