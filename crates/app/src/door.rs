//! First start, signing in, staff and proof.

use crate::attempts::{self, Attempts, Who};
use crate::backend::{IDLE_MINUTES, Inner, Passed, Session};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::home;
use hospital::staff::{self, Staff, is_user_name, user_name};
use kernel::{Actor, Permission, Role as R, StaffId, TimeDelta};
use records::{Audit, Body, Facts, Key, State};
use sqlite::keyslots::{Cost, Holder, KeySlotError, KeySlots, TRAINING_PASSWORD};
use store_sqlite::{Proof, Store};
use wire::*;

/// The shortest password (NIST SP 800-63B asks for 8; this guards a disk, so 10).
const PASSWORD_MIN: usize = 10;

/// Whose rules a facility can follow, as [`wire::Facility`] names them.
const PROFILES: [&str; 5] = ["who", "fda", "eu", "uk", "in"];

impl Inner {
    pub(crate) fn app_status(&mut self, _: Nothing) -> Result<Status, Error> {
        let facility = match &self.store {
            Some(store) => store.facility()?,
            None => None,
        };
        if let Some(session) = self.session.as_mut() {
            let idle = self.options.clock.now() - session.last_touch;
            session.locked |= idle > TimeDelta::minutes(i64::from(IDLE_MINUTES));
        }
        let door = match (&self.problem, &self.slots, &self.session) {
            (Some(_), _, _) => Door::Problem,
            (None, None, _) => Door::Empty,
            (None, Some(_), Some(s)) if s.locked => Door::Locked,
            (None, Some(_), _) if self.unconfirmed.is_some() => Door::ConfirmRecovery,
            // The code of an interrupted set-up is gone: who may make a new one is asked to.
            (None, Some(slots), Some(s))
                if slots.lacks_confirmed_recovery()
                    && s.actor.role.may(Permission::ManageFacility) =>
            {
                Door::ConfirmRecovery
            }
            (None, Some(_), Some(_)) => Door::SignedIn,
            (None, Some(_), None) => Door::SignIn,
        };
        let last_backup = match &self.store {
            Some(store) => store.last_backup()?.map(rfc3339),
            None => None,
        };
        Ok(Status {
            door,
            problem: self.problem.clone(),
            facility: facility.map(|f| Facility {
                name: f.name,
                zone: f.zone.to_string(),
                profile: f.profile,
                language: f.language,
                training: f.training,
            }),
            session: self.session.as_ref().map(|s| wire::Session {
                user: s.actor.user.clone(),
                display_name: s.display_name.clone(),
                role: same(s.actor.role),
                permissions: s.actor.role.permissions().iter().map(|p| same(*p)).collect(),
                since: rfc3339(s.since),
            }),
            users: self.users()?,
            now: rfc3339(self.now()?),
            clock_suspect: self.clock_suspect()?,
            clock: self.clock_doubt()?,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            last_backup,
            idle_minutes: IDLE_MINUTES,
        })
    }

    /// Names for the sign-in page. While the store is sealed only the key slots' names are known.
    fn users(&self) -> Result<Vec<UserName>, Error> {
        if let Some(store) = &self.store {
            let staff = store.staff()?.into_iter().filter(|s| s.active);
            return Ok(staff
                .map(|s| UserName {
                    user: s.user,
                    display_name: s.display_name,
                    role: Some(same(s.role)),
                })
                .collect());
        }
        let slots = self.slots.iter().flat_map(KeySlots::slots);
        Ok(slots
            .filter_map(|slot| match slot.holder {
                Holder::Password { user } => {
                    Some(UserName { display_name: user.clone(), user, role: None })
                }
                Holder::Recovery | Holder::Keyring { .. } | Holder::Training => None,
            })
            .collect())
    }

    pub(crate) fn setup_look_around(&mut self, _: Nothing) -> Result<Status, Error> {
        self.must_be_empty()?;
        crate::training::furnish(self)?;
        self.app_status(Nothing {})
    }

    fn must_be_empty(&self) -> Result<(), Error> {
        match &self.problem {
            // Nothing can stand in a folder that cannot be used.
            Some(problem) if problem.code == Code::HomeUnsuitable => Err(problem.clone().into()),
            _ if self.slots.is_some() || !home::is_empty(self.home())? => {
                Err(no(Code::FacilityExists))
            }
            Some(problem) => Err(problem.clone().into()),
            None => Ok(()),
        }
    }

