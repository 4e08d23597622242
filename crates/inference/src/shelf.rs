//! The packs there are, and which of them answers a question: those of the program's own folder, and
//! above them the versions a facility installed.

use crate::describe::{Description, Task};
use crate::engine::{Answer, Engine, View};
use crate::pack::{self, PackError};
use image::RgbImage;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The packs of a folder and the installed ones, with those that were loaded. It may be shared between threads.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
    placed: Mutex<Vec<Placed>>,
    /// By folder: two versions of one pack are two engines.
    loaded: Mutex<HashMap<PathBuf, Arc<Engine>>>,
}

/// What a person asked for: any of the three may be left to the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// This pack and no other.
    pub pack: Option<String>,
    /// This task; without it the gate proposes what the picture seems to be.
    pub task: Option<String>,
    /// This architecture; without it the pack with the best figure for the task answers.
    pub network: Option<String>,
}

/// A picture, and which kinds of picture it may be by what is known of it beside its pixels.
#[derive(Clone, Copy)]
pub struct Film<'a> {
    /// Its pixels.
    pub picture: &'a RgbImage,
    /// Asked with a kind as the tasks name it. A task of a kind that is ruled out keeps silent, and is
    /// never proposed.
    pub may_be: &'a dyn Fn(&str) -> bool,
}

impl<'a> Film<'a> {
    /// A picture of which nothing is known beside its pixels.
    pub fn unknown(picture: &'a RgbImage) -> Self {
        Self { picture, may_be: &|_| true }
    }
}

impl std::fmt::Debug for Film<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Film").field("size", &self.picture.dimensions()).finish_non_exhaustive()
    }
}

/// What was asked in the end, and what came of it.
#[derive(Debug)]
pub struct Looked {
    /// The pack that answered.
    pub engine: Arc<Engine>,
    /// Its answer.
    pub answer: Answer,
    /// No task was asked for and the picture is of no kind that is known: the task in the answer is
    /// only the nearest.
    pub task_open: bool,
}

/// Why a shelf has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// No usable pack does this.
    #[error("No installed model pack does {0}.")]
    Missing(String),
    /// The pack is there and may not be used here.
    #[error("The model pack {0} is not enabled here: its training pictures have stricter terms.")]
    NotAllowed(String),
    /// The pack was refused.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// The figure by which the networks of one task are compared: the macro AUROC of the card.
pub fn macro_auroc(task: &Task) -> Option<f64> {
    let named =
        |m: &&crate::describe::Metric| m.name.starts_with("Macro AUROC of the labels, gates off");
    task.metrics.iter().find(named).map(|m| m.value)
}

/// The pack with the best figure for a task; of equals the first by name.
pub fn best<'a>(
    packs: impl IntoIterator<Item = &'a Description>,
    task: &str,
) -> Option<&'a Description> {
    let figure = |d: &'a Description| Some((macro_auroc(d.task(task)?).unwrap_or(0.0), d));
    let better = |a: &(f64, &Description), b: &(f64, &Description)| {
        a.0.total_cmp(&b.0).then_with(|| b.1.id.cmp(&a.1.id))
    };
    packs.into_iter().filter_map(figure).max_by(better).map(|(_, d)| d)
}

/// A version of a pack that a facility installed, outside the folder of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Id of the pack.
    pub id: String,
    /// `ID/VERSION/` with its files.
    pub dir: PathBuf,
    /// The hash that was signed for; with any other it is refused.
    pub sha256: String,
    /// Whether this version answers for its id.
    pub current: bool,
}

/// What stands on a shelf at one moment: one analysis sees one of these from its beginning to its end.
#[derive(Debug, Default)]
struct Standing {
    /// The program's own packs, by id.
    own: BTreeMap<String, PathBuf>,
    placed: Vec<Placed>,
}

impl Standing {
    fn current(&self, id: &str) -> Option<&Path> {
        let placed = self.placed.iter().find(|p| p.id == id && p.current);
        placed.map(|p| p.dir.as_path()).or_else(|| self.own.get(id).map(PathBuf::as_path))
    }

    /// The folder of each id that answers, the program's own ids first.
    fn all(&self) -> Vec<(&str, &Path)> {
        let ours = self.own.keys();
        let others: BTreeSet<&String> = self.placed.iter().map(|p| &p.id).collect();
        let others = others.into_iter().filter(|id| !self.own.contains_key(*id));
        ours.chain(others).filter_map(|id| Some((id.as_str(), self.current(id)?))).collect()
    }

