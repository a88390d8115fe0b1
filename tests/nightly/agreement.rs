//! What must hold after whatever happened: the ledger says what the sandbox did, reference by
//! reference, and nothing was sent again after an answer that may have stored it.

use std::collections::HashMap;

use serde_json::Value;
use waste_receipts::sandbox::{Fault, Outcome, Reference};

use crate::site::Site;

/// Whether an answer tells nobody whether the record was stored.
fn is_ambiguous(outcome: Outcome) -> bool {
    match outcome.fault {
        Some(fault) => matches!(
            fault,
            Fault::LoseResponse
                | Fault::DropRequest
                | Fault::CutBody
                | Fault::Status500Stored
                | Fault::Status500
                | Fault::Status502
                | Fault::Empty201
                | Fault::Hang
        ),
        None => outcome.status.is_none_or(|status| status >= 500),
    }
}

/// Compares the ledger with what the sandbox knows.
pub(crate) fn check(site: &Site) {
    let stored = site.stored();
    let rows = site.movements();
    let by_reference: HashMap<&str, &Value> =
        rows.iter().map(|row| (row["reference"].as_str().expect("a reference"), row)).collect();
    let ids: HashMap<&str, &str> = stored
        .movements
        .iter()
        .filter_map(|movement| {
            let reference = movement.your_unique_reference.as_deref()?;
            Some((movement.waste_tracking_id.as_deref()?, reference))
        })
        .collect();
    for row in &rows {
        let reference = row["reference"].as_str().expect("a reference");
        match row["state"].as_str().expect("a state") {
            "accepted" => {
                let id = row["wasteTrackingId"].as_str().expect("an accepted one has an ID");
                assert_eq!(ids.get(id), Some(&reference), "{id} was not given to it");
            }
            "sending" => panic!("{reference} was left behind as sending"),
            _ => {}
        }
    }
    for reference in &stored.references {
        let name = reference.your_unique_reference.as_str();
        let row = by_reference.get(name).unwrap_or_else(|| panic!("{name} is not in the ledger"));
        compare(reference, row);
    }
}

fn compare(reference: &Reference, row: &Value) {
    let name = &reference.your_unique_reference;
    let (last, earlier) = reference.outcomes.split_last().expect("at least one POST");
    for (index, outcome) in earlier.iter().enumerate() {
        assert!(
            !outcome.stored && !is_ambiguous(*outcome),
            "{name} was sent again after {} (attempt {}): {:?}",
            outcome.what(),
            index + 1,
            reference.outcomes
        );
    }
    let state = row["state"].as_str().expect("a state");
    let interrupted = row["reason"] == "interrupted";
    match state {
        "accepted" => assert!(last.stored && !is_ambiguous(*last), "{name}: {last:?}"),
        "uncertain" => assert!(is_ambiguous(*last) || interrupted, "{name}: {last:?}"),
        _ => assert!(!last.stored && !is_ambiguous(*last), "{name} is {state}: {last:?}"),
    }
}

/// How many movements are in each state.
pub(crate) fn states(site: &Site) -> HashMap<String, usize> {
    let mut states = HashMap::new();
    for row in site.movements() {
        *states.entry(row["state"].as_str().expect("a state").to_owned()).or_default() += 1;
    }
    states
}
