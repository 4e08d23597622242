//! A folder of packs: which there are, and which of them answers a question.

use crate::describe::{Description, Task};
use crate::engine::{Answer, Engine, Reason, View};
use crate::pack::{self, PackError};
use image::RgbImage;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A folder of packs with those that were loaded. It may be shared between threads.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
    loaded: Mutex<HashMap<String, Arc<Engine>>>,
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
pub fn best<'a>(packs: &'a [Description], task: &str) -> Option<&'a Description> {
    let figure = |d: &'a Description| Some((macro_auroc(d.task(task)?).unwrap_or(0.0), d));
    let better = |a: &(f64, &Description), b: &(f64, &Description)| {
        a.0.total_cmp(&b.0).then_with(|| b.1.id.cmp(&a.1.id))
    };
    packs.iter().filter_map(figure).max_by(better).map(|(_, d)| d)
}

impl Shelf {
    /// Nothing is read yet.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), loaded: Mutex::default() }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Engine>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Loads a pack, proving it, and the one whose network it stands on; once each.
    ///
    /// # Errors
    /// No such pack, or it was refused.
    pub fn engine(&self, id: &str) -> Result<Arc<Engine>, ShelfError> {
        if let Some(engine) = self.loaded().get(id) {
            return Ok(engine.clone());
        }
        // An id is a folder name; anything else would lead out of the folder of packs.
        let dir = self.dir.join(id);
        if id.contains(['/', '\\']) || id.starts_with('.') || !dir.join(pack::MODEL).is_file() {
            return Err(ShelfError::Missing(id.to_owned()));
        }
        let engine = Arc::new(self.read(&dir, id)?);
        self.loaded().insert(id.to_owned(), engine.clone());
        Ok(engine)
    }

    fn read(&self, dir: &Path, id: &str) -> Result<Engine, ShelfError> {
        let others = match pack::describe(dir)?.backbone {
            // Never one that stands on another itself: two could name each other without end.
            Some(b) if b.pack != id && self.owns_network(&b.pack) => vec![self.engine(&b.pack)?],
            _ => vec![],
        };
        Ok(Engine::load(dir, &others)?)
    }

    fn owns_network(&self, id: &str) -> bool {
        pack::describe(&self.dir.join(id)).is_ok_and(|d| d.backbone.is_none())
    }

    /// A pack from a folder elsewhere, standing on a network of this shelf where it names one.
    ///
    /// # Errors
    /// As [`Shelf::engine`].
    pub fn foreign(&self, dir: &Path) -> Result<Arc<Engine>, ShelfError> {
        Ok(Arc::new(self.read(dir, "")?))
    }

    /// Forgets a pack, so that it is proven again when it is next asked for. What runs goes on with
    /// the one it has.
    pub fn forget(&self, id: &str) {
        self.loaded().remove(id);
    }

    /// The descriptions of every readable pack that may be used, without proving them.
    pub fn usable(&self, allowed: &dyn Fn(&Description) -> bool) -> Vec<Description> {
        let dirs = pack::list(&self.dir).unwrap_or_default();
        dirs.iter().filter_map(|dir| pack::describe(dir).ok()).filter(|d| allowed(d)).collect()
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
        picture: &RgbImage,
    ) -> Result<Looked, ShelfError> {
        let usable = self.usable(allowed);
        if let Some(id) = &wish.pack
            && !usable.iter().any(|d| d.id == *id)
            && self.dir.join(id).join(pack::MODEL).is_file()
        {
            return Err(ShelfError::NotAllowed(id.clone()));
        }
        match &wish.task {
            Some(task) => {
                let engine = self.engine(&chosen(&usable, wish, task)?)?;
                let answer = engine.answer(&engine.view(picture), task);
                let answer = answer.ok_or_else(|| ShelfError::Missing(task.clone()))?;
                Ok(Looked { engine, answer, task_open: false })
            }
            None => self.propose(&usable, wish, picture),
        }
    }

    /// The task the gate proposes, answered by the pack that does it best.
    fn propose(
        &self,
        usable: &[Description],
        wish: &Wish,
        picture: &RgbImage,
    ) -> Result<Looked, ShelfError> {
        let first = self.engine(&first(usable, wish)?)?;
        let view = first.view(picture);
        let mut asked = vec![first.clone()];
        if wish.pack.is_none() {
            // Every pack on the same network reads the same view.
            let mine = &first.info().description;
            let same = |d: &&Description| d.architecture == mine.architecture && d.id != mine.id;
            asked.extend(usable.iter().filter(same).filter_map(|d| self.engine(&d.id).ok()));
        }
        let (near, task) =
            nearest(&asked, &view).ok_or_else(|| ShelfError::Missing("any task".to_owned()))?;
        let missing = || ShelfError::Missing(task.clone());
        let seen = near.answer(&view, &task).ok_or_else(missing)?;
        let task_open = matches!(seen.refused, Some((Reason::OtherKind, _)));
        let id = chosen(usable, wish, &task)?;
        if task_open || id == near.info().description.id || wish.network.is_some() {
            return Ok(Looked { engine: near, answer: seen, task_open });
        }
        let engine = self.engine(&id)?;
        let answer = engine.answer(&engine.view(picture), &task).ok_or_else(missing)?;
        Ok(Looked { engine, answer, task_open })
    }
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
        (None, Some(name)) => {
            usable.iter().find(|d| d.architecture.name() == name && d.task(task).is_some())
        }
        (None, None) => best(usable, task),
    };
    id.map(|d| d.id.clone()).ok_or_else(|| ShelfError::Missing(task.to_owned()))
}

/// The task whose kind of picture this most probably is.
fn nearest(asked: &[Arc<Engine>], view: &View) -> Option<(Arc<Engine>, String)> {
    let mut best: Option<(f32, Arc<Engine>, String)> = None;
    for engine in asked {
        for p in engine.propose(view) {
            // The first of equals stays: tasks of one kind stand in the order of the pack.
            if best.as_ref().is_none_or(|(most, ..)| p.probability > *most) {
                best = Some((p.probability, engine.clone(), p.task));
            }
        }
    }
    best.map(|(_, engine, task)| (engine, task))
}
