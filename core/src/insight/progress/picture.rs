//! The picture of how well probabilities are calibrated.

use super::assess::{Assessment, CalibrationBin};
use super::model::ProgressModel;
use crate::figures::{counted, grouped};
use crate::picture::{Drawing, MARGIN, PLAIN, SMALL, stylesheet, wrapped};

const SIDE: f64 = 380.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 60.0;
const TICKS: usize = 5;

impl ProgressModel {
    /// What was predicted and what came, as an SVG that stands alone: a point for each tenth of the windows of the customers that the model was tested on, with
    /// its interval; on the dashed line they are alike. It follows the reader's light or dark scheme.
    #[must_use]
    pub fn calibration_svg(&self) -> String {
        let (assessed, options) = (self.calibration(), self.options());
        let title = format!("Conversion within {}: predicted and observed", options.horizon);
        let mut drawing = Drawing::default();
        drawing.text(MARGIN, MARGIN + 16.0, "title", &title);
        let most = scale(assessed);
        axes(&mut drawing, most);
        for bin in &assessed.bins {
            point(&mut drawing, bin, most);
        }
        let text = headline(assessed);
        let below = drawing.lines(LEFT, TOP + SIDE + 52.0, PLAIN, &wrapped(&text, PLAIN.size, SIDE + 60.0));
        drawing.finish((LEFT + SIDE + 90.0, below + MARGIN), &title, &text, &stylesheet())
    }
}

/// The least whole twentieth that everything is below.
fn scale(assessed: &Assessment) -> f64 {
    let most = assessed.bins.iter().map(|bin| bin.upper.max(bin.mean_predicted)).fold(0.0, f64::max);
    ((most * 20.0).ceil() / 20.0).clamp(0.05, 1.0)
}

fn axes(drawing: &mut Drawing, most: f64) {
    for tick in 0..=TICKS {
        let value = most * tick as f64 / TICKS as f64;
        let (x, y) = (across(value, most), up(value, most));
        drawing.raw(&format!(r#"<path d="M{LEFT:.1} {y:.1}H{:.1}M{x:.1} {TOP:.1}V{:.1}" class="quiet"/>"#, LEFT + SIDE, TOP + SIDE));
        let text = format!("{} %", grouped(100.0 * value));
        drawing.text(x - 10.0, TOP + SIDE + 16.0, SMALL.class, &text);
        drawing.text(MARGIN + 4.0, y + 4.0, SMALL.class, &text);
    }
    drawing.raw(&format!(r#"<path d="M{LEFT:.1} {:.1}L{:.1} {TOP:.1}" class="none"/>"#, TOP + SIDE, LEFT + SIDE));
    drawing.text(LEFT + SIDE / 2.0 - 40.0, TOP + SIDE + 34.0, PLAIN.class, "mean predicted");
    drawing.text(MARGIN, TOP - 12.0, PLAIN.class, "observed");
}

fn point(drawing: &mut Drawing, bin: &CalibrationBin, most: f64) {
    let (x, y) = (across(bin.mean_predicted, most), up(bin.observed, most));
    drawing.raw(&format!(r#"<path d="M{x:.1} {:.1}V{:.1}" class="c0 line"/>"#, up(bin.lower, most), up(bin.upper, most)));
    drawing.raw(&format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" class="c0 bar"/>"#));
}

fn across(value: f64, most: f64) -> f64 {
    LEFT + SIDE * value / most
}

fn up(value: f64, most: f64) -> f64 {
    TOP + SIDE * (1.0 - value / most)
}

/// `Brier 0.12, skill 0.31, slope 1.01 (0.97 to 1.05); 10,000 windows of 800 customers`.
fn headline(assessed: &Assessment) -> String {
    let slope = match (assessed.slope, assessed.slope_interval) {
        (Some(slope), Some([lower, upper])) => format!("slope {slope:.2} ({lower:.2} to {upper:.2})"),
        _ => "slope unknown".to_owned(),
    };
    let counts = format!("{} of {}", counted(assessed.windows, "window"), counted(assessed.customers, "customer"));
    format!("Brier score {:.4}, skill {:.2}, {slope}; {counts} that the model was not fitted to.", assessed.brier, assessed.brier_skill)
}
