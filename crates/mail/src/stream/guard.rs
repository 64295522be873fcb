//! What a server may send in one go: counted before the IMAP crate sees it.

/// How deeply lists may nest in a message's attributes. What we ask for nests twice; the crate's parser
/// recurses for each level.
const MAX_DEPTH: u32 = 12;

/// A response went beyond what is ever needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// More bytes than this.
    Bytes(usize),
    /// Lists in lists in lists.
    Depth,
}

/// How much of a line is kept to see whether it tells how many messages there are.
const TALE: usize = 32;

/// Follows the lines and literals (RFC 3501, section 4.3) of what a server sends, one response at a time.
///
/// Only lines that tell about a message (`* 1 …`) have literals here: whatever else ends in `{n}` is text.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    limit: usize,
    seen: usize,
    head: Head,
    depth: u32,
    quoted: bool,
    escaped: bool,
    brace: Brace,
    literal_left: usize,
    tale: Vec<u8>,
    count: MessageCount,
}

/// How many messages the selected mailbox has, as the server told in passing (RFC 3501, section 7.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MessageCount {
    /// The number.
    pub(crate) exists: u32,
    /// It was told again.
    pub(crate) told: bool,
    /// It grew.
    pub(crate) grew: bool,
}

/// How far the beginning of the line has been recognised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Head {
    #[default]
    Start,
    Star,
    Space,
    Message,
    Other,
}

/// Whether the last bytes announce a literal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Brace {
    #[default]
    None,
    Open,
    Digits(usize),
    Closed(usize),
}

impl Guard {
    /// From here on a new response of at most `limit` bytes is expected.
    pub(crate) fn begin(&mut self, limit: usize) {
        self.limit = limit;
        self.seen = 0;
    }

    /// How many messages there are, with what was told of them since this was called last.
    pub(crate) fn take_count(&mut self) -> MessageCount {
        let count = self.count;
        self.count = MessageCount { exists: count.exists, ..MessageCount::default() };
        count
    }

    /// Examines `bytes` up to the end of the line or literal they begin in, and returns how many that were and
    /// whether a line ended there. Bytes of a line beyond ASCII become `?`: the IMAP crate gives up on them.
    pub(crate) fn admit(&mut self, bytes: &mut [u8]) -> Result<(usize, bool), Excess> {
        if self.literal_left > 0 {
            let taken = self.literal_left.min(bytes.len());
            self.literal_left -= taken;
            self.count(taken)?;
            return Ok((taken, false));
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            self.count(1)?;
            if !byte.is_ascii() {
                *byte = b'?';
            }
            if *byte == b'\n' {
                return Ok((index + 1, self.end_line()?));
            }
            self.follow(*byte)?;
        }
        Ok((bytes.len(), false))
    }

    fn count(&mut self, bytes: usize) -> Result<(), Excess> {
        self.seen += bytes;
        if self.seen > self.limit { Err(Excess::Bytes(self.limit)) } else { Ok(()) }
    }

