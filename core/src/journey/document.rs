//! A journey text as a tree of values with their places: YAML or JSON in, nothing lost, depth and size bounded first.

use serde::de::{self, Deserialize, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Budget, DuplicateKeyPolicy, Options, Spanned};

use crate::diagnostic::{Diagnostic, Severity, Span};

/// Bytes of one journey file.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// Nesting of one journey file.
pub(crate) const MAX_DEPTH: usize = 32;

/// Entries of one list or map of a journey file; topics may be more.
const MAX_ENTRIES: usize = 1_000;
const MAX_TOPICS: usize = 10_000;

/// Bytes from..to in the text.
pub(crate) type Place = Option<(usize, usize)>;

/// One value of the document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Place, Node)>),
}

/// One step of a path into the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// `tracks.relationship[2].from[0]`.
pub(crate) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Item(item) => text.push_str(&format!("[{item}]")),
        }
    }
    text
}

impl Node {
    pub(crate) fn at<'a>(&'a self, path: &[Step]) -> Option<&'a Node> {
        path.iter().try_fold(self, |node, step| match (&node.value, step) {
            (Value::Map(entries), Step::Key(key)) => entries.iter().find(|(k, ..)| k == key).map(|(.., node)| node),
            (Value::List(items), Step::Item(item)) => items.get(*item),
            _ => None,
        })
    }

    /// The place of the value at a path, else of the nearest thing above it.
    pub(crate) fn place(&self, path: &[Step]) -> Place {
        (0..=path.len()).rev().find_map(|length| self.at(path.get(..length)?)?.place)
    }

    /// The place of the key at the end of a path.
    pub(crate) fn key_place(&self, path: &[Step]) -> Place {
        let (last, above) = path.split_last()?;
        match (&self.at(above)?.value, last) {
            (Value::Map(entries), Step::Key(key)) => entries.iter().find(|(k, ..)| k == key).and_then(|(_, place, _)| *place),
            _ => None,
        }
    }

    /// Puts a value in the place of another, or takes it out of its map. Says whether there was such a place.
    pub(crate) fn replace(&mut self, path: &[Step], value: Option<Value>) -> bool {
        let Some((last, above)) = path.split_last() else { return false };
        let node = above.iter().try_fold(self, |node, step| match (&mut node.value, step) {
            (Value::Map(entries), Step::Key(key)) => entries.iter_mut().find(|(k, ..)| k == key).map(|(.., node)| node),
            (Value::List(items), Step::Item(item)) => items.get_mut(*item),
            _ => None,
        });
        let value = value.map(|value| Node { value, place: None });
        match (node.map(|node| &mut node.value), last, value) {
            (Some(Value::Map(entries)), Step::Key(key), value) => {
                entries.retain(|(k, ..)| k != key);
                entries.extend(value.map(|node| (key.clone(), None, node)));
                true
            }
            (Some(null @ Value::Null), Step::Key(key), Some(node)) => {
                *null = Value::Map(vec![(key.clone(), None, node)]);
                true
            }
            (Some(Value::List(items)), Step::Item(item), Some(node)) => items.get_mut(*item).map(|place| *place = node).is_some(),
            _ => false,
        }
    }

    fn fill_places(&mut self, text: &str) {
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.fill_places(text)),
            Value::Map(entries) => entries.iter_mut().for_each(|(.., node)| node.fill_places(text)),
            _ => {}
        }
        // A collection is shown by its first line.
        if let (Some((start, end)), Value::List(_) | Value::Map(_)) = (self.place, &self.value) {
            let line = text.get(start..end).unwrap_or_default().lines().next().map_or(0, |line| line.trim_end().len());
            self.place = Some((start, start + line));
        }
    }
}

/// The lists and maps that have more entries than a check can be asked to compare with each other.
pub(crate) fn too_long(root: &Node) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), root)];
    while let Some((path, node)) = open.pop() {
        let below = |step: Step| [path.as_slice(), &[step]].concat();
        let entries: Vec<(Vec<Step>, &Node)> = match &node.value {
            Value::List(items) => items.iter().enumerate().map(|(at, item)| (below(Step::Item(at)), item)).collect(),
            Value::Map(entries) => entries.iter().map(|(key, _, node)| (below(Step::Key(key.clone())), node)).collect(),
            _ => Vec::new(),
        };
        let most = if path_text(&path) == "topics" { MAX_TOPICS } else { MAX_ENTRIES };
        match entries.len() > most {
            true => found.push(path),
            false => open.extend(entries),
        }
    }
    found
}

