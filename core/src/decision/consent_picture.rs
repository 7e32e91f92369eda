//! A customer's consents as a picture.

use super::explain::said;
use super::{CHOSEN, Consent, Gate};
use crate::picture::{Area, Drawing, GAP, Look, MARGIN, OWNER, PADDING, SMALL, STRONG, TITLE, colour, stylesheet, width, wrapped};
use crate::profile::Profile;
use crate::time::Instant;

const CHANNELS: f64 = 110.0;
const CELLS: f64 = 190.0;

impl Profile {
    /// The [`consents`](Self::consents) at an instant as an SVG that stands alone: a row a channel, a column a purpose; in each cell whether there may be
    /// contact, and the word that says so. A topic stands there where it is judged otherwise. It follows the reader's light or dark scheme.
    ///
    /// ```
    /// use wayfare::{Choice, Journey, Preference};
    ///
    /// let journey = Journey::from_yaml(
    ///     "wayfare: 1
    /// name: Shop
    /// channels: { email: {}, web: {} }
    /// touchpoints: { purchased: {} }
    /// purposes: { marketing: {} }
    /// ",
    /// )?;
    /// let mut profile = journey.profile("c-42");
    /// profile.prefer(&Preference::new(Choice::In, "2026-02-01T10:00:00Z".parse()?).channel("email"))?;
    /// let picture = profile.consents_svg("2026-03-01T00:00:00Z".parse()?);
    /// assert_eq!((picture.matches(">allowed<").count(), picture.matches(">denied<").count()), (1, 1));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn consents_svg(&self, at: Instant) -> String {
        let consents = self.consents(at);
        let (mut channels, mut purposes): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for consent in &consents {
            if !channels.contains(&consent.channel) {
                channels.push(consent.channel);
            }
            if !purposes.contains(&consent.purpose) {
                purposes.push(consent.purpose);
            }
        }
        let title = format!("Consents at {at}");
        let across = (CHANNELS + purposes.len() as f64 * (CELLS + GAP)).max(width(&title, TITLE.size));
        let mut drawing = Drawing::default();
        drawing.text(MARGIN, MARGIN + 16.0, "title", &title);
        let left = |column: usize| MARGIN + CHANNELS + column as f64 * (CELLS + GAP);
        let (top, mut y) = (MARGIN + 32.0, MARGIN + 32.0);
        for (column, purpose) in purposes.iter().enumerate() {
            let heads = wrapped(purpose, STRONG.size, CELLS - 2.0 * PADDING);
            let head = Look { class: "head", ..STRONG };
            y = y.max(drawing.lines(left(column) + PADDING, top, head, &heads) + 4.0);
        }
        for channel in channels {
            let names = wrapped(channel, STRONG.size, CHANNELS - PADDING);
            let cells: Vec<Vec<Judged>> = purposes
                .iter()
                .map(|purpose| {
                    let here = |consent: &&Consent<'_>| (consent.channel, consent.purpose) == (channel, *purpose);
                    judged(consents.iter().filter(here))
                })
                .collect();
            let tallest = cells.iter().map(|cell| cell.iter().map(|one| one.height() + GAP).sum::<f64>() - GAP).fold(0.0, f64::max);
            let high = tallest.max(names.len() as f64 * STRONG.height + PADDING);
            drawing.lines(MARGIN, y + 4.0, STRONG, &names);
            for (column, cell) in cells.iter().enumerate() {
                let mut top = y;
                for (at, one) in cell.iter().enumerate() {
                    // The last reaches down to the end of the row.
                    let height = if at + 1 == cell.len() { y + high - top } else { one.height() };
                    one.draw(&mut drawing, &Area { x: left(column), y: top, width: CELLS, height });
                    top += height + GAP;
                }
            }
            y += high + GAP;
        }
        let description = "channels in rows, purposes in columns; each cell tells whether there may be contact, and which word of the customer says so; topics that are judged otherwise have a part of their own";
        drawing.finish((across + 2.0 * MARGIN, y + MARGIN - GAP), &title, description, &stylesheet())
    }
}

/// What a cell says of nothing in particular, or of a topic.
struct Judged {
    allowed: bool,
    verdict: Vec<String>,
    because: Vec<String>,
}

impl Judged {
    fn new(consent: &Consent<'_>) -> Self {
        let allowed = if consent.allowed { "allowed" } else { "denied" };
        let verdict = consent.topic.map_or_else(|| allowed.to_owned(), |topic| format!("about {topic}: {allowed}"));
        Self {
            allowed: consent.allowed,
            verdict: wrapped(&verdict, OWNER.size, CELLS - 2.0 * PADDING),
            because: wrapped(&said(consent.because, consent.record), SMALL.size, CELLS - 2.0 * PADDING),
        }
    }

    fn colour(&self) -> usize {
        if self.allowed { CHOSEN } else { Gate::Preference.colour() }
    }

    fn height(&self) -> f64 {
        self.verdict.len() as f64 * OWNER.height + self.because.len() as f64 * SMALL.height + PADDING
    }

    fn draw(&self, drawing: &mut Drawing, area: &Area) {
        let colour = colour(self.colour());
        drawing.area(area, &colour);
        let (x, mut y) = (area.x + PADDING, area.y + 4.0);
        for line in &self.verdict {
            y += OWNER.height;
            drawing.text(x, y - 3.0, &format!("{} {colour}", OWNER.class), line);
        }
        drawing.lines(x, y, SMALL, &self.because);
    }
}

/// The consent about nothing in particular, and those about a topic that differ from it.
fn judged<'c>(consents: impl Iterator<Item = &'c Consent<'c>>) -> Vec<Judged> {
    let (mut told, mut general) = (Vec::new(), None);
    for consent in consents {
        if consent.topic.is_none() {
            general = Some((consent.allowed, consent.because));
        } else if general == Some((consent.allowed, consent.because)) {
            continue;
        }
        told.push(Judged::new(consent));
    }
    told
}
