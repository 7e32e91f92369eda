//! Problems of a journey file: what, where, what to do.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

/// How bad a problem is. A file with an error cannot run; one with warnings can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file cannot run.
    Error,
    /// The file can run, but probably does not do what was meant.
    Warning,
}

/// A place in the text of a journey file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

impl Span {
    pub(crate) fn new(source: &str, start: usize, end: usize) -> Self {
        let start = floor_boundary(source, start);
        let end = floor_boundary(source, end.max(start));
        let before = source.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            start,
            end,
            line: before.bytes().filter(|b| *b == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

fn floor_boundary(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One problem of a journey file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Stable name of the problem, as the reference lists it: `unknown_stage`, `type_mismatch` …
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// Where in the document: `tracks.relationship[2].from[0]`.
    pub path: String,
    /// Where in the text, when the journey came as text.
    pub span: Option<Span>,
    /// What is wrong, with the user's own words in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Whether it keeps the journey from running.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The problem with its source line underlined, in plain text.
    ///
    /// ```
    /// let text = "wayfare: 1\nname: Shop\ntouchpoints: { bought: {} }\nsegments: { keen: orders > 1 }\n";
    /// let error = wayfare::Journey::from_yaml(text).unwrap_err();
    /// let shown = error.diagnostics()[0].render(text, "shop.yaml");
    /// assert!(shown.contains("shop.yaml:4:19"), "{shown}");
    /// ```
    #[must_use]
    pub fn render(&self, source: &str, file: &str) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str()).id(self.code);
        let mut group = match self.span {
            Some(span) => {
                // The text may be another one than was checked: stay within it.
                let start = floor_boundary(source, span.start);
                let end = floor_boundary(source, span.end).max(start);
                let snippet =
                    Snippet::source(source).path(file).annotation(AnnotationKind::Primary.span(start..end).label(self.path.as_str()));
                title.element(snippet)
            }
            None => title.element(Level::NOTE.message(format!("in `{file}` at `{}`", self.path))),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        Renderer::plain().render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = self.span {
            write!(f, "{}:{}: ", span.line, span.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// ``did you mean `onboarding`?``, if one of the known words is near enough to what was written.
pub(crate) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let limit = match written.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(written, word), word))
        .filter(|(distance, word)| *distance <= limit && *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| format!("did you mean `{word}`?"))
}

/// The suggestion, else the list of what there is.
pub(crate) fn suggest<'a>(written: &str, known: impl IntoIterator<Item = &'a str> + Clone, what: &str) -> Option<String> {
    did_you_mean(written, known.clone()).or_else(|| {
        let words: Vec<String> = known.into_iter().filter(|word| !word.is_empty()).take(12).map(|word| format!("`{word}`")).collect();
        match words.is_empty() {
            true => None,
            false => Some(format!("{what}: {}", words.join(", "))),
        }
    })
}