    fn follow(&mut self, byte: u8) -> Result<(), Excess> {
        self.head = match (self.head, byte) {
            (Head::Start, b'*') => Head::Star,
            (Head::Star, b' ') => Head::Space,
            (Head::Space, b'0'..=b'9') => Head::Message,
            (Head::Message, _) => Head::Message,
            _ => Head::Other,
        };
        if self.head != Head::Message {
            return Ok(());
        }
        if self.tale.len() < TALE {
            self.tale.push(byte);
        }
        if self.quoted {
            self.quoted = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return Ok(());
        }
        self.brace = match (self.brace, byte) {
            (_, b'{') => Brace::Open,
            (Brace::Open, b'0'..=b'9') => Brace::Digits(usize::from(byte - b'0')),
            (Brace::Digits(n), b'0'..=b'9') => {
                Brace::Digits(n.saturating_mul(10).saturating_add(usize::from(byte - b'0')))
            }
            (Brace::Digits(n), b'}') => Brace::Closed(n),
            (Brace::Closed(n), b'\r') => Brace::Closed(n),
            _ => Brace::None,
        };
        match byte {
            b'"' => self.quoted = true,
            b'(' => self.depth += 1,
            b')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_DEPTH { Err(Excess::Depth) } else { Ok(()) }
    }

    /// A line feed came: either a literal begins, or the line is over (true).
    fn end_line(&mut self) -> Result<bool, Excess> {
        if let (Head::Message, Brace::Closed(length)) = (self.head, self.brace) {
            if length > self.limit.saturating_sub(self.seen) {
                return Err(Excess::Bytes(self.limit));
            }
            self.literal_left = length;
            self.brace = Brace::None;
            return Ok(false);
        }
        self.hear();
        self.tale.clear();
        (self.head, self.depth, self.quoted, self.escaped, self.brace) = Default::default();
        Ok(true)
    }

    /// Takes notice of `* 7 EXISTS` and `* 7 EXPUNGE`, whatever they come between: the IMAP crate drops them from
    /// the responses to some commands.
    fn hear(&mut self) {
        let text = String::from_utf8_lossy(&self.tale);
        // The line begins with `* `, of which the digit is the first byte kept.
        let mut words = text.split_ascii_whitespace();
        let (number, what) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Ok(number) = number.parse::<u32>() else { return };
        if what.eq_ignore_ascii_case("EXISTS") {
            self.count.grew |= number > self.count.exists;
            self.count.told = true;
            self.count.exists = number;
        } else if what.eq_ignore_ascii_case("EXPUNGE") {
            self.count.exists = self.count.exists.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(limit: usize) -> Guard {
        let mut guard = Guard::default();
        guard.begin(limit);
        guard
    }

    /// Feeds everything, piece by piece as the guard cuts it.
    fn pieces(guard: &mut Guard, text: &str) -> Result<Vec<(String, bool)>, Excess> {
        let mut bytes = text.as_bytes().to_vec();
        let mut rest = &mut bytes[..];
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let (taken, ended) = guard.admit(rest)?;
            let (piece, tail) = rest.split_at_mut(taken);
            pieces.push((String::from_utf8(piece.to_vec()).unwrap(), ended));
            rest = tail;
        }
        Ok(pieces)
    }

    #[test]
    fn a_line_at_a_time_and_a_literal_as_it_comes() {
        let text = "* OK hi\r\n* 1 FETCH (BODY[] {6}\r\na\r\nb(( UID 7)\r\na1 OK done\r\n";
        let found = pieces(&mut guard(1000), text).unwrap();
        let expected = [
            ("* OK hi\r\n", true),
            ("* 1 FETCH (BODY[] {6}\r\n", false),
            ("a\r\nb((", false),
            (" UID 7)\r\n", true),
            ("a1 OK done\r\n", true),
        ];
        assert_eq!(found, expected.map(|(piece, ended)| (piece.to_owned(), ended)));
    }

    #[test]
    fn a_literal_too_long_is_refused_before_it_comes() {
        assert_eq!(pieces(&mut guard(100), "* 1 FETCH (BODY[] {101}\r\n"), Err(Excess::Bytes(100)));
        let endless = "* 1 FETCH (BODY[] {99999999999999999999999}\r\n";
        assert_eq!(pieces(&mut guard(1000), endless), Err(Excess::Bytes(1000)));
    }

    #[test]
    fn a_line_too_long_is_refused_while_it_comes() {
        assert_eq!(pieces(&mut guard(10), "* OK and so on"), Err(Excess::Bytes(10)));
    }

    #[test]
    fn lists_nest_only_so_deep() {
        let nested = format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(100));
        assert_eq!(pieces(&mut guard(1000), &nested), Err(Excess::Depth));
        let quoted = format!("* 1 FETCH (ENVELOPE (\"\\\"{}\"))\r\n", "(".repeat(100));
        assert!(pieces(&mut guard(1000), &quoted).is_ok());
    }

    #[test]
    fn a_text_that_looks_like_a_literal_hides_nothing() {
        let text = format!("* OK {{60}}\r\n* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(100));
        assert_eq!(pieces(&mut guard(1000), &text), Err(Excess::Depth));
    }

    #[test]
    fn the_number_of_messages_is_heard_between_other_things() {
        let mut guard = guard(1000);
        pieces(&mut guard, "* 7 EXISTS\r\n* OK 9 EXISTS\r\n* 8 RECENT\r\n").unwrap();
        assert_eq!(guard.take_count(), MessageCount { exists: 7, told: true, grew: true });
        pieces(&mut guard, "* 1 FETCH (BODY[] {14}\r\n\r\n* 9 EXISTS\r\n)\r\n").unwrap();
        assert_eq!(guard.take_count(), MessageCount { exists: 7, told: false, grew: false });
        pieces(&mut guard, "* 3 EXPUNGE\r\n").unwrap();
        assert_eq!(guard.take_count(), MessageCount { exists: 6, told: false, grew: false });
        pieces(&mut guard, "* 7 exists\r\n").unwrap();
        assert_eq!(guard.take_count(), MessageCount { exists: 7, told: true, grew: true });
    }

    #[test]
    fn words_in_other_scripts_become_question_marks() {
        let found = pieces(&mut guard(100), "a1 NO né\r\n").unwrap();
        assert_eq!(found, [("a1 NO n??\r\n".to_owned(), true)]);
    }
}
