//! The workstation over localhost: the very backend of the desktop program, for a browser and for
//! tests. It listens on the loopback address only and answers no page but its own.

use anyhow::Context as _;
use app::{Backend, Options};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path as UrlPath, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use clap::Parser;
use serde_json::Value;
use std::path::{Component, PathBuf};
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;
use wire::{CommandError, ErrorKind};

/// The workstation backend over localhost.
#[derive(Parser)]
struct Arguments {
    /// The home folder of the facility.
    #[arg(long)]
    home: PathBuf,
    /// 0 chooses a free port; the address is printed.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The built page.
    #[arg(long, default_value = "ui/dist")]
    page: PathBuf,
}

/// A file of a modality with many frames.
const LARGEST_UPLOAD: usize = 600 << 20;

struct Host {
    backend: Backend,
    page: PathBuf,
    changed: broadcast::Sender<String>,
}

fn main() -> anyhow::Result<()> {
    // Started again to unpack one picture: before threads and settings.
    if let Some(code) = app::serve_if_asked() {
        std::process::exit(code);
    }
    if let Some(words) = app::wrong_packs_dir() {
        anyhow::bail!(words);
    }
    serve(Arguments::parse())
}

#[tokio::main]
async fn serve(arguments: Arguments) -> anyhow::Result<()> {
    let options =
        Options { decoder: app::own_program(), receives: true, ..Options::at(&arguments.home) };
    let backend = Backend::start(options);
    let (changed, _) = broadcast::channel(64);
    let subjects = backend.subscribe();
    let sender = changed.clone();
    std::thread::spawn(move || {
        for change in subjects {
            // Nobody listening is no error.
            let _ = sender.send(serde_json::to_string(&change).unwrap_or_default());
        }
    });
    let host = Arc::new(Host { backend: backend.clone(), page: arguments.page, changed });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port))
        .await
        .with_context(|| format!("port {} is taken: choose another", arguments.port))?;
    let address = listener.local_addr()?;
    let routes = routes(host);
    #[expect(clippy::print_stdout, reason = "whoever started us reads the address from this line")]
    {
        println!("listening http://{address}");
    }
    axum::serve(listener, routes)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    backend.close();
    Ok(())
}

fn routes(host: Arc<Host>) -> Router {
    Router::new()
        .route("/rpc/{name}", post(rpc))
        .route("/frame/{image}/{index}", get(frame))
        .route("/upload", post(upload))
        .route("/events", get(events))
        .fallback(get(page))
        .layer(DefaultBodyLimit::max(LARGEST_UPLOAD))
        .layer(middleware::from_fn(own_page_only))
        .with_state(host)
}

/// A page of another origin, or a name that was bent to point at us, gets nothing.
async fn own_page_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let host = text(header::HOST);
    let local = host.starts_with("127.0.0.1:") || host.starts_with("localhost:");
    let origin = text(header::ORIGIN);
    if !local || (!origin.is_empty() && origin != format!("http://{host}")) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn blocking<T: Send + 'static>(
    host: Arc<Host>,
    run: impl FnOnce(&Backend) -> Result<T, CommandError> + Send + 'static,
) -> Result<T, CommandError> {
    tokio::task::spawn_blocking(move || run(&host.backend))
        .await
        .unwrap_or_else(|_| Err(CommandError::fault("thread".into())))
}

fn answer(error: CommandError) -> Response {
    let status = match error.kind {
        ErrorKind::Refusal | ErrorKind::NeedsOverride => StatusCode::CONFLICT,
        ErrorKind::Fault => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, axum::Json(error)).into_response()
}

async fn rpc(
    State(host): State<Arc<Host>>,
    UrlPath(name): UrlPath<String>,
    axum::Json(payload): axum::Json<Value>,
) -> Response {
    match blocking(host, move |backend| backend.call(&name, payload)).await {
        Ok(value) => axum::Json(value).into_response(),
        Err(error) => answer(error),
    }
}

async fn frame(
    State(host): State<Arc<Host>>,
    UrlPath((image, index)): UrlPath<(String, u32)>,
) -> Response {
    match blocking(host, move |backend| backend.frame(&image, index)).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Err(error) => answer(error),
    }
}

#[derive(serde::Deserialize)]
struct Upload {
    name: String,
}

/// Nobody is asked for hundreds of megabytes that will not be kept: the session comes before the
/// body.
async fn upload(
    State(host): State<Arc<Host>>,
    Query(upload): Query<Upload>,
    body: Body,
) -> Response {
    if let Err(error) = blocking(host.clone(), Backend::may_upload).await {
        return answer(error);
    }
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST_UPLOAD).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match blocking(host, move |backend| backend.hold_bytes(&upload.name, bytes.into())).await {
        Ok(held) => axum::Json(held).into_response(),
        Err(error) => answer(error),
    }
}

async fn events(State(host): State<Arc<Host>>) -> impl IntoResponse {
    let changes = BroadcastStream::new(host.changed.subscribe()).map(|change| {
        // A listener that fell behind is told to look again at everything.
        Ok::<_, std::convert::Infallible>(
            Event::default().event("changed").data(change.unwrap_or_else(|_| "[]".into())),
        )
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}

/// The strict policy of the desktop window, with this host in place of its IPC.
const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' blob: data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; \
    frame-src 'none'";

async fn page(State(host): State<Arc<Host>>, request: Request) -> Response {
    let path = PathBuf::from(request.uri().path().trim_start_matches('/'));
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut file = host.page.join(&path);
    if !file.is_file() {
        // A route of the page: the page itself knows it.
        if path.extension().is_some() {
            return StatusCode::NOT_FOUND.into_response();
        }
        file = host.page.join("index.html");
    }
    let Ok(bytes) = tokio::fs::read(&file).await else {
        let hint = "The page is not built: run `npm run build` in ui.";
        return (StatusCode::NOT_FOUND, hint).into_response();
    };
    let kind = match file.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, axum::http::HeaderValue::from_static(value));
    }
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};

    /// How the answer begins to a request of ten bytes, of which `body` is sent.
    async fn ask(address: SocketAddr, body: &'static str) -> String {
        let asked = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address)?;
            write!(
                stream,
                "POST /upload?name=a.png HTTP/1.1\r\nHost: {address}\r\nContent-Length: 10\r\n\r\n{body}"
            )?;
            let mut start = [0; 12];
            stream.read_exact(&mut start)?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&start).into_owned())
        });
        asked.await.expect("it ran").expect("an answer")
    }

    #[tokio::test]
    async fn nothing_is_taken_from_somebody_who_is_not_signed_in_or_whose_screen_is_locked() {
        let home = tempfile::tempdir().expect("a folder");
        app::make_training_facility(home.path()).expect("a facility");
        let backend = Backend::start(Options { keyring: false, ..Options::at(home.path()) });
        let (changed, _) = broadcast::channel(1);
        let host = Host { backend: backend.clone(), page: "nowhere".into(), changed };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(axum::serve(listener, routes(Arc::new(host))).into_future());
        // Refused before the body is asked for: none of it is sent.
        assert_eq!(ask(address, "").await, "HTTP/1.1 409");
        let call = |name: &str, payload| backend.call(name, payload).expect("done");
        call("session.sign_in", json!({ "user": "khan", "password": "training" }));
        assert_eq!(ask(address, "0123456789").await, "HTTP/1.1 200");
        call("session.lock", json!({}));
        assert_eq!(ask(address, "").await, "HTTP/1.1 409");
        server.abort();
    }
}