    /// The folder with the network of this hash that a pack of this id brings, in whichever version.
    fn network(&self, id: &str, sha256: &str) -> Option<&Path> {
        let current = self.current(id).into_iter();
        let placed = self.placed.iter().filter(|p| p.id == id).map(|p| p.dir.as_path());
        let own = self.own.get(id).map(PathBuf::as_path);
        current.chain(placed).chain(own).find(|dir| {
            pack::describe(dir).is_ok_and(|d| {
                // Never one that stands on another itself: two could name each other without end.
                d.backbone.is_none()
                    && d.files.get("weights.safetensors").is_some_and(|sha| sha == sha256)
            })
        })
    }
}

impl Shelf {
    /// Nothing is read yet.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), placed: Mutex::default(), loaded: Mutex::default() }
    }

    /// The folder of the program's own packs.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Puts the installed versions in place of those that stood there: from now on they answer. What
    /// runs goes on with what it has.
    pub fn place(&self, placed: Vec<Placed>) {
        let current: BTreeSet<PathBuf> =
            placed.iter().filter(|p| p.current).map(|p| p.dir.clone()).collect();
        *self.placed.lock().unwrap_or_else(PoisonError::into_inner) = placed;
        self.loaded().retain(|dir, _| dir.starts_with(&self.dir) || current.contains(dir));
    }

    /// The installed versions as they stand now.
    pub fn placed(&self) -> Vec<Placed> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn standing(&self) -> Standing {
        let dirs = pack::list(&self.dir).unwrap_or_default();
        let named = |dir: PathBuf| Some((dir.file_name()?.to_str()?.to_owned(), dir));
        Standing { own: dirs.into_iter().filter_map(named).collect(), placed: self.placed() }
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Arc<Engine>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each id with the folder of the pack that answers for it, the program's own ids first.
    pub fn current(&self) -> Vec<(String, PathBuf)> {
        let owned = |(id, dir): (&str, &Path)| (id.to_owned(), dir.to_owned());
        self.standing().all().into_iter().map(owned).collect()
    }

    /// The folder of the very pack of this hash, as far as is known without proving it.
    pub fn dir_of(&self, id: &str, sha256: &str) -> Option<PathBuf> {
        let standing = self.standing();
        let placed = standing.placed.iter().find(|p| p.id == id && p.sha256 == sha256);
        let dir = placed.map(|p| p.dir.clone()).or_else(|| standing.own.get(id).cloned());
        dir.filter(|dir| dir.join(pack::MODEL).is_file())
    }

    /// Loads a pack, proving it, and the one whose network it stands on; once each.
    ///
    /// # Errors
    /// No such pack, or it was refused.
    pub fn engine(&self, id: &str) -> Result<Arc<Engine>, ShelfError> {
        self.engine_of(&self.standing(), id)
    }

    /// Loads the very pack of this hash, whether or not it answers for its id now.
    ///
    /// # Errors
    /// It is not here any more, or it was refused.
    pub fn exact(&self, id: &str, sha256: &str) -> Result<Arc<Engine>, ShelfError> {
        let standing = self.standing();
        let missing = || ShelfError::Missing(id.to_owned());
        let dir = self.dir_of(id, sha256).ok_or_else(missing)?;
        let engine = self.at(&standing, &dir)?;
        if engine.info().sha256 == sha256 { Ok(engine) } else { Err(missing()) }
    }

    fn engine_of(&self, standing: &Standing, id: &str) -> Result<Arc<Engine>, ShelfError> {
        let dir = standing.current(id).ok_or_else(|| ShelfError::Missing(id.to_owned()))?;
        self.at(standing, dir)
    }

    fn at(&self, standing: &Standing, dir: &Path) -> Result<Arc<Engine>, ShelfError> {
        if let Some(engine) = self.loaded().get(dir) {
            return Ok(engine.clone());
        }
        let others = self.network_of(standing, dir)?;
        let engine = match standing.placed.iter().find(|p| p.dir == dir) {
            None => Engine::load(dir, &others)?,
            Some(placed) => {
                let engine = Engine::load_unpinned(dir, &others)?;
                if engine.info().sha256 != placed.sha256 {
                    let (pack, file) = (placed.id.clone(), pack::MODEL.to_owned());
                    return Err(PackError::HashMismatch { pack, file }.into());
                }
                engine
            }
        };
        // Of two that loaded it at once the first stays: packs on one network share it.
        Ok(self.loaded().entry(dir.to_owned()).or_insert_with(|| Arc::new(engine)).clone())
    }

    /// The pack whose network a pack stands on, if it stands on another's.
    fn network_of(&self, standing: &Standing, dir: &Path) -> Result<Vec<Arc<Engine>>, ShelfError> {
        let Some(wanted) = pack::describe(dir)?.backbone else { return Ok(vec![]) };
        let found = standing.network(&wanted.pack, &wanted.sha256).filter(|found| *found != dir);
        found.map(|found| self.at(standing, found)).into_iter().collect()
    }

    /// A pack from a folder elsewhere, standing on a network of this shelf where it names one.
    ///
    /// # Errors
    /// As [`Shelf::engine`].
    pub fn foreign(&self, dir: &Path) -> Result<Arc<Engine>, ShelfError> {
        let others = self.network_of(&self.standing(), dir)?;
        Ok(Arc::new(Engine::load(dir, &others)?))
    }

    /// The same for a pack that may be a new version of a built-in one: whether it may be one is said
    /// by its signature, which the caller has checked over the hash of what this answers.
    ///
    /// # Errors
    /// As [`Shelf::engine`].
    pub fn newcomer(&self, dir: &Path) -> Result<Arc<Engine>, ShelfError> {
        let others = self.network_of(&self.standing(), dir)?;
        Ok(Arc::new(Engine::load_unpinned(dir, &others)?))
    }

    /// Forgets a pack, so that it is proven again when it is next asked for. What runs goes on with
    /// the one it has.
    pub fn forget(&self, dir: &Path) {
        self.loaded().remove(dir);
    }

    /// The descriptions of every readable pack that may be used, without proving them.
    pub fn usable(&self, allowed: &dyn Fn(&Description) -> bool) -> Vec<Description> {
        usable(&self.standing(), allowed)
    }

    /// Whether anything that may be used could answer such a question at all.
    ///
    /// # Errors
    /// [`ShelfError::Missing`] with what is missing; [`ShelfError::NotAllowed`] where it is here and
    /// waits for a yes.
    pub fn can_answer(
        &self,
        allowed: &dyn Fn(&Description) -> bool,
        wish: &Wish,
    ) -> Result<(), ShelfError> {
        let standing = &self.standing();
        let could = |usable: &[Description]| match &wish.task {
            Some(task) => chosen(usable, wish, task),
            None => first(usable, wish),
        };
        let Err(error) = could(&usable(standing, allowed)) else { return Ok(()) };
        Err(could(&usable(standing, &|_| true)).map_or(error, ShelfError::NotAllowed))
    }

    /// Looks at one picture. Without a task the gate of the pack that looks first proposes one;
    /// without a network the one with the best figure for the task answers.
    ///
    /// # Errors
    /// A pack that is missing, changed or not allowed here.
    pub fn look(
        &self,
        allowed: &dyn Fn(&Description) -> bool,
        wish: &Wish,
        film: Film<'_>,
    ) -> Result<Looked, ShelfError> {
        let standing = &self.standing();
        let usable = usable(standing, allowed);
        if let Some(id) = &wish.pack
            && !usable.iter().any(|d| d.id == *id)
            && standing.current(id).is_some()
        {
            return Err(ShelfError::NotAllowed(id.clone()));
        }
        match &wish.task {
            Some(task) => {
                let engine = self.engine_of(standing, &chosen(&usable, wish, task)?)?;
                alone(&engine, Some(task), film)
            }
            None => self.propose(standing, &usable, wish, film),
        }
    }

    /// The task the gate proposes, answered by the pack that does it best.
    fn propose(
        &self,
        standing: &Standing,
        usable: &[Description],
        wish: &Wish,
        film: Film<'_>,
    ) -> Result<Looked, ShelfError> {
        let first = self.engine_of(standing, &first(usable, wish)?)?;
        let view = first.view(film.picture);
        let mut asked = vec![first.clone()];
        if wish.pack.is_none() {
            // Every pack on the same network reads the same view.
            let mine = &first.info().description;
            let same = |d: &&Description| d.architecture == mine.architecture && d.id != mine.id;
            let load = |d: &Description| self.engine_of(standing, &d.id).ok();
            let others = usable.iter().filter(same).filter_map(load);
            asked.extend(others.filter(|engine| engine.shares_network(&first)));
        }
        let (near, task) = nearest(&asked, &view, film)
            .ok_or_else(|| ShelfError::Missing("any task".to_owned()))?;
        let missing = || ShelfError::Missing(task.clone());
        let seen = answered(&near, &view, &task, film).ok_or_else(missing)?;
        let task_open = seen.is_of_another_kind();
        let id = chosen(usable, wish, &task)?;
        if task_open || id == near.info().description.id || wish.network.is_some() {
            return Ok(Looked { engine: near, answer: seen, task_open });
        }
        let engine = self.engine_of(standing, &id)?;
        let view = engine.view(film.picture);
        let answer = answered(&engine, &view, &task, film).ok_or_else(missing)?;
        Ok(Looked { engine, answer, task_open })
    }
}

