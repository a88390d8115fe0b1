//! `purge` as an officer runs it.

use super::site::{json, place, run, says, stored};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn personal_data_is_deleted_for_good_and_the_rest_stands() {
    let refused = says(
        "400 Bad Request",
        r#"{"validation":{"errors":[{"key":"carrier","errorType":"NotProvided","message":"m"}]}}"#,
    );
    let (place, wire) = place(3, vec![stored("26A"), refused, says("504 Late", "")]).await;
    run(&place, &["submit", "some.jsonl"]).await;
    let purge = ["purge", "--before", "2026-11-01", "--personal-data"];
    let missing = run(&place, &["purge", "--before", "2026-11-01"]).await;
    assert_eq!(missing.code, 2, "{missing:?}");
    let later = run(&place, &["purge", "--before", "2999-01-01", "--personal-data"]).await;
    assert_eq!(later.code, 2, "{later:?}");
    let (foreseen, _) = json(&place, &[&purge[..], &["--dry-run", "--json"]].concat()).await;
    assert_eq!((&foreseen["purged"], &foreseen["left"]), (&2.into(), &1.into()), "{foreseen}");
    let name = "Example";
    let names = |file: &str| {
        let bytes = std::fs::read(place.path().join(file)).expect("the ledger");
        bytes.windows(name.len()).filter(|window| *window == name.as_bytes()).count()
    };
    let before = names("ledger.sqlite");
    let ended = run(&place, &purge).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.starts_with("Personal data of 2 contents"), "{ended:?}");
    assert!(names("ledger.sqlite") < before, "{before}");
    let (verified, code) = json(&place, &["verify", "--json"]).await;
    assert_eq!((code, &verified["purges"], &verified["purged"]), (0, &1.into(), &2.into()));
    // The same file once more: what was accepted is known by what is left of it.
    let posted = wire.count("/movements");
    let (again, _) = json(&place, &["submit", "some.jsonl", "--json"]).await;
    assert_eq!((&again["skipped"], &again["uncertain"]), (&1.into(), &2.into()), "{again}");
    // What was refused was not stored: it alone is sent anew (and this time nobody answers).
    assert_eq!(wire.count("/movements"), posted + 1);
    let (verified, code) = json(&place, &["verify", "--json"]).await;
    assert_eq!(code, 0, "{verified}");
}
