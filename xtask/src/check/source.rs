use std::{fs, path::Path, process::Command};

use crate::mail::daemon::output;

/// A text file of the checkout that is, or is about to be, committed.
pub struct Source {
    /// From the top of the checkout, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
}

impl Source {
    /// Every text file that git knows or would add.
    pub fn all(root: &Path) -> Result<Vec<Self>, String> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let names = output(Command::new("git").current_dir(root).args(list))?;
        let read = |path: &str| {
            // What was deleted and what is not text has nothing to say.
            let text = fs::read_to_string(root.join(path)).ok()?;
            Some(Self { path: path.to_owned(), text })
        };
        Ok(names.split('\0').filter(|path| !path.is_empty()).filter_map(read).collect())
    }

    /// The file's name within `folder`, if it is in there.
    pub fn within(&self, folder: &str) -> Option<&str> {
        self.path.strip_prefix(folder)?.strip_prefix('/')
    }

    /// Whether the name ends in `.` and one of `endings`.
    pub fn is(&self, endings: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    }

    /// The lines, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines of Rust that end up in the program: no tests, no comments.
    pub fn program(&self) -> impl Iterator<Item = (usize, &str)> {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let test = self.path.split('/').any(|part| part == "tests")
            || name == "tests.rs"
            || name.ends_with("_tests.rs");
        // The tests of a file, if it has some, are its end.
        let end = self.text.find("\n#[cfg(test)]\nmod ").unwrap_or(self.text.len());
        let end = self.text.get(..end).map_or(0, |program| program.lines().count());
        self.lines().take(if test { 0 } else { end }).map(|(number, line)| (number, without_comment(line)))
    }

    /// Says that `rule` is broken in a line.
    pub fn at(&self, line: usize, rule: &str) -> super::Finding {
        format!("{}:{line}: {rule}", self.path)
    }
}

/// The line without a `//` comment; the `//` of a URL is none.
fn without_comment(line: &str) -> &str {
    let comment = line.match_indices("//").find(|(at, _)| !line.get(..*at).is_some_and(|l| l.ends_with(':')));
    comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

/// Whether `text` has `word` in it, not as a part of a longer one.
pub fn has_word(text: &str, word: &str) -> bool {
    words(text).any(|found| found == word)
}

/// The identifiers in a text.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
