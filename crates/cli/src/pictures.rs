//! Commands about pictures and packs. They need no facility; with `--home` the packs that facility
//! installed stand on the shelf as they do in the program.

use crate::End;
use crate::facility::{Who, sign_in};
use app::{Backend, Options};
use clap::{Args, Subcommand};
use imaging::kinds::Said;
use inference::describe::{Description, LicenceClass, Task};
use inference::measure::Split;
use inference::{Answer, Engine, Film, Looked, Shelf, ShelfError, Wish, pack};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

#[derive(Args)]
pub(crate) struct Analyze {
    /// DICOM, PNG, JPEG or TIFF files.
    #[arg(required_unless_present = "folders")]
    files: Vec<PathBuf>,
    /// All pictures of a folder and of the folders in it. May be repeated. It needs no facility
    /// and keeps nothing; `batch` outlives the end of the program.
    #[arg(long = "folder", value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// The task, for instance `knee_xray_oa`; without it the picture's kind decides. `models list`
    /// says which tasks there are.
    #[arg(long)]
    task: Option<String>,
    /// The network: `basic_cnn`, `resnet50` or `efficientnet_b0`; without it the best measured one
    /// for the task.
    #[arg(long, value_parser = ["basic_cnn", "resnet50", "efficientnet_b0"])]
    network: Option<String>,
    /// A pack's id (a folder of the packs folder) or its path.
    #[arg(long)]
    pack: Option<String>,
    /// Writes the map of the strongest finding over the picture (of the first file).
    #[arg(long)]
    heatmap: Option<PathBuf>,
    /// Where to compute. This version computes on the CPU.
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "gpu"])]
    device: String,
    #[command(flatten)]
    who: Who,
}

#[derive(Args)]
pub(crate) struct Evaluate {
    /// The folder the manifest's paths start from.
    #[arg(long, required_unless_present = "set")]
    root: Option<PathBuf>,
    /// CSV with the columns file, task, label (and group, for the split).
    #[arg(long, required_unless_present = "set")]
    manifest: Option<PathBuf>,
    /// An evaluation set, a folder or a ZIP, in place of --root and --manifest.
    #[arg(long, conflicts_with_all = ["root", "manifest"])]
    set: Option<PathBuf>,
    /// Measures this pack; without it, for every task the best measured one.
    #[arg(long)]
    pack: Option<String>,
    /// Measures only the packs with this network.
    #[arg(long, value_parser = ["basic_cnn", "resnet50", "efficientnet_b0"])]
    network: Option<String>,
    /// Only the validation split (the manifest needs the column group).
    #[arg(long)]
    validation: bool,
    /// Measures the probabilities that stand in the list of an evaluation set; no picture is opened.
    #[arg(long, conflicts_with_all = ["pack", "network", "validation"])]
    recorded: bool,
    #[command(flatten)]
    who: Who,
}

