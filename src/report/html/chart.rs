//! Charts as inline SVG. Colours are the page's, by class; each chart says in words what it shows.

use std::fmt::{self, Write};

use super::markup::Text;
use crate::report::audit::grouped;

/// The width of every chart in its own units; text is 13 of them high.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 260.0;
/// Room for the numbers beside the axis, and for the words under it.
const LEFT: f64 = 74.0;
const BOTTOM: f64 = 28.0;
const TOP: f64 = 10.0;

/// One column of a chart: its label, and how high each part is.
pub(super) struct Column {
    pub(super) label: String,
    pub(super) parts: Vec<u64>,
}

/// One bar: its label, how long, and the words for that.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) length: f64,
    pub(super) words: String,
}

/// A line over time; points that are not known break it.
pub(super) struct Curve {
    pub(super) class: &'static str,
    pub(super) points: Vec<Option<u64>>,
}

/// What stands above a picture for those who do not see it.
pub(super) struct Words<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: String,
}

fn begin(out: &mut String, words: &Words<'_>, height: f64) -> fmt::Result {
    let Words { id, title, description } = words;
    writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        Text(title),
        Text(description)
    )
}

/// Stacked columns.
pub(super) fn columns(
    out: &mut String,
    words: &Words<'_>,
    classes: &[&str],
    columns: &[Column],
) -> fmt::Result {
    begin(out, words, HEIGHT)?;
    let highest = columns.iter().map(|column| column.parts.iter().sum()).max().unwrap_or(0);
    let top = axis(out, highest, "")?;
    let step = (WIDTH - LEFT) / count(columns.len().max(1));
    let width = (step * 0.72).clamp(1.0, 44.0);
    let every = columns.len().div_ceil(7).max(1);
    for (at, column) in columns.iter().enumerate() {
        let x = LEFT + step * (count(at) + 0.5);
        let mut y = HEIGHT - BOTTOM;
        for (part, class) in column.parts.iter().zip(classes) {
            let height = high(*part, top);
            if *part > 0 {
                y -= height;
                let left = x - width / 2.0;
                writeln!(
                    out,
                    "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
                     height=\"{height:.1}\"/>"
                )?;
            }
        }
        if at % every == 0 {
            let bottom = HEIGHT - 8.0;
            let label = Text(&column.label);
            // The last label must not stand over the edge.
            let x = x.min(WIDTH - 3.6 * count(column.label.len()));
            writeln!(out, "<text class=\"mid\" x=\"{x:.1}\" y=\"{bottom:.1}\">{label}</text>")?;
        }
    }
    out.write_str("</svg>\n")
}

/// Bars, each with its label above it.
pub(super) fn bars(out: &mut String, words: &Words<'_>, bars: &[Bar]) -> fmt::Result {
    const ROW: f64 = 40.0;
    begin(out, words, ROW * count(bars.len()) + 4.0)?;
    let longest = bars.iter().map(|bar| bar.length).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    for (at, bar) in bars.iter().enumerate() {
        let y = ROW * count(at);
        let width = ((WIDTH - 2.0) * bar.length / longest).max(1.5);
        writeln!(
            out,
            "<text x=\"0\" y=\"{:.0}\">{}</text>\
             <text class=\"end\" x=\"{WIDTH}\" y=\"{:.0}\">{}</text>\
             <rect class=\"rail\" x=\"0\" y=\"{:.0}\" width=\"{WIDTH}\" height=\"9\" rx=\"2\"/>\
             <rect class=\"bar\" x=\"0\" y=\"{:.0}\" width=\"{width:.1}\" height=\"9\" rx=\"2\"/>",
            y + 15.0,
            Text(shortened(&bar.label)),
            y + 15.0,
            Text(&bar.words),
            y + 22.0,
            y + 22.0,
        )?;
    }
    out.write_str("</svg>\n")
}

/// Lines over time, in milliseconds.
pub(super) fn curves(
    out: &mut String,
    words: &Words<'_>,
    curves: &[Curve],
    ends: [&str; 2],
) -> fmt::Result {
    begin(out, words, HEIGHT)?;
    let highest = curves.iter().flat_map(|curve| &curve.points).flatten().max();
    let top = axis(out, highest.copied().unwrap_or(0), " ms")?;
    for curve in curves {
        let step = (WIDTH - LEFT - 8.0) / count(curve.points.len().saturating_sub(1).max(1));
        let mut path = String::new();
        let mut drawing = false;
        for (at, point) in curve.points.iter().enumerate() {
            let Some(point) = point else {
                drawing = false;
                continue;
            };
            let (x, y) = (LEFT + step * count(at), HEIGHT - BOTTOM - high(*point, top));
            write!(path, "{}{x:.1} {y:.1}", if drawing { "L" } else { "M" })?;
            if !drawing {
                // A point alone is seen as a dot.
                path.push_str("h.1");
            }
            drawing = true;
        }
        writeln!(out, "<path class=\"{}\" d=\"{path}\"/>", curve.class)?;
    }
    let bottom = HEIGHT - 8.0;
    writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{bottom}\">{}</text>\
         <text class=\"end\" x=\"{WIDTH}\" y=\"{bottom}\">{}</text></svg>",
        Text(ends[0]),
        Text(ends[1])
    )
}

/// Draws lines across at round numbers; the number at the top.
fn axis(out: &mut String, highest: u64, unit: &str) -> Result<u64, fmt::Error> {
    let step = round_step(highest);
    let top = highest.div_ceil(step).max(1) * step;
    let mut value = 0;
    while value <= top {
        let y = HEIGHT - BOTTOM - high(value, top);
        let class = if value == 0 { "base" } else { "grid" };
        writeln!(
            out,
            "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"end\" x=\"{:.0}\" y=\"{:.1}\">{}{unit}</text>",
            LEFT - 8.0,
            y + 4.5,
            grouped(value)
        )?;
        value += step;
    }
    Ok(top)
}

/// 1, 2 or 5 and zeros, such that three to five of them reach the number.
fn round_step(highest: u64) -> u64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if highest <= step * factor * 4 {
                return step * factor;
            }
        }
        let Some(next) = step.checked_mul(10).filter(|next| *next < u64::MAX / 40) else {
            return step;
        };
        step = next;
    }
}

fn high(value: u64, top: u64) -> f64 {
    (HEIGHT - BOTTOM - TOP) * number(value) / number(top.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "a picture has a thousand points at most")]
fn number(value: u64) -> f64 {
    value as f64
}

fn count(things: usize) -> f64 {
    number(things as u64)
}

/// A label that leaves room for the number behind it.
fn shortened(label: &str) -> String {
    const LONGEST: usize = 58;
    if label.chars().count() <= LONGEST {
        return label.to_owned();
    }
    label.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn steps_are_round_and_reach(highest in 0u64..1_000_000_000_000) {
            let step = round_step(highest);
            prop_assert!(step * 4 >= highest && (highest <= 4 || step * 4 <= highest * 5));
            let first: u64 = step.to_string()[..1].parse().expect("a digit");
            prop_assert!([1, 2, 5].contains(&first));
        }
    }
}
