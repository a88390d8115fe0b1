//! The code lists of the Receipt of Waste API, from the tables in `data/reference`.
//!
//! Contains public sector information licensed under the Open Government Licence v3.0.
//!
//! A [`Codes`] is a value, not a global: the service changes its lists, and newer ones can take
//! the place of the built-in ones. Must not know: movements, checks, the network.

mod load;
mod served;

use std::collections::HashMap;
use std::sync::LazyLock;

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
    ewc: HashMap<String, EwcKind>,
    /// Each mirror entry's other one.
    twins: HashMap<String, String>,
}

static EMBEDDED: LazyLock<Codes> = LazyLock::new(load::embedded);
static TOP_LEVEL_DOMAINS: LazyLock<Vec<&'static str>> = LazyLock::new(load::top_level_domains);

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
        match list {
            List::Ewc => self.ewc.contains_key(code),
            _ => self.entries(list).iter().any(|entry| entry.code == code),
        }
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
        let wanted = written.trim().to_lowercase();
        let longest = self.entries(list).iter().map(|entry| entry.code.len()).max().unwrap_or(0);
        // Far longer than any code or its meaning: nothing can be near, and distances cost.
        if wanted.is_empty() || wanted.len() > 4 * longest.max(MOST_MEANING) {
            return Vec::new();
        }
        let bare = bare(&wanted);
        let distance = |entry: &Entry| {
            let code = entry.code.to_lowercase();
            let same = self::bare(&code) == bare;
            if same || (!entry.meaning.is_empty() && entry.meaning.to_lowercase() == wanted) {
                return 0;
            }
            strsim::osa_distance(&wanted, &code)
        };
        let mut near: Vec<(usize, &str)> = self
            .entries(list)
            .iter()
            .map(|entry| (distance(entry), entry.code.as_str()))
            .filter(|(distance, code)| *distance <= (code.len() / 3).max(1))
            .collect();
        near.sort_by_key(|(distance, _)| *distance);
        if let Some((0, same)) = near.first() {
            return vec![same];
        }
        near.into_iter().take(most).map(|(_, code)| code).collect()
    }

    /// The other one of a mirror pair: of the mirror entries of the opposite kind in the same
    /// subchapter the nearest one, since the list has them side by side. None for other codes.
    pub fn twin(&self, code: &str) -> Option<&str> {
        self.twins.get(code).map(String::as_str)
    }

    /// Looks for the twins of all mirror entries once: every load of soil asks for them.
    fn pair_up(&mut self) {
        let pair =
            |entry: &Entry| Some((entry.code.clone(), self.find_twin(&entry.code)?.to_owned()));
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

/// No meaning of a code in the tables is longer.
const MOST_MEANING: usize = 120;

/// What is left of a code when case, blanks, marks and zeros in front of numbers are left out.
fn bare(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut in_number = false;
    for character in code.chars().filter(char::is_ascii_alphanumeric) {
        let digit = character.is_ascii_digit();
        if !digit || character != '0' || in_number {
            in_number = digit;
            out.push(character.to_ascii_lowercase());
        }
    }
    out
}

/// Whether the API takes this as the last label of an e-mail address's domain (lower case).
pub fn is_top_level_domain(label: &str) -> bool {
    TOP_LEVEL_DOMAINS.binary_search(&label).is_ok()
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
