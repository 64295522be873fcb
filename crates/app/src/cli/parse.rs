//! Reading the command line.

use std::{ffi::OsString, path::PathBuf};

use call::Address;

use super::{AddAccount, AddContact, Invocation, Usage};
use crate::contract::{SecretPlace, ServerSecurity};

/// Reads the command line, without the program's name.
///
/// # Errors
/// [`Usage`] says what is wrong.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Invocation, Usage> {
    let mut words = Vec::new();
    let mut options: Vec<(String, OsString)> = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--help" | "-h") => return Ok(Invocation::Help),
            Some("--version" | "-V") => return Ok(Invocation::Version),
            Some(option) if option.starts_with("--") => match option.split_once('=') {
                Some((name, value)) => options.push((name.to_owned(), value.into())),
                None => {
                    let value = arguments.next().ok_or_else(|| Usage(format!("{option} needs a value")))?;
                    options.push((option.to_owned(), value));
                }
            },
            _ => words.push(argument),
        }
    }
    let mut options = Given(options);
    let data_dir = options.path("--data-dir").ok_or_else(|| Usage("--data-dir is missing".into()))?;
    let words: Vec<&str> = words.iter().map(|word| word.to_str().unwrap_or("�")).collect();
    let invocation = match words.as_slice() {
        [] => Invocation::Serve {
            data_dir,
            port: options.number("--port")?.unwrap_or(0),
            ring_seconds: options.ring_seconds()?,
        },
        ["account", "add", address] => Invocation::AddAccount(Box::new(AddAccount {
            data_dir,
            address: to_address(address)?,
            name: options.text("--name")?.unwrap_or_default(),
            password_file: options
                .path("--password-file")
                .ok_or_else(|| Usage("--password-file is missing".into()))?,
            imap: options.endpoint("--imap")?,
            smtp: options.endpoint("--smtp")?,
            tls: options.choice(
                "--tls",
                &[
                    ("tls", ServerSecurity::Tls),
                    ("starttls", ServerSecurity::StartTls),
                    ("plain", ServerSecurity::Plain),
                ],
            )?,
            ca: options.path("--ca"),
            key: options.path("--key"),
            secrets: options
                .choice("--secrets", &[("key-store", SecretPlace::KeyStore), ("file", SecretPlace::File)])?,
        })),
        ["account", "export-key", address, file] => {
            Invocation::ExportKey { data_dir, address: to_address(address)?, file: file.into() }
        }
        ["contact", "add", address] => Invocation::AddContact(AddContact {
            data_dir,
            address: to_address(address)?,
            name: options.text("--name")?.unwrap_or_default(),
            account: options.text("--account")?.map(|text| to_address(&text)).transpose()?,
        }),
        other => return Err(Usage(format!("unknown command: {}", other.join(" ")))),
    };
    match options.0.first() {
        Some((name, _)) => Err(Usage(format!("unknown option: {name}"))),
        None => Ok(invocation),
    }
}

/// The options that were given and not yet asked for.
struct Given(Vec<(String, OsString)>);

impl Given {
    fn path(&mut self, name: &str) -> Option<PathBuf> {
        let at = self.0.iter().position(|(given, _)| given == name)?;
        Some(self.0.remove(at).1.into())
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, Usage> {
        self.path(name)
            .map(|value| {
                value.into_os_string().into_string().map_err(|_| Usage(format!("{name} is not text")))
            })
            .transpose()
    }

    fn number<N: std::str::FromStr>(&mut self, name: &str) -> Result<Option<N>, Usage> {
        let parse = |text: String| text.parse().map_err(|_| Usage(format!("{name} needs a number")));
        self.text(name)?.map(parse).transpose()
    }

    fn ring_seconds(&mut self) -> Result<Option<u32>, Usage> {
        let refused = || Usage(format!("--ring-seconds is 1 to {}", call::MAX_LIFETIME_S));
        let seconds = self.number("--ring-seconds").map_err(|_| refused())?;
        if seconds.is_some_and(|seconds| !(1..=call::MAX_LIFETIME_S).contains(&seconds)) {
            return Err(refused());
        }
        Ok(seconds)
    }

    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Usage> {
        let pick = |text: String| match choices.iter().find(|(word, _)| *word == text) {
            Some((_, choice)) => Ok(*choice),
            None => {
                let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                Err(Usage(format!("{name} is one of {}", words.join(", "))))
            }
        };
        self.text(name)?.map(pick).transpose()
    }

    fn endpoint(&mut self, name: &str) -> Result<Option<(String, u16)>, Usage> {
        let split = |text: String| {
            let (host, port) = text.rsplit_once(':')?;
            let host = host.trim_start_matches('[').trim_end_matches(']');
            Some((host.to_owned(), port.parse().ok()?))
        };
        self.text(name)?
            .map(|text| split(text).ok_or_else(|| Usage(format!("{name} is HOST:PORT"))))
            .transpose()
    }
}

fn to_address(text: &str) -> Result<Address, Usage> {
    mail::address::read(text).map_err(|_| Usage(format!("{text} is not an e-mail address")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Invocation, Usage> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn a_data_directory_alone_serves() {
        let invocation = parsed("--data-dir d --port 7 --ring-seconds 5").unwrap();
        assert!(matches!(invocation, Invocation::Serve { port: 7, ring_seconds: Some(5), .. }));
    }

    #[test]
    fn options_may_follow_the_command() {
        let line = "account add bob@example.test --data-dir d --password-file p --imap [::1]:993 --smtp h:25";
        let Invocation::AddAccount(account) = parsed(line).unwrap() else { panic!("not an account") };
        assert_eq!(account.imap, Some(("::1".to_owned(), 993)));
        assert_eq!(account.smtp, Some(("h".to_owned(), 25)));
    }

    #[test]
    fn an_unknown_option_is_named() {
        let Err(Usage(problem)) = parsed("--data-dir d --prot 7") else { panic!("taken") };
        assert!(problem.contains("--prot"));
    }

    #[test]
    fn a_missing_data_directory_is_named() {
        assert!(matches!(parsed("contact add bob@example.test"), Err(Usage(p)) if p.contains("--data-dir")));
    }
}
