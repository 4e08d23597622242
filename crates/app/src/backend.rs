//! The workstation: one facility in one home folder, one person at a time in front of it.

use crate::archives::Abroad as _;
use crate::attempts::Attempts;
use crate::compare::LetsGo as _;
use crate::error::{Error, fault, no, refused};
use crate::export::Outward as _;
use crate::fetches::Fetching;
use crate::files::HeldFiles;
use crate::forecast::Asks as _;
use crate::home::{self, HomeLock};
use crate::images::read_error;
use crate::import::LetsGo as _;
use crate::jobs::Jobs;
use crate::models::LetsGo as _;
use crate::packs::LetsGo as _;
use crate::photos::LetsGo as _;
use crate::policy::Policies;
use crate::quality::LetsGoToo as _;
use crate::receiver::{self, Receiver};
use kernel::{Actor, Clock, CommandId, Instant, PatientId, Permission, SystemClock, TimeDelta};
use ledger::Standing;
use records::{Audit, Body, Context, Facts, Key, MOST_WRITES, Refused as Why};
use serde_json::Value;
use sqlite::keyslots::{Cost, KeySlots};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use store_sqlite::{Outcome, Save, Store};
use wire::*;
use zeroize::Zeroizing;

/// How a workstation is started.
#[derive(Clone)]
pub struct Options {
    pub home: PathBuf,
    pub clock: Arc<dyn Clock>,
    /// What a guess at a password costs; measured at set-up when `None`.
    pub cost: Option<Cost>,
    pub packs: PathBuf,
    /// Try the keyring of the operating system.
    pub keyring: bool,
    /// What pictures are unpacked by, in processes of its own with limits on memory and time: this
    /// program itself, where its `main` begins with [`serve_if_asked`](crate::serve_if_asked).
    /// `None` leaves it as it is; a program that never said otherwise unpacks them itself.
    pub decoder: Option<PathBuf>,
    /// Takes in what scanners and archives send, where the facility has switched that on. A program that
    /// only looks something up does not.
    pub receives: bool,
}

impl Options {
    pub fn at(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            clock: Arc::new(SystemClock),
            cost: None,
            packs: inference::default_packs_dir().unwrap_or_else(|| "models".into()),
            keyring: true,
            decoder: None,
            receives: false,
        }
    }
}

/// Which opening of the store, how many records, which minute.
pub(crate) type AsOf = (u64, u64, i64);
/// Requests with how many units the shelf lacks, and how many were not looked at.
pub(crate) type Unfilled = (Vec<(bloodbank::request::Request, u32)>, u32);

pub(crate) type Listeners = Arc<Mutex<Vec<mpsc::Sender<Vec<String>>>>>;

/// What hosts hold. Cheap to clone.
#[derive(Clone)]
pub struct Backend {
    pub(crate) inner: Arc<Mutex<Inner>>,
    pub(crate) files: Arc<Mutex<HeldFiles>>,
    listeners: Listeners,
}

/// Somebody at the keyboard.
pub(crate) struct Session {
    pub actor: Actor,
    pub display_name: String,
    pub since: Instant,
    pub locked: bool,
    pub last_touch: Instant,
    pub reading: crate::reading::Windows,
}

