//! One association: negotiated by the library, then commands and data sets in turn.

use crate::classes::IMAGES;
use crate::command::{Kind, MAX_COMMAND, Refused, Request};
use crate::{Arrived, Delivery, Desk, End, Options};
use dicom_object::FileMetaTableBuilder;
use dicom_ul::association::server::{AccessControl, AsyncServerAssociation};
use dicom_ul::association::{Association as _, server::ServerAssociationOptions};
use dicom_ul::pdu::{
    AssociationRJServiceUserReason as Reason, PDataValue, PDataValueType, Pdu,
    PresentationContextResultReason, UserIdentity,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::watch;

const VERIFICATION: &str = "1.2.840.10008.1.1";
/// "Unrecognized operation" (PS3.7 annex C).
const UNKNOWN_OPERATION: u16 = 0x0211;

/// Called by our title, calling by one of the list.
struct Door<'a>(&'a BTreeSet<String>);

impl AccessControl for Door<'_> {
    fn check_access(
        &self,
        own: &str,
        calling: &str,
        called: &str,
        _identity: Option<&UserIdentity>,
    ) -> Result<(), Reason> {
        if called.trim() != own {
            return Err(Reason::CalledAETitleNotRecognized);
        }
        if !self.0.contains(calling.trim()) {
            return Err(Reason::CallingAETitleNotRecognized);
        }
        Ok(())
    }
}

/// From the first byte to the last. Whatever happens ends this association only.
pub(crate) async fn run(
    socket: TcpStream,
    options: &Options,
    desk: Arc<dyn Desk>,
    mut closes: watch::Receiver<bool>,
) {
    let mut negotiation = ServerAssociationOptions::new()
        .ae_access_control(Door(&options.allowed))
        .ae_title(options.title.as_str())
        .max_pdu_length(options.limits.pdu)
        .strict(true)
        .read_timeout(options.limits.idle)
        .write_timeout(options.limits.idle)
        .with_abstract_syntax(VERIFICATION);
    for class in IMAGES {
        negotiation = negotiation.with_abstract_syntax(*class);
    }
    for syntax in &options.syntaxes {
        negotiation = negotiation.with_transfer_syntax(syntax.as_str());
    }
    let established = tokio::select! {
        established = negotiation.establish_async(socket) => established,
        () = closed(&mut closes) => return,
    };
    let association = match established {
        Ok(association) => association,
        Err(error) => {
            tracing::info!(%error, "no association");
            return;
        }
    };
    let Some(delivery) = desk.begin(association.peer_ae_title()) else {
        // Told as an abort: there is nothing to release.
        let _ = association.abort().await;
        return;
    };
    let mut talk = Talk {
        association,
        delivery: Some(delivery),
        options,
        command: Vec::new(),
        storing: None,
        instances: 0,
    };
    let end = talk.listen(&mut closes).await;
    if end == End::BrokenOff {
        let _ = talk.association.abort().await;
    }
    if let Some(delivery) = talk.delivery.take() {
        let ended = tokio::task::spawn_blocking(move || delivery.end(end)).await;
        if ended.is_err() {
            tracing::error!("what a sender delivered could not be finished");
        }
    }
}

/// Ready when the receiver closes.
async fn closed(closes: &mut watch::Receiver<bool>) {
    // A receiver that is gone has closed as well.
    let _ = closes.wait_for(|closing| *closing).await;
}

/// A data set on its way.
struct Storing {
    request: Request,
    context: u8,
    syntax: String,
    data: Vec<u8>,
    /// Known before its end; the rest is let go by.
    refused: Option<Refused>,
}

struct Talk<'a> {
    association: AsyncServerAssociation<TcpStream>,
    /// Gone while it is at work on another thread, and for good if that thread panicked.
    delivery: Option<Box<dyn Delivery>>,
    options: &'a Options,
    command: Vec<u8>,
    storing: Option<Storing>,
    instances: u32,
}

