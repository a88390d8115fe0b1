//! Lists as the API serves them, to take the place of the built-in ones.
//!
//! Must not know: how they were fetched, where they are kept.

use serde_json::{Map, Value};

use super::{Codes, Entry, EwcKind, List};

/// The lists that the API serves, at the paths that their names are.
pub const SERVED: [List; 5] = [
    List::Ewc,
    List::DisposalOrRecovery,
    List::HazardousProperties,
    List::ContainerTypes,
    List::PopNames,
];

/// Why an answer is not taken for a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{list}: {reason}")]
pub struct Implausible {
    /// The list's name.
    pub list: &'static str,
    /// Why.
    pub reason: String,
}

impl Codes {
    /// These lists, with one of them as the API serves it: a plain array of objects with a `code`
    /// each. Of words it takes what there is; for EWC codes it must be said whether they are
    /// hazardous. A list of less than half the size is taken for a mistake of the service.
    pub fn with_served(mut self, list: List, served: &Value) -> Result<Codes, Implausible> {
        let implausible = |reason: String| Implausible { list: list.name(), reason };
        let rows = served.as_array().ok_or_else(|| implausible("no list of codes".to_owned()))?;
        let before = self.entries(list).len();
        if rows.is_empty() || rows.len() < before / 2 {
            let count = rows.len();
            return Err(implausible(format!("{count} codes, where there were {before}")));
        }
        let mut entries: Vec<Entry> = Vec::with_capacity(rows.len());
        let mut kinds = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let faulty = |what: &str| implausible(format!("entry {} {what}", at + 1));
            let row = row.as_object().ok_or_else(|| faulty("is no object"))?;
            let code = text(row, "code").ok_or_else(|| faulty("has no code"))?;
            if list == List::Ewc {
                let kind = self.kind(code, row);
                kinds.push((code.into(), kind.ok_or_else(|| faulty("is of no known kind"))?));
            }
            entries.push(Entry { code: code.to_owned(), meaning: meaning(row).to_owned() });
        }
        if list == List::Ewc {
            self.ewc = kinds.into_iter().collect();
        }
        if let Some(place) = self.lists.get_mut(list as usize) {
            *place = entries;
        }
        self.index();
        Ok(self)
    }

    /// What kind of EWC code an entry is: whether it is hazardous stands in it; that it is a mirror
    /// entry too, or we knew it before.
    fn kind(&self, code: &str, row: &Map<String, Value>) -> Option<EwcKind> {
        let hazardous = ["isHazardous", "hazardous"].into_iter().find_map(|name| row.get(name));
        let hazardous = hazardous?.as_bool()?;
        let said = row.iter().find(|(name, _)| name.starts_with("entryType"));
        let mirror = match said.and_then(|(_, said)| said.as_str()) {
            Some(words) => words.to_ascii_lowercase().contains("mirror"),
            None => matches!(
                self.ewc(code),
                Some(EwcKind::MirrorHazardous | EwcKind::MirrorNonHazardous)
            ),
        };
        Some(match (mirror, hazardous) {
            (true, true) => EwcKind::MirrorHazardous,
            (true, false) => EwcKind::MirrorNonHazardous,
            (false, true) => EwcKind::AbsoluteHazardous,
            (false, false) => EwcKind::AbsoluteNonHazardous,
        })
    }
}

fn text<'a>(row: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    row.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// What the code stands for: the lists call it by several names.
fn meaning(row: &Map<String, Value>) -> &str {
    let named = ["description", "shortDesc", "chemicalName", "name", "longDesc"];
    named.into_iter().find_map(|name| text(row, name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn served(list: List, rows: &Value) -> Result<Codes, Implausible> {
        Codes::embedded().clone().with_served(list, rows)
    }

    #[test]
    fn a_newer_list_takes_the_place_of_the_built_in_one() {
        let mut rows: Vec<Value> = Codes::embedded()
            .entries(List::Ewc)
            .iter()
            .map(|entry| json!({"code": entry.code, "isHazardous": false}))
            .collect();
        rows.push(json!({"code": "999999", "isHazardous": true, "description": "New waste",
            "entryTypeDesc": "Mirror hazardous"}));
        let codes = served(List::Ewc, &json!(rows)).expect("plausible");
        assert_eq!(codes.ewc("999999"), Some(EwcKind::MirrorHazardous));
        assert_eq!(codes.ewc("170503"), Some(EwcKind::MirrorNonHazardous), "a mirror it stays");
        assert_eq!(codes.entries(List::Ewc).last().map(|e| e.meaning.as_str()), Some("New waste"));
        assert_eq!(codes.entries(List::PopNames), Codes::embedded().entries(List::PopNames));
    }

    #[test]
    fn an_implausible_list_is_refused() {
        for (rows, reason) in [
            (json!([]), "0 codes, where there were 16"),
            (json!({"error": "x"}), "no list of codes"),
            (json!([{"code": "BAG"}]), "1 codes"),
            (json!(vec![json!({"name": "x"}); 16]), "entry 1 has no code"),
        ] {
            let error = served(List::ContainerTypes, &rows).expect_err("implausible");
            assert!(error.reason.contains(reason), "{error}");
        }
        let silent = json!(vec![json!({"code": "010101"}); 842]);
        assert!(served(List::Ewc, &silent).is_err(), "hazardous or not must be said");
    }
}
