//! The few encodings that a signal mail needs: quoted-printable, encoded words, folding.

use base64::{Engine, engine::general_purpose::STANDARD};

/// No line of ours is longer (RFC 5322 wants 78, RFC 2045 76).
const LINE: usize = 76;

/// Quoted-printable (RFC 2045). With `text`, line feeds are line breaks; else they are bytes like any other.
pub(super) fn quoted_printable(content: &str, text: bool, out: &mut String) {
    let mut column = 0;
    let mut bytes = content.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if text && byte == b'\n' {
            out.push_str("\r\n");
            column = 0;
            continue;
        }
        if text && byte == b'\r' && bytes.peek() == Some(&b'\n') {
            continue;
        }
        let ends_line = matches!(bytes.peek(), None | Some(b'\r' | b'\n'));
        let literal = match byte {
            b' ' => !ends_line,
            // "From " at the start of a line is escaped by mailboxes in mbox format, which breaks signatures.
            b'F' => column > 0,
            // A lone dot is an end of message to a careless relay.
            b'.' => column > 0,
            b'=' => false,
            _ => byte.is_ascii_graphic(),
        };
        let width = if literal { 1 } else { 3 };
        if column + width > LINE - 1 {
            out.push_str("=\r\n");
            column = 0;
        }
        column += width;
        // What a soft break has just put at the start of a line follows the same rules.
        if literal && !(column == 1 && matches!(byte, b'F' | b'.')) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("={byte:02X}"));
            column += 3 - width;
        }
    }
}

/// Unstructured text or a display name for a header field: as it is where it is plain and short, else as
/// encoded words (RFC 2047), folded.
pub(super) fn words(text: &str, quoted: bool) -> String {
    let plain = |c: char| matches!(c, ' '..='~');
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    let clean = clean.trim();
    if clean.len() <= 60 && clean.chars().all(plain) && !clean.contains("=?") {
        return if quoted { quote(clean) } else { clean.to_owned() };
    }
    let mut words: Vec<String> = Vec::new();
    let mut piece = String::new();
    for c in clean.chars() {
        if piece.len() + c.len_utf8() > 42 {
            words.push(encoded_word(&piece));
            piece.clear();
        }
        piece.push(c);
    }
    words.push(encoded_word(&piece));
    words.join("\r\n ")
}

fn encoded_word(piece: &str) -> String {
    format!("=?utf-8?B?{}?=", STANDARD.encode(piece))
}

/// A display name as a quoted string, or bare where it consists of atoms.
fn quote(name: &str) -> String {
    let atom = |c: char| c == ' ' || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    if name.chars().all(atom) {
        return name.to_owned();
    }
    let mut out = String::from("\"");
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// A header value with one long base64 tail, such as `Autocrypt`: the tail is cut into lines. What is not ASCII stays:
/// the address of a sender whose mails need SMTPUTF8.
pub(super) fn fold_tail(value: &str) -> String {
    let clean: String = value.chars().filter(|c| !c.is_control()).collect();
    let (head, tail) = match clean.rfind("keydata=") {
        Some(at) => clean.split_at_checked(at).unwrap_or((&clean, "")),
        None => ("", clean.as_str()),
    };
    let mut out = head.trim_end().to_owned();
    let mut column = LINE;
    for c in tail.chars().filter(|c| *c != ' ') {
        if column >= LINE {
            out.push_str("\r\n ");
            column = 1;
        }
        out.push(c);
        column += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qp(content: &str, text: bool) -> String {
        let mut out = String::new();
        quoted_printable(content, text, &mut out);
        out
    }

    #[test]
    fn quoted_printable_keeps_text_readable() {
        assert_eq!(
            qp("Hello, Bob\nä = 1 \nFrom here\n.\r\nend ", true),
            "Hello, Bob\r\n=C3=A4 =3D 1=20\r\n=46rom here\r\n=2E\r\nend=20"
        );
        assert_eq!(qp("a\r\nb\n", false), "a=0D=0Ab=0A");
    }

    #[test]
    fn no_line_is_too_long_and_none_begins_dangerously() {
        for content in
            ["F".repeat(400), ".".repeat(400), "x".repeat(400), "ä".repeat(200), "a F.".repeat(100)]
        {
            let encoded = qp(&content, true);
            for line in encoded.split("\r\n") {
                assert!(line.len() <= LINE && !line.starts_with(['.', 'F']), "{line}");
            }
            let parsed = mail_parser::MessageParser::new()
                .with_mime_headers()
                .parse(format!("Content-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}").as_bytes())
                .unwrap()
                .into_owned();
            assert_eq!(parsed.body_text(0).unwrap(), content);
        }
    }

    #[test]
    fn names_are_quoted_or_encoded() {
        assert_eq!(words("Alice", true), "Alice");
        assert_eq!(words("Alice \"Al\" (home), Ltd.", true), r#""Alice \"Al\" (home), Ltd.""#);
        assert_eq!(words("Zoë", true), "=?utf-8?B?Wm/Dqw==?=");
        assert_eq!(words("=?utf-8?Q?x?=", false), "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?=");
        assert_eq!(words("a\r\nBcc: eve@example.test", false), "aBcc: eve@example.test");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = "日本語".repeat(20);
        for line in words(&name, false).split("\r\n") {
            assert!(line.len() <= LINE, "{line}");
        }
        let mail = format!("Subject: {}\r\n\r\n", words(&name, false));
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap().into_owned();
        assert_eq!(parsed.subject(), Some(name.as_str()));
    }

    #[test]
    fn a_key_is_cut_into_lines() {
        let folded = fold_tail(&format!("addr=alice@example.test; keydata={}", "A".repeat(200)));
        assert!(folded.starts_with("addr=alice@example.test;\r\n keydata=AAAA"));
        assert!(folded.split("\r\n").all(|line| line.len() <= LINE));
        assert_eq!(folded.matches('A').count(), 200);
    }
}
