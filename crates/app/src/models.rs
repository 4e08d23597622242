//! Packs: which there are, which may be used here, which one answers a question.

use crate::backend::Inner;
use crate::error::{Error, no};
use imaging::catalogue::{Area, Condition, NoScore, State, catalogue};
use imaging::study::Pack;
use inference::describe::{Description, LicenceClass, Standing, Task};
use inference::{Info, PackError, Shelf, ShelfError, pack};
use kernel::{Actor, Permission};
use records::Audit;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use wire::*;

type Shelves = Mutex<HashMap<(PathBuf, PathBuf), Arc<Shelf>>>;
static SHELVES: LazyLock<Shelves> = LazyLock::new(Shelves::default);

/// Size and time of change of every file of a pack.
type Look = Vec<(std::ffi::OsString, u64, Option<std::time::SystemTime>)>;
type Proven = HashMap<PathBuf, (Look, Info)>;
static PROVEN: LazyLock<Mutex<Proven>> = LazyLock::new(Mutex::default);

/// What came of reading one pack.
struct Proof {
    id: String,
    dir: PathBuf,
    card: String,
    info: Result<Info, CommandError>,
}

/// Commands that let go of the workstation while packs are proven: that takes seconds, and the
/// first thing a page asks for is what the worklist offers.
pub(crate) trait LetsGo {
    fn model_list(self, _: Nothing) -> Result<Packs, Error>;
}

impl LetsGo for MutexGuard<'_, Inner> {
    fn model_list(mut self, _: Nothing) -> Result<Packs, Error> {
        self.anyone()?;
        let inner = self.me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
        let shelf = self.shelf()?;
        drop(self);
        let prove = |(id, dir): (String, PathBuf)| Proof {
            card: std::fs::read_to_string(dir.join("README.md")).unwrap_or_default(),
            info: proven(&shelf, &id, &dir),
            id,
            dir,
        };
        let proofs = shelf.current().into_iter().map(prove).collect();
        inner.lock().unwrap_or_else(PoisonError::into_inner).packs(&shelf, proofs)
    }
}

/// Where the packs a facility said yes to stand.
pub(crate) const ENABLED: &str = "packs.enabled";

pub(crate) fn pack_error(error: &PackError) -> CommandError {
    CommandError::refusal(Code::ModelChanged).with("detail", error)
}

/// A refusal about one very pack.
pub(crate) fn named_pack(code: Code, pack: &PackRef) -> CommandError {
    CommandError::refusal(code).with("pack", &pack.id).with("version", &pack.version)
}

/// Proves a pack byte by byte, once for each state of its files. For lists only: what is loaded to
/// analyse is always proven at the load.
fn proven(shelf: &Shelf, id: &str, dir: &Path) -> Result<Info, CommandError> {
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
    shelf.forget(dir);
    let engine = shelf.engine(id);
    let info = engine.map_err(|e| shelf_error(&e).into_command_error())?.info().clone();
    // Only a good answer is kept: a pack that was mended is seen at once.
    if let Some(now) = now {
        lock().insert(dir.to_owned(), (now, info.clone()));
    }
    Ok(info)
}

/// One shelf for each pair of folders, the program's and that of a home, for as long as the program
/// runs. [`Inner::shelf`] puts on it what is installed.
pub(crate) fn shelf_at(packs: &Path, installed: &Path) -> Arc<Shelf> {
    let mut shelves = SHELVES.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        crate::packs::arrival::clear(installed);
        Arc::new(Shelf::new(packs))
    };
    let key = (packs.to_owned(), installed.to_owned());
    Arc::clone(shelves.entry(key).or_insert_with(make))
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

/// Open packs of the program may, and what somebody said yes to.
pub(crate) fn may_be_used(d: &Description, enabled: &BTreeSet<String>) -> bool {
    asks_nobody(d) || enabled.contains(&d.id)
}