pub(crate) struct Inner {
    pub options: Options,
    pub lock: Option<HomeLock>,
    pub slots: Option<KeySlots>,
    pub dek: Option<Zeroizing<[u8; 32]>>,
    pub store: Option<Store>,
    pub session: Option<Session>,
    /// Who set this facility up, until they have typed the recovery code back.
    pub unconfirmed: Option<String>,
    pub problem: Option<CommandError>,
    pub attempts: Attempts,
    pub reads: HashMap<(String, Key, &'static str), Instant>,
    pub policies: Policies,
    /// The record was proven whole since the program began, and not found otherwise since.
    pub proven: bool,
    pub jobs: Jobs,
    pub receiver: Receiver,
    pub fetches: Fetching,
    /// Files in the store that imports under way count on, by SHA-256: how many of them.
    pub arriving: HashMap<[u8; 32], u32>,
    /// Somebody has come in since the store was opened.
    pub visited: bool,
    /// Counts the stores that were closed: what began under one is not finished under the next.
    pub opened: u64,
    /// Urgent requests that the shelf cannot fill, and as of when (`Inner::unfilled`).
    pub unfilled: RefCell<Option<(AsOf, Unfilled)>>,
    pub listeners: Listeners,
    pub files: Arc<Mutex<HeldFiles>>,
    /// For the worker that runs beside.
    pub me: Weak<Mutex<Inner>>,
}

/// Minutes without a touch after which the screen locks (sync-security 5.1).
pub(crate) const IDLE_MINUTES: u32 = 5;
/// What can be made again and holds nothing of patients: what a graphics driver has compiled.
pub(crate) const CACHE: &str = "cache";
/// A read of one patient on one screen is recorded once in this time (kernel.md 1).
const READ_AGAIN: TimeDelta = TimeDelta::minutes(15);

impl Backend {
    /// Starts the workstation. A home that cannot be opened is not an error here: `app.status`
    /// says what is wrong and what to do.
    pub fn start(options: Options) -> Self {
        if let Some(program) = &options.decoder {
            dicom_io::child::install(program.clone());
            inference::graphics::install(program, &options.home.join(CACHE).join("graphics"));
        }
        let listeners: Listeners = Arc::default();
        let files: Arc<Mutex<HeldFiles>> = Arc::default();
        let inner = Arc::new_cyclic(|me| {
            Mutex::new(Inner {
                attempts: Attempts::none(&options.home),
                options,
                lock: None,
                slots: None,
                dek: None,
                store: None,
                session: None,
                unconfirmed: None,
                problem: None,
                reads: HashMap::new(),
                policies: Policies::none(),
                proven: false,
                jobs: Jobs::default(),
                receiver: Receiver::default(),
                fetches: Fetching::default(),
                arriving: HashMap::new(),
                visited: false,
                opened: 0,
                unfilled: RefCell::default(),
                listeners: listeners.clone(),
                files: files.clone(),
                me: me.clone(),
            })
        });
        let backend = Self { inner, files, listeners };
        {
            let mut inner = backend.lock();
            if let Err(error) = inner.look_at_home() {
                inner.problem = Some(error.into_command_error());
            }
        }
        backend
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic inside a use case rolled its transaction back; the state it left is whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One command by its wire name. A panic becomes a fault with an incident number.
    pub fn call(&self, name: &str, payload: Value) -> Result<Value, CommandError> {
        let run = std::panic::AssertUnwindSafe(|| {
            bounded(&payload, most_listed(name))?;
            self.dispatch(name, payload)
        });
        std::panic::catch_unwind(run).unwrap_or_else(|_| Err(fault(&format!("panic in {name}"))))
    }

    /// One frame of stored pixel values, as the modality wrote them: 16-bit little endian grey or
    /// 8-bit RGB.
    pub fn frame(&self, image: &str, index: u32) -> Result<Vec<u8>, CommandError> {
        let run = std::panic::AssertUnwindSafe(|| {
            // Unpacking may take seconds: nobody else has to wait for it.
            let opened = self.lock().opened_image(image)?;
            let frame = opened.frame(index).map_err(|e| read_error(&e))?;
            Ok(frame.stored)
        });
        std::panic::catch_unwind(run)
            .unwrap_or_else(|_| Err(Error::Broken("panic in frame".into())))
            .map_err(Error::into_command_error)
    }

    /// Holds a file of the dialog or of a drop for the page.
    pub fn hold_path(&self, path: impl Into<PathBuf>) -> PickedFile {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).hold_path(path.into())
    }

    /// Whether somebody is signed in whose screen is not locked. A host asks before it reads a
    /// body.
    pub fn may_upload(&self) -> Result<(), CommandError> {
        self.lock().anyone().map(|_| ()).map_err(Error::into_command_error)
    }

    /// Holds an uploaded file for the page of whoever is signed in. Of very many or very large
    /// files the oldest are forgotten.
    pub fn hold_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<PickedFile, CommandError> {
        self.may_upload()?;
        Ok(self.files.lock().unwrap_or_else(PoisonError::into_inner).hold_bytes(name, bytes))
    }

