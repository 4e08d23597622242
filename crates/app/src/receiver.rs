//! What scanners and archives send goes into the facility by the same way as files that a person opens.
//!
//! The receiver of the program itself is a setting of the facility, off until somebody switches it on by
//! a signed command. It runs while the store is open, in the name of the program: whoever stands at the
//! screen meanwhile has not sent for what arrives.

use crate::backend::{Inner, tell};
use crate::convert::rfc3339;
use crate::error::{Error, fault, no};
use crate::import::{Arriving, Reception};
use dicom_net::{Arrived, Delivery, Desk, End, Refused};
use kernel::{Actor, Permission};
use records::Audit;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use wire::{Code, CommandError, Imported, Nothing, ReceiverSet, ReceiverState};

/// The setting's name in the store.
const SETTING: &str = "receiver";
/// The port that IANA gives to DICOM and that needs no special rights.
const PORT: u16 = 11_112;
const MOST_SENDERS: usize = 100;

/// Hears what one sender brought, when it is done.
pub type Told = Arc<dyn Fn(&str, &Imported, End) + Send + Sync>;

/// Takes pictures in, one parcel for each sender.
pub struct PictureDesk {
    pub reception: Reception,
    /// Analyse what arrives.
    pub analyse: bool,
    pub told: Told,
}

impl Desk for PictureDesk {
    fn begin(&self, sender: &str) -> Option<Box<dyn Delivery>> {
        Some(Box::new(Parcel {
            sender: sender.to_owned(),
            arriving: self.reception.begin(),
            analyse: self.analyse,
            told: Arc::clone(&self.told),
        }))
    }
}

/// What one sender brings in one association.
struct Parcel {
    sender: String,
    arriving: Arriving,
    analyse: bool,
    told: Told,
}

impl Delivery for Parcel {
    fn take(&mut self, arrived: Arrived) -> Result<(), Refused> {
        // The name of a file that came without one: nothing of the patient.
        let name = format!("{}.dcm", arrived.sop_instance);
        self.arriving.take(&name, arrived.file).map_err(|error| refusal(&error))
    }

    fn end(self: Box<Self>, end: End) {
        let imported = self.arriving.finish(self.analyse);
        if !imported.files.is_empty() {
            (self.told)(&self.sender, &imported, end);
        }
    }
}

/// What a sender is told: whether to try again, or never.
fn refusal(error: &CommandError) -> Refused {
    let why = error.args.get("why").map(String::as_str);
    match error.code {
        Code::ImageTooLarge | Code::DiskFull | Code::Internal | Code::NotSignedIn => {
            Refused::OutOfResources
        }
        Code::ImageBroken if why == Some("no_decoder") => Refused::OutOfResources,
        _ => Refused::CannotUnderstand,
    }
}

/// A receiver of this title that lets these titles in and takes what can be read here.
#[must_use]
pub fn receiver_options(title: &str, allowed: &[String]) -> dicom_net::Options {
    dicom_net::Options {
        title: title.to_owned(),
        allowed: allowed.iter().cloned().collect(),
        syntaxes: dicom_io::READABLE.iter().map(|uid| (*uid).to_owned()).collect(),
        limits: dicom_net::Limits::default(),
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Setting {
    on: bool,
    title: String,
    allowed: Vec<String>,
    bind: IpAddr,
    port: u16,
    /// Queue the analyses of what arrives.
    #[serde(default)]
    analyse: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            on: false,
            title: "HEALTHSYNC".into(),
            allowed: vec![],
            bind: Ipv4Addr::LOCALHOST.into(),
            port: PORT,
            analyse: false,
        }
    }
}

