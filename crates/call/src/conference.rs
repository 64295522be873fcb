use serde::{Deserialize, Serialize};

use crate::{ConferenceId, text};

/// The longest topic, in characters.
const MAX_TOPIC: usize = 100;
/// The most people an invitation names.
const MAX_PEOPLE: usize = 16;

/// A conference, as an invitation into it and a person who is asked to come see it. Read only in a form fit to be
/// shown, whoever wrote it: one plain line of at most 100 characters for the topic, at most 16 names of at most 64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(from = "Given")]
pub struct Conference {
    /// Which.
    pub id: ConferenceId,
    /// What it is about; may be empty.
    pub topic: String,
    /// The names of those who are in.
    pub people: Vec<String>,
}

impl Conference {
    /// Of which nothing but the id is known yet.
    pub(crate) const fn unknown(id: ConferenceId) -> Self {
        Self { id, topic: String::new(), people: Vec::new() }
    }
}

/// A conference as somebody wrote it.
#[derive(Deserialize)]
struct Given {
    id: ConferenceId,
    #[serde(default)]
    topic: String,
    #[serde(default)]
    people: Vec<String>,
}

impl From<Given> for Conference {
    fn from(given: Given) -> Self {
        let names = given.people.iter().map(|name| text::name(name)).filter(|name| !name.is_empty());
        Self {
            id: given.id,
            topic: text::line(&given.topic, MAX_TOPIC),
            people: names.take(MAX_PEOPLE).collect(),
        }
    }
}
