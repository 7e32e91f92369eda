//! Choices by the words that documents and bindings write.

use crate::error::{Error, ErrorKind, Result};

/// The choice that a word names; `what` is chosen.
pub(crate) fn chosen<T: Copy>(what: &str, word: &str, choices: &[(&'static str, T)]) -> Result<T> {
    let found = choices.iter().find(|(choice, _)| *choice == word).map(|(_, choice)| *choice);
    found.ok_or_else(|| {
        let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
        Error::new(ErrorKind::InvalidArgument, format!("`{word}` is no `{what}`")).with_help(format!("give one of {}", words.join(", ")))
    })
}
