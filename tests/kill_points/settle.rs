//! What somebody does the morning after: `retry`, then `resolve` with what the service says.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::agreement;
use crate::site::{Site, text};

/// A small file is enough: most points are passed a few times for it.
pub(crate) const MOVEMENTS: usize = 60;
pub(crate) const IN_FLIGHT: usize = 8;

/// How the program is run, beside what the test is about.
pub(crate) const PACE: [&str; 4] = ["--rate", "0", "--in-flight", "8"];

/// Arguments with [`PACE`].
pub(crate) fn with_pace<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(PACE).collect()
}

/// After a death: what is left is sent, at most as many as were in flight are uncertain, and once
/// these are decided everything is accepted, each reference stored once.
pub(crate) fn settle(site: &Site, file: &Path, most_uncertain: usize) {
    let (summary, ran) = site.json(&with_pace(&["retry", "--json"]));
    let uncertain = agreement::states(site).get("uncertain").copied().unwrap_or(0);
    assert!(uncertain <= most_uncertain, "{uncertain} are uncertain: {summary}");
    // A death after the recovery: an earlier run worked on those that are uncertain.
    let of_this_run = summary["resumed"]["uncertain"].as_u64().expect("a count");
    assert_eq!(ran.code, Some(if of_this_run > 0 { 5 } else { 0 }), "{ran:?}");
    agreement::check(site);
    // What was not admitted before is now; what was is known.
    let (summary, ran) = site.json(&with_pace(&["submit", "--json", text(file)]));
    assert_eq!(summary["read"], MOVEMENTS, "{summary} {ran:?}");
    assert_eq!(ran.code, Some(if uncertain > 0 { 5 } else { 0 }), "{ran:?}");
    agreement::check(site);
    decide(site);
    assert_each_once(site);
}

/// Decides the uncertain ones: accepted with its ID where the sandbox stored it, sent again where
/// it did not.
pub(crate) fn decide(site: &Site) {
    let stored = site.stored();
    let ids: HashMap<&str, &str> = stored
        .movements
        .iter()
        .filter_map(|m| {
            Some((m.your_unique_reference.as_deref()?, m.waste_tracking_id.as_deref()?))
        })
        .collect();
    let mut again = vec!["resolve", "--resend", "--note", "the service does not have it"];
    let rows = site.movements();
    let before = again.len();
    for reference in uncertain(&rows) {
        match ids.get(reference) {
            Some(id) => {
                let ran = site.run(&["resolve", reference, "--accepted", id]);
                assert_eq!(ran.code, Some(0), "{ran:?}");
            }
            None => again.push(reference),
        }
    }
    if again.len() > before {
        let ran = site.run(&again);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ninety_seconds_pass(site);
        let ran = site.run(&with_pace(&["retry"]));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

pub(crate) fn uncertain(rows: &[Value]) -> impl Iterator<Item = &str> {
    let uncertain = rows.iter().filter(|row| row["state"] == "uncertain");
    uncertain.map(|row| row["reference"].as_str().expect("a reference"))
}

/// Turns the clock, as far as the ledger can tell: what may be applied late is left alone for 90 s.
fn ninety_seconds_pass(site: &Site) {
    let options = SqliteConnectOptions::new().filename(site.path("ledger.sqlite"));
    site.runtime.block_on(async {
        let mut ledger = options.connect().await.expect("the ledger");
        let sql = "UPDATE revision SET due_at = max(0, due_at - 90000) WHERE state = 'ready'";
        sqlx::query(sql).execute(&mut ledger).await.expect("an update");
        ledger.close().await.expect("closed");
    });
}

/// Everything is accepted, and the sandbox has each reference exactly once, under the same ID; and
/// the history that led there is whole.
pub(crate) fn assert_each_once(site: &Site) {
    let verified = site.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let rows = site.movements();
    assert_eq!(rows.len(), MOVEMENTS);
    let stored = site.stored();
    assert_eq!(stored.movements.len(), MOVEMENTS, "not each once");
    let ids: HashMap<_, _> = stored
        .movements
        .iter()
        .map(|m| (m.your_unique_reference.as_deref(), m.waste_tracking_id.as_deref()))
        .collect();
    assert_eq!(ids.len(), MOVEMENTS, "a reference was stored twice");
    for row in &rows {
        assert_eq!(row["state"], "accepted", "{row}");
        let id = ids.get(&row["reference"].as_str()).copied().flatten();
        assert_eq!(row["wasteTrackingId"].as_str(), id, "{row}");
    }
}
