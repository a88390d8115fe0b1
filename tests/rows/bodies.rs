//! `export --format jsonl`.

use waste_receipts::sandbox::Options;

use crate::site::{HEADER, Site, row, text};

#[test]
fn bodies_are_corrected_and_submitted_as_they_are() {
    let site = Site::new(Options::default());
    let wrong = row("A-2", "Metal").replace("SKI", "SKIP");
    let csv = format!("{HEADER}{}\n{wrong}\n", row("A-1", "Wood"));
    let ran = site.run(&["submit", text(&site.write("day.csv", &csv))]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let out = site.path("to-correct.jsonl");
    let export = ["export", "--state", "invalid", "--format", "jsonl", "--out", text(&out)];
    let ran = site.run(&export);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:?}");
    let lines = std::fs::read_to_string(&out).expect("the export");
    let [above, body] = lines.lines().collect::<Vec<_>>()[..] else { panic!("{lines}") };
    assert!(above.contains(r#""state":"invalid""#) && above.contains("day.csv"), "{above}");
    assert!(above.contains("typeOfContainers"), "{above}");
    let ran = site.run(&export);
    assert_eq!(ran.code, Some(2), "written over what somebody may be correcting: {ran:?}");
    assert!(ran.err.contains("is there already"), "{}", ran.err);

    let corrected = format!("{above}\n{}\n", body.replace("SKIP", "SKI"));
    let file = site.write("corrected.jsonl", &corrected);
    let (summary, ran) = site.json(&["submit", "--json", text(&file)]);
    assert_eq!((ran.code, &summary["read"]), (Some(0), &1.into()), "{ran:?}");
    assert_eq!(site.stored().movements.len(), 2);
    // An accepted one carries its ID, and is known.
    let ran = site.run(&["export", "--state", "accepted", "--format", "jsonl"]);
    let accepted = site.write("accepted.jsonl", &ran.out);
    let (summary, ran) = site.json(&["submit", "--json", text(&accepted)]);
    assert_eq!((ran.code, &summary["skipped"]), (Some(0), &2.into()), "{ran:?}");
}
