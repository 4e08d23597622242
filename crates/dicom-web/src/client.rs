//! The exchange itself.

use crate::limited::Limited;
use crate::multipart::{MediaType, Parts};
use crate::{Credentials, Failure, Found, Limits, Options, Query, Stored, Watch, address, is_uid};
use crate::{qido, stow};
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode, Url, redirect};
use std::future::Future;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// Files of one request to store: more go in several.
const BATCH_FILES: usize = 50;
const BATCH_BYTES: usize = 64 << 20;
/// Times that an archive may send on within itself.
const HOPS: usize = 3;
const TABLE: &str = "application/dicom+json";

/// Whoever takes the instances wants no more of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;

/// An archive, ready to be asked. Its calls wait for the answer and must not be made from within an
/// asynchronous task.
pub struct Archive {
    http: Client,
    root: Url,
    credentials: Credentials,
    limits: Limits,
    /// Runs on the thread of whoever asks.
    runtime: Runtime,
    watch: Arc<Watch>,
}

/// A body as it arrives, for as long as it is not silent.
struct Body<'a> {
    answer: Response,
    archive: &'a Archive,
    held: Vec<u8>,
    at: usize,
}

impl Read for Body<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.held.len() {
            let chunk = self.archive.wait(self.archive.limits.idle, self.answer.chunk());
            match chunk.map_err(std::io::Error::other)? {
                Some(chunk) => {
                    self.archive.watch.came(chunk.len());
                    (self.held, self.at) = (chunk.to_vec(), 0);
                }
                None => return Ok(0),
            }
        }
        let some = &self.held[self.at..];
        let take = some.len().min(into.len());
        into[..take].copy_from_slice(&some[..take]);
        self.at += take;
        Ok(take)
    }
}

impl Archive {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// An address that is not taken, or a certificate that is none.
    pub fn new(options: &Options) -> Result<Self, Failure> {
        let root = address::parsed(&options.address, options.plain)?;
        let encrypted = root.scheme() == "https";
        // Fails where one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let limits = options.limits;
        let mut http = Client::builder()
            .user_agent(concat!("HealthSync/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .redirect(within(root.clone()))
            .referer(false)
            .no_proxy()
            .http1_only()
            .https_only(encrypted);
        match &options.authority {
            Some(pem) if encrypted => {
                let trusted = Certificate::from_pem_bundle(pem.as_bytes())
                    .ok()
                    .filter(|certificates| !certificates.is_empty())
                    .ok_or(Failure::BadAuthority)?;
                http = http.tls_certs_only(trusted);
            }
            // Without encryption nobody's certificate matters, and a computer without any will do.
            _ if !encrypted => http = http.tls_certs_only([]),
            _ => {}
        }
        let http = http.build().map_err(|_| Failure::BadAuthority)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| Failure::Unreachable)?;
        let credentials = options.credentials.clone();
        Ok(Self { http, root, credentials, limits, runtime, watch: Arc::default() })
    }

    /// The same archive, looked at: everything it is asked from now on counts and ends there.
    #[must_use]
    pub fn watched(self, watch: Arc<Watch>) -> Self {
        Self { watch, ..self }
    }

    fn body(&self, answer: Response, limit: u64, until: Instant) -> Limited<Body<'_>> {
        Limited::new(Body { answer, archive: self, held: vec![], at: 0 }, limit, until)
    }

    /// Asks for one study, whichever: an archive that answers that lets this program in and speaks
    /// DICOMweb.
    ///
    /// # Errors
    /// It does not.
    pub fn echo(&self) -> Result<(), Failure> {
        let one = Limits { rows: 1, ..self.limits };
        self.table(&Query::default(), &one).map(|_| ())
    }

    /// Studies that match.
    ///
    /// # Errors
    /// No answer, or none that can be used.
    pub fn search(&self, query: &Query) -> Result<Found, Failure> {
        self.table(query, &self.limits)
    }

    /// Fetches every instance of a study and hands it on as the bytes of a file; how many.
    ///
    /// # Errors
    /// What went wrong; what was handed on before stays handed on. [`Failure::Stopped`] when whoever
    /// takes them stops.
    pub fn fetch(
        &self,
        study: &str,
        mut each: impl FnMut(Vec<u8>) -> Result<(), Stop>,
    ) -> Result<u32, Failure> {
        if !is_uid(study) {
            return Err(Failure::NoUid(study.chars().take(64).collect()));
        }
        let url = self.under(&format!("studies/{study}"))?;
        // As stored: an archive that unpacks first changes pixels, and takes long.
        let wanted = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
        let until = Instant::now() + self.limits.transfer;
        self.watch.begin();
        let answer = self.ask(self.http.get(url).header(ACCEPT, wanted))?;
        let media = media_of(&answer);
        let boundary = media
            .as_ref()
            .filter(|media| media.essence == "multipart/related")
            .and_then(MediaType::boundary)
            .ok_or_else(|| strange(&answer))?
            .to_owned();
        let body = self.body(answer, self.limits.study, until);
        let (instance, instances) = (self.limits.instance, self.limits.instances);
        let mut parts = Parts::new(body, &boundary, instance, instances);
        let mut count = 0;
        while let Some((kind, file)) = parts.next()? {
            let kind = MediaType::read(&kind).unwrap_or_else(|| MediaType::named(""));
            if !["application/dicom", ""].contains(&kind.essence.as_str()) {
                return Err(Failure::NotDicomWeb(short(&kind.essence)));
            }
            each(file).map_err(|Stop| Failure::Stopped)?;
            count += 1;
        }
        Ok(count)
    }

