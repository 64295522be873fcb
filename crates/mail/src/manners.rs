//! How to behave in somebody's mailbox: where things go, what is removed and what never is.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::{
    MailError, MessageRef, mark,
    session::{HEADS_AT_A_TIME, Listed, MAX_MESSAGE, Purpose, Session},
};

/// More left-over signals than these are not remembered, of each mailbox.
const MOST_EARLIER: usize = 1024;

/// The mailboxes that matter besides INBOX.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    pub(crate) junk: Option<String>,
    pub(crate) sent: Option<String>,
    pub(crate) trash: Option<String>,
    /// Where new folders go if not at the top: `INBOX.`
    below_inbox: Option<String>,
}

impl Places {
    /// By what the server says they are for (RFC 6154), else by the names that are usual.
    pub(crate) fn find(listed: &[Listed]) -> Self {
        let place = |purpose: Purpose, usual: &[&str]| {
            let said = listed.iter().find(|mailbox| mailbox.purpose == Some(purpose));
            let named = || listed.iter().find(|mailbox| usual.iter().any(|name| is_named(mailbox, name)));
            said.or_else(named).map(|mailbox| mailbox.name.clone())
        };
        let inbox = listed.iter().find(|mailbox| mailbox.name.eq_ignore_ascii_case("INBOX"));
        Self {
            junk: place(Purpose::Junk, &["Junk", "Spam", "Junk E-mail", "Junk Email", "Bulk Mail", "Bulk"]),
            sent: place(Purpose::Sent, &["Sent", "Sent Items", "Sent Messages", "Sent Mail"]),
            trash: place(Purpose::Trash, &["Trash", "Deleted Items", "Deleted Messages", "Bin"]),
            below_inbox: inbox
                .and_then(|inbox| inbox.delimiter.as_deref())
                .map(|delimiter| format!("INBOX{delimiter}")),
        }
    }
}

/// Whether the last part of a mailbox's name is `name`.
fn is_named(mailbox: &Listed, name: &str) -> bool {
    let last = match mailbox.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty()) {
        Some(delimiter) => mailbox.name.rsplit(delimiter).next(),
        None => Some(mailbox.name.as_str()),
    };
    last.is_some_and(|last| last.eq_ignore_ascii_case(name))
}

/// Removes a message of the selected mailbox. Gmail keeps what is expunged in "All Mail": there it goes to the
/// Trash.
pub(crate) fn remove(session: &mut Session, places: &Places, uid: u32) -> Result<(), MailError> {
    match &places.trash {
        Some(trash) if session.can().gmail => session.move_to(uid, trash),
        _ => session.expunge(uid),
    }
}

