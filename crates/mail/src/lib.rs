//! How signals travel: IMAP in, SMTP out, MIME, server discovery.