    /// Sends files of PS3.10, in as many requests as they need.
    ///
    /// # Errors
    /// No answer, or none that can be used: then nobody knows whether the files of the last request are
    /// kept. They may be sent again, since an archive knows an instance by its UID.
    pub fn store(&self, files: &[&[u8]]) -> Result<Stored, Failure> {
        let until = Instant::now() + self.limits.transfer;
        let mut all = Stored::default();
        let mut rest = files;
        while !rest.is_empty() {
            if Instant::now() >= until {
                return Err(Failure::TimedOut);
            }
            let (batch, after) = rest.split_at(batch(rest));
            rest = after;
            let answered = self.store_batch(batch)?;
            all.kept.extend(answered.kept);
            all.refused.extend(answered.refused);
        }
        Ok(all)
    }

    fn store_batch(&self, files: &[&[u8]]) -> Result<Stored, Failure> {
        let (body, boundary) = stow::body(files);
        let kind = format!("multipart/related; type=\"application/dicom\"; boundary={boundary}");
        // The wait for an answer counts from the first byte that is sent: a slow line of 64 kB/s is given
        // its time.
        let sending = Duration::from_secs(u64::try_from(body.len() >> 16).unwrap_or(u64::MAX));
        let request = self
            .http
            .post(self.under("studies")?)
            .header(CONTENT_TYPE, kind)
            .header(ACCEPT, TABLE)
            .body(body);
        let patience = self.limits.idle.saturating_add(sending).min(self.limits.transfer);
        let answer = self.sent(request, patience)?;
        let until = Instant::now() + self.limits.search;
        // 409 is the answer that nothing was kept, and says why.
        let status = answer.status();
        if !status.is_success() && status != StatusCode::CONFLICT {
            return Err(refusal(&answer));
        }
        if !is_table(&answer) {
            return Err(strange(&answer));
        }
        stow::read(&self.body(answer, self.limits.table, until).whole()?, files.len())
    }

    fn table(&self, query: &Query, limits: &Limits) -> Result<Found, Failure> {
        let mut url = self.under("studies")?;
        query.write(&mut url, limits.rows);
        let until = Instant::now() + limits.search;
        let answer = self.ask(self.http.get(url).header(ACCEPT, TABLE))?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(Found::default());
        }
        if !is_table(&answer) {
            return Err(strange(&answer));
        }
        qido::read(&self.body(answer, limits.table, until).whole()?, limits)
    }

    fn under(&self, path: &str) -> Result<Url, Failure> {
        self.root.join(path).map_err(|_| Failure::Address(address::BadAddress::NoAddress))
    }

    /// Sends a question; an answer that is no success is a failure.
    fn ask(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let answer = self.sent(request, self.limits.idle)?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal(&answer)) }
    }

    /// Waits so long for the beginning of an answer.
    fn sent(&self, request: RequestBuilder, patience: Duration) -> Result<Response, Failure> {
        let request = match &self.credentials {
            Credentials::None => request,
            Credentials::Password { user, password } => request.basic_auth(user, Some(password)),
            Credentials::Token(token) => request.bearer_auth(token),
        };
        self.wait(patience, request.send())
    }

    /// Waits so long for one thing of the archive, and no longer than it is wanted.
    fn wait<T>(
        &self,
        patience: Duration,
        what: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, Failure> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.watch.cancelled() => Err(Failure::Cancelled),
                done = timeout(patience, what) => match done {
                    Ok(done) => done.map_err(|error| Failure::of_http(&error)),
                    Err(_silent) => Err(Failure::TimedOut),
                },
            }
        })
    }
}

/// Follows an archive within itself and nowhere else: what was asked may name a patient, and who
/// asked is known by a password.
fn within(root: Url) -> redirect::Policy {
    redirect::Policy::custom(move |attempt| {
        let same = attempt.url().origin() == root.origin();
        if same && attempt.previous().len() <= HOPS { attempt.follow() } else { attempt.stop() }
    })
}

/// How many of these files go into one request: at least one.
fn batch(files: &[&[u8]]) -> usize {
    let mut bytes = 0usize;
    let fits = |file: &&&[u8]| {
        bytes = bytes.saturating_add(file.len());
        bytes <= BATCH_BYTES
    };
    files.iter().take(BATCH_FILES).take_while(fits).count().max(1)
}

fn media_of(answer: &Response) -> Option<MediaType> {
    MediaType::read(answer.headers().get(CONTENT_TYPE)?.to_str().ok()?)
}

/// `application/json` too: older archives say that.
fn is_table(answer: &Response) -> bool {
    media_of(answer).is_some_and(|m| [TABLE, "application/json"].contains(&m.essence.as_str()))
}

fn strange(answer: &Response) -> Failure {
    let kind = media_of(answer).map(|media| media.essence).unwrap_or_default();
    Failure::NotDicomWeb(short(&kind))
}

/// The beginning of a media type, for a sentence.
fn short(kind: &str) -> String {
    let plain: String = kind.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
    if plain.is_empty() { "nothing that says what it is".to_owned() } else { plain }
}

fn refusal(answer: &Response) -> Failure {
    let status = answer.status();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::NotLetIn(status.as_u16()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Failure::NotFound,
        _ if status.is_redirection() => {
            // The computer's name and nothing of the rest.
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| answer.url().join(to).ok());
            let host = to.as_ref().and_then(Url::host_str).unwrap_or("?");
            Failure::SentOn(host.chars().take(80).collect())
        }
        _ => Failure::Status(status.as_u16()),
    }
}