fn asks_nobody(d: &Description) -> bool {
    d.licence_class == LicenceClass::Open && pack::pinned(&d.id).is_some()
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

    /// `proofs`: of each pack that stands on the shelf, in its order.
    fn packs(&mut self, shelf: &Shelf, proofs: Vec<Proof>) -> Result<Packs, Error> {
        self.anyone()?;
        let enabled = self.enabled_packs().unwrap_or_default();
        let mut out = vec![];
        let mut current = vec![];
        for Proof { id, dir, card, info } in proofs {
            let mut view = match info {
                Ok(info) => pack_view(&info, &enabled, card),
                Err(problem) => {
                    PackView { id: id.clone(), problem: Some(problem), card, ..PackView::default() }
                }
            };
            view.versions = self.pack_versions(&id)?;
            if let Some(now) = view.versions.iter().find(|v| v.current) {
                view.origin = now.origin;
                if view.problem.is_some() {
                    (view.version, view.sha256) = (now.version.clone(), now.sha256.clone());
                }
            }
            out.push(view);
            current.push((id, dir));
        }
        out.extend(self.withdrawn_packs(&current)?);
        let tasks = choices(&shelf.usable(&|d| may_be_used(d, &enabled)));
        Ok(Packs {
            packs: out,
            tasks,
            keys: self.pack_keys()?,
            fits: self.fits()?,
            graphics: graphics(),
        })
    }

    /// Installed packs of which no version may be used any more.
    fn withdrawn_packs(&self, shown: &[(String, PathBuf)]) -> Result<Vec<PackView>, Error> {
        let ids: BTreeSet<String> = self.book()?.versions.into_iter().map(|v| v.id).collect();
        let mut out = vec![];
        for id in ids.into_iter().filter(|id| !shown.iter().any(|(known, _)| known == id)) {
            let versions = self.pack_versions(&id)?;
            let Some(newest) = versions.first() else { continue };
            out.push(PackView {
                id,
                version: newest.version.clone(),
                sha256: newest.sha256.clone(),
                origin: newest.origin,
                problem: newest.problem.clone().or(Some(CommandError::refusal(Code::ModelMissing))),
                versions,
                ..PackView::default()
            });
        }
        Ok(out)
    }

    /// Says yes or no to a pack that asks for it: its training pictures have stricter terms, or it
    /// did not come with the program.
    pub(crate) fn model_enable(&mut self, ask: ModelEnable) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        self.decide_pack(&actor, &ask)
    }

    /// Says yes to every pack under terms that a facility agreed to when it was set up.
    pub(crate) fn accept_terms(
        &mut self,
        actor: &Actor,
        terms: &[LicenceKind],
    ) -> Result<(), Error> {
        for (id, dir) in self.shelf()?.current() {
            let agreed = |d: &Description| {
                d.licence_class != LicenceClass::Open && terms.contains(&licence_kind(d))
            };
            // One that cannot be read stays off, and the list of packs says why.
            if pack::describe(&dir).is_ok_and(|d| agreed(&d)) {
                self.decide_pack(actor, &ModelEnable { id, enabled: true })?;
            }
        }
        Ok(())
    }

    fn decide_pack(&mut self, actor: &Actor, ask: &ModelEnable) -> Result<Nothing, Error> {
        let current = self.shelf()?.current();
        let known = current.into_iter().find(|(id, _)| *id == ask.id);
        let (_, dir) = known.ok_or_else(|| no(Code::ModelMissing))?;
        let described = pack::describe(&dir).map_err(|e| Error::from(pack_error(&e)))?;
        if asks_nobody(&described) {
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
        self.audit(actor, Audit::PackUse { id, version, enabled: ask.enabled })?;
        let text = serde_json::to_string(&enabled)?;
        self.store_mut()?.set_setting(ENABLED, &text)?;
        self.tell(&["models"]);
        Ok(Nothing {})
    }

    /// The catalogue of conditions, and which packs in use answer for each.
    pub(crate) fn model_conditions(&mut self, _: Nothing) -> Result<Vec<ConditionRow>, Error> {
        self.anyone()?;
        let enabled = self.enabled_packs()?;
        let usable = self.shelf()?.usable(&|d| may_be_used(d, &enabled));
        let mut by_condition: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for d in &usable {
            for condition in
                d.tasks.iter().flat_map(|t| &t.labels).filter_map(|l| l.condition.as_deref())
            {
                by_condition.entry(condition).or_default().insert(&d.id);
            }
        }
        let row = |c: &Condition| condition_row(c, by_condition.get(c.id.as_str()));
        Ok(catalogue().conditions().iter().map(row).collect())
    }
}