fn usable(standing: &Standing, allowed: &dyn Fn(&Description) -> bool) -> Vec<Description> {
    let described = standing.all().into_iter().filter_map(|(_, dir)| pack::describe(dir).ok());
    described.filter(|d| allowed(d)).collect()
}

/// What one pack says of a picture, whatever else is installed. Without a task its own gate proposes
/// one.
///
/// # Errors
/// The pack does not know the task.
pub fn alone(
    engine: &Arc<Engine>,
    task: Option<&str>,
    film: Film<'_>,
) -> Result<Looked, ShelfError> {
    let view = engine.view(film.picture);
    let proposed = || nearest(std::slice::from_ref(engine), &view, film).map(|(_, task)| task);
    let asked = task.map(str::to_owned).or_else(proposed).unwrap_or_default();
    let answer = answered(engine, &view, &asked, film).ok_or(ShelfError::Missing(asked))?;
    let other = answer.is_of_another_kind();
    Ok(Looked { engine: engine.clone(), answer, task_open: task.is_none() && other })
}

/// What a pack says of one task, where the picture may be of its kind at all.
fn answered(engine: &Engine, view: &View, task: &str, film: Film<'_>) -> Option<Answer> {
    let answer = engine.answer(view, task)?;
    let kind = &engine.info().description.task(task)?.kind;
    Some(if (film.may_be)(kind) { answer } else { answer.ruled_out() })
}

