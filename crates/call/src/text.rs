/// The longest name that is shown, in characters.
const MAX_NAME: usize = 64;

/// A name given by the other side, fit to be shown: no control characters, none that reorder text or cannot be
/// seen (two names that look the same are the same), trimmed and of bounded length.
pub(crate) fn name(given: &str) -> String {
    line(given, MAX_NAME)
}

/// As [`name`], for any one line of text.
pub(crate) fn line(given: &str, longest: usize) -> String {
    let clean: String = given.chars().filter(|c| !deceives(*c)).take(longest).collect();
    clean.trim().to_owned()
}

/// The joiners U+200C and U+200D stay: scripts and emoji need them.
pub(crate) fn deceives(c: char) -> bool {
    let reorders =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    c.is_control() || reorders || invisible || breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_makes_no_other_name() {
        for hidden in ['\u{61c}', '\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}', '\u{202e}', '\n', '\u{2028}']
        {
            assert_eq!(name(&format!(" Al{hidden}ice")), "Alice");
        }
        assert_eq!(name("👩\u{200d}💻 Zoë"), "👩\u{200d}💻 Zoë");
    }
}
