//! Packs: which there are, which may be used here, which one answers a question.

use crate::backend::Inner;
use crate::error::{Error, no};
use imaging::study::Pack;
use inference::describe::{Description, LicenceClass, Standing, Task};
use inference::{Info, PackError, Shelf, ShelfError, pack};
use kernel::Permission;
use records::Audit;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use wire::*;

type Shelves = Mutex<HashMap<PathBuf, Arc<Shelf>>>;
static SHELVES: LazyLock<Shelves> = LazyLock::new(Shelves::default);

/// Size and time of change of every file of a pack.
type Look = Vec<(std::ffi::OsString, u64, Option<std::time::SystemTime>)>;
type Proven = HashMap<PathBuf, (Look, Info)>;
static PROVEN: LazyLock<Mutex<Proven>> = LazyLock::new(Mutex::default);

/// Where the packs a facility said yes to stand.
const ENABLED: &str = "packs.enabled";

pub(crate) fn pack_error(error: &PackError) -> CommandError {
    CommandError::refusal(Code::ModelChanged).with("detail", error)
}

/// Proves a pack byte by byte, once for each state of its files. For lists only: what is loaded to
/// analyse is always proven at the load.
fn proven(packs: &Path, dir: &Path) -> Result<Info, CommandError> {
    let look = || -> std::io::Result<Look> {
        let mut look = vec![];
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let found = entry.metadata()?;
            look.push((entry.file_name(), found.len(), found.modified().ok()));
        }
        look.sort();
        Ok(look)
    };
    let now = look().ok();
    let lock = || PROVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let (Some(now), Some((then, info))) = (&now, lock().get(dir))
        && now == then
    {
        return Ok(info.clone());
    }
    // A pack that changed since it was loaded is proven anew, not remembered.
    let id = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    shelf(packs).forget(&id);
    let engine = shelf(packs).engine(&id);
    let info = engine.map_err(|e| shelf_error(&e).into_command_error())?.info().clone();
    // Only a good answer is kept: a pack that was mended is seen at once.
    if let Some(now) = now {
        lock().insert(dir.to_owned(), (now, info.clone()));
    }
    Ok(info)
}

/// One shelf for each folder of packs, for as long as the program runs.
pub(crate) fn shelf(packs: &Path) -> Arc<Shelf> {
    let mut shelves = SHELVES.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || Arc::new(Shelf::new(packs));
    Arc::clone(shelves.entry(packs.to_owned()).or_insert_with(make))
}

pub(crate) fn shelf_error(error: &ShelfError) -> Error {
    match error {
        ShelfError::Missing(what) => {
            CommandError::refusal(Code::ModelMissing).with("what", what).into()
        }
        ShelfError::NotAllowed(id) => {
            CommandError::refusal(Code::ModelNotEnabled).with("pack", id).into()
        }
        ShelfError::Pack(error) => pack_error(error).into(),
    }
}

pub(crate) fn may_be_used(d: &Description, enabled: &BTreeSet<String>) -> bool {
    d.licence_class == LicenceClass::Open || enabled.contains(&d.id)
}

/// How a record names the pack.
pub(crate) fn named(info: &Info) -> Pack {
    Pack {
        id: info.description.id.clone(),
        version: info.description.version.clone(),
        sha256: info.sha256.clone(),
    }
}

impl Inner {
    /// Packs beyond the open ones that this facility said yes to.
    pub(crate) fn enabled_packs(&self) -> Result<BTreeSet<String>, Error> {
        let text = self.store()?.setting(ENABLED)?;
        Ok(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default())
    }

    pub(crate) fn model_list(&mut self, _: Nothing) -> Result<Packs, Error> {
        self.anyone()?;
        let enabled = self.enabled_packs().unwrap_or_default();
        let packs = &self.options.packs;
        let mut out = vec![];
        for dir in pack::list(packs).unwrap_or_default() {
            let id = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let card = std::fs::read_to_string(dir.join("README.md")).unwrap_or_default();
            let view = match proven(packs, &dir) {
                Ok(info) => pack_view(&info, &enabled, card),
                Err(problem) => {
                    PackView { id, problem: Some(problem), card, ..PackView::default() }
                }
            };
            out.push(view);
        }
        let tasks = choices(&shelf(packs).usable(&|d| may_be_used(d, &enabled)));
        Ok(Packs { packs: out, tasks })
    }

    /// Says yes or no to a pack whose training pictures have stricter terms.
    pub(crate) fn model_enable(&mut self, ask: ModelEnable) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let dir = self.options.packs.join(&ask.id);
        let known = pack::list(&self.options.packs).unwrap_or_default().contains(&dir);
        if !known {
            return Err(no(Code::ModelMissing));
        }
        let described = pack::describe(&dir).map_err(|e| Error::from(pack_error(&e)))?;
        if described.licence_class == LicenceClass::Open {
            return Ok(Nothing {});
        }
        let mut enabled = self.enabled_packs()?;
        let changed =
            if ask.enabled { enabled.insert(ask.id.clone()) } else { enabled.remove(&ask.id) };
        if !changed {
            return Ok(Nothing {});
        }
        // The yes is a signed act before it takes effect.
        let (id, version) = (ask.id.clone(), described.version.clone());
        self.audit(&actor, Audit::PackUse { id, version, enabled: ask.enabled })?;
        let text = serde_json::to_string(&enabled)?;
        self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?.set_setting(ENABLED, &text)?;
        self.tell(&["models"]);
        Ok(Nothing {})
    }
}

/// Each task once, with the networks that answer it.
fn choices(usable: &[Description]) -> Vec<TaskChoice> {
    let mut tasks: Vec<TaskChoice> = vec![];
    for (d, t) in usable.iter().flat_map(|d| d.tasks.iter().map(move |t| (d, t))) {
        let network = d.architecture.name().to_owned();
        if let Some(known) = tasks.iter_mut().find(|c| c.task == t.name) {
            known.networks.push(network);
        } else {
            let best = inference::best(usable, &t.name).unwrap_or(d);
            tasks.push(TaskChoice {
                task: t.name.clone(),
                kind: t.kind.clone(),
                network: best.architecture.name().to_owned(),
                networks: vec![network],
            });
        }
    }
    tasks
}

fn pack_view(info: &Info, enabled: &BTreeSet<String>, card: String) -> PackView {
    let d = &info.description;
    PackView {
        id: d.id.clone(),
        version: d.version.clone(),
        sha256: info.sha256.clone(),
        network: d.architecture.name().to_owned(),
        licence: d.licence.clone(),
        licence_class: match d.licence_class {
            LicenceClass::Open => LicenceKind::Open,
            LicenceClass::ResearchOnly => LicenceKind::ResearchOnly,
            LicenceClass::NonCommercial => LicenceKind::NonCommercial,
        },
        enabled: may_be_used(d, enabled),
        tasks: d.tasks.iter().map(task_view).collect(),
        problem: None,
        card,
    }
}

fn task_view(t: &Task) -> PackTask {
    PackTask {
        task: t.name.clone(),
        labels: t.labels.iter().map(|l| l.name.clone()).collect(),
        intended_use: t.intended_use.text.clone(),
        out_of_scope: t.intended_use.out_of_scope.clone(),
        caution: t.caution.clone(),
        established: t.standing == Standing::Measured,
        auroc: inference::macro_auroc(t),
    }
}
