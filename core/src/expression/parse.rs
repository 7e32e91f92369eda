//! CEL text to CEL's tree, with length and depth bounded before anything recurses.

use cel::common::ast::{IdedExpr, SourceInfo};
use cel::parser::Parser;

use super::check::Problem;

/// Bytes of one expression.
pub(crate) const MAX_BYTES: usize = 4_096;
/// Nesting of one expression.
pub(crate) const MAX_DEPTH: usize = 32;
/// Nodes of one expression.
pub(crate) const MAX_NODES: usize = 1_000;

pub(super) fn parse(text: &str) -> Result<(IdedExpr, SourceInfo), Vec<Problem>> {
    bound(text).map_err(|problem| vec![problem])?;
    Parser::new().max_recursion_depth(96).error_recovery_limit(4).parse_with_source_info(text).map_err(|errors| {
        let mut problems: Vec<Problem> = errors.errors.iter().map(|error| syntax(text, error)).collect();
        problems.truncate(1);
        problems
    })
}

fn syntax(text: &str, error: &cel::ParseError) -> Problem {
    let line = usize::try_from(error.pos.0).unwrap_or(1).max(1);
    let column = usize::try_from(error.pos.1).unwrap_or(1).max(1);
    let line_start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(line_start..).unwrap_or_default();
    let within: usize = rest.chars().take(column - 1).map(char::len_utf8).sum();
    let at = line_start + within;
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let reason = error.msg.lines().next().unwrap_or_default();
    let reason = reason.strip_prefix("Syntax error: ").unwrap_or(reason);
    let reason = reason.split(" expecting {").next().unwrap_or(reason);
    let reason = if reason.contains("<EOF>") { "it ends too early" } else { reason };
    Problem::new("syntax_error", (at, at + width), format!("the expression cannot be read: {reason}"))
}

/// Bounds what the parser recurses on and what it would complain of at each character, by a scan that does neither.
fn bound(text: &str) -> Result<(), Problem> {
    if text.len() > MAX_BYTES {
        let message = format!("the expression has {} bytes, more than {MAX_BYTES}", text.len());
        return Err(Problem::new("expression_too_large", (0, 0), message).with_help("split it into traits, scores or segments"));
    }
    let (mut depth, mut prefix, mut questions) = (0_usize, 0_usize, 0_usize);
    let mut before = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        let span = (at, at + character.len_utf8());
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '?' => questions += 1,
            '"' | '\'' => {
                let triple = text.get(at..).is_some_and(|rest| rest.chars().take_while(|c| *c == character).count() > 2);
                if before.is_alphanumeric() || triple {
                    return Err(Problem::new(
                        "unsupported_expression",
                        span,
                        "raw, bytes and triple-quoted texts are not part of wayfare's expressions",
                    )
                    .with_help("write the text in plain quotes"));
                }
                skip_text(&mut characters, character).then_some(()).ok_or_else(|| unreadable(span, "the text in quotes does not end"))?;
            }
            '/' if next == '/' => while characters.next_if(|(_, c)| *c != '\n').is_some() {},
            '=' if next != '=' && !matches!(before, '=' | '!' | '<' | '>') => {
                return Err(unreadable(span, "a single `=`").with_help("equality is written `==`"));
            }
            '&' | '|' if next != character && before != character => {
                return Err(unreadable(span, &format!("a single `{character}`")).with_help("and is written `&&`, or is written `||`"));
            }
            c if !c.is_ascii_alphanumeric() && !c.is_ascii_whitespace() && !"_.,:+-*/%<>=!&|".contains(c) => {
                return Err(unreadable(span, &format!("`{}` means nothing here", c.escape_debug())));
            }
            _ => {}
        }
        prefix = match character {
            '!' | '-' => prefix + 1,
            c if c.is_ascii_whitespace() => prefix,
            _ => 0,
        };
        before = character;
        if depth > MAX_DEPTH || prefix > MAX_DEPTH || questions > MAX_DEPTH {
            return Err(too_deep(span));
        }
    }
    Ok(())
}

/// Goes to the end of a text in quotes; says whether it has one.
fn skip_text(characters: &mut impl Iterator<Item = (usize, char)>, quote: char) -> bool {
    while let Some((_, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '\n' => return false,
            character if character == quote => return true,
            _ => {}
        }
    }
    false
}

/// Where the bracket that a text begins with is closed.
pub(super) fn closing(text: &str) -> Option<usize> {
    let (mut open, mut characters) = (0_usize, text.char_indices());
    while let Some((at, character)) = characters.next() {
        match character {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.checked_sub(1)?,
            '"' | '\'' => _ = skip_text(&mut characters, character),
            _ => {}
        }
        if open == 0 {
            return (at > 0).then_some(at);
        }
    }
    None
}

fn unreadable(span: (usize, usize), reason: &str) -> Problem {
    Problem::new("syntax_error", span, format!("the expression cannot be read: {reason}"))
}

pub(super) fn too_deep(span: (usize, usize)) -> Problem {
    Problem::new("expression_too_deep", span, format!("the expression is nested more than {MAX_DEPTH} deep"))
        .with_help("split it into traits, scores or segments")
}
