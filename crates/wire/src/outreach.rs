//! Writing to donors: appeals, the outbox, appointments and what a donor sees of themselves.

use crate::{BloodGroup, Component, DonationKind, Urgency};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How an appeal or a reminder goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ContactChannel {
    Sms,
    Voice,
    Email,
    /// A person of this facility calls from a list.
    CallList,
}

/// What a donor agrees to, or takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DonorChannel {
    Sms,
    Call,
    Email,
    Post,
}

/// Why a donor is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NotAsked {
    Stopped,
    NoAgreement,
    Deferred,
    NotYetEligible,
    NotAvailable,
    AskedRecently,
    OtherGroup,
    TooFar,
    DistanceUnknown,
    SamePerson,
    /// They have an appointment.
    Expected,
    /// Told before, after the same donation.
    Reminded,
}

/// How far the middle of an area is from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AreaDistance {
    pub area: String,
    pub metres: u32,
}

/// An area that donors named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AreaRow {
    pub area: String,
    pub donors: u32,
    /// As the newest appeal had it; none: nobody has said.
    pub metres: Option<u32>,
}

/// Who is near enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppealReach {
    pub within_metres: u32,
    pub areas: Vec<AreaDistance>,
    /// Donors of areas of which nobody has said how far they are, after all others.
    pub unknown_too: bool,
}

/// What donors are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppealAsk {
    /// The order that the shelf cannot fill.
    pub request: Option<String>,
    /// Kept here, never sent.
    pub reason: String,
    pub component: Component,
    pub groups: Vec<BloodGroup>,
    pub channel: ContactChannel,
    /// Donors who say that they come.
    pub wanted: u32,
    /// It is over after so many hours.
    pub hours: u32,
    pub reach: AppealReach,
}

/// Who would be asked, and who not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppealPreview {
    /// Donors known here.
    pub all: u32,
    /// Could be asked.
    pub could: u32,
    /// Asked first: as many as it takes by what came of the appeals of a year.
    pub batch: u32,
    /// What came of them.
    pub answers: Figure,
    /// How many are left out, under each reason that holds for them.
    pub left_out: Vec<DonorsLeftOut>,
    /// Farther donors at whom nobody has looked, because nearer ones suffice.
    pub not_looked_at: u32,
    /// It is night here: nothing leaves before.
    pub leaves_at: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DonorsLeftOut {
    pub why: NotAsked,
    pub count: u32,
}

/// A share of something, with the ends of its 95 % interval (Wilson). Shares are in 1/10 000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Figure {
    pub numerator: u32,
    pub denominator: u32,
    /// None without a denominator.
    pub share: Option<u32>,
    /// None where it is no share.
    pub low: Option<u32>,
    pub high: Option<u32>,
}