#[derive(Subcommand)]
pub(crate) enum Models {
    /// The packs that answer: those of the program, and with --home what that facility installed.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// One pack in full.
    Show {
        id: String,
        #[command(flatten)]
        who: Who,
    },
    /// Checks every byte of all packs, or of one; with --home also of every version that facility
    /// installed, whether or not it answers.
    Verify {
        id: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// Writes the pictures that people of the facility judged as an evaluation set, without their
    /// patients.
    ExportEvaluation(crate::quality::Export),
    /// Fits a task anew on the pictures that people of the facility judged, and writes a new
    /// version of its pack where that does better on people it was not fitted on.
    Refit(crate::quality::Refit),
    #[command(flatten)]
    Installed(crate::packs::PackAct),
}

/// The packs of the program; where a home is named, with what its facility installed, as the program
/// itself puts them on its shelf.
fn shelf(home: Option<&Path>, who: &Who) -> Result<Arc<Shelf>, End> {
    let Some(home) = home else {
        let packs = inference::default_packs_dir()
            .ok_or_else(|| End::failed("No model packs are installed beside the program."))?;
        return Ok(Arc::new(Shelf::new(&packs)));
    };
    let backend = Backend::start(Options::at(home));
    let shelf = sign_in(home, &backend, who)
        .and_then(|()| backend.shelf().map_err(|error| End::refused(home, &error)));
    backend.close();
    shelf
}

/// A pack by its path or id.
fn named(shelf: &Shelf, pack: &str) -> Result<Arc<Engine>, End> {
    let dir = Path::new(pack);
    let found =
        if dir.join(pack::MODEL).is_file() { shelf.foreign(dir) } else { shelf.engine(pack) };
    found.map_err(|error| End::failed(error.to_string()))
}

/// Everything installed may be used on the command line; what has stricter terms is told.
const ALL: &dyn Fn(&Description) -> bool = &|_| true;

pub(crate) fn analyze(home: Option<&Path>, ask: &Analyze) -> End {
    if ask.device == "gpu" {
        return End::failed("This version computes on the CPU: use --device auto or cpu.");
    }
    let shelf = match shelf(home, &ask.who) {
        Ok(shelf) => shelf,
        Err(end) => return end,
    };
    let fixed = match ask.pack.as_deref().map(|pack| named(&shelf, pack)).transpose() {
        Ok(fixed) => fixed,
        Err(end) => return end,
    };
    if let Some(words) =
        ask.task.as_deref().and_then(|task| unknown_task(&shelf, fixed.as_deref(), task))
    {
        return End::failed(words);
    }
    let files = match listed(ask) {
        Ok(files) => files,
        Err(words) => return End::failed(words),
    };
    let mut answers = vec![];
    let mut progress = Progress::new(files.len());
    let (mut out, mut failed, mut stricter) = (String::new(), 0, BTreeSet::new());
    for (n, file) in files.iter().enumerate() {
        progress.at(n);
        let heatmap = ask.heatmap.as_deref().filter(|_| n == 0);
        let answer = one(&shelf, fixed.as_ref(), ask, file, heatmap, &mut stricter);
        if answer["status"] == "failed" {
            failed += 1;
        }
        out += &line(&answer);
        answers.push(answer);
    }
    let mut words = match (failed, files.len()) {
        (_, 0) => "There are no pictures in it.".to_owned(),
        (0, _) => "A help for reading, not a report and never a diagnosis.".to_owned(),
        (1, 1) => "The file could not be read.".to_owned(),
        (n, all) if n == all => format!("None of the {all} files could be read."),
        (n, all) => format!("{n} of {all} files could not be read; the others were."),
    };
    // The map that was asked for is of the first file.
    if let Some(why) = answers.first().and_then(|answer| answer["heatmap_error"].as_str()) {
        failed += 1;
        words += &format!("\nNo heatmap was written: {why}.");
    }
    for pack in stricter {
        words += &format!("\n{pack}");
    }
    End { code: u8::from(failed > 0), json: Value::Array(answers), words, out }
}

/// What to say where nothing on the shelf knows this task.
fn unknown_task(shelf: &Shelf, fixed: Option<&Engine>, task: &str) -> Option<String> {
    let mut usable = shelf.usable(ALL);
    // A pack that lies elsewhere may know others.
    usable.extend(fixed.map(|engine| engine.info().description.clone()));
    let tasks: BTreeSet<&str> =
        usable.iter().flat_map(|d| &d.tasks).map(|t| t.name.as_str()).collect();
    if tasks.contains(task) || tasks.is_empty() {
        return None;
    }
    let tasks: Vec<&str> = tasks.into_iter().collect();
    Some(format!("There is no task \"{}\". The tasks are: {}.", one_line(task), tasks.join(", ")))
}

/// A text from outside, such as the name of a file, on one line of a terminal and without signs
/// that would steer it.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The files as named, then the pictures of the folders.
fn listed(ask: &Analyze) -> Result<Vec<PathBuf>, String> {
    let mut files = ask.files.clone();
    for folder in &ask.folders {
        let told = |words: &str| format!("{}: {words}", one_line(&folder.display().to_string()));
        if !folder.is_dir() {
            return Err(told("there is no such folder."));
        }
        let plan = app::pictures_in(folder).map_err(|e| told(&e.to_string()))?;
        let refused = plan.refused.into_iter().map(|(name, _)| name);
        files.extend(plan.parts.into_iter().flatten().chain(refused).map(|n| folder.join(n)));
    }
    Ok(files)
}

/// How far it is, on standard error, now and then.
pub(crate) struct Progress {
    all: usize,
    told: Instant,
}

impl Progress {
    /// Few pictures need no progress: nothing is said in the first seconds.
    pub(crate) fn new(all: usize) -> Self {
        Self { all, told: Instant::now() }
    }

