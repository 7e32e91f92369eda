//! What the host hands in with a decision.

use std::borrow::Cow;

use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::expression::Type;
use crate::journey::plan::Plan;
use crate::profile::slot;
use crate::record::Value;
use crate::symbol::{Strings, Symbol};

/// What the host knows and the profile does not: inputs that the journey declares, and the context of an inbound moment.
///
/// ```
/// use wayfare::Inputs;
///
/// let inputs = Inputs::new().set("p_click", 0.2).context("channel", "web");
/// # let _ = inputs;
/// ```
#[derive(Clone, Default)]
pub struct Inputs<'a> {
    inputs: Vec<(&'a str, Value<'a>)>,
    context: Vec<(&'a str, Value<'a>)>,
}

impl<'a> Inputs<'a> {
    /// Nothing is handed in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands in an input that the journey declares under `inputs`.
    #[must_use]
    pub fn set(mut self, name: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.inputs.push((name, value.into()));
        self
    }

    /// Tells something of the moment: `channel`, `topic`, or what the journey declares under `context`. With a `channel` the customer is there and is answered.
    #[must_use]
    pub fn context(mut self, name: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.context.push((name, value.into()));
        self
    }
}

impl std::fmt::Debug for Inputs<'_> {
    /// Names only: no customer data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = |values: &[(&str, Value<'_>)]| values.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
        f.debug_struct("Inputs").field("inputs", &names(&self.inputs)).field("context", &names(&self.context)).finish()
    }
}

/// Inputs that were checked: a slot each, in the order of the plan.
#[derive(Clone)]
pub(crate) struct Given<'a> {
    slots: Cow<'a, [u64]>,
    /// Texts that the customer's words do not have; their symbols come after those.
    texts: Vec<Box<str>>,
    known_words: u32,
    /// The channel on which the customer is there.
    pub(crate) channel: Option<usize>,
}

impl<'a> Given<'a> {
    pub(crate) fn new(plan: &Plan, strings: &Strings, inputs: &Inputs<'_>) -> Result<Self> {
        let decision = &plan.decision;
        let slots = plan.decision.nothing_given().into();
        let mut given = Self { slots, texts: Vec::new(), known_words: strings.len(), channel: None };
        for (what, values, declared, offset) in
            [("input", &inputs.inputs, &decision.inputs, 0), ("context", &inputs.context, &decision.context, decision.inputs.len())]
        {
            for (at, (name, value)) in values.iter().enumerate() {
                let Some((place, (_, kind))) = declared.iter().enumerate().find(|(_, (known, _))| known == name) else {
                    let help = suggest(name, declared.iter().map(|(name, _)| name.as_str()), "there are");
                    return Err(invalid(format!("{what} `{}` is not declared", crate::record::shown(name))).with_help_if(help));
                };
                if values.iter().take(at).any(|(other, _)| other == name) {
                    return Err(invalid(format!("{what} `{name}` is given twice")));
                }
                let encoded = given.encoded(strings, what, name, *kind, *value)?;
                if let Some(slot) = given.slots.to_mut().get_mut(offset + place) {
                    *slot = encoded;
                }
            }
        }
        for (name, value) in &inputs.context {
            given.told(plan, name, *value)?;
        }
        Ok(given)
    }

    /// From the slots of a row of a table, whose texts are among the table's words.
    pub(crate) fn of_row(strings: &Strings, slots: &'a [u64]) -> Self {
        Self { slots: Cow::Borrowed(slots), texts: Vec::new(), known_words: strings.len(), channel: None }
    }

    fn told(&mut self, plan: &Plan, name: &str, value: Value<'_>) -> Result<()> {
        let Value::Text(text) = value else { return Ok(()) };
        let names: Vec<&str> = match (name, &plan.topics) {
            ("channel", _) => plan.channels.iter().map(String::as_str).collect(),
            ("topic", Some(topics)) => topics.iter().map(String::as_str).collect(),
            _ => return Ok(()),
        };
        match names.iter().position(|known| *known == text) {
            Some(at) if name == "channel" => self.channel = Some(at),
            Some(_) => {}
            None => {
                let help = suggest(text, names.iter().copied(), "there are");
                return Err(invalid(format!("{name} `{}` is not declared", crate::record::shown(text))).with_help_if(help));
            }
        }
        Ok(())
    }

    fn encoded(&mut self, strings: &Strings, what: &str, name: &str, kind: Type, value: Value<'_>) -> Result<u64> {
        slot::of_value(kind, value, |text| self.symbol(strings, text))
            .map_err(|misfit| invalid(format!("{what} `{name}` {}", misfit.is)).with_help_if(misfit.help))
    }

    fn symbol(&mut self, strings: &Strings, text: &str) -> Symbol {
        strings.find(text).unwrap_or_else(|| {
            let at = self.texts.iter().position(|known| **known == *text).unwrap_or_else(|| {
                self.texts.push(text.into());
                self.texts.len() - 1
            });
            Symbol(self.known_words + 1 + at as u32)
        })
    }

    #[inline]
    pub(crate) fn slot(&self, at: usize) -> Option<u64> {
        self.slots.get(at).copied()
    }

    /// The text of a symbol that only the inputs have.
    pub(crate) fn text(&self, symbol: Symbol) -> Option<&str> {
        let at = symbol.0.checked_sub(self.known_words + 1)?;
        self.texts.get(at as usize).map(|text| &**text)
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}