/// An urgent order that the shelf cannot fill and for which nobody has asked donors yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppealDue {
    pub request: String,
    pub component: Component,
    pub urgency: Urgency,
    pub needed_by: String,
    /// Units that the shelf lacks.
    pub missing: u32,
    /// Groups of donors that help.
    pub groups: Vec<BloodGroup>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Appeals {
    pub due: Vec<AppealDue>,
    /// The newest first; those of 90 days.
    pub rows: Vec<AppealRow>,
    pub areas: Vec<AreaRow>,
    /// Channels by which messages leave by themselves; none of them is set up yet.
    pub channels: Vec<ContactChannel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AppealState {
    Runs,
    /// Its hours are over.
    Over,
    Enough,
    NoLongerNeeded,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppealRow {
    pub id: String,
    pub request: Option<String>,
    pub reason: String,
    pub component: Component,
    pub groups: Vec<BloodGroup>,
    pub channel: ContactChannel,
    pub wanted: u32,
    pub started_at: String,
    pub started_by: String,
    pub void_at: String,
    pub state: AppealState,
    /// Messages in it.
    pub asked: u32,
    /// Of these, still to leave.
    pub waiting: u32,
    /// Said that they come.
    pub yes: u32,
    /// Gave blood after it.
    pub came: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppealView {
    pub row: AppealRow,
    pub reach: AppealReach,
    /// Said YES within the hours of policy after delivery / delivered.
    pub response: Figure,
    pub response_hours: u32,
    /// Gave within the days of policy after delivery / delivered.
    pub turn_out: Figure,
    pub turn_out_days: u32,
    pub messages: Vec<MessageRow>,
}

/// Asks the next donors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppealMore {
    pub appeal: String,
    pub reach: AppealReach,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppealEnd {
    pub appeal: String,
    /// As many have said that they come as are wanted; otherwise it is no longer needed.
    pub enough: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It may leave, and no channel is set up.
    Waits,
    /// It is night, or it is tried again later.
    Held,
    /// On the list of somebody who calls.
    ToCall,
    /// Its time was over before it left.
    Over,
    Sent,
    Delivered,
    Failed,
    Replied,
    Donated,
    /// Taken out before it left.
    Purged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageReply {
    Yes,
    No,
    Later,
    Stop,
    NotUnderstood,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageAbout {
    Appeal,
    Appointment,
    /// They may give again.
    MayGive,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageRow {
    pub id: String,
    pub donor: String,
    pub donor_name: String,
    pub donor_number: String,
    /// For whoever calls, of a call that is to be made.
    pub phone: Option<String>,
    pub about: MessageAbout,
    /// The appeal.
    pub appeal: Option<String>,
    /// Of the appointment.
    pub appointment_at: Option<String>,
    pub channel: ContactChannel,
    pub state: MessageState,
    pub reply: Option<MessageReply>,
    pub queued_at: String,
    /// It does not leave before.
    pub not_before: String,
    /// It does not leave after.
    pub void_at: String,
    pub tries: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Outbox {
    /// What waits, the first first.
    pub rows: Vec<MessageRow>,
    pub channels: Vec<ContactChannel>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

/// Whose time has come to give again, and who is not told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RemindersDue {
    /// Donors who would be told.
    pub could: u32,
    /// Of these, as many as are put into the outbox at once.
    pub batch: u32,
    pub left_out: Vec<DonorsLeftOut>,
    /// Donations after them that were not looked at.
    pub not_looked_at: u32,
}

/// Reminders that were put into the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RemindersMade {
    pub made: u32,
}

/// What came of a call, or what a donor said in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageAnswer {
    Yes,
    No,
    Later,
    /// Wants no more messages.
    Stop,
    NotReached,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageAnswered {
    pub message: String,
    pub answer: MessageAnswer,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorAgree {
    pub donor: String,
    pub channel: DonorChannel,
    pub agreed: bool,
}

/// How a donor may be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ContactView {
    pub channels: Vec<ChannelRow>,
    /// A telephone number, an address or an area is known.
    pub reachable: bool,
    /// The newest first.
    pub messages: Vec<MessageRow>,
    /// That stand.
    pub appointments: Vec<AppointmentRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelRow {
    pub channel: DonorChannel,
    /// None: never asked.
    pub agreed: Option<bool>,
    pub at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentState {
    Booked,
    Cancelled,
    Came,
    DidNotCome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppointmentRow {
    pub id: String,
    pub donor: String,
    pub donor_name: String,
    pub donor_number: String,
    pub kind: DonationKind,
    pub at: String,
    pub state: AppointmentState,
    pub cancel_reason: Option<String>,
    pub walk_in: bool,
    pub moved: u32,
    /// When they came.
    pub came_at: Option<String>,
    /// The reminder; none: none stands.
    pub reminder: Option<MessageState>,
    /// Another person on the same list has a name that looks or sounds alike.
    pub similar_name: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AppointmentDay {
    /// A local day, `2026-11-20`; none: today.
    pub day: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppointmentList {
    pub day: String,
    pub today: String,
    /// By the hour.
    pub rows: Vec<AppointmentRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AppointmentBook {
    pub donor: String,
    pub kind: DonationKind,
    /// Local, `2026-11-24T09:30`.
    pub wall: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AppointmentWalkIn {
    pub donor: String,
    pub kind: DonationKind,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AppointmentMove {
    pub appointment: String,
    pub wall: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AppointmentCancel {
    pub appointment: String,
    pub reason: String,
}

/// What a donor sees of themselves: nothing that was tested, and no reason that a bystander should
/// not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DonorOwn {
    pub given: String,
    pub number: String,
    pub gifts: Vec<OwnGift>,
    /// Per kind of donation that this facility takes.
    pub next: Vec<OwnNext>,
    pub appointments: Vec<OwnAppointment>,
    pub today: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OwnGift {
    pub din: String,
    pub kind: DonationKind,
    /// Local day.
    pub on: String,
    pub volume_ml: Option<u32>,
}

/// A certificate of one donation, as a file for the donor.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CertificateSave {
    pub donation: String,
    /// A folder that is there; the user's own words.
    pub folder: String,
    pub language: PaperLanguage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaperLanguage {
    En,
    Ar,
}

/// Words that a donor may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OwnWhy {
    /// The body needs time since the last donation.
    Interval,
    TooOften,
    Age,
    /// The centre tells them, in private.
    AskUs,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnNext {
    pub kind: DonationKind,
    /// The first day; none: the centre says.
    pub on: Option<String>,
    pub why: Option<OwnWhy>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnAppointment {
    pub at: String,
    pub kind: DonationKind,
}
