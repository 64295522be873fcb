//! One small HTTPS request, for files of a few kilobytes.

use std::{str, sync::Arc};

use rustls::ClientConfig;
use tokio::io::AsyncReadExt;
use url::Url;

use crate::{MailError, wire::Wire};

/// The longest response, with its header fields, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;
const MAX_REDIRECTS: usize = 3;

/// Fetches `url`, over HTTPS and nothing else, redirects included.
pub(super) async fn get(url: &str, tls: &Arc<ClientConfig>) -> Result<String, MailError> {
    let mut url = Url::parse(url).map_err(|_| MailError::protocol("not a URL"))?;
    for _ in 0..=MAX_REDIRECTS {
        let raw = request(&url, tls).await?;
        let response = Response::read(&raw).ok_or_else(|| MailError::protocol("not an HTTP response"))?;
        match (response.status, response.field("location")) {
            (200, _) => return response.body(),
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                url = url.join(location).map_err(|_| MailError::protocol("not a URL"))?;
            }
            (status, _) => return Err(MailError::protocol(format!("HTTP status {status}"))),
        }
    }
    Err(MailError::protocol("too many redirects"))
}

async fn request(url: &Url, tls: &Arc<ClientConfig>) -> Result<Vec<u8>, MailError> {
    let (Some(host), Some(port), "https") = (url.host_str(), url.port_or_known_default(), url.scheme())
    else {
        return Err(MailError::Insecure { reason: "not an https address" });
    };
    let mut wire = Wire::connect(host, port).await?.protect(host, tls.clone()).await?.allowing(MAX_RESPONSE);
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    wire.say(&format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: text/xml\r\nConnection: close\r\n\r\n"
    ))
    .await?;
    let mut raw = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match wire.read(&mut chunk).await {
            Ok(n) => raw.extend_from_slice(chunk.get(..n).unwrap_or_default()),
            // The end of a response without a length is the end of the connection.
            Err(end) if end.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(raw),
            Err(error) => return Err(crate::wire::failure(error)),
        }
    }
}

struct Response<'a> {
    status: u16,
    head: &'a str,
    rest: &'a [u8],
}

impl<'a> Response<'a> {
    fn read(raw: &'a [u8]) -> Option<Self> {
        let end = raw.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = str::from_utf8(raw.get(..end)?).ok()?;
        let mut words = head.lines().next()?.split(' ');
        if !words.next()?.starts_with("HTTP/1.") {
            return None;
        }
        Some(Self { status: words.next()?.parse().ok()?, head, rest: raw.get(end + 4..)? })
    }

    fn field(&self, wanted: &str) -> Option<&'a str> {
        self.head.lines().skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    }

    fn body(&self) -> Result<String, MailError> {
        let bytes = match self.field("transfer-encoding") {
            Some(coding) if coding.eq_ignore_ascii_case("chunked") => unchunk(self.rest),
            Some(_) => None,
            None => match self.field("content-length").map(str::parse::<usize>) {
                Some(Ok(length)) => self.rest.get(..length).map(<[u8]>::to_vec),
                Some(Err(_)) => None,
                None => Some(self.rest.to_vec()),
            },
        };
        bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| MailError::protocol("an HTTP response that is cut short or badly coded"))
    }
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = str::from_utf8(rest.get(..end)?).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let start = end + 2;
        body.extend_from_slice(rest.get(start..start.checked_add(size)?)?);
        rest = rest.get(start + size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(raw: &str) -> Option<String> {
        Response::read(raw.as_bytes())?.body().ok()
    }

    #[test]
    fn a_body_ends_where_its_length_its_chunks_or_the_connection_end() {
        assert_eq!(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc").as_deref(), Some("ab"));
        assert_eq!(body("HTTP/1.0 200 OK\r\n\r\nabc").as_deref(), Some("abc"));
        let chunked =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n1;x=y\r\na\r\n2\r\nbc\r\n0\r\n\r\n";
        assert_eq!(body(chunked).as_deref(), Some("abc"));
    }

    #[test]
    fn broken_responses_are_none() {
        for raw in [
            "",
            "HTTP/1.1",
            "SMTP 200\r\n\r\n",
            "HTTP/1.1 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n",
        ] {
            assert_eq!(body(raw), None, "{raw:?}");
        }
    }
}
