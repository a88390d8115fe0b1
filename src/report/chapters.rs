//! The chapters of the list of wastes, in a few words each.

use crate::reference::{Codes, EwcKind};

const CHAPTERS: [(&str, &str); 20] = [
    ("01", "Mining, quarrying, mineral treatment"),
    ("02", "Agriculture, forestry, food"),
    ("03", "Wood, pulp, paper, cardboard"),
    ("04", "Leather, fur, textiles"),
    ("05", "Petroleum, natural gas, coal"),
    ("06", "Inorganic chemical processes"),
    ("07", "Organic chemical processes"),
    ("08", "Paints, adhesives, inks"),
    ("09", "Photographic industry"),
    ("10", "Thermal processes"),
    ("11", "Metal surface treatment"),
    ("12", "Shaping of metals and plastics"),
    ("13", "Oils and liquid fuels"),
    ("14", "Organic solvents, refrigerants"),
    ("15", "Packaging, absorbents, filters"),
    ("16", "Not otherwise specified"),
    ("17", "Construction and demolition"),
    ("18", "Human and animal health care"),
    ("19", "Waste and water treatment"),
    ("20", "Municipal waste"),
];

/// What a chapter is about; nothing for one that is none.
pub(super) fn title(chapter: &str) -> &'static str {
    let found = CHAPTERS.iter().find(|(number, _)| *number == chapter);
    found.map_or("", |(_, title)| title)
}

/// What kind of entry a code is.
pub(super) fn kind(code: &str) -> &'static str {
    Codes::embedded().ewc(code).map_or("not on the list", EwcKind::words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::List;

    #[test]
    fn every_code_of_the_list_has_a_chapter() {
        for entry in Codes::embedded().entries(List::Ewc) {
            assert!(!title(&entry.code[..2]).is_empty(), "{}", entry.code);
        }
    }
}