impl Setting {
    fn read(ask: ReceiverSet) -> Result<Self, Error> {
        let unfit = |why: &str, value: &str| {
            let error = CommandError::refusal(Code::ReceiverUnfit);
            Error::from(error.with("why", why).with("value", value))
        };
        let title = dicom_net::title(&ask.title).map_err(|_| unfit("title", &ask.title))?;
        let mut allowed = vec![];
        for sender in &ask.allowed {
            let sender = dicom_net::title(sender).map_err(|_| unfit("allowed", sender))?;
            if !allowed.contains(&sender) {
                allowed.push(sender);
            }
        }
        // Nobody could send: that is "off", and says so.
        if allowed.len() > MOST_SENDERS || (ask.on && allowed.is_empty()) {
            return Err(unfit("allowed", ""));
        }
        let bind = ask.bind.trim().parse().map_err(|_| unfit("bind", &ask.bind))?;
        if ask.port == 0 {
            return Err(unfit("port", "0"));
        }
        Ok(Self { on: ask.on, title, allowed, bind, port: ask.port, analyse: ask.analyse })
    }

    /// Whether a receiver under `self` serves as well under `other`: what becomes of a study is asked when
    /// its delivery begins.
    fn listens_like(&self, other: &Self) -> bool {
        *self == Self { analyse: self.analyse, ..other.clone() }
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }
}

/// How it goes; written by the receiver's thread.
#[derive(Clone, Debug)]
struct Standing {
    state: ReceiverState,
    problem: Option<String>,
    taken: u32,
    refused: u32,
    last: Option<(String, kernel::Instant)>,
}

impl Default for Standing {
    fn default() -> Self {
        let state = ReceiverState::Off;
        Self { state, problem: None, taken: 0, refused: 0, last: None }
    }
}

type Shared = Arc<Mutex<Standing>>;

fn change(standing: &Shared, change: impl FnOnce(&mut Standing)) {
    change(&mut standing.lock().unwrap_or_else(PoisonError::into_inner));
}

/// A receiver at work.
struct Running {
    setting: Setting,
    /// Dropped to stop it.
    stop: Option<oneshot::Sender<()>>,
    thread: JoinHandle<()>,
}

impl Running {
    fn ask_to_stop(&mut self) {
        self.stop = None;
    }
}

/// The receiver of the program: at most one.
#[derive(Default)]
pub(crate) struct Receiver {
    standing: Shared,
    running: Option<Running>,
}

impl Receiver {
    /// Asks it to stop. Whoever waits for the thread must not hold the workstation, which a delivery that
    /// ends needs once more.
    pub(crate) fn stop(&mut self) -> Option<JoinHandle<()>> {
        let mut running = self.running.take()?;
        running.ask_to_stop();
        change(&self.standing, |standing| standing.state = ReceiverState::Off);
        Some(running.thread)
    }
}

/// Begins parcels for the store that was open when the receiver started, and for no other.
struct OwnDesk {
    me: Weak<Mutex<Inner>>,
    opened: u64,
    told: Told,
}

/// In whose name the program takes in what is sent to it, and asks for its analysis.
pub(crate) fn actor() -> Actor {
    Actor::system("receiver", 1)
}

impl Desk for OwnDesk {
    fn begin(&self, sender: &str) -> Option<Box<dyn Delivery>> {
        let inner = self.me.upgrade()?;
        let analyse = {
            let guard = inner.lock().unwrap_or_else(PoisonError::into_inner);
            if guard.opened != self.opened {
                return None;
            }
            // A setting that cannot be read is no reason to turn pictures away.
            guard.receiver_analyses().unwrap_or_default()
        };
        let reception = Reception { inner, actor: actor() };
        let told = Arc::clone(&self.told);
        PictureDesk { reception, analyse, told }.begin(sender)
    }
}

