//! No personal data to the test environment.

use super::site::{bodies, json, place, run, stored};

const BODY: &str = r#"{"apiCode":"1f83215e-4b90-4785-9ab2-2614839aa2e9","dateTimeReceived":"2026-10-05T09:20:00+01:00","yourUniqueReference":"WB-1","wasteItems":[{"ewcCodes":["170201"],"wasteDescription":"Timber","physicalForm":"Solid","numberOfContainers":1,"typeOfContainers":"SKI","weight":{"metric":"Tonnes","amount":1,"isEstimate":false},"containsPops":false,"containsHazardous":false,"disposalOrRecoveryCodes":[{"code":"R13","weight":{"metric":"Tonnes","amount":1,"isEstimate":false}}]}],"carrier":{"registrationNumber":"CBDU48213","organisationName":"Fenwick Haulage Example Ltd","address":{"fullAddress":"Unit 9, Harrow Lane","postcode":"QV12 8RA"},"emailAddress":"jane@fenwick.example.com","phoneNumber":"01632 960101","meansOfTransport":"Road","vehicleRegistration":"RG19 XTP"},"receiver":{"siteName":"Larkmoor","emailAddress":"gate@larkmoor.example.com","phoneNumber":"01632 960103","authorisationNumber":"EPR/KB3107TT"},"receipt":{"address":{"fullAddress":"Harrow Lane, Testford","postcode":"QV7 3LD"}}}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_test_environment_gets_no_contact_that_it_does_not_ask_for() {
    let (place, wire) = place(0, vec![stored("26A"), stored("26B")]).await;
    place.write("one.jsonl", BODY);
    let dry = run(&place, &["submit", "one.jsonl", "--environment", "test", "--dry-run"]).await;
    assert!(dry.err.contains("5 contacts"), "{dry:?}");
    let (summary, code) =
        json(&place, &["submit", "one.jsonl", "--environment", "test", "--json"]).await;
    assert_eq!((code, &summary["contactsLeftOut"]), (0, &5.into()), "{summary}");
    let sent = bodies(&wire).join("\n");
    for contact in ["jane@fenwick", "01632", "Unit 9", "QV12 8RA", "gate@larkmoor"] {
        assert!(!sent.contains(contact), "{contact} in {sent}");
    }
    for asked_for in ["Fenwick Haulage", "Larkmoor", "QV7 3LD", "RG19 XTP"] {
        assert!(sent.contains(asked_for), "{asked_for} not in {sent}");
    }
    // The ledger has what was sent: the same file again is known.
    let (again, _) =
        json(&place, &["submit", "one.jsonl", "--environment", "test", "--json"]).await;
    assert_eq!((&again["skipped"], &again["read"]), (&1.into(), &1.into()), "{again}");
    // A flag goes over the settings file.
    let settings = std::fs::read_to_string(place.path().join("waste-receipts.toml"));
    let settings = settings.expect("settings") + "allow-personal-data = true\n";
    place.write("waste-receipts.toml", settings);
    let test = ["submit", "one.jsonl", "--environment", "test"];
    let refused = [&test[..], &["--allow-personal-data=false", "--json"]].concat();
    assert_eq!(json(&place, &refused).await.0["skipped"], 1);
    // Whoever says so sends them; another environment gets them anyway.
    let ended = run(&place, &[&test[..], &["--on-change", "update"]].concat()).await;
    assert!(ended.code == 0 && !ended.err.contains("left out"), "{ended:?}");
    assert!(bodies(&wire).last().is_some_and(|body| body.contains("jane@fenwick")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn production_gets_what_was_read() {
    let (place, wire) = place(0, vec![stored("26A")]).await;
    place.write("one.jsonl", BODY);
    let (summary, code) =
        json(&place, &["submit", "one.jsonl", "--environment", "ours", "--json"]).await;
    assert_eq!((code, &summary["contactsLeftOut"]), (0, &0.into()), "{summary}");
    assert!(bodies(&wire).join("\n").contains("gate@larkmoor.example.com"));
}
