//! The tray icon: Mailcall keeps running while no window is open.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tauri::{
    AppHandle,
    menu::{MenuBuilder, MenuItemBuilder},
    tray::TrayIconBuilder,
};

use crate::{
    desk::{self, Wish},
    texts, windows,
};

/// Shows it. A desktop without a tray is no error: the window then is all there is.
pub(crate) fn show(app: &AppHandle) -> tauri::Result<()> {
    let open = MenuItemBuilder::with_id("open", texts::OPEN).build(app)?;
    let quit = MenuItemBuilder::with_id("quit", texts::QUIT).build(app)?;
    let menu = MenuBuilder::new(app).items(&[&open, &quit]).build()?;
    let mut tray = TrayIconBuilder::new().tooltip(texts::NAME).menu(&menu).on_menu_event(|app, event| {
        match event.id().as_ref() {
            "open" => windows::show_main(app),
            "quit" => desk::wish(app, Wish::Quit),
            _ => {}
        }
    });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    // On a Linux without libayatana-appindicator the library panics instead of failing.
    match catch_unwind(AssertUnwindSafe(|| tray.build(app))) {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "there is no tray"),
        Err(_) => tracing::warn!("there is no tray: libayatana-appindicator3 is missing"),
    }
    Ok(())
}