    /// Names of subjects that changed, from now on.
    pub fn subscribe(&self) -> mpsc::Receiver<Vec<String>> {
        let (sender, receiver) = mpsc::channel();
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// Proves the home without signing in, with a key the caller has: a user's password, or the
    /// public slot of a training facility.
    pub fn verify_with(
        &self,
        user: Option<(&str, &str)>,
    ) -> Result<store_sqlite::Proof, CommandError> {
        self.lock().verify_with(user).map_err(Error::into_command_error)
    }

    /// Waits until nothing is taken in and no analysis is due or running. What is paused, or stands
    /// still because the disk is full, is not waited for.
    pub fn wait_for_analyses(&self) {
        let jobs = self.lock().jobs.clone();
        jobs.wait_until_idle();
    }

    /// Closes the store and gives the home back; the next start finds one whole file.
    pub fn close(&self) {
        // What arrives at this moment is finished first, which needs the workstation once more.
        let receiving = self.lock().receiver.stop();
        receiver::wait_for(receiving);
        let mut inner = self.lock();
        inner.session = None;
        inner.close_store();
        // Nothing opens the store again without the lock.
        inner.slots = None;
        inner.lock = None;
    }
}

/// Entries of one list that a page may send at once. Everybody at the facility waits for one command:
/// what is longer than a person would write is refused before anything is looked up.
fn most_listed(command: &str) -> usize {
    match command {
        // A folder of pictures: each was held before, and is taken in beside.
        "study.import" | "batch.start" => usize::MAX,
        "count.place" | "count.close" => 5_000,
        // Each of these is decided by itself, or drawn.
        "unit.reserve_many" | "print.save" => 500,
        "case.open" => 100,
        _ => 1_000,
    }
}

/// No list of a payload, however deep, is longer than this.
fn bounded(payload: &Value, most: usize) -> Result<(), CommandError> {
    match payload {
        Value::Array(list) if list.len() > most => Err(CommandError::refusal(Code::Malformed)
            .with("detail", format!("a list has more than {most} entries"))),
        Value::Array(list) => list.iter().try_for_each(|one| bounded(one, most)),
        Value::Object(fields) => fields.values().try_for_each(|one| bounded(one, most)),
        _ => Ok(()),
    }
}

macro_rules! dispatch {
    ($($wire:literal $name:ident($req:ty) -> $res:ty;)*) => {
        impl Backend {
            fn dispatch(&self, name: &str, payload: Value) -> Result<Value, CommandError> {
                match name {
                    $($wire => {
                        let req: $req = serde_json::from_value(payload)
                            .map_err(|e| CommandError::malformed(&e))?;
                        let done: Result<$res, Error> = self.lock().$name(req);
                        let res = done.map_err(|e| self.lock().told($wire, e))?;
                        serde_json::to_value(res).map_err(|e| fault(&e))
                    })*
                    _ => Err(CommandError::refusal(Code::UnknownCommand).with("name", name)),
                }
            }
        }
    };
}
wire::for_each_command!(dispatch);

/// One of several commands that are saved together or not at all.
pub(crate) struct Asked {
    pub parts: Vec<Body>,
    /// Many commands may rest on the same.
    pub facts: Arc<Facts>,
    pub passed: Passed,
}

impl Asked {
    /// One that rests on nothing but the records that it writes.
    pub(crate) fn plain(parts: Vec<Body>) -> Self {
        Self { parts, facts: Arc::default(), passed: Passed::default() }
    }
}

/// Groups of parts, in their order, in as few commands as may hold them. A group is never cut: one that
/// is too large stands alone, and is refused as it is.
fn packed(groups: Vec<Vec<Body>>) -> Vec<Vec<Body>> {
    let mut commands: Vec<Vec<Body>> = vec![];
    let mut written: BTreeSet<Key> = BTreeSet::new();
    for group in groups {
        let keys: BTreeSet<Key> = group.iter().flat_map(Body::keys).collect();
        let both: BTreeSet<Key> = written.union(&keys).copied().collect();
        match commands.last_mut().filter(|_| both.len() <= MOST_WRITES) {
            Some(command) => {
                command.extend(group);
                written = both;
            }
            None => {
                commands.push(group);
                written = keys;
            }
        }
    }
    commands
}

/// An override and a second person, checked.
#[derive(Clone, Default)]
pub(crate) struct Passed {
    pub rules: Vec<bloodbank::care::CareRule>,
    pub duplicates: bool,
    pub reason: Option<String>,
    pub second: Option<String>,
    /// It was written on paper, and is entered now.
    pub happened: Option<records::Happened>,
}

impl Inner {
    pub(crate) fn store(&self) -> Result<&Store, Error> {
        self.store.as_ref().ok_or_else(|| no(Code::NotSignedIn))
    }

