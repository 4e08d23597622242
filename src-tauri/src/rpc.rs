//! The page's door into the application: names and payloads in, answers out.

use app::Backend;
use serde_json::Value;
use tauri::ipc::Response;
use tauri::{AppHandle, Emitter as _, State};
use wire::CommandError;

#[tauri::command]
pub async fn rpc(
    app: AppHandle,
    backend: State<'_, Backend>,
    name: String,
    payload: Value,
) -> Result<Value, CommandError> {
    let backend = backend.inner().clone();
    let door = name.starts_with("session.") || name.starts_with("setup.");
    // Another person, or nobody: what the last one had beside the first window goes with them.
    let leaves = ["session.sign_in", "session.sign_out", "session.recover", "setup.leave_training"]
        .contains(&name.as_str());
    let answer = blocking(move || backend.call(&name, payload)).await?;
    if leaves {
        crate::viewers::close_all(&app);
    }
    if door {
        // The door is of all windows: locked in one is locked in every one.
        let _ = app.emit("changed", ["session"]);
    }
    Ok(answer)
}

/// One frame of stored pixel values, as the modality wrote them; never JSON.
#[tauri::command]
pub async fn frame(
    backend: State<'_, Backend>,
    instance: String,
    index: u32,
) -> Result<Response, CommandError> {
    let backend = backend.inner().clone();
    blocking(move || backend.frame(&instance, index)).await.map(Response::new)
}

/// Work that reads a disk or thinks for long never holds up the window.
async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, CommandError> + Send + 'static,
) -> Result<T, CommandError> {
    tokio::task::spawn_blocking(run)
        .await
        .unwrap_or_else(|_| Err(CommandError::fault("the worker thread ended".into())))
}
