//! What pictures are made of: text that is measured, wrapped and escaped, and colours.

use std::fmt::Write as _;

/// Colours for as many owners or stages as can be told apart; then they come again.
pub(super) const COLOURS: usize = 8;
const TINTS: [[&str; 4]; COLOURS] = [
    // Ground and ink by day, ground and ink by night.
    ["#dbeafe", "#1e40af", "#1d3557", "#93c5fd"],
    ["#dcfce7", "#166534", "#173d2a", "#86efac"],
    ["#fef3c7", "#92400e", "#453312", "#fcd34d"],
    ["#fce7f3", "#9d174d", "#4a1d36", "#f9a8d4"],
    ["#ede9fe", "#5b21b6", "#33245c", "#c4b5fd"],
    ["#cffafe", "#155e75", "#123c47", "#67e8f9"],
    ["#ffedd5", "#9a3412", "#48260f", "#fdba74"],
    ["#e5e7eb", "#374151", "#374151", "#d1d5db"],
];

/// The class of the colour with that number.
pub(super) fn colour(number: usize) -> String {
    format!("c{}", number % COLOURS)
}

/// Rules of style that give the colours to what has their class, by day and by night. `ground` and `ink` are the properties of a ground and of a
/// text on it.
pub(super) fn colour_rules(ground: &str, ink: &str) -> (String, String) {
    let (mut day, mut night) = (String::new(), String::new());
    for (number, [light, on_light, dark, on_dark]) in TINTS.iter().enumerate() {
        let rule = |ground_colour: &str, ink_colour: &str| {
            format!(
                ".c{number}{{{ground}:{ground_colour}}}.c{number}.ink,.c{number} .ink{{{ink}:{ink_colour}}}.c{number}.line{{fill:none;stroke:{ink_colour}}}"
            )
        };
        day.push_str(&rule(light, on_light));
        night.push_str(&rule(dark, on_dark));
    }
    (day, night)
}

/// Text for XML and HTML: marked characters are written as entities, and what XML cannot hold is shown as missing.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The most that a text is wide in any common sans-serif font, in pixels: pictures cannot ask the font.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| size * advance(c)).sum()
}

fn advance(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.36,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 0.44,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 1.0,
        'a'..='z' | '0'..='9' | '_' => 0.62,
        'A'..='Z' => 0.76,
        '!'..='~' => 0.84,
        _ => 1.15,
    }
}

/// The text in lines that are no wider than that. A word that is wider is broken, behind `_` and `.` where it can be.
pub(super) fn wrapped(text: &str, size: f64, widest: f64) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&joined, size) <= widest {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest, size) > widest {
            let (part, after) = rest.split_at(break_at(rest, size, widest));
            lines.push(part.to_owned());
            rest = after;
        }
        line = rest.to_owned();
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// How many bytes of a word fit, at least a character.
fn break_at(word: &str, size: f64, widest: f64) -> usize {
    let (mut used, mut fits, mut good) = (0.0, 0, 0);
    for (at, character) in word.char_indices() {
        used += size * advance(character);
        if used > widest && fits > 0 {
            break;
        }
        fits = at + character.len_utf8();
        if matches!(character, '_' | '.') {
            good = fits;
        }
    }
    if good > 0 { good } else { fits }
}

/// An SVG that is being drawn.
#[derive(Default)]
pub(super) struct Drawing {
    body: String,
}

/// A rounded box.
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Drawing {
    pub(super) fn text(&mut self, x: f64, y: f64, class: &str, text: &str) {
        let _ = writeln!(self.body, r#"<text x="{x:.1}" y="{y:.1}" class="{class}">{}</text>"#, escaped(text));
    }

    pub(super) fn area(&mut self, area: &Area, class: &str) {
        let Area { x, y, width, height } = area;
        let _ = writeln!(self.body, r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="6" class="{class}"/>"#);
    }

    /// Anything else. The caller writes no user's text into it.
    pub(super) fn raw(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// The picture, alone.
    pub(super) fn finish(self, size: (f64, f64), title: &str, description: &str, style: &str) -> String {
        let (width, height) = (size.0.ceil(), size.1.ceil());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
             aria-labelledby=\"title text\" font-family=\"Helvetica, Arial, sans-serif\">\n<title id=\"title\">{}</title>\n<desc \
             id=\"text\">{}</desc>\n<style>{style}</style>\n<rect width=\"{width}\" height=\"{height}\" class=\"paper\"/>\n{}</svg>\n",
            escaped(title),
            escaped(description),
            self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escaped("<b a='1'>&\"\u{1}\n"), "&lt;b a=&#39;1&#39;&gt;&amp;&quot;\u{fffd} ");
    }

    #[test]
    fn lines_are_no_wider_than_asked() {
        for text in ["days_since_first_order and typical_gap", "wwwwwwwwwwwwwwwwwwwwwwwwwww", "日本語の長い名前", ""] {
            for line in wrapped(text, 12.0, 60.0) {
                assert!(width(&line, 12.0) <= 60.0, "{line}");
            }
            let flat = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(flat(&wrapped(text, 12.0, 60.0).join(" ")), flat(text));
        }
        assert_eq!(wrapped("ab", 12.0, 1.0), ["a", "b"]);
    }
}