    pub(crate) fn at(&mut self, done: usize) {
        if self.told.elapsed().as_secs() >= 2 {
            eprintln!("{done} of {}", self.all);
            self.told = Instant::now();
        }
    }
}

fn line(answer: &Value) -> String {
    let file = one_line(answer["file"].as_str().unwrap_or_default());
    match answer["status"].as_str() {
        Some("ok") => {
            let findings: Vec<String> = answer["findings"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|f| {
                    let p = f["probability"].as_f64().unwrap_or_default();
                    format!("{} {p:.2}", f["label"].as_str().unwrap_or_default())
                })
                .collect();
            let task = answer["task"].as_str().unwrap_or_default();
            format!("{file}: {task}: {}\n", findings.join(" · "))
        }
        Some(status) => {
            format!("{file}: {status}: {}\n", answer["detail"].as_str().unwrap_or_default())
        }
        None => String::new(),
    }
}

/// One file, from its bytes to its findings.
fn one(
    shelf: &Shelf,
    fixed: Option<&Arc<Engine>>,
    ask: &Analyze,
    file: &Path,
    heatmap: Option<&Path>,
    stricter: &mut BTreeSet<String>,
) -> Value {
    let begun = Instant::now();
    let opened = open(file)
        .and_then(|opened| Ok((dicom_io::rgb8_for_network(&opened, 0)?, Said::of(&opened.meta))));
    let decode = begun.elapsed().as_secs_f64() * 1e3;
    let name = file.display().to_string();
    let fail = |reason: &str, detail: String| {
        json!({
            "file": name, "task": ask.task, "status": "failed", "reason": reason,
            "detail": detail, "pack": null, "findings": [],
            "timing_ms": { "decode": decode, "preprocess": 0.0, "infer": 0.0 },
            "heatmap_error": heatmap.map(|_| "the file could not be read"),
        })
    };
    let (picture, said) = match opened {
        Ok(read) => read,
        Err(error) => return fail(error.code(), error.to_string()),
    };
    let may_be = |kind: &str| said.allows(kind);
    let film = Film { picture: &picture, may_be: &may_be };
    let looked = match look(shelf, fixed, ask, film) {
        Ok(looked) => looked,
        Err(error) => return fail("model", error.to_string()),
    };
    let (info, answer) = (looked.engine.info(), &looked.answer);
    let d = &info.description;
    if d.licence_class != LicenceClass::Open {
        stricter.insert(format!("{}: {}.", d.id, d.licence));
    }
    let pack = json!({ "id": d.id, "version": d.version, "sha256": info.sha256 });
    let task = (!looked.task_open).then_some(&answer.task);
    let timing = json!({
        "decode": decode, "preprocess": answer.timing_ms.preprocess,
        "infer": answer.timing_ms.infer,
    });
    if let Some((reason, limit)) = answer.refused {
        let heat = heatmap.map(|_| "the program abstained, so there is no finding to show");
        return json!({
            "file": name, "task": task, "status": "abstained", "reason": reason.code(),
            "detail": match limit {
                Some(limit) => format!("{} {}", reason.sentence(), reason.measured(limit)),
                None => reason.sentence().to_owned(),
            },
            "network": d.architecture.name(), "pack": pack, "findings": [], "timing_ms": timing,
            "heatmap_error": heat,
        });
    }
    let note = heatmap.and_then(|path| draw(answer, &picture, path).err());
    json!({
        "file": name, "task": task, "status": "ok", "reason": null,
        "network": d.architecture.name(), "pack": pack,
        "findings": answer.findings.iter().map(|f| json!({
            "condition": f.label, "label": f.label, "catalogue": f.condition,
            "probability": f.probability,
        })).collect::<Vec<_>>(),
        "timing_ms": timing, "heatmap_error": note,
    })
}

fn open(file: &Path) -> Result<dicom_io::Opened, dicom_io::ReadError> {
    dicom_io::open(file).map_err(|error| match error {
        // What a listing could not tell exactly is not found by what it told.
        dicom_io::ReadError::Io(_) if unreadable_name(file) => {
            dicom_io::ReadError::Io("its name is not text (UTF-8): rename it".into())
        }
        error => error,
    })
}

fn unreadable_name(file: &Path) -> bool {
    !file.exists() && file.to_string_lossy().contains(char::REPLACEMENT_CHARACTER)
}

fn look(
    shelf: &Shelf,
    fixed: Option<&Arc<Engine>>,
    ask: &Analyze,
    film: Film<'_>,
) -> Result<Looked, ShelfError> {
    let wish = |pack| Wish { pack, task: ask.task.clone(), network: ask.network.clone() };
    let Some(engine) = fixed else { return shelf.look(ALL, &wish(None), film) };
    let d = &engine.info().description;
    let elsewhere = Path::new(ask.pack.as_deref().unwrap_or_default()).join(pack::MODEL).is_file();
    if !elsewhere && shelf.current().iter().any(|(id, _)| *id == d.id) {
        return shelf.look(ALL, &wish(Some(d.id.clone())), film);
    }
    // A pack that lies elsewhere: its own gate proposes.
    inference::alone(engine, ask.task.as_deref(), film)
}

/// The map of the most probable class that is a finding, in red over the grey picture.
fn draw(answer: &Answer, picture: &image::RgbImage, path: &Path) -> Result<(), String> {
    let top = answer
        .findings
        .iter()
        .filter(|f| f.condition.is_some())
        .max_by(|a, b| a.probability.total_cmp(&b.probability));
    let map = top.and_then(|t| answer.maps.iter().find(|m| m.label == t.label));
    let map = map.ok_or("there is no map")?.over(picture.width(), picture.height());
    let blend = image::RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b] = picture.get_pixel(x, y).0.map(u32::from);
        let grey = (r + g + b) / 3;
        let heat = u32::from(map.get_pixel(x.min(map.width() - 1), y.min(map.height() - 1)).0[0]);
        let fade = grey * (255 - heat * 45 / 100) / 255;
        let red = (fade + heat * 45 / 100).min(255);
        image::Rgb([red, fade, fade].map(|c| u8::try_from(c).unwrap_or(u8::MAX)))
    });
    blend.save(path).map_err(|e| e.to_string())
}

