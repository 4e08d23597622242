//! Measures a pack that is being made, writes the figures into `model.toml` and the card, and seals it.
//!
//! `cargo run -p inference --example seal -- models/chest-xray-basic IMAGES ../shared/data/images/manifest.csv`:
//! `IMAGES` holds the unzipped pictures. Without the last two arguments the pack is only sealed.
//! The pack's line in `models/PACKS.sha256` is replaced; the program must then be built again.

use inference::evaluate::{Report, card_metrics, measure, report};
use inference::{Engine, manifest, pack};
use std::fmt::Write as _;
use std::path::Path;

const START: &str = "<!-- figures: written by the sealing example -->";
const END: &str = "<!-- end of figures -->";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = Path::new(args.first().ok_or("usage: seal PACK [IMAGES MANIFEST]")?);
    let mut sha = pack::seal(dir)?;
    if let [_, root, list] = args.as_slice() {
        let engine = Engine::load_unpinned(dir)?;
        let mut rows = manifest::read_manifest(Path::new(list))?;
        rows.retain(|r| manifest::is_validation(&r.group));
        let measured = measure(Path::new(root), rows, &engine);
        let metrics = card_metrics(&engine, &measured);
        let result = report(&engine, &measured);

        let mut text = std::fs::read_to_string(dir.join(pack::MODEL))?;
        text.truncate(
            ["\n[[metrics]]", "\n[files]"]
                .iter()
                .filter_map(|m| text.find(m))
                .min()
                .unwrap_or(text.len()),
        );
        for m in &metrics {
            write!(text, "\n[[metrics]]\nname = {:?}\nvalue = {:?}\n", m.name, m.value)?;
            if let (Some(low), Some(high)) = (m.low, m.high) {
                write!(text, "low = {low:?}\nhigh = {high:?}\n")?;
            }
            writeln!(text, "n = {}", m.n)?;
        }
        std::fs::write(dir.join(pack::MODEL), text)?;

        let card = std::fs::read_to_string(dir.join("README.md"))?;
        let (before, rest) =
            card.split_once(START).ok_or("the card has no place for the figures")?;
        let (_, after) = rest.split_once(END).ok_or("the card has no end of the figures")?;
        std::fs::write(
            dir.join("README.md"),
            format!("{before}{START}\n{}{END}{after}", figures(&metrics, &result)?),
        )?;
        sha = pack::seal(dir)?;
    }
    let id = dir.file_name().ok_or("the pack has no folder name")?.to_string_lossy().into_owned();
    let pins = dir.join("../PACKS.sha256");
    let mut lines: Vec<String> = std::fs::read_to_string(&pins)?
        .lines()
        .filter(|l| !l.ends_with(&format!("  {id}")))
        .map(str::to_owned)
        .collect();
    lines.push(format!("{sha}  {id}"));
    lines.sort_by_key(|l| l.split_once("  ").map(|(_, n)| n.to_owned()));
    std::fs::write(pins, lines.join("\n") + "\n")?;
    eprintln!("{sha}  {id}");
    Ok(())
}

fn figures(metrics: &[pack::Metric], report: &Report) -> Result<String, std::fmt::Error> {
    let mut out = String::from(
        "\n| Figure (validation split) | Value | 95 % interval | n |\n|---|---|---|---|\n",
    );
    for m in metrics {
        let interval =
            m.low.zip(m.high).map_or(String::new(), |(l, h)| format!("{l:.4} to {h:.4}"));
        writeln!(out, "| {} | {:.4} | {interval} | {} |", m.name, m.value, m.n)?;
    }
    let g = &report.gate;
    let share = |a: usize, n: usize| {
        if n == 0 { "-".to_owned() } else { format!("{:.1} %", a as f64 * 100.0 / n as f64) }
    };
    writeln!(
        out,
        "\nAll gates together on the validation split of every task: {} of {} chest X-rays answered ({}), {} of {} other pictures refused ({}).",
        g.chest_accepted,
        g.chest,
        share(g.chest_accepted, g.chest),
        g.other_refused,
        g.other,
        share(g.other_refused, g.other)
    )?;
    out.push_str("\n| Task | n | answered | reasons of the others |\n|---|---|---|---|\n");
    for t in &report.tasks {
        let reasons: Vec<String> = t.abstained.iter().map(|(r, n)| format!("{r} {n}")).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            t.task,
            t.n,
            share(t.answered, t.n),
            reasons.join(", ")
        )?;
    }
    out.push('\n');
    Ok(out)
}
