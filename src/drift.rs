//! Drift: where the service judges otherwise than our checks, which follow it as it was once seen.
//!
//! What was foreseen is worked out anew from the bodies as they were sent, so it does not matter
//! whether the checks were on, unless this very run had it that nothing was foreseen and the service
//! said nothing either. Must not know: how it is shown.

use std::collections::BTreeMap;

use crate::checks;
use crate::finding::{Finding, general_key};
use crate::json;
use crate::ledger::{Judged, Ledger, LedgerError, Run};
use crate::reference::Codes;

/// In what way the service differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It refused what our checks pass.
    Refused,
    /// It took, or did not object to, what our checks stop.
    Passed,
    /// It warned of what we did not foresee.
    Warned,
    /// It did not warn where we foresaw it.
    Silent,
}

/// One way in which the service differs, as often as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// In what way.
    pub kind: Kind,
    /// The API's key, with `n` for indexes.
    pub key: String,
    /// The API's kind of error.
    pub error_type: String,
    /// How many findings.
    pub count: u64,
    /// A movement with one of them, by its reference.
    pub example: String,
}

impl Kind {
    /// For machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Refused => "refused",
            Kind::Passed => "passed",
            Kind::Warned => "warned",
            Kind::Silent => "silent",
        }
    }
}

/// Holds the answers that a run got after the given attempt against what is foreseen. Whether the
/// run has `foreseen` it by these codes, and stopped what it had to, is the caller's to say.
pub async fn of_run(
    ledger: &Ledger,
    run: &Run,
    after: i64,
    codes: &Codes,
    foreseen: bool,
) -> Result<Vec<Drift>, LedgerError> {
    let mut all = BTreeMap::new();
    let mut after = after;
    loop {
        let page = ledger.judged(run, after, foreseen).await?;
        let Some(last) = page.last() else { break };
        after = last.attempt;
        for judged in &page {
            compare(judged, codes, &mut all);
        }
    }
    let mut all: Vec<Drift> = all.into_values().collect();
    all.sort_by_key(|drift| std::cmp::Reverse(drift.count));
    Ok(all)
}

fn compare(judged: &Judged, codes: &Codes, all: &mut BTreeMap<(Kind, String, String), Drift>) {
    let Some(foreseen) = foresee(&judged.payload, codes) else { return };
    let we_stop = foreseen.iter().any(|finding| finding.severity.stops());
    let mut unsaid: Vec<(&str, &str)> =
        foreseen.iter().map(|f| (f.key.as_str(), f.error_type.as_str())).collect();
    let mut note = |kind: Kind, key: &str, error_type: &str| {
        let key = general_key(key);
        let entry = all.entry((kind, key.clone(), error_type.to_owned())).or_insert_with(|| {
            let example = judged.reference.clone();
            Drift { kind, key, error_type: error_type.to_owned(), count: 0, example }
        });
        entry.count += 1;
    };
    for (key, error_type) in &judged.said {
        let said = (key.as_str(), error_type.as_str());
        // Where both refuse, or both take, the same word from both is no drift.
        let same_side = judged.accepted != we_stop;
        match unsaid.iter().position(|foreseen| *foreseen == said) {
            Some(at) if same_side => {
                unsaid.swap_remove(at);
            }
            _ if is_offline_unknown(key) => {}
            _ => note(if judged.accepted { Kind::Warned } else { Kind::Refused }, key, error_type),
        }
    }
    for (key, error_type) in unsaid {
        match (we_stop, judged.accepted) {
            (true, _) => note(Kind::Passed, key, error_type),
            (false, true) => note(Kind::Silent, key, error_type),
            // A refusal carries no warnings.
            (false, false) => {}
        }
    }
}

fn foresee(payload: &[u8], codes: &Codes) -> Option<Vec<Finding>> {
    let text = std::str::from_utf8(payload).ok()?;
    Some(checks::check(&json::parse(text).ok()?, codes))
}

/// What nobody can tell without asking the service.
fn is_offline_unknown(key: &str) -> bool {
    matches!(key, "apiCode" | "submittingOrganisation")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is noted about an answer to a body.
    fn noted(payload: &str, accepted: bool, said: &[(&str, &str)]) -> Vec<(Kind, String, u64)> {
        let judged = Judged {
            attempt: 1,
            reference: "A1".into(),
            accepted,
            payload: payload.as_bytes().to_vec(),
            said: said.iter().map(|(key, kind)| ((*key).into(), (*kind).into())).collect(),
        };
        let mut all = BTreeMap::new();
        compare(&judged, Codes::embedded(), &mut all);
        all.into_values().map(|drift| (drift.kind, drift.key, drift.count)).collect()
    }

    fn good() -> String {
        let sample = include_str!("../samples/movements.jsonl").lines().next().expect("a sample");
        sample.replacen('{', r#"{"apiCode":"1f83215e-4b90-4785-9ab2-2614839aa2e9","#, 1)
    }

    #[test]
    fn what_was_foreseen_is_no_drift() {
        assert_eq!(noted(&good(), true, &[]), []);
        let said = [("ReceiveMovementRequest", "InvalidType")];
        assert_eq!(noted("[]", false, &said), []);
        assert_eq!(noted(&good(), false, &[("apiCode", "InvalidValue")]), []);
    }

    #[test]
    fn every_way_to_differ_is_noted() {
        let refused = [("wasteItems.0.ewcCodes.0", "InvalidValue")];
        let key = || "wasteItems.n.ewcCodes.n".to_owned();
        assert_eq!(noted(&good(), false, &refused), [(Kind::Refused, key(), 1)]);
        assert_eq!(noted(&good(), true, &refused), [(Kind::Warned, key(), 1)]);
        let body = || "ReceiveMovementRequest".to_owned();
        assert_eq!(noted("[]", true, &[]), [(Kind::Passed, body(), 1)]);
    }
}