fn condition_row(c: &Condition, packs: Option<&BTreeSet<&str>>) -> ConditionRow {
    let packs: Vec<String> = packs.into_iter().flatten().map(|id| (*id).to_owned()).collect();
    let (state, reason, why) = match &c.state {
        State::Trained(_) => (ConditionState::Trained, None, None),
        State::VocabularyOnly { .. } if !packs.is_empty() => (ConditionState::Imported, None, None),
        State::VocabularyOnly { reason, why, .. } => {
            let reason = match reason {
                NoScore::NoPictures => "no_pictures",
                NoScore::NotLabelled => "not_labelled",
                NoScore::ToldInParts => "told_in_parts",
            };
            (ConditionState::VocabularyOnly, Some(reason.to_owned()), Some(why.clone()))
        }
    };
    let area = match c.area {
        Area::Chest => "chest",
        Area::Brain => "brain",
        Area::Eye => "eye",
        Area::Skin => "skin",
        Area::Breast => "breast",
        Area::Abdomen => "abdomen",
        Area::Bowel => "bowel",
        Area::TissueAndBlood => "tissue_and_blood",
        Area::BoneAndTeeth => "bone_and_teeth",
    };
    let (id, name) = (c.id.clone(), c.name.clone());
    ConditionRow { id, name, area: area.to_owned(), state, packs, reason, why }
}

/// Each task once, with the networks that answer it.
fn choices(usable: &[Description]) -> Vec<TaskChoice> {
    let mut tasks: Vec<TaskChoice> = vec![];
    for (d, t) in usable.iter().flat_map(|d| d.tasks.iter().map(move |t| (d, t))) {
        let network = d.architecture.name().to_owned();
        if let Some(known) = tasks.iter_mut().find(|c| c.task == t.name) {
            if !known.networks.contains(&network) {
                known.networks.push(network);
            }
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
        licence_class: licence_kind(d),
        enabled: may_be_used(d, enabled),
        origin: PackOrigin::default(),
        versions: vec![],
        tasks: d.tasks.iter().map(task_view).collect(),
        problem: None,
        card,
    }
}

fn licence_kind(d: &Description) -> LicenceKind {
    match d.licence_class {
        LicenceClass::Open => LicenceKind::Open,
        LicenceClass::ResearchOnly => LicenceKind::ResearchOnly,
        LicenceClass::NonCommercial => LicenceKind::NonCommercial,
    }
}

/// What is known of the graphics card; nothing before a network was loaded.
fn graphics() -> Option<GraphicsView> {
    use inference::graphics::{Standing, standing};
    let view = |state, name: String, detail: Option<String>| {
        Some(GraphicsView { state, name, detail, networks: 0 })
    };
    match standing() {
        Standing::Off | Standing::Unknown => None,
        Standing::None { detail } => view(GraphicsState::None, String::new(), Some(detail)),
        Standing::Software { name } => view(GraphicsState::Software, name, None),
        Standing::Lost { name, detail } => view(GraphicsState::Lost, name, Some(detail)),
        Standing::Card { name, api, networks } => Some(GraphicsView {
            state: GraphicsState::Card,
            name,
            detail: Some(api),
            networks: u32::try_from(networks).unwrap_or(u32::MAX),
        }),
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