    /// Who acts, if they may. Touches the idle timer; a lapsed timer locks.
    pub(crate) fn actor(&mut self, permission: Permission) -> Result<Actor, Error> {
        let actor = self.anyone()?;
        if !actor.role.may(permission) {
            return Err(CommandError::refusal(Code::Forbidden)
                .with("permission", serde_json::to_value(permission)?.as_str().unwrap_or(""))
                .into());
        }
        Ok(actor)
    }

    /// What crosses to the page. Somebody who may not leaves a line in the audit stream, once in a
    /// quarter of an hour: a page that asks again and again does not fill it.
    fn told(&mut self, command: &'static str, error: Error) -> CommandError {
        let said = error.into_command_error();
        let asked = self.session.as_ref().map(|session| session.actor.clone());
        if let Some(actor) = asked.filter(|_| said.code == Code::Forbidden)
            && !self.read_before(&actor, Key::Facility, command)
        {
            let (command, rule) = (command.to_owned(), "forbidden".to_owned());
            let refused = Audit::Refused { command, subject: String::new(), rule };
            // Refused it stays, written down or not.
            if let Err(error) = self.audit(&actor, refused) {
                tracing::warn!("a denial was not written down: {error}");
            }
        }
        said
    }

    /// Who looks, if they may, for what a page asks again and again by itself: that is no sign of
    /// a person, and the idle timer runs on.
    pub(crate) fn seen(&mut self, permission: Permission) -> Result<Actor, Error> {
        let touched = self.session.as_ref().map(|session| session.last_touch);
        let actor = self.actor(permission)?;
        if let (Some(session), Some(touched)) = (self.session.as_mut(), touched) {
            session.last_touch = touched;
        }
        Ok(actor)
    }

    /// Who acts, whatever their role.
    pub(crate) fn anyone(&mut self) -> Result<Actor, Error> {
        let now = self.options.clock.now();
        let session = self.session.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        let idle = now - session.last_touch;
        if idle > TimeDelta::minutes(i64::from(IDLE_MINUTES)) {
            session.lock();
        }
        if session.locked {
            return Err(no(Code::ScreenLocked));
        }
        session.last_touch = now;
        Ok(session.actor.clone())
    }

    /// Judges and saves; a refusal is noted in the audit stream and told.
    pub(crate) fn save(
        &mut self,
        actor: &Actor,
        body: Body,
        facts: Facts,
        passed: Passed,
    ) -> Result<(), Error> {
        let mut stale: Vec<&str> =
            body.parts().iter().filter_map(|part| part.kind().split('.').next()).collect();
        // A reaction to what is known of a patient, or to a recall, moves units that nobody named.
        if stale.contains(&"patient") || stale.contains(&"recall") {
            stale.extend(["unit", "request"]);
        }
        stale.sort_unstable();
        stale.dedup();
        self.save_untold(actor, body, facts, passed)?;
        self.tell(&stale);
        Ok(())
    }

    /// Saves what may be more than one command may write, all or none. Parts of one group stand in
    /// one command; groups share commands as far as they fit, in their order. A server judges each of
    /// the commands by itself, so the order is one in which every beginning is safe: what takes away
    /// comes before what frees. Here they are one transaction, and a power cut leaves nothing half done.
    ///
    /// # Errors
    /// A refusal of any of them, before anything is kept.
    pub(crate) fn save_groups(
        &mut self,
        actor: &Actor,
        groups: Vec<Vec<Body>>,
        facts: Facts,
        passed: &Passed,
    ) -> Result<(), Error> {
        let facts = Arc::new(facts);
        let commands = packed(groups);
        if let [first, .., _] = &commands[..] {
            // Warnings of all are told at once, as if it were one command.
            let subject = first.first().and_then(|part| part.keys().first().copied());
            let kind = first.first().map(|part| part.kind().to_owned()).unwrap_or_default();
            let all = Body::Together(commands.concat());
            let facts = self.with_records(&all, Arc::clone(&facts))?;
            let context = self.context(actor, passed, self.now()?);
            match self.store()?.decide(&all, &facts, &context)? {
                Ok(()) | Err(Why::TooManyWrites(_)) => {}
                Err(why) => return Err(self.refused(actor, why, kind, subject)?),
            }
        }
        let asked = commands.into_iter().map(|parts| Asked {
            parts,
            facts: Arc::clone(&facts),
            passed: passed.clone(),
        });
        self.save_commands(actor, asked.collect())
    }

