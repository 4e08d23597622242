//! From text to glyphs: directions (Unicode bidi), one font after the other for what the first
//! lacks, and shaping, so that an Arabic name is joined and reads from the right.

use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};

/// A font that is built in.
pub(crate) struct Font {
    /// PostScript name.
    pub name: &'static str,
    /// The whole TrueType file.
    pub data: &'static [u8],
    pub face: Face<'static>,
}

macro_rules! font {
    ($name:literal, $file:literal) => {
        ($name, include_bytes!(concat!("../../../assets/fonts/print/", $file, ".ttf")) as &[u8])
    };
}

/// The bold ones first; the rest in the order they are asked.
const BUILT_IN: [(&str, &[u8]); 8] = [
    font!("Inter-SemiBold", "inter-latin-600"),
    font!("NotoSansArabic-SemiBold", "noto-sans-arabic-600"),
    font!("Inter-Regular", "inter-latin-400"),
    font!("Inter-Regular-LatinExt", "inter-latin-ext-400"),
    font!("Inter-Regular-Vietnamese", "inter-vietnamese-400"),
    font!("Inter-Regular-Cyrillic", "inter-cyrillic-400"),
    font!("Inter-Regular-Greek", "inter-greek-400"),
    font!("NotoSansArabic-Regular", "noto-sans-arabic-400"),
];
const BOLD: usize = 0;
const REGULAR: usize = 2;

/// The side a line of text begins on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Left,
    Right,
}

/// One glyph, with lengths in thousandths of the size.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Glyph {
    /// Place in [`Letters::fonts`].
    pub font: usize,
    pub id: u16,
    pub advance: f32,
    pub offset: (f32, f32),
    /// What it stands for, to be copied and searched; empty for a part of another.
    pub text: String,
}

/// Text made ready, from left to right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shaped {
    pub(crate) glyphs: Vec<Glyph>,
    /// A letter is in none of the fonts and stands as a box.
    pub missing: bool,
}

impl Shaped {
    /// In thousandths of the size.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.advance).sum()
    }
}

/// The built-in fonts: Latin, Greek, Cyrillic, Vietnamese and Arabic letters in two weights.
pub struct Letters {
    pub(crate) fonts: Vec<Font>,
}

impl Letters {
    /// Reads the fonts; they are part of the program.
    #[must_use]
    pub fn load() -> Self {
        let fonts = BUILT_IN
            .iter()
            .map(|&(name, data)| {
                let face = Face::from_slice(data, 0).expect("a font of the program, used by tests");
                Font { name, data, face }
            })
            .collect();
        Self { fonts }
    }

    /// Width of a glyph as the font has it, in thousandths.
    pub(crate) fn natural(&self, font: usize, id: u16) -> f32 {
        let face = &self.fonts[font].face;
        let advance = face.glyph_hor_advance(GlyphId(id)).unwrap_or(0);
        f32::from(advance) * 1000.0 / units(face)
    }

    /// Shapes one line. Control characters count as spaces.
    #[must_use]
    pub fn shape(&self, text: &str, bold: bool) -> Shaped {
        self.shape_in(text, bold, None)
    }

    /// As [`Letters::shape`], in a line that runs from one side whatever its first letter is:
    /// punctuation and numbers then stand where a reader of that script looks for them.
    #[must_use]
    pub fn shape_in(&self, text: &str, bold: bool, side: Option<Side>) -> Shaped {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let level = side.map(|side| match side {
            Side::Left => Level::ltr(),
            Side::Right => Level::rtl(),
        });
        let bidi = BidiInfo::new(&text, level);
        let mut shaped = Shaped::default();
        for paragraph in &bidi.paragraphs {
            let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for run in runs {
                let rtl = levels.get(run.start).is_some_and(|level| level.is_rtl());
                let mut items = self.items(&text[run], bold, &mut shaped.missing);
                if rtl {
                    items.reverse();
                }
                for (font, text) in items {
                    shaped.glyphs.extend(self.item(font, &text, rtl));
                }
            }
        }
        shaped
    }

    /// Cuts a run into pieces of one font each. What joins or has no shape of its own stays with
    /// what stands before it.
    fn items(&self, text: &str, bold: bool, missing: &mut bool) -> Vec<(usize, String)> {
        let order: Vec<usize> = match bold {
            true => (BOLD..self.fonts.len()).collect(),
            false => (REGULAR..self.fonts.len()).collect(),
        };
        let has = |font: usize, letter: char| {
            self.fonts[font].face.glyph_index(letter).is_some_and(|id| id.0 != 0)
        };
        let mut items: Vec<(usize, String)> = vec![];
        // Marks of direction have done their work; joiners have it still before them.
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        for letter in text.chars().filter(|c| !turns(*c)) {
            let before = items.last().map(|item| item.0).filter(|&font| {
                !letter.is_alphanumeric() && (has(font, letter) || invisible(letter))
            });
            let font = before.or_else(|| order.iter().copied().find(|&font| has(font, letter)));
            *missing |= font.is_none() && !invisible(letter);
            let font = font.unwrap_or(REGULAR);
            match items.last_mut() {
                Some((last, piece)) if *last == font => piece.push(letter),
                _ => items.push((font, letter.to_string())),
            }
        }
        items
    }