/// Moves a message of the selected mailbox into a folder, which is made if need be: below INBOX where the server
/// has all folders there.
pub(crate) fn move_to_folder(
    session: &mut Session,
    places: &Places,
    uid: u32,
    folder: &str,
) -> Result<(), MailError> {
    let below = places.below_inbox.as_ref().map(|prefix| format!("{prefix}{folder}"));
    let mut refused = None;
    for name in [Some(folder), below.as_deref()].into_iter().flatten() {
        // Refused where the folder exists: whether it does, moving shows.
        match session.create(name) {
            Ok(()) | Err(MailError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        match session.move_to(uid, name) {
            Err(error @ MailError::Refused { .. }) => refused = Some(error),
            result => return result,
        }
    }
    refused.map_or(Ok(()), Err)
}

/// What is remembered of a message with our mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marked {
    seen: Instant,
    /// It was found to be none that may be removed.
    stays: bool,
}

impl Default for Marked {
    fn default() -> Self {
        Self { seen: Instant::now(), stays: false }
    }
}

/// Removes left-over signals from among the last messages of a mailbox, and from among those that were seen there
/// (`marked`): those with our mark that are older than `stale` by the server's own dates, or were seen that long ago,
/// and that `may_remove` knows. Returns how many. Leaves the mailbox selected.
///
/// A message's age is told by the newest message of the mailbox: the server's clock has come at least that far.
pub(crate) fn sweep(
    session: &mut Session,
    places: &Places,
    mailbox: &str,
    stale: Duration,
    marked: &mut HashMap<MessageRef, Marked>,
    may_remove: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<usize, MailError> {
    let uidvalidity = session.select(mailbox)?.uidvalidity;
    let last = session.exists();
    let mut heads = match last {
        0 => Vec::new(),
        _ => session.heads(last.saturating_sub(HEADS_AT_A_TIME - 1).max(1), last)?,
    };
    let first = heads.first().map_or(0, |head| head.uid);
    let (now, later) = earlier(marked, mailbox, uidvalidity, first);
    heads.extend(session.heads_of(&now)?);
    let newest = heads.iter().filter_map(|head| head.arrived).max();
    let mut swept = 0;
    let mut kept: HashMap<_, _> =
        later.into_iter().filter_map(|at| Some((at.clone(), *marked.get(&at)?))).collect();
    for head in heads.iter().filter(|head| mark::looks_like_ours(&head.fields)) {
        let at = MessageRef { mailbox: mailbox.to_owned(), uidvalidity, uid: head.uid };
        let mut mark = marked.get(&at).copied().unwrap_or_default();
        let outdated = newest.zip(head.arrived).is_some_and(|(newest, arrived)| {
            u64::try_from(newest.saturating_sub(arrived)).is_ok_and(|age| age > stale.as_secs())
        });
        let old = outdated || mark.seen.elapsed() > stale;
        let ours = old
            && !mark.stays
            && head.size as usize <= MAX_MESSAGE
            && session.message(head.uid)?.is_some_and(|raw| may_remove(&raw));
        if ours {
            remove(session, places, head.uid)?;
            swept += 1;
        } else {
            mark.stays |= old;
            // What stays is looked at no more; only among the last it would be taken for new.
            if !mark.stays || head.uid >= first {
                kept.insert(at, mark);
            }
        }
    }
    // What is no longer there, or stays and is no longer among the last, is forgotten.
    marked.retain(|at, _| at.mailbox != mailbox);
    marked.extend(kept);
    Ok(swept)
}

/// What was seen before the message `first`, and may have to be removed: what to look at now, the oldest, and what at
/// the next time.
fn earlier(
    marked: &HashMap<MessageRef, Marked>,
    mailbox: &str,
    uidvalidity: u32,
    first: u32,
) -> (Vec<u32>, Vec<MessageRef>) {
    let mut all: Vec<&MessageRef> = marked
        .iter()
        .filter(|(at, mark)| {
            at.mailbox == mailbox && at.uidvalidity == uidvalidity && at.uid < first && !mark.stays
        })
        .map(|(at, _)| at)
        .collect();
    all.sort_unstable_by_key(|at| at.uid);
    all.truncate(MOST_EARLIER);
    let later = all.split_off(all.len().min(HEADS_AT_A_TIME as usize));
    (all.iter().map(|at| at.uid).collect(), later.into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, delimiter: &str, purpose: Option<Purpose>) -> Listed {
        Listed { name: name.into(), delimiter: Some(delimiter.into()), purpose }
    }

    #[test]
    fn what_the_server_says_goes_before_what_a_name_says() {
        let places = Places::find(&[
            listed("INBOX", "/", None),
            listed("Spam", "/", None),
            listed("[Gmail]/Unerw&APw-nscht", "/", Some(Purpose::Junk)),
            listed("[Gmail]/Papierkorb", "/", Some(Purpose::Trash)),
        ]);
        assert_eq!(places.junk.as_deref(), Some("[Gmail]/Unerw&APw-nscht"));
        assert_eq!(places.trash.as_deref(), Some("[Gmail]/Papierkorb"));
        assert_eq!(places.sent, None);
    }

    #[test]
    fn usual_names_are_known_below_inbox_too() {
        let places = Places::find(&[
            listed("INBOX", ".", None),
            listed("INBOX.spam", ".", None),
            listed("INBOX.Sent", ".", None),
            listed("INBOX.About Trash", ".", None),
        ]);
        assert_eq!(places.junk.as_deref(), Some("INBOX.spam"));
        assert_eq!(places.sent.as_deref(), Some("INBOX.Sent"));
        assert_eq!(places.trash, None);
        assert_eq!(places.below_inbox.as_deref(), Some("INBOX."));
    }
}
