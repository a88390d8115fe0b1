//! The code lists of the Receipt of Waste API, from the tables in `data/reference`.
//!
//! Contains public sector information licensed under the Open Government Licence v3.0.
//!
//! A [`Codes`] is a value, not a global: the service changes its lists, and newer ones can take
//! the place of the built-in ones. Must not know: movements, checks, the network.

mod load;
mod nearest;
mod served;
mod table;

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::fold::BuildFold;
use nearest::Likenesses;
use table::Table;

pub use served::{Implausible, SERVED};

/// A list of codes or of fixed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// European Waste Catalogue codes, six digits.
    Ewc,
    /// Types of containers, three letters.
    ContainerTypes,
    /// Hazardous properties, `HP_1` to `HP_15` and `HP_POP`.
    HazardousProperties,
    /// Persistent organic pollutants.
    PopNames,
    /// Disposal (`D1`...) and recovery (`R1`...) operations.
    DisposalOrRecovery,
    /// Physical forms.
    PhysicalForms,
    /// Means of transport.
    MeansOfTransport,
    /// Units of weight.
    WeightMetrics,
    /// How the components were determined.
    SourcesOfComponents,
    /// Reasons for having no carrier registration number.
    ReasonsForNoRegistration,
    /// Reasons for having no consignment code.
    ReasonsForNoConsignment,
    /// `<` and `>` before a concentration.
    ConcentrationOperators,
}

impl List {
    /// All lists.
    pub const ALL: [List; 12] = [
        List::Ewc,
        List::ContainerTypes,
        List::HazardousProperties,
        List::PopNames,
        List::DisposalOrRecovery,
        List::PhysicalForms,
        List::MeansOfTransport,
        List::WeightMetrics,
        List::SourcesOfComponents,
        List::ReasonsForNoRegistration,
        List::ReasonsForNoConsignment,
        List::ConcentrationOperators,
    ];

    /// The list's name on the command line and in documentation; the five that the API serves
    /// are named as its paths are.
    pub fn name(self) -> &'static str {
        match self {
            List::Ewc => "ewc-codes",
            List::ContainerTypes => "container-types",
            List::HazardousProperties => "hazardous-property-codes",
            List::PopNames => "pop-names",
            List::DisposalOrRecovery => "disposal-or-recovery-codes",
            List::PhysicalForms => "physical-forms",
            List::MeansOfTransport => "means-of-transport",
            List::WeightMetrics => "weight-metrics",
            List::SourcesOfComponents => "sources-of-components",
            List::ReasonsForNoRegistration => "reasons-for-no-registration-number",
            List::ReasonsForNoConsignment => "reasons-for-no-consignment-code",
            List::ConcentrationOperators => "concentration-operators",
        }
    }

    /// What is on it, in a few words.
    pub fn explanation(self) -> &'static str {
        match self {
            List::Ewc => "European Waste Catalogue codes",
            List::ContainerTypes => "types of containers",
            List::HazardousProperties => "hazardous properties",
            List::PopNames => "persistent organic pollutants",
            List::DisposalOrRecovery => "disposal and recovery operations",
            List::PhysicalForms => "physical forms",
            List::MeansOfTransport => "means of transport",
            List::WeightMetrics => "units of weight",
            List::SourcesOfComponents => "how components were determined",
            List::ReasonsForNoRegistration => "why a carrier has no registration number",
            List::ReasonsForNoConsignment => "why there is no consignment code",
            List::ConcentrationOperators => "before a concentration",
        }
    }
}

/// What kind of entry an EWC code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EwcKind {
    /// Never hazardous.
    AbsoluteNonHazardous,
    /// Always hazardous.
    AbsoluteHazardous,
    /// Not hazardous, with a hazardous twin.
    MirrorNonHazardous,
    /// Hazardous, with a twin that is not.
    MirrorHazardous,
}

impl EwcKind {
    /// In words, as the list of wastes has them.
    pub fn words(self) -> &'static str {
        match self {
            EwcKind::AbsoluteNonHazardous => "absolute non-hazardous",
            EwcKind::AbsoluteHazardous => "absolute hazardous",
            EwcKind::MirrorNonHazardous => "mirror non-hazardous",
            EwcKind::MirrorHazardous => "mirror hazardous",
        }
    }

    /// Whether waste under such a code is hazardous.
    pub fn is_hazardous(self) -> bool {
        matches!(self, EwcKind::AbsoluteHazardous | EwcKind::MirrorHazardous)
    }
}

/// One code of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As the API takes it.
    pub code: String,
    /// What it stands for; empty where the list has no words.
    pub meaning: String,
}

/// All lists.
#[derive(Debug, Clone)]
pub struct Codes {
    /// By [`List`], in the order of its variants.
    lists: Vec<Vec<Entry>>,
    /// Where each code of a list stands in it, in the same order.
    places: Vec<Table<usize>>,
    /// What tells how near a text is to each code of a list, in the same order.
    likenesses: Vec<Likenesses>,
    ewc: Table<EwcKind>,
    /// Each mirror entry's other one.
    twins: Table<String>,
}

static EMBEDDED: LazyLock<Codes> = LazyLock::new(load::embedded);
static TOP_LEVEL_DOMAINS: LazyLock<HashSet<&'static str, BuildFold>> =
    LazyLock::new(load::top_level_domains);