    fn item(&self, font: usize, text: &str, rtl: bool) -> Vec<Glyph> {
        let face = &self.fonts[font].face;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(if rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let mut starts: Vec<usize> =
            shaped.glyph_infos().iter().map(|info| place(info.cluster)).collect();
        starts.sort_unstable();
        starts.dedup();
        let per_mille = |value: i32| value as f32 * 1000.0 / units(face);
        let mut glyphs: Vec<Glyph> = shaped
            .glyph_infos()
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, position)| Glyph {
                font,
                // A font has at most 65,535 glyphs.
                id: u16::try_from(info.glyph_id).unwrap_or(0),
                advance: per_mille(position.x_advance),
                offset: (per_mille(position.x_offset), per_mille(position.y_offset)),
                text: String::new(),
            })
            .collect();
        let clusters: Vec<usize> =
            shaped.glyph_infos().iter().map(|info| place(info.cluster)).collect();
        for (n, &start) in starts.iter().enumerate() {
            let end = starts.get(n + 1).copied().unwrap_or(text.len());
            // Of the glyphs that make one letter, such as a stroke and its dots, the widest says what
            // all stand for.
            let widest = (0..glyphs.len())
                .filter(|&at| clusters[at] == start)
                .max_by(|&a, &b| glyphs[a].advance.total_cmp(&glyphs[b].advance));
            if let Some(glyph) = widest.and_then(|at| glyphs.get_mut(at)) {
                text.get(start..end).unwrap_or_default().clone_into(&mut glyph.text);
            }
        }
        glyphs
    }
}

fn units(face: &Face<'_>) -> f32 {
    face.units_per_em().max(1) as f32
}

fn place(cluster: u32) -> usize {
    usize::try_from(cluster).unwrap_or(usize::MAX)
}

/// Joiners and marks of direction: they act and are not drawn.
pub(crate) fn invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(shaped: &Shaped) -> String {
        shaped.glyphs.iter().map(|glyph| glyph.text.as_str()).collect()
    }

    #[test]
    fn every_built_in_font_reads_and_has_its_letters() {
        let letters = Letters::load();
        assert_eq!(letters.fonts.len(), 8);
        for text in ["Ágnes Nováková", "Nguyễn Thị Ơn", "Ελένη", "Юлия", "محمد", "½ µg ± – …"]
        {
            let shaped = letters.shape(text, true);
            assert!(!shaped.missing, "{text}");
            assert!(shaped.glyphs.iter().all(|glyph| glyph.id != 0), "{text}");
            assert!(shaped.width() > 0.0);
        }
    }

    #[test]
    fn what_no_font_has_is_a_box_and_is_said() {
        let shaped = Letters::load().shape("山田 太郎", false);
        assert!(shaped.missing);
        assert!(shaped.glyphs.iter().any(|glyph| glyph.id == 0));
        assert_eq!(read(&shaped), "山田 太郎", "it can still be copied");
    }

    #[test]
    fn arabic_is_joined_and_runs_from_the_right() {
        let letters = Letters::load();
        let joined = letters.shape("محمد", false);
        assert_eq!(read(&joined).chars().rev().collect::<String>(), "محمد", "last letter leftmost");
        let alone: Vec<u16> =
            "دمحم".chars().map(|c| letters.shape(&c.to_string(), false).glyphs[0].id).collect();
        let shown: Vec<u16> = joined.glyphs.iter().map(|glyph| glyph.id).collect();
        assert_ne!(shown, alone, "letters within a word have other shapes than alone");
    }

    #[test]
    fn directions_mix_in_one_line() {
        let shaped = Letters::load().shape("ALI محمد 12", false);
        assert!(read(&shaped).starts_with("ALI "), "{}", read(&shaped));
        let digits = read(&shaped);
        assert!(digits.contains("12"), "digits keep their order: {digits}");
    }

    #[test]
    fn hostile_text_is_shaped_without_a_panic() {
        let letters = Letters::load();
        for text in [
            "",
            "\n\t\u{0}",
            "\u{202e}abc\u{202c}",
            "e\u{301}\u{301}\u{301}",
            "\u{627}\u{64b}\u{651}",
            "🩻",
        ] {
            let _ = letters.shape(text, true);
        }
    }
}