    /// The same where the caller says what stands in which command.
    pub(crate) fn save_commands(&mut self, actor: &Actor, asked: Vec<Asked>) -> Result<(), Error> {
        let mut asked: Vec<Asked> = asked.into_iter().filter(|one| !one.parts.is_empty()).collect();
        if asked.len() < 2 {
            let Some(Asked { parts, facts, passed }) = asked.pop() else { return Ok(()) };
            return self.save_parts(actor, parts, Arc::unwrap_or_clone(facts), passed);
        }
        let now = self.now()?;
        // With the command that each one follows.
        type Ready = (Body, Arc<Facts>, Context, Passed, [CommandId; 1]);
        let mut ready: Vec<Ready> = vec![];
        for Asked { mut parts, facts, passed } in asked {
            let body = match parts.len() {
                1 => parts.remove(0),
                _ => Body::Together(parts),
            };
            let facts = self.with_records(&body, facts)?;
            let mut context = self.context(actor, &passed, now);
            self.told_by_today(&body, &facts, &mut context)?;
            let before = ready.last().map_or(context.by, |(_, _, before, ..)| before.by);
            ready.push((body, facts, context, passed, [before]));
        }
        let mut saves: Vec<Save<'_>> = vec![];
        for (body, facts, context, passed, before) in &ready {
            saves.push(Save {
                body,
                facts,
                context,
                standing: Standing::Final,
                second: passed.second.clone(),
                reason: passed.reason.clone(),
                after: if saves.is_empty() { &[] } else { before },
            });
        }
        let clock = self.options.clock.clone();
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        if let Some(Outcome::Refused(why)) = store.save_all(&saves, &*clock)?.pop() {
            let command = ready.first().map(|(body, ..)| body.kind().to_owned());
            let subject = ready.first().and_then(|(body, ..)| body.keys().first().copied());
            return Err(self.refused(actor, why, command.unwrap_or_default(), subject)?);
        }
        let kinds = ready.iter().flat_map(|(body, ..)| body.parts()).map(Body::kind);
        let mut stale: Vec<&str> = kinds.filter_map(|kind| kind.split('.').next()).collect();
        stale.push("unit");
        stale.sort_unstable();
        stale.dedup();
        self.tell(&stale);
        Ok(())
    }

    /// A refusal leaves a line in the audit stream, and is told.
    fn refused(
        &mut self,
        actor: &Actor,
        why: Why,
        command: String,
        subject: Option<Key>,
    ) -> Result<Error, Error> {
        let subject = subject.map(|key| key.to_string()).unwrap_or_default();
        self.written_down(actor, &command, subject, refused(why))
    }

    /// Whoever gives is the person, whichever of their records the command names; and a patient's record
    /// that was taken over says which one goes on.
    fn with_records(&self, body: &Body, mut facts: Arc<Facts>) -> Result<Arc<Facts>, Error> {
        for key in body.keys() {
            if let (Key::Patient(id), None) = (key, &facts.goes_on_in)
                && let Some(to) = self.goes_on_in(id)?
            {
                Arc::make_mut(&mut facts).goes_on_in = Some(to);
            }
            let Key::Donor(id) = key else { continue };
            for record in self.other_records(id)? {
                if !facts.donor.others.iter().any(|known| known.id == record.id) {
                    Arc::make_mut(&mut facts).donor.others.push(record);
                }
            }
        }
        Ok(facts)
    }

    pub(crate) fn context(&self, actor: &Actor, passed: &Passed, now: Instant) -> Context {
        let later = passed.happened.map(|of| records::Later {
            recorded_at: now,
            by: of.by,
            policy: self.policies.at(now),
            against_today: vec![],
        });
        Context {
            now: passed.at(now),
            later,
            by: CommandId(self.options.clock.new_uuid()),
            actor: actor.clone(),
            overridden: passed.rules.clone(),
            duplicates_overridden: passed.duplicates,
            policy: self.policies.at(passed.at(now)),
        }
    }