/// The packs to measure: the one asked for, or for every task the best one.
fn measured(home: Option<&Path>, ask: &Evaluate) -> Result<Vec<Arc<Engine>>, End> {
    let shelf = shelf(home, &ask.who)?;
    if let Some(pack) = &ask.pack {
        return Ok(vec![named(&shelf, pack)?]);
    }
    let mut usable = shelf.usable(ALL);
    if let Some(network) = &ask.network {
        usable.retain(|d| d.architecture.name() == network);
    }
    // Where several packs know a task the first is asked: those that are best for most come first.
    let wins = |d: &Description| {
        let is = |t: &&Task| inference::best(&usable, &t.name).is_some_and(|b| b.id == d.id);
        d.tasks.iter().filter(is).count()
    };
    let mut order: Vec<&Description> = usable.iter().filter(|d| wins(d) > 0).collect();
    order.sort_by_key(|d| std::cmp::Reverse(wins(d)));
    if order.is_empty() {
        return Err(End::failed("No installed model pack can be measured."));
    }
    let load =
        |d: &&Description| shelf.engine(&d.id).map_err(|error| End::failed(error.to_string()));
    order.iter().map(load).collect()
}

pub(crate) fn evaluate(home: Option<&Path>, ask: &Evaluate) -> End {
    let set = match Set::of(ask) {
        Ok(set) => set,
        Err(end) => return end,
    };
    let end = measured_on(home, ask, &set);
    if let Some(unpacked) = &set.unpacked {
        // A copy; whatever stays of it lies among the temporary files.
        let _ = std::fs::remove_dir_all(unpacked);
    }
    end
}

/// Where the pictures and their list lie.
struct Set {
    root: PathBuf,
    manifest: PathBuf,
    /// What was taken out of a ZIP.
    unpacked: Option<PathBuf>,
}

impl Set {
    fn of(ask: &Evaluate) -> Result<Self, End> {
        let Some(set) = &ask.set else {
            let (root, manifest) = (ask.root.clone(), ask.manifest.clone());
            let (root, manifest) = (root.unwrap_or_default(), manifest.unwrap_or_default());
            return Ok(Self { root, manifest, unpacked: None });
        };
        if set.is_dir() {
            let manifest = set.join("list.csv");
            return Ok(Self { root: set.clone(), manifest, unpacked: None });
        }
        let name = format!("healthsync-set-{:032x}", rand::random::<u128>());
        let into = std::env::temp_dir().join(name);
        match app::unpack_set(set, &into) {
            Ok(0) => {}
            Ok(others) => eprintln!("{others} files in the ZIP are none of a set's; left out."),
            Err(error) => {
                let _ = std::fs::remove_dir_all(&into);
                return Err(End::refused(set, &error));
            }
        }
        Ok(Self { root: into.clone(), manifest: into.join("list.csv"), unpacked: Some(into) })
    }
}

