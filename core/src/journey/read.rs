//! The document tree to serde types, with every structural problem reported instead of only the first.
//!
//! A problem's node is taken out, or replaced by a stand-in, and the rest is read again, until what is left reads.

use serde::de::{self, Deserialize, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::document::{Node, Step, Value};
use crate::diagnostic::suggest;

/// A structural problem: where, what, what to do.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) path: Vec<Step>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// Point at the key rather than the value.
    pub(crate) at_key: bool,
    /// The key that is not there.
    missing: Option<&'static str>,
}

/// What could be read, and what was wrong.
pub(crate) struct Read<T> {
    pub(crate) spec: Option<T>,
    pub(crate) faults: Vec<Fault>,
    /// The paths that were taken out or hold a stand-in: what a check says of them follows from the faults.
    pub(crate) mended: Vec<Vec<Step>>,
}

/// More mending than this is not worth the reading.
const MAX_MENDED: usize = 200;

/// A value of some type is put where a list or a structure cannot go without one; which one fits, the reading tells.
fn stand_in(tried: usize) -> Option<Value> {
    [Value::Text(String::new()), Value::Integer(1), Value::Map(Vec::new()), Value::List(Vec::new())].into_iter().nth(tried)
}

/// Reads a type from a tree, as far as it can be read, and finds all faults.
pub(crate) fn read<T: DeserializeOwned>(root: &Node) -> Read<T> {
    let mut node = root.clone();
    let mut read = Read { spec: None, faults: Vec::new(), mended: Vec::new() };
    let mut stood_in: Vec<Vec<Step>> = Vec::new();
    while read.mended.len() < MAX_MENDED {
        let fault = match T::deserialize(Reader(&node)) {
            Ok(spec) => {
                read.spec = Some(spec);
                break;
            }
            Err(fault) => fault,
        };
        let mut path = fault.path.clone();
        path.extend(fault.missing.map(|key| Step::Key(key.to_owned())));
        // What can be done without is taken out; an item of a list and a key that is needed are not.
        let tried = stood_in.iter().filter(|other| **other == path).count();
        let needed = tried > 0 || fault.missing.is_some() || matches!(path.last(), Some(Step::Item(_)));
        let value = if needed { stand_in(tried) } else { None };
        stood_in.extend(needed.then(|| path.clone()));
        let mends = (!needed || value.is_some()) && node.replace(&path, value);
        if !read.mended.iter().any(|mended| path.starts_with(mended)) {
            read.faults.push(fault);
        }
        if !mends {
            break;
        }
        read.mended.push(path);
    }
    read
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, path: Vec::new(), message: message.into(), help: None, at_key: false, missing: None }
    }

    fn below(mut self, step: Step) -> Self {
        self.path.insert(0, step);
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        match text.split_once("; ") {
            Some((message, help)) => Self { help: Some(help.to_owned()), ..Self::new("invalid_value", message) },
            None => Self::new("invalid_value", text),
        }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            de::Unexpected::Bool(_) => "a boolean",
            de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) | de::Unexpected::Float(_) => "a number",
            de::Unexpected::Str(_) => "text",
            de::Unexpected::Unit | de::Unexpected::Option => "nothing",
            de::Unexpected::Seq => "a list",
            de::Unexpected::Map => "a map",
            _ => "something else",
        };
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            "a string" => "text",
            "a sequence" => "a list",
            text if text.starts_with("struct ") => "a map",
            "u32" | "i64" | "f64" | "u64" => "a number",
            text => text,
        };
        Self::new("wrong_type", format!("this is {found}, where {expected} is needed"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match expected.to_string().as_str() {
            "u32" => Self::new("invalid_value", format!("this is not a whole number from 0 to {}", u32::MAX)),
            expected => Self::new("invalid_value", format!("{found} is not {expected}")),
        }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let help = suggest(variant, expected.iter().copied(), "there are");
        Self { help, ..Self::new("unknown_value", format!("`{variant}` is not known here")) }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self {
            help: suggest(field, expected.iter().copied(), "there are"),
            path: vec![Step::Key(field.to_owned())],
            at_key: true,
            ..Self::new("unknown_key", format!("the key `{field}` is not known here"))
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { missing: Some(field), ..Self::new("missing_key", format!("the key `{field}` is missing")) }
    }
}

/// A deserializer over a node.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a Node);

impl<'de> de::Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Integer(value) => visitor.visit_i64(*value),
            Value::Number(value) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Map(entries) => visitor.visit_map(Entries { entries, next: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        if let Value::Map(entries) = &self.0.value
            && let Some((key, ..)) = entries.iter().find(|(key, ..)| !fields.contains(&key.as_str()))
        {
            return Err(de::Error::unknown_field(key, fields));
        }
        match &self.0.value {
            // `web:` with nothing behind it says the same as `web: {}`.
            Value::Null => visitor.visit_map(Entries { entries: &[], next: 0 }),
            Value::List(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &"a map")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

struct Items<'a> {
    items: &'a [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let at = self.next;
        self.next += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|fault| fault.below(Step::Item(at)))
    }
}

struct Entries<'a> {
    entries: &'a [(String, super::document::Place, Node)],
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        match self.entries.get(self.next) {
            None => Ok(None),
            Some((key, ..)) => seed.deserialize(key.as_str().into_deserializer()).map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, _, node)) = self.entries.get(self.next) else {
            return Err(de::Error::custom("a value without a key"));
        };
        self.next += 1;
        seed.deserialize(Reader(node)).map_err(|fault| fault.below(Step::Key(key.clone())))
    }
}

impl<'de> Deserialize<'de> for super::spec::OneOrMany {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrManyVisitor;
        impl<'de> Visitor<'de> for OneOrManyVisitor {
            type Value = super::spec::OneOrMany;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(super::spec::OneOrMany::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = items.next_element::<String>()? {
                    names.push(name);
                }
                Ok(super::spec::OneOrMany::Many(names))
            }
        }
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

impl<'de> Deserialize<'de> for super::spec::NumberOrExpression {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AddVisitor;
        impl Visitor<'_> for AddVisitor {
            type Value = super::spec::NumberOrExpression;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number or an expression")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(super::spec::NumberOrExpression::Number(value as f64))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(super::spec::NumberOrExpression::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(super::spec::NumberOrExpression::Number(value))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(super::spec::NumberOrExpression::Expression(text.to_owned()))
            }
        }
        deserializer.deserialize_any(AddVisitor)
    }
}