fn problem(code: &'static str, span: Option<Span>, message: impl Into<String>, help: Option<&str>) -> Box<Diagnostic> {
    Box::new(Diagnostic {
        code,
        severity: Severity::Error,
        path: String::new(),
        span,
        message: message.into(),
        help: help.map(str::to_owned),
    })
}

fn bounded(text: &str) -> Result<(), Box<Diagnostic>> {
    match text.len() <= MAX_BYTES {
        true => Ok(()),
        false => Err(problem("file_too_large", None, format!("the file has {} bytes, more than {MAX_BYTES}", text.len()), None)),
    }
}

/// Reads YAML.
pub(crate) fn from_yaml(text: &str) -> Result<Node, Box<Diagnostic>> {
    bounded(text)?;
    let mut budget = Budget::default();
    budget.max_aliases = 0;
    budget.max_anchors = 0;
    budget.max_depth = MAX_DEPTH;
    budget.flow_nesting_limit = MAX_DEPTH;
    budget.max_documents = 1;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.strict_booleans = true;
    let read: Result<Spanned<Node>, _> = serde_saphyr::from_str_with_options(text, options);
    match read {
        Ok(spanned) => {
            let mut node = place_of(spanned);
            node.fill_places(text);
            Ok(node)
        }
        Err(error) => Err(yaml_problem(text, &error)),
    }
}

fn yaml_problem(text: &str, error: &serde_saphyr::Error) -> Box<Diagnostic> {
    let error = error.without_snippet();
    let message = error.to_string();
    let span = error.location().and_then(|location| {
        let start = location.span().byte_offset().map(|at| at as usize).or_else(|| byte_at(text, location.line(), location.column()))?;
        let length = location.span().byte_len().map_or(1, |length| length.max(1)) as usize;
        let line = text.get(start..).unwrap_or_default().lines().next().map_or(0, str::len);
        Some(Span::new(text, start, start + length.min(line)))
    });
    let first = message.lines().next().unwrap_or_default();
    let lower = first.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["duplicate"]) {
        let key = span.and_then(|span| text.get(span.start..span.end)).unwrap_or_default();
        return problem("duplicate_key", span, format!("the key `{key}` is given twice"), Some("keep one of the two"));
    }
    if says(&["alias", "anchor", "merge"]) {
        return problem("alias_refused", span, "anchors, aliases and merge keys are refused", Some("write the value out"));
    }
    if says(&["depth", "nesting", "recursion"]) {
        return Box::new(Diagnostic { span, ..*too_deep() });
    }
    if says(&["budget"]) {
        return problem("file_too_large", span, "the file has too many parts", None);
    }
    let reason = first.split(" at line ").next().unwrap_or_default().trim_end_matches('.');
    problem("syntax_error", span, format!("the file cannot be read: {reason}"), None)
}

fn byte_at(text: &str, line: u64, column: u64) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let within: usize = text.get(start..)?.chars().take(usize::try_from(column).ok()?.checked_sub(1)?).map(char::len_utf8).sum();
    Some(start + within)
}

fn place_of(spanned: Spanned<Node>) -> Node {
    let span = spanned.referenced.span();
    let place = span.byte_offset().map(|start| (start as usize, (start + span.byte_len().unwrap_or(0)) as usize));
    Node { value: spanned.value.value, place: spanned.value.place.or(place) }
}

/// Where in a scalar, as it is written, the byte of its text is; none if the two cannot be laid side by side.
pub(crate) fn place_within(scalar: &str, text: &str, at: usize) -> Option<usize> {
    let quote = scalar.chars().next().filter(|first| ['"', '\''].contains(first));
    let mut written = scalar.char_indices().skip(usize::from(quote.is_some())).peekable();
    let mut after_blank = true;
    for (here, wanted) in text.char_indices() {
        // A line break and an indent may stand for one blank, or for none where a line begins.
        while (after_blank || !wanted.is_whitespace()) && written.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        let place = written.peek().map_or(scalar.len(), |(place, _)| *place);
        if here >= at {
            return Some(place);
        }
        after_blank = wanted.is_whitespace();
        let escaped = quote == Some('"') && written.next_if(|(_, c)| *c == '\\').is_some()
            || quote == Some('\'') && wanted == '\'' && written.next_if(|(_, c)| *c == '\'').is_some();
        let same = written
            .next_if(|(_, c)| *c == wanted || (after_blank && (c.is_whitespace() || (escaped && c.is_ascii_alphabetic()))))
            .is_some();
        if !same && !after_blank {
            return None;
        }
    }
    Some(written.peek().map_or(scalar.len(), |(place, _)| *place))
}

