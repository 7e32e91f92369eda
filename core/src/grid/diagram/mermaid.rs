//! The diagram as text for Mermaid.

use std::fmt::Write as _;

use super::Diagram;

/// What is written on the fall to the first stage.
const FALL: &str = "its rule no longer holds";

impl Diagram {
    /// The diagram as a Mermaid `stateDiagram-v2`: a composite state a track, the rules on the arrows.
    ///
    /// ```
    /// let text = wayfare::Journey::template("retail")?.diagram().to_mermaid();
    /// assert!(text.starts_with("stateDiagram-v2\n"));
    /// assert!(text.contains("t2s0 --> t2s1 : open_case_days #gt; 3"), "{text}");
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut out = "stateDiagram-v2\n".to_owned();
        for (number, track) in self.tracks.iter().enumerate() {
            let _ = writeln!(out, "    state \"{}\" as t{number} {{", marked(&track.track));
            out.push_str("        direction LR\n");
            for (at, stage) in track.stages.iter().enumerate() {
                let _ = writeln!(out, "        state \"{}\" as t{number}s{at}", marked(&stage.stage));
            }
            let _ = writeln!(out, "        [*] --> t{number}s0");
            for moved in &track.transitions {
                let rule = moved.rule.as_deref().unwrap_or(FALL);
                let _ = writeln!(out, "        t{number}s{} --> t{number}s{} : {}", moved.from, moved.to, marked(rule));
            }
            out.push_str("    }\n");
        }
        out
    }
}

/// Text for Mermaid, which reads entities written `#name;` and takes much else for its own.
fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '"' => out.push_str("#quot;"),
            c if c.is_whitespace() || c.is_control() => out.push(' '),
            c if c.is_alphanumeric() || matches!(c, '_' | '.' | ',' | '(' | ')' | '=' | '!' | '+' | '/' | '\'') => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_rule_is_taken_for_mermaids_own() {
        assert_eq!(
            marked("a <= 2 * b && c != \"x:y;z#{}\"\n// no"),
            "a #lt;= 2 #42; b #amp;#amp; c != #quot;x#58;y#59;z#35;#123;#125;#quot; // no"
        );
    }
}
