//! Corrections by waste tracking ID that the service refuses.

use waste_receipts::sandbox::{API_CODES, Options};

use crate::site::{HEADER, Site, row, text};

/// The state of a movement, and the keys of what was found.
fn state_and_keys(site: &Site, reference: &str) -> (String, Vec<String>) {
    let rows = site.movements();
    let row = rows.iter().find(|row| row["reference"] == reference).expect("it is listed");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let findings = row["findings"].as_array().expect("findings");
    (text(&row["state"]), findings.iter().map(|finding| text(&finding["key"])).collect())
}

#[test]
fn another_organisations_and_an_unknown_waste_tracking_id_are_rejected() {
    let site = Site::new(Options::default());
    let file = site.write("day.csv", &format!("{HEADER}{}\n", row("A-1", "Wood")));
    assert_eq!(site.run(&["submit", text(&file)]).code, Some(0));
    let id = site.stored().movements[0].waste_tracking_id.clone().expect("an ID");
    let correction = |reference: &str, id: &str| {
        format!("{},wasteTrackingId\n{},{id}\n", HEADER.trim_end(), row(reference, "Metal"))
    };
    let other = site.write("other.csv", &correction("B-1", &id));
    let ran = site.run(&["submit", text(&other), "--api-code", API_CODES[1]]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let (state, keys) = state_and_keys(&site, "B-1");
    assert_eq!(state, "rejected");
    assert!(keys.iter().any(|key| key == "submittingOrganisation"), "{keys:?}");
    assert!(ran.out.contains("Organisation"), "{}", ran.out);

    let unknown = site.write("unknown.csv", &correction("C-1", "26ZZZZZZ"));
    let ran = site.run(&["submit", text(&unknown)]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("knows no movement"), "{}", ran.out);
    assert_eq!(
        state_and_keys(&site, "C-1"),
        ("rejected".to_owned(), vec!["dateTimeReceived".to_owned(), "wasteTrackingId".to_owned()])
    );

    let stored = site.stored();
    assert_eq!(stored.movements.len(), 1, "nothing was stored under another reference");
    assert_eq!(stored.movements[0].your_unique_reference.as_deref(), Some("A-1"));
    // The references of refused corrections are not the service's, so the last look is over.
    site.leave();
}