    /// The same for a caller that has more to do before anybody looks.
    pub(crate) fn save_untold(
        &mut self,
        actor: &Actor,
        body: Body,
        facts: Facts,
        passed: Passed,
    ) -> Result<(), Error> {
        let facts = self.with_records(&body, Arc::new(facts))?;
        let mut context = self.context(actor, &passed, self.now()?);
        self.told_by_today(&body, &facts, &mut context)?;
        let subject = body.keys().first().copied();
        let save = Save {
            body: &body,
            facts: &facts,
            context: &context,
            standing: Standing::Final,
            second: passed.second,
            reason: passed.reason,
            after: &[],
        };
        let clock = self.options.clock.clone();
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        // This workstation is its own authority: what it accepts is final, what it refuses is
        // refused before anything is written.
        let decided = store.decide(&body, &facts, &context)?;
        if let Err(refusal) = decided {
            return Err(self.refused(actor, refusal, body.kind().to_owned(), subject)?);
        }
        match store.save(&save, &*clock)? {
            Outcome::Saved { .. } => Ok(()),
            Outcome::Refused(refusal) => Err(refused(refusal)),
        }
    }

    /// A refusal, after its line in the audit stream.
    pub(crate) fn written_down(
        &mut self,
        actor: &Actor,
        command: &str,
        subject: String,
        error: Error,
    ) -> Result<Error, Error> {
        if let Error::Say(said) = &error {
            let rule = serde_json::to_value(said.code)?.as_str().unwrap_or("").to_owned();
            let command = command.to_owned();
            self.audit(actor, Audit::Refused { command, subject, rule })?;
        }
        Ok(error)
    }

    /// One line of the audit stream.
    pub(crate) fn audit(&mut self, actor: &Actor, entry: Audit) -> Result<(), Error> {
        self.audit_at(actor, entry, self.now()?, None)
    }

    /// The same at a time of the caller's, with a second person who was checked.
    pub(crate) fn audit_at(
        &mut self,
        actor: &Actor,
        entry: Audit,
        now: Instant,
        second: Option<String>,
    ) -> Result<(), Error> {
        let context = Context {
            now,
            later: None,
            by: CommandId(self.options.clock.new_uuid()),
            actor: actor.clone(),
            overridden: vec![],
            duplicates_overridden: false,
            policy: self.policies.at(now),
        };
        let body = Body::Audit(entry);
        let clock = self.options.clock.clone();
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        let save = Save {
            body: &body,
            facts: &Facts::default(),
            context: &context,
            standing: Standing::Attested,
            second,
            reason: None,
            after: &[],
        };
        store.save(&save, &*clock)?;
        Ok(())
    }

    /// Notes that a patient's record was looked at, once in a quarter of an hour.
    pub(crate) fn note_read(
        &mut self,
        actor: &Actor,
        patient: PatientId,
        screen: &'static str,
    ) -> Result<(), Error> {
        if self.read_before(actor, Key::Patient(patient), screen) {
            return Ok(());
        }
        self.audit(actor, Audit::Read { patient, screen: screen.to_owned() })
    }

    /// The same for the test results of a donation.
    pub(crate) fn note_seen(
        &mut self,
        actor: &Actor,
        donation: kernel::DonationId,
        screen: &'static str,
    ) -> Result<(), Error> {
        if self.read_before(actor, Key::Tests(donation), screen) {
            return Ok(());
        }
        self.audit(actor, Audit::ResultsSeen { donation, screen: screen.to_owned() })
    }

    /// The same for what is a donor's alone: a telephone number, a paper, why somebody is deferred.
    pub(crate) fn note_donor(
        &mut self,
        actor: &Actor,
        donor: &str,
        screen: &'static str,
    ) -> Result<(), Error> {
        let donor: kernel::DonorId = donor.parse().map_err(|_| no(Code::NotFound))?;
        if self.store()?.donor(donor)?.is_none() {
            return Err(no(Code::NotFound));
        }
        if self.read_before(actor, Key::Donor(donor), screen) {
            return Ok(());
        }
        self.audit(actor, Audit::DonorSeen { donor, screen: screen.to_owned() })
    }

    /// The same for a list that shows such things of everybody on it; empty it shows nothing.
    pub(crate) fn note_list(
        &mut self,
        actor: &Actor,
        of: Key,
        screen: &'static str,
        rows: usize,
    ) -> Result<(), Error> {
        if rows == 0 || self.read_before(actor, of, screen) {
            return Ok(());
        }
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        self.audit(actor, Audit::ListSeen { screen: screen.to_owned(), rows })
    }

