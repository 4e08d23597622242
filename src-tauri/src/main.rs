//! The desktop shell: one window and the viewers beside it, two commands, two dialogs. Everything
//! else is `app`, which it starts, asks and closes.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod again;
mod linux_graphics;
mod native;
mod rpc;
mod viewers;

use app::{Backend, Options, default_home};
use tauri::{DragDropEvent, Emitter as _, Manager as _, WindowEvent};

fn main() {
    // Started again to unpack one picture: before threads, windows and settings.
    if let Some(code) = app::serve_if_asked() {
        std::process::exit(code);
    }
    linux_graphics::prepare();
    if let Some(words) = app::wrong_packs_dir() {
        eprintln!("{words}");
        native::say(&words);
        std::process::exit(1);
    }
    let options =
        Options { decoder: app::own_program(), receives: true, ..Options::at(default_home()) };
    let backend = Backend::start(options);
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            // A second start brings the first window to the front.
            if let Some(window) = app.get_webview_window("main") {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        }))
        .manage(backend.clone())
        .invoke_handler(tauri::generate_handler![
            rpc::rpc,
            rpc::frame,
            native::pick_files,
            native::pick_folder,
            native::pick_backup_place,
            native::pick_export_place,
            viewers::open_viewer,
            viewers::close_viewer,
            viewers::touch,
        ])
        .setup({
            let backend = backend.clone();
            move |app| {
                for window in &app.config().app.windows {
                    tauri::WebviewWindowBuilder::from_config(app.handle(), window)?
                        .incognito(viewers::private())
                        .build()?;
                }
                let handle = app.handle().clone();
                let changes = backend.subscribe();
                std::thread::spawn(move || {
                    for subjects in changes {
                        // A window that is closing hears nothing more, which is right.
                        let _ = handle.emit("changed", subjects);
                    }
                });
                Ok(())
            }
        })
        .on_window_event({
            let backend = backend.clone();
            move |window, event| {
                if let WindowEvent::Destroyed = event
                    && window.label() == "main"
                {
                    // Without the first window nobody could lock or sign out.
                    viewers::close_all(window.app_handle());
                }
                if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event {
                    // Paths stay here; the page gets handles.
                    let files: Vec<_> = paths.iter().map(|p| backend.hold_path(p)).collect();
                    let _ = window.emit("dropped", files);
                }
            }
        })
        .build(tauri::generate_context!());
    match built {
        Ok(program) => program.run(move |_, event| {
            if let tauri::RunEvent::Exit = event {
                backend.close();
            }
        }),
        // The window before this one is just closing and does not listen any more.
        Err(error) if error.to_string().contains("single-instance") && again::start() => {}
        Err(error) => {
            eprintln!(
                "The window cannot be opened ({error}). Start from a desktop, or use `cargo xtask dev` and a browser."
            );
            std::process::exit(1);
        }
    }
}
