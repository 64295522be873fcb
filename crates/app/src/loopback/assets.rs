//! The UI, embedded at build time.

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Shown where the program was built without its UI.
const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Mailcall</title><p>This Mailcall was built \
     without its pages. Run <code>npm ci &amp;&amp; npm run build -w ui</code> and build it again.";

/// A file of the UI: its media type and its bytes. `/` is the page itself.
pub(super) fn find(path: &str) -> Option<(&'static str, &'static [u8])> {
    let name = path.trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let found = ASSETS.iter().find(|(file, _)| *file == name);
    match found {
        Some((file, bytes)) => Some((media_type(file), bytes)),
        None if name == "index.html" => Some(("text/html; charset=utf-8", NOT_BUILT.as_bytes())),
        None => None,
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" | "json" => "application/json",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}
