//! What of the transfusion side stands in a patient's timeline.

use super::word;
use bloodbank::bedside::Event as B;
use bloodbank::crossmatch::Event as X;
use bloodbank::haemovigilance::Event as V;
use bloodbank::history::{Against, Event as H};
use bloodbank::issue::{Basis, Event as I};
use bloodbank::mtp::Event as M;
use bloodbank::request::Event as R;
use bloodbank::sample::Event as S;
use bloodbank::traits::Need;
use records::CareEvent;
use std::collections::BTreeMap;
use wire::TimelineKind as T;

/// The line of an event and the values of its sentence; none for what stands elsewhere.
pub(crate) fn timeline(event: &CareEvent) -> Option<(T, BTreeMap<String, String>)> {
    let (kind, args): (T, Vec<(&str, String)>) = match event {
        CareEvent::Request(e) => match &**e {
            R::Placed { order, .. } => (
                T::BloodRequested,
                vec![
                    ("component", word(order.component)),
                    ("count", order.count.to_string()),
                    ("urgency", word(order.urgency)),
                ],
            ),
            R::Cancelled { reason } => (T::RequestCancelled, vec![("reason", reason.clone())]),
            _ => return None,
        },
        CareEvent::Sample(e) => match &**e {
            S::Received { number, .. } => (T::SampleReceived, vec![("number", number.clone())]),
            S::Rejected { reason } => (T::SampleRejected, vec![("reason", reason.clone())]),
            _ => return None,
        },
        CareEvent::History(e) => match &**e {
            H::AntibodyRecorded(antibody) => (
                T::AntibodyRecorded,
                vec![("against", against(&antibody.against)), ("toldBy", antibody.told_by.clone())],
            ),
            H::Required(requirement) => (T::NeedRecorded, vec![("need", need(requirement.need))]),
            H::Transplanted => (T::TransplantRecorded, vec![]),
            _ => return None,
        },
        CareEvent::Crossmatch(e) => match &**e {
            X::Recorded { method, outcome, .. } => {
                (T::Crossmatched, vec![("method", word(method)), ("outcome", word(outcome))])
            }
            X::Withdrawn { .. } => return None,
        },
        CareEvent::Dispensation(e) => match &**e {
            I::Issued { basis: Basis::Uncrossmatched { .. }, .. } => {
                (T::UncrossmatchedIssued, vec![])
            }
            I::TakenBack { .. } => (T::UnitReturned, vec![]),
            I::EnteredInError { reason, .. } => {
                (T::IssueEnteredInError, vec![("reason", reason.clone())])
            }
            _ => return None,
        },
        CareEvent::Transfusion(e) => match &**e {
            B::Started { .. } => (T::TransfusionStarted, vec![]),
            B::Stopped { reason, .. } => (T::TransfusionStopped, vec![("reason", reason.clone())]),
            B::Ended { .. } => (T::TransfusionEnded, vec![]),
            B::OutcomeRecorded { outcome } => {
                (T::TransfusionOutcome, vec![("outcome", word(outcome))])
            }
            _ => return None,
        },
        CareEvent::Case(e) => match &**e {
            V::Opened { .. } => (T::ReactionCaseOpened, vec![]),
            V::Closed { .. } => (T::ReactionCaseClosed, vec![]),
            _ => return None,
        },
        CareEvent::Protocol(e) => match &**e {
            M::Activated { .. } => (T::MassiveTransfusionStarted, vec![]),
            M::Ended { .. } => (T::MassiveTransfusionEnded, vec![]),
            _ => return None,
        },
        CareEvent::Recall(_)
        | CareEvent::Traits(_)
        | CareEvent::Transfer(_)
        | CareEvent::Validation(_)
        | CareEvent::Place(_) => return None,
        CareEvent::Message(_) | CareEvent::Campaign(_) | CareEvent::Appointment(_) => return None,
    };
    Some((kind, args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

fn against(of: &Against) -> String {
    match of {
        Against::Antigen(antigen) => format!("anti-{}", antigen.sign()),
        Against::Unidentified(words) => words.clone(),
    }
}

/// `K-`, or the word of a property.
fn need(of: Need) -> String {
    match of {
        Need::Attribute(attribute) => word(attribute),
        Need::AntigenNegative(antigen) => format!("{}\u{2212}", antigen.sign()),
    }
}
