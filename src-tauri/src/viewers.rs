//! Windows beside the first: one study each, on another screen where there is one. They have no door
//! of their own; who leaves takes them along.

use std::sync::atomic::{AtomicU32, Ordering};

use tauri::{AppHandle, Emitter as _, Manager as _, WebviewUrl, WebviewWindow};
use wire::{Code, CommandError};

/// More windows than this are a mistake, not a way of reading.
const MOST: usize = 4;

static NEXT: AtomicU32 = AtomicU32::new(1);

/// Nothing of a page is kept on the disk. A window that a test drives cannot be private as well:
/// WebKit hands over only its lasting context.
pub fn private() -> bool {
    std::env::var("TAURI_WEBVIEW_AUTOMATION").as_deref() != Ok("true")
}

/// Opens one study in a window of its own; answers whether another screen took it. The page there
/// asks for it through the same session.
#[tauri::command]
pub async fn open_viewer(
    app: AppHandle,
    window: WebviewWindow,
    study: String,
) -> Result<bool, CommandError> {
    let address = address(&study).ok_or_else(|| CommandError::refusal(Code::NotFound))?;
    if viewers(&app).len() >= MOST {
        return Err(CommandError::fault(format!("there are {MOST} viewer windows already")));
    }
    let label = format!("viewer-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let builder = tauri::WebviewWindowBuilder::new(&app, label, WebviewUrl::App(address.into()))
        .title("HealthSync")
        .min_inner_size(800.0, 600.0)
        .incognito(private());
    let other = other_screen(&window);
    let builder = match other {
        Some(place) => builder.position(place.0, place.1).inner_size(1280.0, 900.0).maximized(true),
        None => builder.inner_size(1280.0, 900.0),
    };
    builder
        .build()
        .map(|_| other.is_some())
        .map_err(|e| CommandError::fault(format!("the window did not open: {e}")))
}

/// Closes the asking window when it is a viewer; the first window stays whoever asks.
#[tauri::command]
pub async fn close_viewer(window: WebviewWindow) {
    if window.label().starts_with("viewer-") {
        let _ = window.close();
    }
}

/// Somebody works in one window: none of them is left alone.
#[tauri::command]
pub async fn touch(app: AppHandle) {
    // Every window listens; that the sender hears itself does no harm.
    let _ = app.emit("touched", ());
}

pub fn close_all(app: &AppHandle) {
    for window in viewers(app) {
        let _ = window.close();
    }
}

fn viewers(app: &AppHandle) -> Vec<WebviewWindow> {
    app.webview_windows().into_values().filter(|w| w.label().starts_with("viewer-")).collect()
}

/// The page and, behind the hash, the study. An id is letters, digits and hyphens; anything else
/// could lead elsewhere.
fn address(study: &str) -> Option<String> {
    let plain = study.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (plain && !study.is_empty() && study.len() <= 64).then(|| format!("index.html#/viewer/{study}"))
}

/// Where the first other screen begins, in logical points.
fn other_screen(window: &WebviewWindow) -> Option<(f64, f64)> {
    let here = window.current_monitor().ok().flatten()?;
    let other =
        window.available_monitors().ok()?.into_iter().find(|m| m.position() != here.position())?;
    let place = other.position().to_logical::<f64>(other.scale_factor());
    Some((place.x, place.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_id_of_a_study_becomes_an_address() {
        let id = "0193b1f0-7d2a-7c3e-9c55-5b0a4a3c9a10";
        assert_eq!(address(id).unwrap(), format!("index.html#/viewer/{id}"));
        for strange in ["", "../../secret", "a#b", "a?b", "https://elsewhere", &"a".repeat(65)] {
            assert_eq!(address(strange), None, "{strange}");
        }
    }
}
