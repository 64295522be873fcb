//! The backend without a native window.
fn main() {}
