//! What an operator's folder is called, where results and reports are split by apiCode.
//!
//! It is the name that the settings give the operator, else the beginning of its API code: folders
//! are mailed, and lie on shared drives, and whoever has the whole code can report loads in the
//! operator's name. A name is one on every system, and no two operators have the same.

use std::collections::BTreeMap;

use sanitize_filename::{OptionsForCheck, is_sanitized_with_options};
use sha2::{Digest as _, Sha256};

/// Where loads without an API code are.
const NONE: &str = "no-api-code";
/// So much of an API code is shown.
const SHOWN: usize = 8;
/// The longest name, in characters: paths are limited on Windows.
const LONGEST: usize = 60;

/// The names that the settings give operators, by their API codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Operators(BTreeMap<String, String>);

/// The folder of each operator, by its API code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Folders(BTreeMap<String, String>);

impl Operators {
    /// Takes names that can be a folder's; says what is wrong with one that cannot.
    pub(super) fn new(names: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        let mut operators = BTreeMap::new();
        for (code, name) in names {
            let (code, name) = (code.trim().to_owned(), name.trim().to_owned());
            if !can_be_a_folder(&name) {
                return Err(format!(
                    "\"{name}\" cannot be the name of a folder on every system: leave out \
                     \\ / : * ? \" < > |, dots at either end and words that Windows keeps for \
                     itself (such as CON), and keep it within {LONGEST} characters"
                ));
            }
            if let Some(other) = taken.insert(name.to_lowercase(), code.clone()) {
                return Err(format!("\"{name}\" is the name of both {other} and {code}"));
            }
            operators.insert(code, name);
        }
        Ok(Operators(operators))
    }

    /// The folder of each of these API codes. The same codes have the same folders at any time; a
    /// code keeps its folder when others come, unless they begin alike.
    pub(super) fn folders(&self, codes: impl IntoIterator<Item = String>) -> Folders {
        let named: BTreeMap<String, String> =
            codes.into_iter().map(|code| (code.clone(), self.name(&code))).collect();
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for name in named.values() {
            *times.entry(name.to_lowercase()).or_default() += 1;
        }
        let unlike = |(code, name): (String, String)| {
            let alike = times.get(&name.to_lowercase()).is_some_and(|times| *times > 1);
            let folder = if alike { format!("{name}-{}", mark(&code)) } else { name };
            (code, folder)
        };
        Folders(named.into_iter().map(unlike).collect())
    }

    fn name(&self, code: &str) -> String {
        if let Some(name) = self.0.get(code) {
            return name.clone();
        }
        let is_uuid = code.len() == 36 && uuid::Uuid::try_parse(code).is_ok();
        let begin: String = code.chars().filter(char::is_ascii_alphanumeric).take(SHOWN).collect();
        match begin.to_ascii_lowercase() {
            _ if code.is_empty() => NONE.to_owned(),
            // What is not random from its beginning on is told apart by more than that.
            begin if !is_uuid => format!("{begin}-{}", mark(code)),
            begin => begin,
        }
    }
}

impl Folders {
    /// The folder of an operator.
    pub(super) fn of(&self, code: &str) -> &str {
        self.0.get(code).map_or(NONE, String::as_str)
    }

    /// Each operator's API code and folder.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(code, folder)| (code.as_str(), folder.as_str()))
    }
}

fn can_be_a_folder(name: &str) -> bool {
    let rules = OptionsForCheck { windows: true, truncate: true };
    let at_the_ends = name.starts_with('.') || name.ends_with('.');
    !name.is_empty()
        && !at_the_ends
        && name.chars().count() <= LONGEST
        && is_sanitized_with_options(name, rules)
}

/// Tells codes apart without telling them.
fn mark(code: &str) -> String {
    let hash = Sha256::digest(code.as_bytes());
    let begin = hash.iter().take(4).fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
    format!("{begin:08x}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "1f83215e-4b90-4785-9ab2-2614839aa2e9";
    const TWO: &str = "1f83215e-0000-4785-9ab2-2614839aa2e9";

    fn named(pairs: &[(&str, &str)]) -> Result<Operators, String> {
        let owned = |(code, name): &(&str, &str)| ((*code).to_owned(), (*name).to_owned());
        Operators::new(pairs.iter().map(owned))
    }

    fn folders(operators: &Operators, codes: &[&str]) -> Folders {
        operators.folders(codes.iter().map(|code| (*code).to_owned()))
    }

    #[test]
    fn a_name_of_the_settings_or_the_beginning_of_the_code() {
        let operators = named(&[(ONE, "Smith & Sons (Leith)")]).expect("a good name");
        let found = folders(&operators, &[ONE, TWO, ""]);
        assert_eq!(found.of(ONE), "Smith & Sons (Leith)");
        assert_eq!(found.of(TWO), "1f83215e");
        assert_eq!(found.of(""), NONE);
    }

    #[test]
    fn codes_that_begin_alike_have_folders_of_their_own() {
        let found = folders(&Operators::default(), &[ONE, TWO, "VENDOR-A-1", "VENDOR-A-2"]);
        let mut all: Vec<&str> = found.all().map(|(_, folder)| folder).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4, "{found:?}");
        assert!(found.of(ONE).starts_with("1f83215e-"), "{found:?}");
        assert!(all.iter().all(|folder| !folder.contains(&ONE[9..])), "{found:?}");
    }

    #[test]
    fn names_that_are_none_on_some_system_are_refused() {
        for name in ["", "..", ".smith", "a/b", r"a\b", "a:b", "CON", "nul.x", "smith.", "a\u{7}b"]
        {
            assert!(named(&[(ONE, name)]).is_err(), "{name}");
        }
        assert!(named(&[(ONE, &"x".repeat(61))]).is_err());
        let error = named(&[(ONE, "Smith"), (TWO, "SMITH")]).expect_err("one folder for two");
        assert!(error.contains("the name of both"), "{error}");
    }

    proptest! {
        #[test]
        fn every_code_has_a_folder_of_its_own(codes in prop::collection::btree_set("\\PC{0,12}", 1..8)) {
            let found = Operators::default().folders(codes.iter().cloned());
            let lower: std::collections::BTreeSet<String> =
                found.all().map(|(_, folder)| folder.to_lowercase()).collect();
            prop_assert_eq!(lower.len(), codes.len());
            for (_, folder) in found.all() {
                prop_assert!(can_be_a_folder(folder), "{}", folder);
            }
        }
    }
}
