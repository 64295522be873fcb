//! The tray icon: Mailcall keeps running while no window is open.

use tauri::{
    AppHandle,
    menu::{MenuBuilder, MenuItemBuilder},
    tray::TrayIconBuilder,
};

use crate::{texts, windows};

/// Shows it. A desktop without a tray is no error: the window then is all there is.
pub(crate) fn show(app: &AppHandle) -> tauri::Result<()> {
    let open = MenuItemBuilder::with_id("open", texts::OPEN).build(app)?;
    let quit = MenuItemBuilder::with_id("quit", texts::QUIT).build(app)?;
    let menu = MenuBuilder::new(app).items(&[&open, &quit]).build()?;
    let mut tray = TrayIconBuilder::new().tooltip(texts::NAME).menu(&menu).on_menu_event(|app, event| {
        match event.id().as_ref() {
            "open" => windows::show_main(app),
            "quit" => app.exit(0),
            _ => {}
        }
    });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    if let Err(error) = tray.build(app) {
        tracing::warn!(%error, "there is no tray");
    }
    Ok(())
}
