/// The longest name that is shown, in characters.
const MAX_NAME: usize = 64;

/// A name given by the other side, fit to be shown: no control characters, no invisible ones that reorder
/// text, trimmed and of bounded length.
pub(crate) fn name(given: &str) -> String {
    let reorders =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = given.chars().filter(|c| !c.is_control() && !reorders(*c)).take(MAX_NAME).collect();
    clean.trim().to_owned()
}