    pub(crate) fn setup_facility(&mut self, set_up: SetUp) -> Result<SetUpDone, Error> {
        self.must_be_empty()?;
        let zone: chrono_tz::Tz = set_up.zone.parse().map_err(|_| {
            CommandError::refusal(Code::Malformed).with("detail", "this time zone is not known")
        })?;
        if !PROFILES.contains(&set_up.profile.as_str()) {
            let detail = format!("this profile is not known: it is one of {}", PROFILES.join(", "));
            return Err(CommandError::refusal(Code::Malformed).with("detail", detail).into());
        }
        let user = user_name(&set_up.admin_user);
        if user.is_empty()
            || set_up.admin_name.trim().is_empty()
            || set_up.facility.trim().is_empty()
        {
            return Err(no(Code::NameMissing));
        }
        if !is_user_name(&user) {
            return Err(no(Code::UserNameUnfit));
        }
        check_password(&set_up.admin_password)?;
        let cost = self.cost();
        let (mut slots, dek, code) =
            KeySlots::create(self.home(), &user, &set_up.admin_password, cost)?;
        if self.options.keyring {
            // Absent is the normal case on a minimal desktop.
            let _ = slots.add_keyring(&dek);
        }
        self.slots = Some(slots);
        let setter = self.found(
            &dek,
            records::Facility {
                name: set_up.facility.trim().to_owned(),
                zone,
                profile: set_up.profile,
                language: set_up.language,
                training: false,
            },
            &[(user.clone(), set_up.admin_name, R::Administrator)],
        )?;
        self.unconfirmed = Some(user);
        // The facility stands and its code must be shown: a pack that could not be enabled stays off.
        if let Err(error) = self.accept_terms(&setter, &set_up.allow) {
            tracing::warn!("packs were not enabled at set-up: {error}");
        }
        Ok(SetUpDone { recovery_code: code.printed().to_string() })
    }

    /// Makes the store, the facility and its first people; the first of them is answered.
    pub(crate) fn found(
        &mut self,
        dek: &sqlite::keyslots::Dek,
        facility: records::Facility,
        people: &[(String, String, R)],
    ) -> Result<Actor, Error> {
        self.store = Some(Store::create(self.home(), dek)?);
        self.dek = Some(dek.clone());
        let setter = Actor {
            id: StaffId(self.options.clock.new_uuid()),
            user: people.first().map(|p| p.0.clone()).unwrap_or_default(),
            role: R::Administrator,
        };
        // One command: there is never a facility without somebody who may open it.
        let profile = facility.profile.clone();
        let mut parts = vec![Body::Facility(facility)];
        for (n, (user, name, role)) in people.iter().enumerate() {
            let id = if n == 0 { setter.id } else { StaffId(self.options.clock.new_uuid()) };
            let command =
                staff::Command::Add { user: user.clone(), display_name: name.clone(), role: *role };
            parts.push(Body::Staff { id, command });
        }
        // The first version of its rules is adopted with it: what decides always has a name.
        parts.push(Body::Policies(bloodbank::Adopt {
            text: records::first_policy_of(&profile).0,
            effective_at: None,
            reason: "The profile that comes with the program, adopted at set-up".into(),
            urgent: false,
        }));
        self.save(&setter, Body::Together(parts), Facts::default(), Passed::default())?;
        self.read_policies()?;
        self.note_slots(&setter)?;
        let (size, _) = self.store()?.log_head();
        self.attempts.seal(None, dek, size)?;
        Ok(setter)
    }

    pub(crate) fn setup_confirm(&mut self, typed: RecoveryCode) -> Result<Status, Error> {
        let slots = self.slots.as_mut().ok_or_else(|| no(Code::NoFacility))?;
        slots.confirm_recovery(&typed.code)?;
        if let Some(user) = self.unconfirmed.take() {
            self.enter(&user)?;
        } else if let Some(actor) = self.session.as_ref().map(|s| s.actor.clone()) {
            self.note_slots(&actor)?;
        }
        self.app_status(Nothing {})
    }

