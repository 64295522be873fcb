//! A panic over remote bytes costs what was being read, and nothing else.

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe, Location},
    sync::Once,
};

thread_local! {
    /// Where the work that this thread contains has panicked; `None` while it contains none.
    static STUMBLED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs what a foreign parser does with remote bytes; `None` if it panics.
///
/// The words of such a panic may quote the bytes, so they are not printed: only where it was is logged.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    quieten();
    let around = STUMBLED.replace(Some(String::new()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    let place = STUMBLED.replace(around).unwrap_or_default();
    if outcome.is_err() {
        tracing::warn!(place, "a parser stumbled over remote bytes");
    }
    outcome.ok()
}

/// Keeps the panic hook from printing what is contained. It stays the hook for everything else.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let contained = STUMBLED.with_borrow_mut(|place| {
                place
                    .as_mut()
                    .map(|place| *place = info.location().map_or_else(String::new, Location::to_string))
            });
            if contained.is_none() {
                usual(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_costs_only_its_own_work() {
        assert_eq!(contained(|| b"abc"[usize::from(!0_u8)]), None);
        assert_eq!(contained(|| 7), Some(7));
        assert_eq!(contained(|| contained(|| b"abc"[usize::from(!0_u8)]).is_none()), Some(true));
    }

    #[test]
    fn what_is_not_contained_panics_as_ever() {
        assert_eq!(contained(|| 7), Some(7));
        let loud = panic::catch_unwind(|| panic!("as ever"));
        assert!(loud.is_err());
        assert!(STUMBLED.with_borrow(Option::is_none), "taken for contained");
    }
}
