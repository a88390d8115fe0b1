//! Three weighbridges with their profiles, from file to accepted movement.

mod support;

use support::program::Place;

const API_CODE: &str = "1f83215e-4b90-4785-9ab2-2614839aa2e9";

fn sample(name: &str) -> String {
    format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_sample_is_accepted_with_its_profile() {
    for (name, accepted, repairs) in [
        ("a", 3, r#""total-line":1"#),
        ("b", 3, r#""encoding":1,"ewc-spelling":3,"lines-above":2"#),
        ("c", 2, r#""lost-zero":1"#),
    ] {
        let place = Place::new();
        let (file, profile) = (
            sample(&format!("weighbridge-{name}.csv")),
            sample(&format!("weighbridge-{name}.toml")),
        );
        let settings = format!(
            "environment = \"sandbox\"\napi-code = \"{API_CODE}\"\nprofile = '{profile}'\n"
        );
        place.write("waste-receipts.toml", settings);
        let ended = place.run(["submit", &file, "--json"]);
        assert_eq!(ended.code, 0, "{name}: {} {}", ended.out, ended.err);
        assert!(ended.out.contains(&format!(r#""accepted":{accepted}"#)), "{}", ended.out);
        for repair in repairs.split(',') {
            assert!(ended.out.contains(repair), "{repair}: {}", ended.out);
        }
        let checked = place.run(["check", &file, "--json", "--quiet"]);
        assert_eq!(checked.code, 0, "{name}: {}", checked.out);
        assert!(checked.out.lines().all(|line| line.contains(r#""repairs":["#)), "{}", checked.out);
    }
}

#[test]
fn a_new_user_gets_from_an_export_to_an_accepted_movement() {
    let place = Place::new();
    let file = sample("weighbridge-a.csv");
    let proposed = place.run(["init", "--from", &file]);
    assert_eq!(proposed.code, 0, "{}", proposed.err);
    for words in [
        "dateTimeReceived                           \"2026-10-05T07:22:00+01:00\"",
        "wasteItems.0.ewcCodes                      [\"170802\"]",
        "wasteItems.0.weight.metric                 \"Kilograms\"",
        "Fill in there, where it says so:",
        "receiver.siteName",
    ] {
        assert!(proposed.out.contains(words), "{words}\n{}", proposed.out);
    }
    let refused = place.run(["check", &file, "--profile", "profile.toml"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.contains("profile.toml, line ") && refused.err.contains("fill it in"),
        "{}",
        refused.err
    );
    let mut arguments: Vec<String> =
        ["init", "--from", &file, "--profile-out", "mine.toml"].map(str::to_owned).to_vec();
    for constant in [
        "receiver.siteName=Larkmoor Transfer Station",
        "receiver.authorisationNumber=EPR/QV1001LM",
        "receipt.address.fullAddress=Nettle Lane, Testford",
        "receipt.address.postcode=QV7 3LD",
        "wasteItems.physicalForm=Solid",
        "wasteItems.numberOfContainers=1",
        "wasteItems.typeOfContainers=SKI",
        "wasteItems.containsPops=false",
        "wasteItems.containsHazardous=false",
    ] {
        arguments.extend(["--set".to_owned(), constant.to_owned()]);
    }
    let whole = place.run(arguments.iter().map(String::as_str));
    assert!(whole.code == 0 && !whole.out.contains("Fill in"), "{} {}", whole.out, whole.err);
    let sent = place.run([
        "submit",
        &file,
        "--profile",
        "mine.toml",
        "--environment",
        "sandbox",
        "--api-code",
        API_CODE,
    ]);
    assert_eq!(sent.code, 0, "{} {}", sent.out, sent.err);
    assert!(sent.out.contains("3  accepted"), "{}", sent.out);
    assert!(sent.out.contains("total-line: line 5:"), "{}", sent.out);
    let again = place.run(["init", "--from", &file, "--profile-out", "mine.toml"]);
    assert!(again.code == 2 && again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn the_examples_of_the_document_are_profiles() {
    let document = include_str!("../docs/mapping.md").replace("\r\n", "\n");
    let blocks: Vec<&str> = document
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("the block ends"))
        .collect();
    assert_eq!(blocks.len(), 3);
    let takes = document.lines().filter_map(|line| line.strip_prefix("| `")?.split("` |").next());
    let takes = takes.filter(|take| take.starts_with(['"', '[', '{'])).map(|take| {
        let field = if take.contains("unit") || take.contains("minus") {
            "wasteItems.weight.amount"
        } else if take.contains("Artic") {
            "carrier.meansOfTransport"
        } else {
            "wasteItems.physicalForm"
        };
        format!("[columns]\nyourUniqueReference = \"T\"\n\"{field}\" = {take}\n")
    });
    let takes: Vec<String> = takes.collect();
    assert_eq!(takes.len(), 11);
    for text in blocks.iter().map(ToString::to_string).chain(takes) {
        let profile = waste_receipts::reader::Profile::parse(&text, "docs/mapping.md");
        assert!(profile.is_ok(), "{text}\n{}", profile.expect_err("refused"));
    }
}

#[test]
fn a_mistake_in_a_profile_stops_before_a_run() {
    let place = Place::new();
    place.write("p.toml", "[columns]\nyourUniqueReference = \"Ticket No\"\n\"carrier.organisationNam\" = \"Haulier\"\n");
    let file = sample("weighbridge-a.csv");
    let ended = place.run(["submit", &file, "--profile", "p.toml", "--environment", "sandbox"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("p.toml, line 3: `carrier.organisationNam` is no field: did you mean `carrier.organisationName`?"), "{}", ended.err);
    let repairs = place.run(["check", &file, "--repairs=-lost-zeros"]);
    assert!(
        repairs.code == 2 && repairs.err.contains("did you mean lost-zero?"),
        "{}",
        repairs.err
    );
}