impl Codes {
    /// The lists that the program was built with.
    pub fn embedded() -> &'static Codes {
        &EMBEDDED
    }

    /// The entries of a list, in its order.
    pub fn entries(&self, list: List) -> &[Entry] {
        self.lists.get(list as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a list has exactly this code (case counts, nothing is trimmed).
    pub fn contains(&self, list: List, code: &str) -> bool {
        self.entry(list, code).is_some()
    }

    /// The entry with exactly this code.
    pub fn entry(&self, list: List, code: &str) -> Option<&Entry> {
        let place = self.places.get(list as usize)?.get(code)?;
        self.entries(list).get(*place)
    }

    /// The kind of an EWC code, if it is on the list.
    pub fn ewc(&self, code: &str) -> Option<EwcKind> {
        self.ewc.get(code).copied()
    }

    /// The codes of a list that are closest to what somebody wrote: at most `most`, nearest
    /// first, none that is farther than a third of its length. Codes that differ only in case,
    /// blanks, marks and zeros in front of numbers are as good as the same (`HP7`, `17 02 01*`,
    /// `10101` whose first zero a spreadsheet ate), and so is what a code stands for.
    pub fn nearest(&self, list: List, written: &str, most: usize) -> Vec<&str> {
        let Some(likenesses) = self.likenesses.get(list as usize) else { return Vec::new() };
        let near = likenesses.nearest(written, most);
        let entries = self.entries(list);
        near.into_iter().filter_map(|place| Some(entries.get(place)?.code.as_str())).collect()
    }

    /// The other one of a mirror pair: of the mirror entries of the opposite kind in the same
    /// subchapter the nearest one, since the list has them side by side. None for other codes.
    pub fn twin(&self, code: &str) -> Option<&str> {
        self.twins.get(code).map(String::as_str)
    }

    /// Writes down what may be asked of every record: where each code stands, what is like it, and
    /// the twins of all mirror entries.
    fn index(&mut self) {
        let places = |list: &Vec<Entry>| {
            // Of two entries with one code the first counts.
            let places = list.iter().enumerate().rev();
            places.map(|(place, entry)| (entry.code.as_str().into(), place)).collect()
        };
        self.places = self.lists.iter().map(places).collect();
        self.likenesses = self.lists.iter().map(|list| Likenesses::of(list)).collect();
        let pair = |entry: &Entry| {
            Some((entry.code.as_str().into(), self.find_twin(&entry.code)?.to_owned()))
        };
        self.twins = self.entries(List::Ewc).iter().filter_map(pair).collect();
    }

    fn find_twin(&self, code: &str) -> Option<&str> {
        let opposite = match self.ewc(code)? {
            EwcKind::MirrorHazardous => EwcKind::MirrorNonHazardous,
            EwcKind::MirrorNonHazardous => EwcKind::MirrorHazardous,
            _ => return None,
        };
        let number = code.parse::<u32>().ok()?;
        self.entries(List::Ewc)
            .iter()
            .map(|entry| entry.code.as_str())
            .filter(|other| other.get(..4) == code.get(..4) && self.ewc(other) == Some(opposite))
            .min_by_key(|other| {
                other.parse::<u32>().map_or(u32::MAX, |other| other.abs_diff(number))
            })
    }
}

/// Whether the API takes this as the last label of an e-mail address's domain (lower case).
pub fn is_top_level_domain(label: &str) -> bool {
    TOP_LEVEL_DOMAINS.contains(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_whole() {
        let codes = Codes::embedded();
        let sizes = [842, 16, 16, 31, 28, 6, 7, 3, 4, 4, 3, 2];
        for (list, size) in List::ALL.into_iter().zip(sizes) {
            assert_eq!(codes.entries(list).len(), size, "{}", list.name());
        }
        assert_eq!(codes.ewc("010101"), Some(EwcKind::AbsoluteNonHazardous));
        assert!(codes.ewc("010305").is_some_and(EwcKind::is_hazardous));
        assert!(is_top_level_domain("uk") && !is_top_level_domain("example"));
    }

    #[test]
    fn each_list_is_where_it_is_looked_for() {
        for (place, list) in List::ALL.into_iter().enumerate() {
            assert_eq!(list as usize, place, "{}", list.name());
        }
    }

    #[test]
    fn the_nearest_code_is_found() {
        let codes = Codes::embedded();
        assert_eq!(codes.nearest(List::MeansOfTransport, "raod", 1), ["Road"]);
        assert_eq!(codes.nearest(List::Ewc, "10101", 1), ["010101"]);
        assert_eq!(codes.nearest(List::Ewc, "17 02 01*", 3), ["170201"]);
        assert_eq!(codes.nearest(List::HazardousProperties, "hp07", 3), ["HP_7"]);
        assert_eq!(codes.nearest(List::DisposalOrRecovery, "R03", 3), ["R3"]);
        assert_eq!(codes.nearest(List::PopNames, "endosulfan", 3), ["END"]);
        assert!(codes.nearest(List::ContainerTypes, "lorry", 3).is_empty());
        assert!(codes.nearest(List::Ewc, &"1".repeat(100_000), 3).is_empty());
        assert!(codes.nearest(List::Ewc, "", 3).is_empty());
    }

    #[test]
    fn mirror_entries_know_their_twins() {
        let codes = Codes::embedded();
        assert_eq!(codes.twin("170504"), Some("170503"));
        assert_eq!(codes.twin("170503"), Some("170504"));
        assert_eq!(codes.twin("010101"), None);
        assert_eq!(codes.twin("nonsense"), None);
    }
}
