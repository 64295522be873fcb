//! What is logged: to stderr, as much as `MAILCALL_LOG` asks for.

use std::{env, io};

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Starts logging. `MAILCALL_LOG` is a level (`info`), or levels by crate (`warn,mail=debug`); without it, or if it
/// cannot be read, only errors are logged. Call it once, before anything else.
pub fn start() {
    let asked = env::var("MAILCALL_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let wanted = asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::ERROR));
    tracing_subscriber::registry().with(fmt::layer().with_writer(io::stderr)).with(wanted).init();
}
