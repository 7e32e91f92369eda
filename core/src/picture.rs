//! What pictures are made of: text that is measured, wrapped and escaped, colours, and the look that they share.

use std::fmt::Write as _;

use crate::figures::grouped;

/// Colours for as many owners or stages as can be told apart; then they come again.
pub(crate) const COLOURS: usize = 8;
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
pub(crate) fn colour(number: usize) -> String {
    format!("c{}", number % COLOURS)
}

/// Rules of style that give the colours to what has their class, by day and by night. `ground` and `ink` are the properties of a ground and of a
/// text on it.
pub(crate) fn colour_rules(ground: &str, ink: &str) -> (String, String) {
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

/// The distance of everything from the edge of a picture.
pub(crate) const MARGIN: f64 = 16.0;
/// Between cells, and between the pieces of a bar.
pub(crate) const GAP: f64 = 4.0;
/// Within a cell.
pub(crate) const PADDING: f64 = 10.0;

/// A line of text: what it looks like, how large it is, how high the line is.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) class: &'static str,
    pub(crate) size: f64,
    pub(crate) height: f64,
}

pub(crate) const TITLE: Look = Look { class: "title", size: 19.0, height: 24.0 };
pub(crate) const TRACK: Look = Look { class: "track", size: 16.0, height: 20.0 };
pub(crate) const STRONG: Look = Look { class: "strong", size: 14.0, height: 17.0 };
pub(crate) const OWNER: Look = Look { class: "owner ink", size: 12.0, height: 17.0 };
pub(crate) const PLAIN: Look = Look { class: "plain", size: 13.0, height: 17.0 };
pub(crate) const SMALL: Look = Look { class: "small", size: 11.0, height: 14.0 };

const DAY: &str = "\
.paper{fill:#fff}.title{font-size:18px;font-weight:700;fill:#1f2937}.track{font-size:15px;font-weight:700;fill:#1f2937}\
.head{font-size:13px;font-weight:700;fill:#4b5563}.strong{font-size:13px;font-weight:700;fill:#1f2937}\
.owner{font-size:11px;font-weight:700;fill:#5b6472}.plain{font-size:13px;fill:#1f2937}.small{font-size:11px;fill:#5b6472}\
.none{fill:none;stroke:#9ca3af;stroke-dasharray:4 3}.quiet{fill:none;stroke:#e5e7eb}.pick{stroke-width:2}.middle{text-anchor:middle}";

const NIGHT: &str = "\
.paper{fill:#111827}.title,.track,.strong,.plain{fill:#e5e7eb}.head,.owner,.small{fill:#a3acba}.none{stroke:#6b7280}.quiet{stroke:#374151}";

/// The style of all of these, by day and by night.
pub(crate) fn stylesheet() -> String {
    let (day, night) = colour_rules("fill", "fill");
    let (mut edges, mut night_edges) = (String::new(), String::new());
    for (number, [_, ink, _, night_ink]) in TINTS.iter().enumerate() {
        let edge = |ink: &str| format!(".c{number}.bar,.c{number}.pick{{stroke:{ink}}}");
        edges.push_str(&edge(ink));
        night_edges.push_str(&edge(night_ink));
    }
    format!("{DAY}{day}{edges}@media (prefers-color-scheme:dark){{{NIGHT}{night}{night_edges}}}")
}

/// Text for XML and HTML: marked characters are written as entities, and what XML cannot hold is shown as missing.
pub(crate) fn escaped(text: &str) -> String {
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
pub(crate) fn width(text: &str, size: f64) -> f64 {
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
pub(crate) fn wrapped(text: &str, size: f64, widest: f64) -> Vec<String> {
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
pub(crate) struct Drawing {
    body: String,
}

const CHIP: f64 = 24.0;
const PIECE_GAP: f64 = 2.0;
/// So narrow a piece can still be seen.
const NARROWEST_PIECE: f64 = 4.0;

/// How wide a word is on the ground of its colour.
pub(crate) fn chip_width(word: &str) -> f64 {
    width(word, PLAIN.size) + 2.0 * PADDING
}

/// A rounded box.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Drawing {
    pub(crate) fn text(&mut self, x: f64, y: f64, class: &str, text: &str) {
        let _ = writeln!(self.body, r#"<text x="{x:.1}" y="{y:.1}" class="{class}">{}</text>"#, escaped(text));
    }

    pub(crate) fn area(&mut self, area: &Area, class: &str) {
        let Area { x, y, width, height } = area;
        let _ = writeln!(self.body, r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="6" class="{class}"/>"#);
    }

    /// Lines of text below `y`; gives where they end.
    pub(crate) fn lines(&mut self, x: f64, y: f64, look: Look, lines: &[String]) -> f64 {
        lines.iter().fold(y, |y, line| {
            self.text(x, y + look.height - 3.0, look.class, line);
            y + look.height
        })
    }

    /// A word on the ground of its colour; gives how wide it is.
    pub(crate) fn chip(&mut self, x: f64, y: f64, number: usize, word: &str) -> f64 {
        let wide = chip_width(word);
        self.area(&Area { x, y, width: wide, height: CHIP }, &colour(number));
        self.text(x + PADDING, y + 16.5, &format!("owner ink {}", colour(number)), word);
        wide
    }

    /// What the colours stand for, one after the other, below `y`; gives where it ends.
    pub(crate) fn legend<'w>(&mut self, words: impl IntoIterator<Item = (usize, &'w str)>, across: f64, y: f64) -> f64 {
        let (mut x, mut top, mut bottom) = (MARGIN, y, y);
        for (number, word) in words {
            for line in wrapped(word, PLAIN.size, across - 40.0) {
                if x > MARGIN && x + chip_width(&line) > MARGIN + across {
                    (x, top) = (MARGIN, top + CHIP + GAP);
                }
                x += self.chip(x, top, number, &line) + GAP;
                bottom = top + CHIP;
            }
        }
        bottom
    }

    /// A bar of pieces, each with its colour and how much it is of `whole`. Every piece that is anything is seen, and tells how much where there is room.
    pub(crate) fn stacked(&mut self, area: &Area, whole: u64, pieces: impl Iterator<Item = (usize, u64)>) {
        let pieces: Vec<(usize, u64)> = pieces.filter(|(_, count)| *count > 0).collect();
        if pieces.is_empty() {
            return self.area(area, "none");
        }
        let room = area.width - (pieces.len() - 1) as f64 * PIECE_GAP;
        let share = |count: u64| room * count as f64 / whole.max(1) as f64;
        let wider: f64 = pieces.iter().map(|(_, count)| share(*count).max(NARROWEST_PIECE)).sum();
        let mut x = area.x;
        for (number, count) in pieces {
            let wide = share(count).max(NARROWEST_PIECE) * (room / wider).min(1.0);
            self.area(&Area { x, width: wide, ..*area }, &format!("{} bar", colour(number)));
            let text = grouped(count as f64);
            if width(&text, OWNER.size) + 6.0 <= wide {
                self.text(x + wide / 2.0, area.y + area.height / 2.0 + 4.0, &format!("owner ink middle {}", colour(number)), &text);
            }
            x += wide + PIECE_GAP;
        }
    }

    /// Anything else. The caller writes no user's text into it.
    pub(crate) fn raw(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// The picture, alone.
    pub(crate) fn finish(self, size: (f64, f64), title: &str, description: &str, style: &str) -> String {
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