fn measured_on(home: Option<&Path>, ask: &Evaluate, set: &Set) -> End {
    if ask.recorded {
        return match inference::recorded::recorded(&set.manifest) {
            Err(error) => End::failed(error.to_string()),
            Ok(report) => told(&report),
        };
    }
    let engines = match measured(home, ask) {
        Ok(engines) => engines,
        Err(end) => return end,
    };
    let split = if ask.validation { Split::Validation } else { Split::All };
    match inference::measure::evaluate(&set.root, &set.manifest, &engines, split) {
        Err(error) => End::failed(error.to_string()),
        Ok(report) => told(&report),
    }
}

/// The figures as a table.
fn told(report: &inference::measure::Report) -> End {
    let mut out = String::new();
    for t in &report.tasks {
        let show = |x: Option<f64>| x.map_or("      -".to_owned(), |x| format!("{x:7.4}"));
        out += &format!(
            "{:24} n {:6}  answered {:6}  acc {}  bal {}  auroc {}  (gates off {})  ece {}  others refused {} of {}\n",
            t.task,
            t.n,
            t.answered,
            show(t.accuracy),
            show(t.balanced_accuracy),
            show(t.macro_auroc),
            show(t.macro_auroc_gates_off),
            show(t.ece),
            t.others_refused,
            t.others,
        );
    }
    let json = serde_json::to_value(report).unwrap_or_default();
    End { out, ..End::done(json, "") }
}

/// One version of a pack, wherever it lies.
struct Held {
    id: String,
    dir: PathBuf,
    /// The version whose signature was checked, for what a facility installed.
    placed: Option<String>,
}

impl Held {
    /// Every version: those of the program, then what a facility installed.
    fn all(shelf: &Shelf) -> Vec<Self> {
        let name = |dir: &PathBuf| Some(dir.file_name()?.to_string_lossy().into_owned());
        let own = pack::list(shelf.dir()).unwrap_or_default();
        let own = own.into_iter().filter_map(|dir| Some((name(&dir)?, dir)));
        let own = own.map(|(id, dir)| Self { id, dir, placed: None });
        let placed = shelf.placed().into_iter();
        own.chain(placed.map(|p| Self { id: p.id, dir: p.dir, placed: Some(p.sha256) })).collect()
    }

    /// Those that answer for their id.
    fn current(shelf: &Shelf) -> Vec<Self> {
        let current = shelf.current();
        let answers = |held: &Self| current.iter().any(|(_, dir)| *dir == held.dir);
        Self::all(shelf).into_iter().filter(answers).collect()
    }

    fn load(&self, shelf: &Shelf) -> Result<Arc<Engine>, String> {
        if !self.dir.join(pack::MODEL).is_file() {
            return Err(format!(
                "{}: its files are not in {}. Import the pack again.",
                self.id,
                self.dir.display()
            ));
        }
        let loaded = match &self.placed {
            Some(sha256) => shelf.exact(&self.id, sha256),
            None => shelf.foreign(&self.dir),
        };
        loaded.map_err(|error| error.to_string())
    }

    /// Its standing as a line and for machines; whether it is whole. `wholly`: its folder is looked
    /// through too.
    fn told(&self, shelf: &Shelf, wholly: bool) -> (Value, String, bool) {
        let alone = |engine: Arc<Engine>| match wholly {
            true => nothing_else(&self.dir, &engine).map(|()| engine),
            false => Ok(engine),
        };
        match self.load(shelf).and_then(alone) {
            Ok(engine) => (json_of(&engine, self.placed.is_some()), line_of(&engine), true),
            Err(words) => (json!({ "id": self.id, "problem": words }), format!("{words}\n"), false),
        }
    }
}

/// Nothing lies in the folder of a pack but its own files, and none of them is a link: what it leads
/// to may be changed where nobody looks.
fn nothing_else(dir: &Path, engine: &Engine) -> Result<(), String> {
    let description = &engine.info().description;
    let place = one_line(&dir.display().to_string());
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{place}: {e}."))?;
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        let linked = dir.join(&name).symlink_metadata().is_ok_and(|about| about.is_symlink());
        let name = name.to_string_lossy();
        let own = [pack::MODEL, "signature.toml"].contains(&&*name)
            || description.files.contains_key(&*name);
        // What operating systems leave in every folder says nothing about a pack.
        let system = [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&&*name);
        let (id, name) = (&description.id, one_line(&name));
        if linked {
            return Err(format!("{id}: {name} is a link and not a file of its own, in {place}."));
        }
        if !own && !system {
            return Err(format!("{id}: {name} does not belong to the pack, in {place}."));
        }
    }
    Ok(())
}