/// Reads JSON. Places are those of the YAML reading of the same text, where that agrees.
pub(crate) fn from_json(text: &str) -> Result<Node, Box<Diagnostic>> {
    bounded(text)?;
    bound_depth(text)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = JsonNode::deserialize(&mut reader).and_then(|node| reader.end().map(|()| node.0));
    let mut node = read.map_err(|error| {
        // The YAML reader says where the second key is; serde_json counts columns in bytes.
        let placed = if error.is_data() { from_yaml(text).err() } else { None };
        let duplicate = placed.filter(|problem| problem.code == "duplicate_key");
        duplicate.unwrap_or_else(|| {
            let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            let at = line_start + error.column().saturating_sub(1);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            problem("syntax_error", Some(Span::new(text, at, at + 1)), format!("the file cannot be read: {message}"), None)
        })
    })?;
    if let Ok(placed) = from_yaml(text) {
        borrow_places(&mut node, &placed);
    }
    Ok(node)
}

/// From a value that is already in memory; it has no places.
pub(crate) fn from_value(value: &serde_json::Value) -> Result<Node, Box<Diagnostic>> {
    value_node(value, 0)
}

fn value_node(value: &serde_json::Value, depth: usize) -> Result<Node, Box<Diagnostic>> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let value = match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Boolean(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::Integer(integer),
            (None, number) => Value::Number(number.unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(|item| value_node(item, depth + 1)).collect::<Result<_, _>>()?),
        serde_json::Value::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), None, value_node(value, depth + 1)?)))
                .collect::<Result<_, Box<Diagnostic>>>()?,
        ),
    };
    Ok(Node { value, place: None })
}

fn too_deep() -> Box<Diagnostic> {
    problem("file_too_deep", None, format!("the file is nested more than {MAX_DEPTH} deep"), None)
}

fn bound_depth(text: &str) -> Result<(), Box<Diagnostic>> {
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match (inside, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, _, b'"') => inside = !inside,
            (false, _, b'[' | b'{') => depth += 1,
            (false, _, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
    }
    Ok(())
}

fn borrow_places(node: &mut Node, placed: &Node) {
    node.place = placed.place;
    match (&mut node.value, &placed.value) {
        (Value::List(items), Value::List(others)) => {
            items.iter_mut().zip(others).for_each(|(item, other)| borrow_places(item, other));
        }
        (Value::Map(entries), Value::Map(others)) => {
            for ((_, place, node), (_, other_place, other)) in entries.iter_mut().zip(others) {
                *place = *other_place;
                borrow_places(node, other);
            }
        }
        _ => {}
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor { spanned: true }).map(|value| Node { value, place: None })
    }
}

struct JsonNode(Node);

impl<'de> Deserialize<'de> for JsonNode {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(NodeVisitor { spanned: false })?;
        Ok(Self(Node { value, place: None }))
    }
}

struct NodeVisitor {
    spanned: bool,
}

impl<'de> DeserializeSeed<'de> for &NodeVisitor {
    type Value = Node;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.spanned {
            true => Spanned::<Node>::deserialize(deserializer).map(place_of),
            false => JsonNode::deserialize(deserializer).map(|node| node.0),
        }
    }
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Number(value as f64), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = items.next_element_seed(&self)? {
            list.push(node);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map: Vec<(String, Place, Node)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            let (key, place) = match self.spanned {
                true => match entries.next_key::<Spanned<String>>()? {
                    Some(key) => {
                        let span = key.referenced.span();
                        let place = span.byte_offset().map(|start| (start as usize, start as usize + key.value.len()));
                        (key.value, place)
                    }
                    None => return Ok(Value::Map(map)),
                },
                false => match entries.next_key::<String>()? {
                    Some(key) => (key, None),
                    None => return Ok(Value::Map(map)),
                },
            };
            if !seen.insert(key.clone()) {
                return Err(de::Error::custom(format!("duplicate key `{key}`")));
            }
            let node = entries.next_value_seed(&self)?;
            map.push((key, place, node));
        }
    }
}
