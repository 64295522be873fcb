//! The checkout.

use std::path::PathBuf;

/// The top of the checkout.
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}
