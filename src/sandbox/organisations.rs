//! Whose apiCode is whose.
//!
//! Must not know: HTTP, movements.

use std::collections::HashMap;

use super::store::Organisation;

/// The apiCodes that every sandbox knows: public codes of the service's test environment, and a
/// few made-up ones. Each is an organisation of its own, except that the third and the fourth
/// belong to the same one.
pub const API_CODES: [&str; 7] = [
    "1f83215e-4b90-4785-9ab2-2614839aa2e9",
    "c1611aa6-e1ae-487f-9768-cb2b5e5b8afb",
    "3ec44d7a-e319-494b-b8bb-d156d7004b61",
    "17ea0c22-668a-41b2-b5ad-83c954f314f1",
    "5a4db0c5-0000-4000-8000-000000000001",
    "5a4db0c5-0000-4000-8000-000000000002",
    "5a4db0c5-0000-4000-8000-000000000003",
];

/// Codes that share an organisation with an earlier one.
const SHARED: [(&str, &str); 1] =
    [("17ea0c22-668a-41b2-b5ad-83c954f314f1", "3ec44d7a-e319-494b-b8bb-d156d7004b61")];

/// A code that was switched off: the service refuses it as if it did not know it.
pub const SWITCHED_OFF_API_CODE: &str = "d15ab1ed-0000-4000-8000-000000000001";

#[derive(Debug)]
pub(super) struct Organisations {
    further: Vec<String>,
    by_code: HashMap<String, Organisation>,
}

impl Organisations {
    /// The codes that every sandbox knows, and further ones, each an organisation of its own.
    pub(super) fn new(further: Vec<String>) -> Self {
        let mut organisations = Organisations { further: Vec::new(), by_code: HashMap::new() };
        for (number, code) in (0..).zip(API_CODES) {
            organisations.by_code.insert(code.to_owned(), number);
        }
        for (code, earlier) in SHARED {
            let shared = organisations.by_code[earlier];
            organisations.by_code.insert(code.to_owned(), shared);
        }
        organisations.replace_further(further);
        organisations
    }

    /// Puts other codes in the place of the further ones. A code keeps its organisation for the
    /// sandbox's life, so that it can be taken away and come back.
    pub(super) fn replace_further(&mut self, further: Vec<String>) {
        for code in &further {
            if !self.by_code.contains_key(code) {
                let next = self.by_code.values().max().map_or(0, |last| last + 1);
                self.by_code.insert(code.clone(), next);
            }
        }
        self.further = further;
    }

    pub(super) fn codes(&self) -> Vec<String> {
        let built_in = API_CODES.into_iter().map(str::to_owned);
        let further = self.further.iter().filter(|code| !API_CODES.contains(&code.as_str()));
        built_in.chain(further.cloned()).collect()
    }

    /// Who holds a code; the look-up is exact, as the service's.
    pub(super) fn find(&self, code: &str) -> Option<Organisation> {
        let known = API_CODES.contains(&code) || self.further.iter().any(|known| known == code);
        known.then(|| self.by_code.get(code).copied()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_codes_share_an_organisation() {
        let mut organisations = Organisations::new(vec!["mine".to_owned()]);
        assert_eq!(organisations.find(API_CODES[2]), organisations.find(API_CODES[3]));
        assert_ne!(organisations.find(API_CODES[0]), organisations.find(API_CODES[1]));
        assert_eq!(organisations.find(&API_CODES[0].to_uppercase()), None);
        assert_eq!(organisations.find(SWITCHED_OFF_API_CODE), None);
        let mine = organisations.find("mine");
        assert!(mine.is_some());
        organisations.replace_further(vec!["yours".to_owned()]);
        assert_eq!(organisations.find("mine"), None);
        assert_ne!(organisations.find("yours"), mine);
        assert_eq!(organisations.codes().len(), API_CODES.len() + 1);
    }
}
