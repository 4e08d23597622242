//! What only the desktop can do: its file dialogs.

use app::Backend;
use tauri::{AppHandle, State};
use wire::{CommandError, PickedFile};

/// Says in words why the program does not start, before there is a window.
pub fn say(words: &str) {
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title("HealthSync")
        .set_description(words)
        .show();
}

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
                &["dcm", "dicom", "png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "zip"],
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

/// Asks for one folder; the page gets a handle for it, never its path.
#[tauri::command]
pub async fn pick_folder(
    app: AppHandle,
    backend: State<'_, Backend>,
) -> Result<Vec<PickedFile>, CommandError> {
    let (answer, asked) = tokio::sync::oneshot::channel();
    let opened = app.run_on_main_thread(move || {
        let folder = rfd::AsyncFileDialog::new().pick_folder();
        tauri::async_runtime::spawn(async move {
            // The page may have gone in the meantime.
            let _ = answer.send(folder.await);
        });
    });
    if opened.is_err() {
        return Err(CommandError::fault("the dialog did not open".into()));
    }
    let folder = asked.await.ok().flatten();
    Ok(folder.iter().map(|folder| backend.hold_path(folder.path())).collect())
}

/// Asks where a backup goes. Its path is the user's own words, shown in the field they would type
/// it into, so the page may know it.
#[tauri::command]
pub async fn pick_backup_place(
    app: AppHandle,
    title: String,
    name: String,
) -> Result<Option<String>, CommandError> {
    let (answer, asked) = tokio::sync::oneshot::channel();
    let opened = app.run_on_main_thread(move || {
        let dialog = rfd::AsyncFileDialog::new().set_title(title).set_file_name(name);
        let file = dialog.save_file();
        tauri::async_runtime::spawn(async move {
            // The page may have gone in the meantime.
            let _ = answer.send(file.await);
        });
    });
    if opened.is_err() {
        return Err(CommandError::fault("the dialog did not open".into()));
    }
    let file = asked.await.ok().flatten();
    Ok(file.map(|file| file.path().display().to_string()))
}

/// Asks for a folder that results are written to. As with a backup, its path is the user's own words.
#[tauri::command]
pub async fn pick_export_place(
    app: AppHandle,
    title: String,
) -> Result<Option<String>, CommandError> {
    let (answer, asked) = tokio::sync::oneshot::channel();
    let opened = app.run_on_main_thread(move || {
        let folder = rfd::AsyncFileDialog::new().set_title(title).pick_folder();
        tauri::async_runtime::spawn(async move {
            // The page may have gone in the meantime.
            let _ = answer.send(folder.await);
        });
    });
    if opened.is_err() {
        return Err(CommandError::fault("the dialog did not open".into()));
    }
    let folder = asked.await.ok().flatten();
    Ok(folder.map(|folder| folder.path().display().to_string()))
}
