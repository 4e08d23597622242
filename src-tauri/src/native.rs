//! What only the desktop can do: its file dialog.

use app::Backend;
use tauri::{AppHandle, State};
use wire::{CommandError, PickedFile};

/// Asks for image files; the page gets handles, never paths.
#[tauri::command]
pub async fn pick_files(
    app: AppHandle,
    backend: State<'_, Backend>,
) -> Result<Vec<PickedFile>, CommandError> {
    let (answer, asked) = tokio::sync::oneshot::channel();
    // GTK and AppKit insist on the main thread.
    let opened = app.run_on_main_thread(move || {
        let dialog = rfd::AsyncFileDialog::new()
            .add_filter(
                "Images",
                &["dcm", "dicom", "png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp"],
            )
            .add_filter("All files", &["*"]);
        let files = dialog.pick_files();
        tauri::async_runtime::spawn(async move {
            // The page may have gone in the meantime.
            let _ = answer.send(files.await);
        });
    });
    if opened.is_err() {
        return Err(CommandError::fault("the dialog did not open".into()));
    }
    let files = asked.await.ok().flatten().unwrap_or_default();
    Ok(files.iter().map(|file| backend.hold_path(file.path())).collect())
}