    /// A new recovery code, shown once. One that was confirmed earlier still opens the facility
    /// until the new one is typed back.
    pub(crate) fn recovery_renew(&mut self, _: Nothing) -> Result<SetUpDone, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let cost = self.cost();
        let (Some(dek), Some(slots)) = (&self.dek, self.slots.as_mut()) else {
            return Err(no(Code::NotSignedIn));
        };
        if slots.is_training() {
            return Err(no(Code::NotInTraining));
        }
        let code = slots.renew_recovery(dek, cost)?;
        self.note_slots(&actor)?;
        Ok(SetUpDone { recovery_code: code.printed().to_string() })
    }

    pub(crate) fn recovery_confirm(&mut self, typed: RecoveryCode) -> Result<Status, Error> {
        self.actor(Permission::ManageFacility)?;
        self.setup_confirm(typed)
    }

    pub(crate) fn setup_leave_training(&mut self, _: Nothing) -> Result<Status, Error> {
        if !self.slots.as_ref().is_some_and(KeySlots::is_training) {
            return Err(no(Code::TrainingOnly));
        }
        // What runs finds that it is not wanted; nobody waits for it here.
        self.jobs.forget_all();
        self.session = None;
        self.close_store();
        self.slots = None;
        self.attempts = Attempts::none(self.home());
        self.reads.clear();
        for entry in std::fs::read_dir(self.home())? {
            let entry = entry?;
            if entry.file_name() != "lock" && entry.file_type()?.is_file() {
                std::fs::remove_file(entry.path())?;
            }
        }
        crate::packs::remove_all(self.home())?;
        self.app_status(Nothing {})
    }

    /// Checks a password, with a wait that doubles after five failures. Answers the store's key.
    fn knock(&mut self, user: &str, password: &str) -> Result<sqlite::keyslots::Dek, Error> {
        let now = self.options.clock.now();
        let known = self.users()?.iter().any(|u| u.user == user);
        let who = if known { Who::Known(user) } else { Who::Unknown };
        if let Some(until) = self.attempts.waits(who, now) {
            return Err(CommandError::refusal(Code::LockedOut)
                .with("until", rfc3339(until))
                .with("seconds", (until - now).num_seconds() + 1)
                .into());
        }
        let slots = self.slots.as_ref();
        let slots =
            slots.ok_or_else(|| self.problem.clone().map_or(no(Code::NoFacility), Error::from))?;
        let opened = if slots.is_training() {
            if known && password == TRAINING_PASSWORD {
                slots.unlock_training().map_err(Error::from)
            } else {
                Err(no(Code::WrongPassword))
            }
        } else {
            slots.unlock_with_password(user, password).map_err(Error::from)
        };
        if opened.is_err() {
            self.attempts.failed(who, now);
        }
        opened
    }

    pub(crate) fn session_sign_in(&mut self, who: Credentials) -> Result<Status, Error> {
        let user = user_name(&who.user);
        let dek = self.knock(&user, &who.password)?;
        self.open_store(dek)?;
        self.enter(&user)?;
        self.app_status(Nothing {})
    }

    /// Puts an active member of staff in front of the program.
    pub(crate) fn enter(&mut self, user: &str) -> Result<(), Error> {
        let staff = self.staff_named(user)?.ok_or_else(|| no(Code::WrongPassword))?;
        let now = self.options.clock.now();
        let actor = Actor { id: staff.id, user: staff.user, role: staff.role };
        self.settle(&actor)?;
        self.audit(&actor, Audit::SignedIn)?;
        self.session = Some(Session {
            actor,
            display_name: staff.display_name,
            since: now,
            locked: false,
            last_touch: now,
            reading: crate::reading::Windows::default(),
        });
        // What waited when the program ended goes on, in the name of whoever asked for it.
        self.visited = true;
        self.wake();
        Ok(())
    }

    pub(crate) fn staff_named(&self, user: &str) -> Result<Option<Staff>, Error> {
        Ok(self.store()?.staff()?.into_iter().find(|s| s.user == user && s.active))
    }

    pub(crate) fn session_sign_out(&mut self, _: Nothing) -> Result<Status, Error> {
        if let Some(session) = self.session.take() {
            self.audit(&session.actor, Audit::SignedOut)?;
        }
        self.app_status(Nothing {})
    }

    pub(crate) fn session_lock(&mut self, _: Nothing) -> Result<Status, Error> {
        if let Some(session) = self.session.as_mut() {
            session.lock();
        }
        self.app_status(Nothing {})
    }

    pub(crate) fn session_unlock(&mut self, typed: Password) -> Result<Status, Error> {
        let user = self
            .session
            .as_ref()
            .map(|s| s.actor.user.clone())
            .ok_or_else(|| no(Code::NotSignedIn))?;
        self.knock(&user, &typed.password)?;
        self.attempts.passed(&user);
        let now = self.options.clock.now();
        if let Some(session) = self.session.as_mut() {
            session.locked = false;
            session.last_touch = now;
        }
        self.app_status(Nothing {})
    }

    pub(crate) fn session_recover(&mut self, recover: Recover) -> Result<Status, Error> {
        check_password(&recover.new_password)?;
        let user = user_name(&recover.user);
        let cost = self.cost();
        let slots = self.slots.as_mut().ok_or_else(|| no(Code::NoFacility))?;
        // Whoever recovers by a code has it on paper.
        let dek = slots.confirm_recovery(&recover.code)?;
        slots.replace_password(&dek, &user, &recover.new_password, cost)?;
        self.open_store(dek)?;
        self.enter(&user)?;
        self.app_status(Nothing {})
    }

    fn cost(&self) -> Cost {
        self.options.cost.unwrap_or_else(Cost::calibrated)
    }

    /// A second person at the same keyboard: another active user who may, by password, without
    /// switching the session.
    pub(crate) fn second(
        &mut self,
        actor: &Actor,
        second: Option<&SecondPerson>,
    ) -> Result<String, Error> {
        let second = second.ok_or_else(|| no(Code::SecondPersonNeeded))?;
        let user = user_name(&second.user);
        let refuse = |why: &str| -> Error {
            CommandError::refusal(Code::SecondPersonRefused).with("why", why).into()
        };
        if user == actor.user {
            return Err(refuse("same_person"));
        }
        let staff = self.staff_named(&user)?.ok_or_else(|| refuse("unknown"))?;
        if !staff.role.may(Permission::BeSecondPerson) {
            return Err(refuse("role"));
        }
        match self.knock(&user, &second.password) {
            Ok(_) => {
                self.attempts.passed(&user);
                Ok(user)
            }
            Err(Error::Say(said)) if said.code == Code::LockedOut => Err(Error::Say(said)),
            Err(_) => Err(refuse("password")),
        }
    }

    /// The same, of somebody who may do such a thing alone: who reads no results releases none.
    pub(crate) fn second_who(
        &mut self,
        actor: &Actor,
        second: Option<&SecondPerson>,
        may: Permission,
    ) -> Result<String, Error> {
        if let Some(second) = second {
            let staff = self.staff_named(&user_name(&second.user))?;
            if staff.is_some_and(|staff| !staff.role.may(may)) {
                return Err(CommandError::refusal(Code::SecondPersonRefused)
                    .with("why", "role")
                    .into());
            }
        }
        self.second(actor, second)
    }

    pub(crate) fn staff_list(&mut self, _: Nothing) -> Result<Vec<StaffRow>, Error> {
        self.actor(Permission::ManageStaff)?;
        let staff = self.store()?.staff()?;
        Ok(staff
            .into_iter()
            .map(|s| StaffRow {
                id: s.id.to_string(),
                user: s.user,
                display_name: s.display_name,
                role: same(s.role),
                active: s.active,
            })
            .collect())
    }

    pub(crate) fn staff_add(&mut self, add: StaffAdd) -> Result<Made, Error> {
        let actor = self.actor(Permission::ManageStaff)?;
        check_password(&add.password)?;
        let user = user_name(&add.user);
        let mut facts = Facts::default();
        facts.staff.name_taken = self.store()?.staff()?.iter().any(|s| s.user == user);
        let id = StaffId(self.options.clock.new_uuid());
        let command = staff::Command::Add {
            user: user.clone(),
            display_name: add.display_name,
            role: same(add.role),
        };
        let cost = self.cost();
        let (dek, training) = match (&self.dek, &self.slots) {
            (Some(dek), Some(slots)) => (dek.clone(), slots.is_training()),
            _ => return Err(no(Code::NotSignedIn)),
        };
        self.save(&actor, Body::Staff { id, command }, facts, Passed::default())?;
        if let Some(slots) = self.slots.as_mut().filter(|_| !training) {
            slots.add_password(&dek, &user, &add.password, cost)?;
        }
        self.note_slots(&actor)?;
        Ok(Made { id: id.to_string() })
    }

    pub(crate) fn staff_set_active(&mut self, set: StaffActive) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageStaff)?;
        let id: StaffId = set.id.parse().map_err(|_| no(Code::NotFound))?;
        let staff = self.store()?.staff()?;
        let mut facts = Facts::default();
        facts.staff.other_administrators = u32::try_from(
            staff.iter().filter(|s| s.active && s.role == R::Administrator && s.id != id).count(),
        )
        .unwrap_or(u32::MAX);
        let command = staff::Command::SetActive { active: set.active };
        self.save(&actor, Body::Staff { id, command }, facts, Passed::default())?;
        // A person who left opens nothing any more; a person who is back gets a new password.
        let user = staff.into_iter().find(|s| s.id == id).map(|s| s.user).unwrap_or_default();
        if let (Some(slots), Some(dek), false) = (self.slots.as_mut(), &self.dek, set.active) {
            let holder = Holder::Password { user };
            if slots.slots().any(|s| s.holder == holder) {
                slots.remove(dek, &holder)?;
            }
        }
        self.note_slots(&actor)?;
        Ok(Nothing {})
    }

    /// The way back in for somebody who forgot their password, waits at the door after too many
    /// wrong ones (the supervisor of sync-security 5.1), or came back to work here.
    pub(crate) fn staff_set_password(&mut self, set: StaffPassword) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageStaff)?;
        check_password(&set.password)?;
        let id: StaffId = set.id.parse().map_err(|_| no(Code::NotFound))?;
        let staff = self.store()?.staff()?;
        let staff =
            staff.into_iter().find(|s| s.id == id && s.active).ok_or_else(|| no(Code::NotFound))?;
        self.write_password(&actor, &staff.user, &set.password)
    }

    pub(crate) fn session_change_password(
        &mut self,
        change: PasswordChange,
    ) -> Result<Nothing, Error> {
        let actor = self.anyone()?;
        check_password(&change.new)?;
        self.knock(&actor.user, &change.old)?;
        let user = actor.user.clone();
        self.write_password(&actor, &user, &change.new)
    }

    /// The slot first: a command that says so without it would lock the person out.
    fn write_password(
        &mut self,
        actor: &Actor,
        user: &str,
        password: &str,
    ) -> Result<Nothing, Error> {
        let cost = self.cost();
        let (Some(slots), Some(dek)) = (self.slots.as_mut(), &self.dek) else {
            return Err(no(Code::NotSignedIn));
        };
        // Everybody in a training facility has the same, printed password.
        if slots.is_training() {
            return Err(no(Code::NotInTraining));
        }
        match slots.replace_password(dek, user, password, cost) {
            // Somebody who left and came back has no slot.
            Err(KeySlotError::NoSuchUser) => slots.add_password(dek, user, password, cost)?,
            other => other?,
        }
        self.attempts.passed(user);
        self.note_slots(actor)?;
        self.audit(actor, Audit::PasswordSet { user: user.to_owned() })?;
        Ok(Nothing {})
    }

    pub(crate) fn proof_verify(&mut self, _: Nothing) -> Result<ProofReport, Error> {
        let actor = self.actor(Permission::ReadAudit)?;
        let begun = std::time::Instant::now();
        // What was proven before counts no more from here on, also where this proof breaks off.
        self.proven = false;
        let proof = self.prove()?;
        let verdict = match proof.verdict {
            store_sqlite::Verdict::Whole => ProofVerdict::Whole,
            store_sqlite::Verdict::Tampered => ProofVerdict::Tampered,
            store_sqlite::Verdict::Fork => ProofVerdict::Fork,
            store_sqlite::Verdict::CannotDecide => ProofVerdict::CannotDecide,
        };
        self.proven = verdict == ProofVerdict::Whole;
        let milliseconds = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        let word = serde_json::to_value(verdict)?.as_str().unwrap_or("").to_owned();
        self.audit(&actor, Audit::Verified { verdict: word })?;
        Ok(ProofReport {
            verdict,
            commands: proof.commands,
            receipts: proof.receipts,
            records: proof.records,
            files: proof.files,
            root: hex::encode(proof.root),
            findings: proof.findings.into_iter().map(told).collect(),
            noticed: proof.noticed.into_iter().map(told).collect(),
            milliseconds,
        })
    }

    /// The store against its signatures, and what lies beside it against what the store says.
    fn prove(&self) -> Result<Proof, Error> {
        let store = self.store()?;
        let mut proof = store_sqlite::verify(store, &home::BESIDE)?;
        if let (Some(slots), Some(dek)) = (&self.slots, &self.dek) {
            // Loaded again: what counts is what lies on the disk now.
            match KeySlots::load(self.home()) {
                Err(error) => {
                    proof.findings.push(finding("keyslots", &error));
                }
                Ok(found) => {
                    if let Err(error) = found.verify(dek) {
                        proof.findings.push(finding("keyslots", &error));
                    }
                    for (name, state) in ["keyslots.a", "keyslots.b"].iter().zip(found.copies()) {
                        if state != sqlite::keyslots::CopyState::Whole {
                            proof.findings.push(finding(name, &format!("{state:?}")));
                        }
                    }
                    if found.generation() != slots.generation() {
                        proof.findings.push(finding("keyslots", &"another generation"));
                    }
                    // Newer than the store says is what a power cut leaves, and it is sealed.
                    if let Some((serial, sha256)) = store.key_slots_anchor()?
                        && (found.serial() < serial
                            || (found.serial() == serial && found.fingerprint() != sha256))
                    {
                        let detail = format!(
                            "an older pair was put back: writing {} where the store knows {serial}",
                            found.serial()
                        );
                        proof.findings.push(finding("keyslots", &detail));
                    }
                }
            }
            let signed_in = store.last_sign_in()?;
            if let Some(wrong) = Attempts::prove(self.home(), dek, signed_in)? {
                proof.findings.push(finding(attempts::FILE, &wrong));
            }
            if !proof.findings.is_empty() && proof.verdict == store_sqlite::Verdict::Whole {
                proof.verdict = store_sqlite::Verdict::Tampered;
            }
        }
        Ok(proof)
    }

    pub(crate) fn verify_with(&mut self, user: Option<(&str, &str)>) -> Result<Proof, Error> {
        if let Some(problem) = self.problem.clone() {
            return Err(problem.into());
        }
        if self.slots.is_none() {
            return Err(no(Code::NoFacility));
        }
        // The slots are judged as they lie on the disk, so opening must not mend them first.
        if self.store.is_none() {
            let (user, password) = user.ok_or_else(|| no(Code::NotSignedIn))?;
            let dek = self.knock(&user_name(user), password)?;
            self.store = Some(Store::open(self.home(), &dek)?);
            self.dek = Some(dek);
        } else if let Some((user, password)) = user {
            // It opens without anybody, and still nobody passes under a name that is not theirs.
            self.knock(&user_name(user), password)?;
        }
        self.prove()
    }

    /// The zone of the facility.
    pub(crate) fn zone(&self) -> Result<chrono_tz::Tz, Error> {
        match self.store()?.get(Key::Facility)? {
            Some(State::Facility(facility)) => Ok(facility.zone),
            _ => Err(no(Code::NoFacility)),
        }
    }
}

fn finding(what: &str, detail: &dyn std::fmt::Display) -> store_sqlite::Finding {
    store_sqlite::Finding { what: what.to_owned(), detail: detail.to_string() }
}

fn told(finding: store_sqlite::Finding) -> ProofFinding {
    ProofFinding { what: finding.what, detail: finding.detail }
}

fn check_password(password: &str) -> Result<(), Error> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(CommandError::refusal(Code::PasswordTooShort)
            .with("least", PASSWORD_MIN)
            .into());
    }
    Ok(())
}