    fn read_before(&mut self, actor: &Actor, subject: Key, screen: &'static str) -> bool {
        let now = self.options.clock.now();
        let key = (actor.user.clone(), subject, screen);
        if self.reads.get(&key).is_some_and(|at| now - *at < READ_AGAIN) {
            return true;
        }
        self.reads.insert(key, now);
        false
    }

    /// Says which lists may be stale.
    pub(crate) fn tell(&self, subjects: &[&str]) {
        tell(&self.listeners, subjects);
    }

    pub(crate) fn close_store(&mut self) {
        // It ends by itself; nothing of it reaches the next store.
        drop(self.receiver.stop());
        self.fetches.forget_all();
        self.arriving.clear();
        self.visited = false;
        self.opened += 1;
        self.store = None;
        self.dek = None;
        self.policies = Policies::none();
    }

    pub(crate) fn home(&self) -> &Path {
        &self.options.home
    }

    /// Finds out what stands in the home, and opens what opens without a person.
    pub(crate) fn look_at_home(&mut self) -> Result<(), Error> {
        home::check_home(self.home())?;
        if self.lock.is_none() {
            self.lock = Some(HomeLock::take(&self.options.home)?);
        }
        if home::is_empty(self.home())? {
            return Ok(());
        }
        let slots = KeySlots::load(self.home())?;
        self.attempts = Attempts::load(self.home(), self.options.clock.now())?;
        let dek = if slots.is_training() {
            Some(slots.unlock_training()?)
        } else if self.options.keyring {
            slots.unlock_with_keyring().ok()
        } else {
            None
        };
        self.slots = Some(slots);
        if let Some(dek) = dek {
            self.open_store(dek)?;
        }
        Ok(())
    }

    pub(crate) fn open_store(&mut self, dek: Zeroizing<[u8; 32]>) -> Result<(), Error> {
        if self.store.is_none() {
            self.store = Some(Store::open(self.home(), &dek)?);
            self.read_policies()?;
            self.receiver_follow();
        }
        self.dek = Some(dek);
        Ok(())
    }

    /// At a sign-in, before it is written down: what lies outside the store is compared with what
    /// the store remembers, told in the audit stream, and mended. A mere start leaves everything as
    /// it lies, so that `verify` sees it.
    pub(crate) fn settle(&mut self, actor: &Actor) -> Result<(), Error> {
        let Some(dek) = self.dek.clone() else { return Err(no(Code::NotSignedIn)) };
        let mut noticed = vec![];
        let signed_in = self.store()?.last_sign_in()?;
        noticed.extend(self.attempts.wrong(&dek, signed_in).map(|wrong| wrong.code().to_owned()));
        let anchor = self.store()?.key_slots_anchor()?;
        let staff = self.store()?.staff()?;
        if let Some(slots) = self.slots.as_mut() {
            match anchor {
                Some((serial, sha256))
                    if slots.serial() < serial
                        || (slots.serial() == serial && slots.fingerprint() != sha256) =>
                {
                    noticed.push("key_slots_older".to_owned());
                    let works_here = |user: &str| staff.iter().any(|s| s.user == user && s.active);
                    slots.go_on_after(&dek, serial, &works_here)?;
                }
                _ => slots.heal(&dek)?,
            }
        }
        for what in noticed {
            self.audit(actor, Audit::Noticed { what })?;
        }
        self.note_slots(actor)?;
        let (size, _) = self.store()?.log_head();
        self.attempts.seal(Some(&actor.user), &dek, size + 1)
    }

    /// Writes into the audit stream which key slots stand now, if that is news.
    pub(crate) fn note_slots(&mut self, actor: &Actor) -> Result<(), Error> {
        let Some(slots) = &self.slots else { return Ok(()) };
        let (serial, sha256) = (slots.serial(), slots.fingerprint());
        if self.store()?.key_slots_anchor()? != Some((serial, sha256.clone())) {
            self.audit(actor, Audit::KeySlots { serial, sha256 })?;
        }
        Ok(())
    }
}

pub(crate) fn tell(listeners: &Listeners, subjects: &[&str]) {
    let subjects: Vec<String> = subjects.iter().map(|s| (*s).to_owned()).collect();
    let mut listeners = listeners.lock().unwrap_or_else(PoisonError::into_inner);
    listeners.retain(|listener| listener.send(subjects.clone()).is_ok());
}
