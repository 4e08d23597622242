//! `healthsync dicom receive`: what scanners and archives send goes into the facility by the same
//! way as files that a person opens.

use crate::End;
use crate::facility::{Who, sign_in};
use app::{Backend, Options, PictureDesk, Reception};
use clap::Args;
use serde_json::json;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wire::Imported;

#[derive(Args)]
pub(crate) struct Receive {
    /// The port to listen on; 0 chooses a free one. The address is printed.
    #[arg(long)]
    port: u16,
    /// An application title that may send. May be repeated; nobody else is let in.
    #[arg(long = "allow", value_name = "TITLE", required = true, value_parser = dicom_net::title)]
    allowed: Vec<String>,
    /// The application title that senders have to call.
    #[arg(long, default_value = "HEALTHSYNC", value_parser = dicom_net::title)]
    title: String,
    /// The address to listen on: this computer only, until another is given. The protocol has no
    /// passwords and no encryption, so the network has to be one that strangers are not on.
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,
    /// Analyse what arrives.
    #[arg(long)]
    analyse: bool,
    #[command(flatten)]
    who: Who,
}

/// What all senders together have brought.
#[derive(Default)]
struct Tally {
    taken: AtomicUsize,
    refused: AtomicUsize,
}

/// Counts and prints what a sender has brought.
fn told(tally: &Tally, sender: &str, imported: &Imported, end: dicom_net::End) {
    let refused = imported.files.iter().filter(|file| file.error.is_some()).count();
    let known = imported.files.iter().filter(|file| file.known).count();
    let taken = imported.files.len() - refused;
    tally.taken.fetch_add(taken, Ordering::Relaxed);
    tally.refused.fetch_add(refused, Ordering::Relaxed);
    let cut = if end == dicom_net::End::BrokenOff { "; the sender broke off" } else { "" };
    eprintln!("{sender}: {taken} taken, {known} of them known already, {refused} refused{cut}.");
    for file in imported.files.iter().filter(|file| file.error.is_some()) {
        let why = file.error.as_ref().and_then(|error| error.args.get("detail"));
        eprintln!("  {}: {}", file.name, why.map_or("could not be kept.", String::as_str));
    }
}

pub(crate) fn receive(home: &Path, ask: &Receive) -> End {
    let backend = Backend::start(Options::at(home));
    let end = sign_in(home, &backend, &ask.who)
        .and_then(|()| backend.reception().map_err(|error| End::refused(home, &error)))
        .map(|reception| listen(reception, ask));
    backend.wait_for_analyses();
    backend.close();
    end.unwrap_or_else(|end| end)
}

fn listen(reception: Reception, ask: &Receive) -> End {
    let tally = Arc::new(Tally::default());
    let heard = Arc::clone(&tally);
    let desk = PictureDesk {
        reception,
        analyse: ask.analyse,
        told: Arc::new(move |sender, imported, end| told(&heard, sender, imported, end)),
    };
    let options = app::receiver_options(&ask.title, &ask.allowed);
    let served = tokio::runtime::Runtime::new().and_then(|runtime| {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind((ask.bind, ask.port)).await?;
            let address = listener.local_addr()?;
            #[expect(clippy::print_stdout, reason = "whoever started us reads the address here")]
            {
                println!("listening {address} as {}", ask.title);
            }
            let stop = async {
                // Without a signal handler the program ends at once, which loses nothing that was
                // answered with success and saved.
                let _ = tokio::signal::ctrl_c().await;
            };
            dicom_net::serve(listener, options, Arc::new(desk), stop).await
        })
    });
    let (taken, refused) =
        (tally.taken.load(Ordering::Relaxed), tally.refused.load(Ordering::Relaxed));
    match served {
        Ok(()) => End::done(
            json!({ "taken": taken, "refused": refused }),
            format!("Stopped. {taken} taken, {refused} refused."),
        ),
        Err(error) => End::failed(format!("{}:{}: {error}.", ask.bind, ask.port)),
    }
}