impl Talk<'_> {
    async fn listen(&mut self, closes: &mut watch::Receiver<bool>) -> End {
        loop {
            let received = tokio::select! {
                received = self.association.receive() => received,
                () = closed(closes) => return End::BrokenOff,
            };
            match received {
                Ok(Pdu::PData { data }) => {
                    for value in data {
                        if self.value(value).await.is_none() {
                            return End::BrokenOff;
                        }
                    }
                }
                Ok(Pdu::ReleaseRQ) => {
                    let whole = self.storing.is_none() && self.command.is_empty();
                    // The sender may hang up without waiting for the answer.
                    let _ = self.association.send(&Pdu::ReleaseRP).await;
                    return if whole { End::Released } else { End::BrokenOff };
                }
                _ => return End::BrokenOff,
            }
        }
    }

    /// One piece of a command or of a data set; `None` ends the association.
    async fn value(&mut self, value: PDataValue) -> Option<()> {
        let PDataValue { presentation_context_id: context, value_type, is_last, data } = value;
        match value_type {
            PDataValueType::Command => {
                if self.storing.is_some() || self.command.len() + data.len() > MAX_COMMAND {
                    return None;
                }
                self.command.extend(data);
                if !is_last {
                    return Some(());
                }
                let request = Request::read(&std::mem::take(&mut self.command))?;
                self.request(context, request).await
            }
            PDataValueType::Data => {
                let limit = self.options.limits.instance;
                let storing = self.storing.as_mut().filter(|s| s.context == context)?;
                if storing.data.len() + data.len() > limit {
                    storing.refused = Some(Refused::OutOfResources);
                }
                match storing.refused {
                    Some(_) => storing.data = Vec::new(),
                    None => storing.data.extend(data),
                }
                if !is_last {
                    return Some(());
                }
                let storing = self.storing.take()?;
                self.store(storing).await
            }
        }
    }

    async fn request(&mut self, context: u8, request: Request) -> Option<()> {
        let negotiated = self.association.presentation_contexts().iter().find(|negotiated| {
            negotiated.id == context
                && negotiated.reason == PresentationContextResultReason::Acceptance
        })?;
        match request.kind {
            Kind::Echo => self.answer(context, &request, 0).await,
            Kind::Store => {
                self.instances += 1;
                let refused = if negotiated.abstract_syntax != request.class {
                    Some(Refused::DoesNotMatch)
                } else if self.instances > self.options.limits.instances {
                    Some(Refused::OutOfResources)
                } else {
                    None
                };
                let syntax = negotiated.transfer_syntax.trim_matches(['\0', ' ']).to_owned();
                self.storing = Some(Storing { request, context, syntax, data: vec![], refused });
                Some(())
            }
            // A data set that nobody asked for would have to be read and thrown away.
            Kind::Other { data: true } => None,
            Kind::Other { data: false } => self.answer(context, &request, UNKNOWN_OPERATION).await,
        }
    }

    async fn store(&mut self, storing: Storing) -> Option<()> {
        let Storing { request, context, syntax, data, refused } = storing;
        let status = match refused {
            Some(refused) => refused.status(),
            None => {
                let mut delivery = self.delivery.take()?;
                let (class, instance) = (request.class.clone(), request.instance.clone());
                let kept = tokio::task::spawn_blocking(move || {
                    let file = file(&class, &instance, &syntax, &data);
                    drop(data);
                    let kept = file.and_then(|file| {
                        let sop = (class, instance);
                        delivery.take(Arrived {
                            sop_class: sop.0,
                            sop_instance: sop.1,
                            syntax,
                            file,
                        })
                    });
                    (delivery, kept)
                });
                let (delivery, kept) = kept.await.ok()?;
                self.delivery = Some(delivery);
                kept.map_or_else(Refused::status, |()| 0)
            }
        };
        self.answer(context, &request, status).await
    }

    async fn answer(&mut self, context: u8, request: &Request, status: u16) -> Option<()> {
        let value = PDataValue {
            presentation_context_id: context,
            value_type: PDataValueType::Command,
            is_last: true,
            data: request.response(status),
        };
        self.association.send(&Pdu::PData { data: vec![value] }).await.ok()
    }
}

/// A file of PS3.10 around a data set.
fn file(class: &str, instance: &str, syntax: &str, data: &[u8]) -> Result<Vec<u8>, Refused> {
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(syntax)
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid(instance)
        .build()
        .map_err(|_| Refused::CannotUnderstand)?;
    let mut out = vec![0; 128];
    out.extend_from_slice(b"DICM");
    meta.write(&mut out).map_err(|_| Refused::CannotUnderstand)?;
    out.extend_from_slice(data);
    Ok(out)
}
