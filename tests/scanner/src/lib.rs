//! Reads our barcodes as others do: pages drawn by renderers of others, symbols read by a reader of
//! others (rxing). What `labels::read_back` cannot prove, because it shares a table with the writer,
//! is proved here.
//!
//! `cargo test --manifest-path tests/scanner/Cargo.toml`. A renderer that is not installed is skipped
//! with a line that says so.

use rxing::common::GlobalHistogramBinarizer;
use rxing::{BinaryBitmap, DecodeHints, Luma8LuminanceSource, Reader};
use std::path::Path;
use std::process::Command;

/// A page as shades, row by row from the top; 0 is black.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    shades: Vec<u8>,
}

/// Programs that draw pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renderer {
    /// Poppler, in shades, with soft edges.
    Poppler,
    /// Poppler, in black and white, as a printer's driver draws.
    PopplerMono,
    /// Ghostscript, in black and white.
    Ghostscript,
}

impl Renderer {
    pub const ALL: [Self; 3] = [Self::Poppler, Self::PopplerMono, Self::Ghostscript];

    /// The page (from 0) at so many dots to the inch, or nothing when the program is not installed.
    ///
    /// # Panics
    /// When the program is there and fails.
    pub fn draw(self, pdf: &Path, page: usize, dots_per_inch: f64) -> Option<Picture> {
        let folder = tempfile_folder();
        let out = folder.join("page");
        let (page, dots) = ((page + 1).to_string(), dots_per_inch.to_string());
        let mut command = match self {
            Self::Poppler | Self::PopplerMono => {
                let mut command = Command::new("pdftoppm");
                let shade = if self == Self::Poppler { "-gray" } else { "-mono" };
                command.args([shade, "-r", &dots, "-f", &page, "-l", &page, "-singlefile"]);
                command.arg(pdf).arg(&out);
                command
            }
            Self::Ghostscript => {
                let mut command = Command::new("gs");
                command.args(["-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=pbmraw"]);
                command.args([format!("-r{dots}"), format!("-dFirstPage={page}")]);
                command.arg(format!("-dLastPage={page}"));
                command.arg(format!("-sOutputFile={}", out.display())).arg(pdf);
                command
            }
        };
        let ended = command.output().ok()?;
        assert!(ended.status.success(), "{self:?}: {}", String::from_utf8_lossy(&ended.stderr));
        let file = ["", ".pgm", ".pbm"]
            .map(|end| folder.join(format!("page{end}")))
            .into_iter()
            .find(|path| path.exists())
            .expect("a picture");
        let bytes = std::fs::read(file).expect("read");
        std::fs::remove_dir_all(&folder).expect("removed");
        Some(Picture::parse(&bytes).expect("a portable map"))
    }
}

fn tempfile_folder() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("scanner-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

impl Picture {
    /// Portable grey map (P5) or bit map (P4), raw.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut at = 0;
        let mut words = vec![];
        let grey = bytes.starts_with(b"P5");
        while words.len() < if grey { 4 } else { 3 } {
            while bytes.get(at)?.is_ascii_whitespace() {
                at += 1;
            }
            if bytes[at] == b'#' {
                at += bytes[at..].iter().position(|b| *b == b'\n')?;
                continue;
            }
            let long = bytes[at..].iter().position(u8::is_ascii_whitespace)?;
            words.push(std::str::from_utf8(&bytes[at..at + long]).ok()?);
            at += long;
        }
        let data = &bytes[at + 1..];
        let (width, height): (usize, usize) = (words[1].parse().ok()?, words[2].parse().ok()?);
        let shades = if grey {
            data.get(..width * height)?.to_vec()
        } else {
            let row = width.div_ceil(8);
            (0..width * height)
                .map(|n| {
                    let byte = data[n / width * row + n % width / 8];
                    if byte >> (7 - n % width % 8) & 1 == 1 { 0 } else { 255 }
                })
                .collect()
        };
        Some(Self { width, height, shades })
    }

    /// A part, in dots; white where it reaches over the edge.
    pub fn part(&self, x: i64, y: i64, width: usize, height: usize) -> Self {
        let shade = |n: usize| {
            let x = usize::try_from(x + (n % width) as i64).ok().filter(|x| *x < self.width);
            let y = usize::try_from(y + (n / width) as i64).ok();
            x.zip(y).and_then(|(x, y)| self.shades.get(y * self.width + x)).copied().unwrap_or(255)
        };
        Self { width, height, shades: (0..width * height).map(shade).collect() }
    }

    fn bitmap(&self) -> BinaryBitmap<GlobalHistogramBinarizer<Luma8LuminanceSource>> {
        let (width, height) = (self.width as u32, self.height as u32);
        let source = Luma8LuminanceSource::new(self.shades.clone(), width, height);
        let source = source.expect("as many shades as dots");
        BinaryBitmap::new(GlobalHistogramBinarizer::new(source))
    }

    /// The text of the Code 128 in it.
    pub fn code128(&self) -> Result<String, String> {
        let read = rxing::oned::Code128Reader.decode_with_hints(&mut self.bitmap(), &hints());
        read.map(|read| read.getText().to_owned()).map_err(|error| error.to_string())
    }

    /// The text of the Data Matrix in it.
    pub fn data_matrix(&self) -> Result<String, String> {
        let read =
            rxing::datamatrix::DataMatrixReader.decode_with_hints(&mut self.bitmap(), &hints());
        read.map(|read| read.getText().to_owned()).map_err(|error| error.to_string())
    }

    /// The share of black in a strip of columns.
    pub fn black_in_columns(&self, columns: std::ops::Range<usize>) -> usize {
        let dark = |n: &usize| columns.contains(&(n % self.width)) && self.shades[*n] < 128;
        (0..self.shades.len()).filter(dark).count()
    }
}

fn hints() -> DecodeHints {
    DecodeHints { TryHarder: Some(true), ..DecodeHints::default() }
}
