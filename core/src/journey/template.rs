//! Journey files that come with the crate.

use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};

const TEMPLATES: [(&str, &str); 3] = [
    ("retail", include_str!("templates/retail.yaml")),
    ("subscription", include_str!("templates/subscription.yaml")),
    ("insurance", include_str!("templates/insurance.yaml")),
];

/// The names of the templates.
///
/// ```
/// assert_eq!(wayfare::template_names(), ["retail", "subscription", "insurance"]);
/// ```
#[must_use]
pub fn template_names() -> [&'static str; 3] {
    TEMPLATES.map(|(name, _)| name)
}

/// The text of a template, to start a journey file from.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if there is no such template.
pub fn template_text(name: &str) -> Result<&'static str> {
    TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| {
        Error::new(ErrorKind::InvalidArgument, format!("there is no template `{name}`")).with_help_if(suggest(
            name,
            template_names(),
            "there are",
        ))
    })
}
