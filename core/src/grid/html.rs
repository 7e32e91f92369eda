//! The grid as one page of HTML that stands alone.

use std::fmt::Write as _;

use super::text::figures;
use super::{DataNeeded, Grid, GridCell, GridStage, GridTrack};
use crate::picture::{colour, colour_rules, escaped};

/// Nothing is loaded and nothing runs, even if a text should slip through.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE: &str = "\
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2937;--soft:#5b6472;--line:#d1d5db}\
body{margin:2rem;background:var(--paper);color:var(--ink);font:15px/1.4 system-ui,sans-serif}\
h1{font-size:1.5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}\
.wide{overflow-x:auto}\
table{border-collapse:separate;border-spacing:4px;min-width:100%}\
caption{text-align:left;color:var(--soft);padding:0 0 .4rem 4px}\
th,td{vertical-align:top;text-align:left;padding:.5rem .6rem;border-radius:6px}\
thead th{color:var(--soft);font-weight:600}\
tbody th{min-width:11rem}\
td{min-width:9rem;border:1px solid transparent}\
td.none{border:1px dashed var(--line)}\
.owner{font-size:.8rem;font-weight:600;margin:0 0 .25rem}\
.none .owner{color:var(--soft);font-weight:400}\
ul{margin:0;padding:0;list-style:none}\
.small,details,code{font-size:.8rem}.small,summary{color:var(--soft);font-weight:400}\
code{font-family:ui-monospace,monospace;font-weight:400;overflow-wrap:anywhere}\
.figures{margin:.25rem 0;font-variant-numeric:tabular-nums}\
.legend{display:flex;flex-wrap:wrap;gap:.5rem}.legend li{padding:.15rem .6rem;border-radius:6px;font-size:.9rem}\
.gaps li{margin:.4rem 0}";

const NIGHT: &str = ":root{--paper:#111827;--ink:#e5e7eb;--soft:#a3acba;--line:#4b5563}";

impl Grid {
    /// The grid as one HTML page that stands alone: nothing is loaded, nothing runs, every text of the file is escaped. It follows the reader's light or
    /// dark scheme.
    ///
    /// ```
    /// let page = wayfare::Journey::template("retail")?.grid().to_html();
    /// assert!(page.starts_with("<!doctype html>"));
    /// assert!(!page.contains("<script"));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = escaped(&self.title());
        let (day, night) = colour_rules("background", "color");
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
             content=\"{POLICY}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>{STYLE}{day}@media (prefers-color-scheme:dark){{{NIGHT}{night}}}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        let owners = self.owners();
        if !owners.is_empty() {
            page.push_str("<ul class=\"legend\" aria-label=\"Owners\">\n");
            for (number, owner) in owners.iter().enumerate() {
                let _ = writeln!(page, "<li class=\"{}\"><span class=\"ink\">{}</span></li>", colour(number), escaped(owner));
            }
            page.push_str("</ul>\n");
        }
        self.tracks.iter().for_each(|track| self.table(track, &owners, &mut page));
        self.gap_list(&mut page);
        page.push_str("</body>\n</html>\n");
        page
    }

    fn table(&self, track: &GridTrack, owners: &[&str], page: &mut String) {
        let name = escaped(&track.track);
        let _ = writeln!(
            page,
            "<section>\n<h2>{name}</h2>\n<div class=\"wide\">\n<table>\n<caption>Who answers in each stage, by channel, and what may be said there</caption>\n\
             <thead>\n<tr><th scope=\"col\">Stage</th>"
        );
        for channel in &self.channels {
            let _ = writeln!(page, "<th scope=\"col\">{}</th>", escaped(channel));
        }
        page.push_str("</tr>\n</thead>\n<tbody>\n");
        for stage in &track.stages {
            let _ = writeln!(page, "<tr>\n<th scope=\"row\">{}", escaped(&stage.stage));
            if let Some(rule) = &stage.rule {
                let _ = writeln!(page, "<div><code>{}</code></div>", escaped(rule));
            }
            stage.figures.iter().for_each(|found| figure_list(&figures(found), page));
            page.push_str("</th>\n");
            stage.cells.iter().for_each(|one| cell(one, stage, owners, page));
            page.push_str("</tr>\n");
        }
        page.push_str("</tbody>\n</table>\n</div>\n</section>\n");
    }

    fn gap_list(&self, page: &mut String) {
        if self.gaps.is_empty() {
            return;
        }
        page.push_str("<section>\n<h2>Gaps</h2>\n<ul class=\"gaps\">\n");
        for gap in &self.gaps {
            let help = gap.help.as_ref().map(|help| format!(" <span class=\"small\">{}</span>", escaped(help))).unwrap_or_default();
            let _ = writeln!(page, "<li>{}{help}<br><code>{}</code></li>", escaped(&gap.message), escaped(&gap.path));
        }
        page.push_str("</ul>\n</section>\n");
    }
}

fn cell(cell: &GridCell, stage: &GridStage, owners: &[&str], page: &mut String) {
    let number = owners.iter().position(|owner| cell.owner.as_deref() == Some(owner));
    let class = number.map_or_else(|| "none".to_owned(), colour);
    let owner = cell.owner.as_deref().map_or_else(|| "nobody".to_owned(), escaped);
    let _ = writeln!(page, "<td class=\"{class}\">\n<p class=\"owner ink\">{owner}</p>");
    if !cell.actions.is_empty() {
        page.push_str("<ul>\n");
        for action in &cell.actions {
            let _ = writeln!(page, "<li>{}</li>", escaped(action));
        }
        page.push_str("</ul>\n");
    }
    cell.figures.iter().filter(|found| found.touchpoints > 0).for_each(|found| figure_list(&figures(found), page));
    if !cell.kinds.is_empty() {
        let _ = writeln!(page, "<div class=\"small\">kinds {}</div>", escaped(&cell.kinds.join(", ")));
    }
    // What the stage itself reads is the same on all channels: a cell without more says nothing of it.
    if cell.data != stage.data {
        data(&cell.data, page);
    }
    page.push_str("</td>\n");
}

fn data(needed: &DataNeeded, page: &mut String) {
    page.push_str("<details><summary>data needed</summary>\n");
    let names = ["traits", "scores", "segments", "inputs", "context", "kinds", "attributes"];
    for (what, found) in names.iter().zip(needed.parts()).filter(|(_, found)| !found.is_empty()) {
        let _ = writeln!(page, "<div><span class=\"small\">{what}</span> {}</div>", escaped(&found.join(", ")));
    }
    page.push_str("</details>\n");
}

fn figure_list(lines: &[String], page: &mut String) {
    let _ = writeln!(page, "<div class=\"figures small\">{}</div>", lines.join("<br>"));
}