/// The pack whose gate says what the picture is: the one asked for, that of the network asked for,
/// or the built-in one.
fn first(usable: &[Description], wish: &Wish) -> Result<String, ShelfError> {
    match (&wish.pack, &wish.network) {
        (Some(id), _) => Ok(id.clone()),
        (None, Some(name)) => usable
            .iter()
            .find(|d| d.architecture.name() == name && d.backbone.is_none())
            .map(|d| d.id.clone())
            .ok_or_else(|| ShelfError::Missing(format!("anything with {name}"))),
        (None, None) => Ok(pack::BUILT_IN.to_owned()),
    }
}

/// The pack that answers a task.
fn chosen(usable: &[Description], wish: &Wish, task: &str) -> Result<String, ShelfError> {
    let id = match (&wish.pack, &wish.network) {
        (Some(id), _) => usable.iter().find(|d| d.id == *id && d.task(task).is_some()),
        (None, Some(name)) => best(usable.iter().filter(|d| d.architecture.name() == name), task),
        (None, None) => best(usable, task),
    };
    id.map(|d| d.id.clone()).ok_or_else(|| ShelfError::Missing(task.to_owned()))
}

/// The task whose kind of picture this most probably is; one of a kind that is ruled out only where
/// all are.
fn nearest(asked: &[Arc<Engine>], view: &View, film: Film<'_>) -> Option<(Arc<Engine>, String)> {
    let mut best: Option<((bool, f32), Arc<Engine>, String)> = None;
    for engine in asked {
        for p in engine.propose(view) {
            let rank = ((film.may_be)(&p.kind), p.probability);
            // The first of equals stays: tasks of one kind stand in the order of the pack.
            if best.as_ref().is_none_or(|(most, ..)| rank > *most) {
                best = Some((rank, engine.clone(), p.task));
            }
        }
    }
    best.map(|(_, engine, task)| (engine, task))
}
