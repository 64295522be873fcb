use std::fmt::Write as _;

use mail_parser::DateTime;

use super::{
    Auto, FILE_NAME, MEDIA_TYPE, SignalMail,
    encode::{fold_tail, quoted_printable, words},
};
use crate::{address, mark};

/// The signal and its text as one MIME entity with protected header fields: what is signed and encrypted.
pub fn entity(mail: &SignalMail) -> Vec<u8> {
    let mut out = String::with_capacity(2048);
    addresses(mail, true, &mut out);
    field(&mut out, "Subject", &words(&mail.subject, false));
    ids(mail, &mut out);
    content(mail, "; protected-headers=\"v1\"", &mut out);
    out.into_bytes()
}

/// The whole mail for a recipient without a known key.
pub fn plain(mail: &SignalMail) -> Vec<u8> {
    let mut out = String::with_capacity(3072);
    addresses(mail, true, &mut out);
    field(&mut out, "Subject", &words(&mail.subject, false));
    ids(mail, &mut out);
    outer(mail, &mut out);
    content(mail, "", &mut out);
    out.into_bytes()
}

/// The whole mail around an OpenPGP message (PGP/MIME, RFC 3156). Neither name nor subject is told outside.
pub fn encrypted(mail: &SignalMail, armored: &str) -> Vec<u8> {
    let mut out = String::with_capacity(armored.len() + 2048);
    addresses(mail, false, &mut out);
    field(&mut out, "Subject", "...");
    ids(mail, &mut out);
    outer(mail, &mut out);
    let boundary = boundary(mail);
    let _ = write!(
        out,
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n boundary=\"{boundary}\"\r\n\
         \r\n--{boundary}\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
         \r\n--{boundary}\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n"
    );
    for line in armored.lines() {
        out.push_str(line.trim_end());
        out.push_str("\r\n");
    }
    let _ = write!(out, "--{boundary}--\r\n");
    out.into_bytes()
}

fn field(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "{name}: {value}\r\n");
}

fn addresses(mail: &SignalMail, with_name: bool, out: &mut String) {
    let from = address::to_wire(&mail.from);
    let name = if with_name { words(&mail.from_name, true) } else { String::new() };
    match name.as_str() {
        "" => field(out, "From", &from),
        name => field(out, "From", &format!("{name}\r\n <{from}>")),
    }
    field(out, "To", &address::to_wire(&mail.to));
}

fn ids(mail: &SignalMail, out: &mut String) {
    field(out, "Date", &DateTime::from_timestamp(mail.date).to_rfc822());
    field(out, "Message-ID", &format!("<{}>", mark::message_id(mail.id, &mail.from)));
}

/// What servers and other people's programs need to know: a program wrote it, no program shall reply.
fn outer(mail: &SignalMail, out: &mut String) {
    field(out, mark::HEADER, mark::HEADER_VALUE);
    let auto = match mail.auto {
        Auto::Generated => "auto-generated",
        Auto::Replied => "auto-replied",
    };
    field(out, "Auto-Submitted", auto);
    field(out, "X-Auto-Response-Suppress", "All");
    if let Some(autocrypt) = &mail.autocrypt {
        field(out, "Autocrypt", &fold_tail(autocrypt));
    }
    field(out, "MIME-Version", "1.0");
}

fn content(mail: &SignalMail, parameters: &str, out: &mut String) {
    let boundary = boundary(mail);
    let _ = write!(
        out,
        "Content-Type: multipart/mixed{parameters};\r\n boundary=\"{boundary}\"\r\n\
         \r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    );
    quoted_printable(&mail.text, true, out);
    let _ = write!(
        out,
        "\r\n--{boundary}\r\nContent-Type: {MEDIA_TYPE}\r\n\
         Content-Disposition: attachment; filename={FILE_NAME}\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    );
    quoted_printable(&mail.json, false, out);
    let _ = write!(out, "\r\n--{boundary}--\r\n");
}

/// Made from the id, which nobody can guess and so nobody can put into a text.
fn boundary(mail: &SignalMail) -> String {
    format!("{}{}", mark::BOUNDARY_PREFIX, mail.id)
}