fn json_of(engine: &Engine, installed: bool) -> Value {
    let mut json = serde_json::to_value(engine.info()).unwrap_or_default();
    if let Some(fields) = json.as_object_mut() {
        fields.insert("installed".into(), installed.into());
    }
    json
}

fn line_of(engine: &Engine) -> String {
    let (info, d) = (engine.info(), &engine.info().description);
    let tasks: Vec<&str> = d.tasks.iter().map(|t| t.name.as_str()).collect();
    format!(
        "{} {}  {}  {}\n  {}\n  computed by: {}\n",
        d.id,
        d.version,
        d.architecture.name(),
        info.sha256,
        tasks.join(" "),
        info.computed
    )
}

/// `home`: of the facility; `named`: the same where somebody named one.
pub(crate) fn models(home: &Path, named: Option<&Path>, ask: &Models) -> End {
    match ask {
        // Need a facility, not a shelf.
        Models::ExportEvaluation(ask) => crate::quality::export(home, ask),
        Models::Refit(ask) => crate::quality::refit(home, ask),
        Models::Installed(ask) => crate::packs::installed(home, ask),
        Models::List { who } => match shelf(named, who) {
            Ok(shelf) => all(&shelf, &Held::current(&shelf), None),
            Err(end) => end,
        },
        Models::Show { id, who } => shelf(named, who).map_or_else(|end| end, |s| shown(&s, id)),
        Models::Verify { id, who } => match shelf(named, who) {
            Ok(shelf) => verified(&shelf, id.as_deref()),
            Err(end) => end,
        },
    }
}

/// `whole`: what is said when nothing is wrong, where that is asked.
fn all(shelf: &Shelf, held: &[Held], whole: Option<&str>) -> End {
    let told: Vec<_> = held.iter().map(|one| one.told(shelf, whole.is_some())).collect();
    let good = !told.is_empty() && told.iter().all(|one| one.2);
    let out: String = told.iter().map(|one| one.1.as_str()).collect();
    let json = Value::Array(told.into_iter().map(|one| one.0).collect());
    match whole {
        Some(_) if !good => End { json, ..End::failed(out.trim_end()) },
        whole => End { out, ..End::done(json, whole.unwrap_or_default()) },
    }
}

fn verified(shelf: &Shelf, id: Option<&str>) -> End {
    const WHOLE: &str = "Every byte of every pack is as it was sealed.";
    let mut held = Held::all(shelf);
    if let Some(id) = id {
        held.retain(|one| one.id == id);
        if held.is_empty() {
            // A path, or nothing that is known.
            let alone = |engine: Arc<Engine>| match Path::new(id) {
                dir if dir.is_dir() => {
                    nothing_else(dir, &engine).map_err(End::failed).map(|()| engine)
                }
                _ => Ok(engine),
            };
            return match named(shelf, id).and_then(alone) {
                Ok(engine) => End {
                    out: line_of(&engine),
                    ..End::done(json!([json_of(&engine, false)]), WHOLE)
                },
                Err(end) => End { json: json!([{ "id": id, "problem": end.words }]), ..end },
            };
        }
    }
    all(shelf, &held, Some(WHOLE))
}

fn shown(shelf: &Shelf, id: &str) -> End {
    let current = || shelf.current().into_iter().find(|(known, _)| known == id).map(|(_, dir)| dir);
    let dir = match Path::new(id) {
        path if path.join(pack::MODEL).is_file() => path.to_owned(),
        _ => current().unwrap_or_else(|| shelf.dir().join(id)),
    };
    match named(shelf, id) {
        Ok(engine) => {
            let card = std::fs::read_to_string(dir.join("README.md")).unwrap_or_default();
            let installed = !dir.starts_with(shelf.dir()) && Path::new(id) != dir;
            let json = json_of(&engine, installed);
            End { out: format!("{}\n{card}", line_of(&engine)), ..End::done(json, "") }
        }
        Err(end) => End { json: json!({ "id": id, "problem": end.words }), ..end },
    }
}
