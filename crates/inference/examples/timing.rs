//! `cargo run -p inference --example timing -- PICTURE..`: milliseconds per picture, the first call apart.
//! Without a picture: one of numbers, 3,000 x 2,500.

use inference::{Engine, default_packs_dir, pack};
use std::io::Write;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = default_packs_dir().ok_or("no packs")?.join(pack::BUILT_IN);
    let start = Instant::now();
    let engine = Engine::load(&dir)?;
    let mut out = std::io::stdout();
    writeln!(out, "load with every check: {:.0} ms", start.elapsed().as_secs_f32() * 1e3)?;
    let mut pictures = Vec::new();
    for file in std::env::args().skip(1) {
        pictures.push(image::open(file)?.to_luma8());
    }
    if pictures.is_empty() {
        pictures.push(image::GrayImage::from_fn(3000, 2500, |x, y| {
            image::Luma([(x / 12 + y / 20) as u8])
        }));
    }
    for picture in &pictures {
        let mut times: Vec<inference::Timing> =
            (0..21).map(|_| engine.analyze(picture).timing_ms).collect();
        let first = times.remove(0);
        times.sort_by(|a, b| (a.preprocess + a.infer).total_cmp(&(b.preprocess + b.infer)));
        let median = times[times.len() / 2];
        writeln!(
            out,
            "{} x {}: first {:.1} + {:.1} ms, median {:.1} + {:.1} ms (preparing + looking)",
            picture.width(),
            picture.height(),
            first.preprocess,
            first.infer,
            median.preprocess,
            median.infer
        )?;
    }
    Ok(())
}
