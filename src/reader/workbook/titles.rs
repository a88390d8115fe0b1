//! The titles of the template's columns, as people and older templates write them.
//!
//! Must not know: where columns stand.

use std::sync::LazyLock;

use super::template::REFERENCE;
use crate::movement::fields::{self, Field, Level};

/// No title is longer, in bytes.
const LONGEST_TITLE: usize = 300;

/// What a column is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known {
    /// A field of the body, or beside it.
    Field(&'static Field),
    /// On the sheet of items: the reference of the movement.
    Join,
    /// The time of day, beside the date.
    Time,
}

/// The fields that have a column on a sheet.
pub(super) fn of_sheet(level: Level) -> impl Iterator<Item = &'static Field> {
    fields::columns().filter(move |field| (field.level == Level::Item) == (level == Level::Item))
}

/// A title by which a column is known.
struct Title {
    whole: String,
    /// Without what stands in brackets.
    short: String,
    known: Known,
}

static OF_MOVEMENTS: LazyLock<Vec<Title>> = LazyLock::new(|| titles(Level::Movement));
static OF_ITEMS: LazyLock<Vec<Title>> = LazyLock::new(|| titles(Level::Item));

fn titles(level: Level) -> Vec<Title> {
    let title = |text: &str, known| Title {
        whole: essence(text),
        short: essence(&without_brackets(text)),
        known,
    };
    let mut all = Vec::new();
    for field in of_sheet(level) {
        // Ours by their paths too: not every field has a column in the template.
        let names = [field.title, field.path].into_iter().filter(|name| !name.is_empty());
        all.extend(names.map(|name| title(name, Known::Field(field))));
    }
    if level == Level::Item {
        let reference = fields::field(REFERENCE).map_or("", |field| field.title);
        all.extend([reference, REFERENCE].map(|name| title(name, Known::Join)));
    } else {
        let received = fields::field("dateTimeReceived").map(Known::Field);
        all.extend(received.map(|known| title("Date received", known)));
        all.push(title("Time received", Known::Time));
    }
    all
}

/// What a title says its column is.
pub(super) fn recognise(title: &str, level: Level) -> Option<Known> {
    if title.len() > LONGEST_TITLE {
        return None;
    }
    let (whole, short) = (essence(title), essence(&without_brackets(title)));
    let titles = if level == Level::Item { &OF_ITEMS } else { &OF_MOVEMENTS };
    let is = |known: &&Title| !whole.is_empty() && known.whole == whole;
    let is_short = |known: &&Title| !short.is_empty() && known.short == short;
    let found = titles.iter().find(is).or_else(|| titles.iter().find(is_short));
    found.map(|title| title.known)
}

/// The letters and digits of a title, in one case and without "and" (which is also written `&`).
pub(super) fn essence(title: &str) -> String {
    let is_apostrophe = |c: &char| matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '`' | '\u{b4}');
    let plain: String = title.chars().filter(|c| !is_apostrophe(c)).collect();
    let words = plain.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| word != "and").collect()
}

/// A title without what stands in brackets: `EWC code(s)` to `EWC code`.
fn without_brackets(title: &str) -> String {
    let mut depth = 0_u32;
    let mut out = String::with_capacity(title.len());
    for letter in title.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(title: &str, level: Level) -> &'static str {
        match recognise(title, level) {
            Some(Known::Field(field)) => field.path,
            Some(Known::Join) => "join",
            Some(Known::Time) => "time",
            None => "",
        }
    }

    #[test]
    fn titles_are_known_by_their_words() {
        for (title, known) in [
            ("Your unique reference", "yourUniqueReference"),
            ("  YOUR UNIQUE\nREFERENCE * ", "yourUniqueReference"),
            ("Receiver\u{2019}s authorisation number", "receiver.authorisationNumber"),
            ("Date and time received", "dateTimeReceived"),
            ("Date & time received", "dateTimeReceived"),
            ("Date received", "dateTimeReceived"),
            ("Time received", "time"),
            ("Carrier postcode", "carrier.address.postcode"),
            ("Vehicle registration number", "carrier.vehicleRegistration"),
            ("carrier.otherMeansOfTransport", "carrier.otherMeansOfTransport"),
            ("Waste tracking ID", "wasteTrackingId"),
            ("EWC code", ""),
            ("Notes", ""),
        ] {
            assert_eq!(path(title, Level::Movement), known, "{title}");
        }
        for (title, known) in [
            ("Your unique reference", "join"),
            ("EWC code(s)", "wasteItems.ewcCodes"),
            ("POP name and concentration value", "wasteItems.pops.components"),
            ("Is the waste hazardous", "wasteItems.containsHazardous"),
            ("Site name", ""),
        ] {
            assert_eq!(path(title, Level::Item), known, "{title}");
        }
    }

    #[test]
    fn every_title_of_the_template_is_its_field() {
        for field in fields::columns().filter(|field| !field.title.is_empty()) {
            let known = path(field.title, field.level);
            assert_eq!(known, field.path, "{}", field.title);
        }
    }
}