impl Inner {
    fn receiver_setting(&self) -> Result<Setting, Error> {
        let kept = self.store()?.setting(SETTING)?;
        // A setting that does not read back is off.
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Whether the facility wants what arrives to be analysed.
    pub(crate) fn receiver_analyses(&self) -> Result<bool, Error> {
        Ok(self.receiver_setting()?.analyse)
    }

    pub(crate) fn receiver_view(&self) -> Result<wire::Receiver, Error> {
        let setting = self.receiver_setting()?;
        let standing = &self.receiver.standing;
        let standing = standing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (last_sender, last_at) = standing.last.unzip();
        Ok(wire::Receiver {
            on: setting.on,
            title: setting.title,
            allowed: setting.allowed,
            bind: setting.bind.to_string(),
            port: setting.port,
            analyse: setting.analyse,
            state: match setting.on {
                false => ReceiverState::Off,
                true if !self.options.receives => ReceiverState::NotHere,
                true => standing.state,
            },
            problem: standing.problem.filter(|_| setting.on),
            taken: standing.taken,
            refused: standing.refused,
            last_sender,
            last_at: last_at.map(rfc3339),
        })
    }

    pub(crate) fn receiver_set(&mut self, ask: ReceiverSet) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let setting = Setting::read(ask)?;
        if setting == self.receiver_setting()? {
            return Ok(Nothing {});
        }
        // Signed before it takes effect.
        self.audit(
            &actor,
            Audit::ReceiverSet {
                on: setting.on,
                title: setting.title.clone(),
                allowed: setting.allowed.clone(),
                address: setting.address().to_string(),
                analyse: setting.analyse,
            },
        )?;
        let text = serde_json::to_string(&setting)?;
        self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?.set_setting(SETTING, &text)?;
        self.receiver_follow();
        self.tell(&["connections"]);
        Ok(Nothing {})
    }

    /// Starts, stops or restarts the receiver as the setting says. What goes wrong is shown where the
    /// setting is, and keeps nobody from the rest.
    pub(crate) fn receiver_follow(&mut self) {
        let wanted = match self.receiver_setting() {
            Ok(setting) => Some(setting).filter(|s| s.on && self.options.receives),
            Err(_) => None,
        };
        let goes_on = match (&self.receiver.running, &wanted) {
            (Some(now), Some(wanted)) => {
                now.setting.listens_like(wanted) && !now.thread.is_finished()
            }
            (None, None) => true,
            _ => false,
        };
        if goes_on {
            return;
        }
        let before = self.receiver.stop();
        let Some(setting) = wanted else { return };
        let standing = Arc::clone(&self.receiver.standing);
        change(&standing, |now| (now.state, now.problem) = (ReceiverState::Starting, None));
        let (stop, stopped) = oneshot::channel();
        let desk = OwnDesk { me: self.me.clone(), opened: self.opened, told: self.tally() };
        let (listeners, asked) = (self.listeners.clone(), setting.clone());
        let thread = std::thread::spawn(move || {
            // The port is free when the one before has let it go.
            if before.is_some_and(|thread| thread.join().is_err()) {
                tracing::error!("the receiver before this one panicked");
            }
            let end = listen(&asked, Arc::new(desk), &standing, stopped, || {
                tell(&listeners, &["connections"]);
            });
            change(&standing, |now| match end {
                Ok(()) => {}
                Err(error) => {
                    now.state = ReceiverState::Failed;
                    now.problem = Some(error.to_string());
                }
            });
            tell(&listeners, &["connections"]);
        });
        self.receiver.running = Some(Running { setting, stop: Some(stop), thread });
    }

    /// Counts what arrives.
    fn tally(&self) -> Told {
        let (standing, listeners) = (Arc::clone(&self.receiver.standing), self.listeners.clone());
        let clock = Arc::clone(&self.options.clock);
        Arc::new(move |sender, imported, _end| {
            let refused = imported.files.iter().filter(|file| file.error.is_some()).count();
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            change(&standing, |now| {
                now.taken = now.taken.saturating_add(count(imported.files.len() - refused));
                now.refused = now.refused.saturating_add(count(refused));
                now.last = Some((sender.to_owned(), clock.now()));
            });
            tell(&listeners, &["connections", "study"]);
        })
    }
}

/// Listens until it is stopped.
fn listen(
    setting: &Setting,
    desk: Arc<dyn Desk>,
    standing: &Shared,
    stopped: oneshot::Receiver<()>,
    heard: impl Fn(),
) -> std::io::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).thread_name("receiver").enable_all().build()?;
    let options = receiver_options(&setting.title, &setting.allowed);
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(setting.address()).await?;
        change(standing, |now| now.state = ReceiverState::Listening);
        heard();
        let stop = async {
            // Its other end is dropped to stop it.
            let _ = stopped.await;
        };
        dicom_net::serve(listener, options, desk, stop).await
    })
}

/// Waits for a thread that was asked to stop.
pub(crate) fn wait_for(thread: Option<JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        let _ = fault(&"panic in the receiver");
    }
}
