//! The movements of the scenarios. Every name and contact is made up: only such may be sent to the
//! test environment.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Scenario;
use crate::json::parse;
use crate::movement::Movement;

/// What the movements of one attempt have in common.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The operator's code in the environment.
    pub api_code: String,
    /// When the loads are said to have been received.
    pub received_at: Timestamp,
    /// Tells this attempt's references from those of others.
    pub stamp: String,
}

impl Scenario {
    /// The movement's reference: another one in every attempt.
    pub fn reference(&self, facts: &Facts) -> String {
        format!("APPROVAL-{}-{}", self.id, facts.stamp)
    }

    /// The request body that is sent for it.
    pub fn body(&self, facts: &Facts) -> Vec<u8> {
        let mut body = base(facts, &self.reference(facts));
        change(self.id, &mut body);
        in_order(&body)
    }
}

/// A body with its keys in the order of the schema.
fn in_order(body: &Value) -> Vec<u8> {
    let text = body.to_string();
    let body = parse(&text).expect("what was just written as JSON can be read");
    Movement { body, waste_tracking_id: None }.canonical().to_json()
}

/// What makes a movement that of its scenario.
fn change(id: &str, body: &mut Value) {
    let item = &mut body["wasteItems"][0];
    match id {
        "R02" => body["wasteItems"] = json!([plastics(), wood()]),
        "R04" => {
            item.as_object_mut().map(|item| item.remove("disposalOrRecoveryCodes"));
        }
        "R05" => {
            item["disposalOrRecoveryCodes"] = json!([treatment("R3", 12.0), treatment("R13", 6.2)]);
        }
        "R07" => item["ewcCodes"] = json!(["191204", "150102"]),
        "C01" | "C02" => {
            body["carrier"]["registrationNumber"] = Value::Null;
            if id == "C02" {
                body["carrier"]["reasonForNoRegistrationNumber"] = json!("ONE_OFF");
            }
        }
        "B01" => body["brokerOrDealer"] = broker(),
        "P01" => set_pops(item),
        "H01" => {
            set_hazardous(item, "170503");
            body["hazardousWasteConsignmentCode"] = json!("EXMPLE/A0001");
        }
        "H02" => set_hazardous(item, "170503"),
        "H03" => {
            set_hazardous(item, "170503");
            body["reasonForNoConsignmentCode"] = json!("NO_DOC_WITH_WASTE");
        }
        "X01" => {
            set_hazardous(item, "170503");
            set_pops(item);
            body["hazardousWasteConsignmentCode"] = json!("EXMPLE/A0002");
        }
        // R01 and R03 are the base as it stands: one plain item, received by road.
        _ => {}
    }
}

fn base(facts: &Facts, reference: &str) -> Value {
    json!({
        "apiCode": facts.api_code,
        "dateTimeReceived": format!("{:.0}", facts.received_at),
        "yourUniqueReference": reference,
        "wasteItems": [plastics()],
        "carrier": {
            "registrationNumber": "CBDU00001",
            "organisationName": "Made-up Haulage Example Ltd",
            "address": {"fullAddress": "1 Nowhere Lane, Exampleton", "postcode": "QV1 1AA"},
            "emailAddress": "office@haulage.example.com",
            "phoneNumber": "01632 960001",
            "meansOfTransport": "Road",
            "vehicleRegistration": "QV26 XMP"
        },
        "receiver": {
            "siteName": "Made-up Transfer Station",
            "emailAddress": "gate@station.example.com",
            "phoneNumber": "01632 960002",
            "authorisationNumber": "EPR/QV1001XX"
        },
        "receipt": {
            "address": {
                "fullAddress": "Made-up Transfer Station, 2 Nowhere Lane, Exampleton",
                "postcode": "QV1 1AB"
            }
        }
    })
}

fn plastics() -> Value {
    item("191204", "Sorted rigid plastics", 18.2)
}

fn wood() -> Value {
    item("191207", "Sorted clean wood", 4.35)
}

fn item(ewc: &str, description: &str, tonnes: f64) -> Value {
    json!({
        "ewcCodes": [ewc],
        "wasteDescription": description,
        "physicalForm": "Solid",
        "numberOfContainers": 1,
        "typeOfContainers": "SKI",
        "weight": weight(tonnes),
        "containsPops": false,
        "containsHazardous": false,
        "disposalOrRecoveryCodes": [treatment("R3", tonnes)]
    })
}

fn weight(tonnes: f64) -> Value {
    json!({"metric": "Tonnes", "amount": tonnes, "isEstimate": false})
}

fn treatment(code: &str, tonnes: f64) -> Value {
    json!({"code": code, "weight": weight(tonnes)})
}

fn broker() -> Value {
    json!({
        "organisationName": "Made-up Brokers Example Ltd",
        "address": {"fullAddress": "3 Nowhere Lane, Exampleton", "postcode": "QV1 1AC"},
        "registrationNumber": "CBDU00002",
        "phoneNumber": "01632 960003",
        "emailAddress": "desk@brokers.example.com"
    })
}

fn set_pops(item: &mut Value) {
    item["containsPops"] = json!(true);
    item["pops"] = json!({
        "sourceOfComponents": "OWN_TESTING",
        "components": [
            {"code": "SCCPS", "concentration": 12.5},
            {"code": "TETRABDE", "concentration": 3.75}
        ]
    });
}

fn set_hazardous(item: &mut Value, ewc: &str) {
    item["ewcCodes"] = json!([ewc]);
    item["wasteDescription"] = json!("Soil and stones that hold heavy metals");
    item["containsHazardous"] = json!(true);
    item["hazardous"] = json!({
        "sourceOfComponents": "OWN_TESTING",
        "hazCodes": ["HP_7", "HP_14"],
        "components": [
            {"name": "Lead", "concentration": 1200.0},
            {"name": "Arsenic", "concentration": 310.5}
        ]
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::{Expected, SCENARIOS};
    use crate::checks;
    use crate::finding::Severity;
    use crate::reference::Codes;

    fn facts() -> Facts {
        Facts {
            api_code: "1f83215e-4b90-4785-9ab2-2614839aa2e9".to_owned(),
            received_at: "2026-11-20T09:00:00Z".parse().expect("a time"),
            stamp: "20261121".to_owned(),
        }
    }

    #[test]
    fn our_own_checks_say_of_each_what_the_service_must() {
        for scenario in SCENARIOS {
            let body = String::from_utf8(scenario.body(&facts())).expect("UTF-8");
            let findings = checks::check(&parse(&body).expect("JSON"), Codes::embedded());
            let errors: Vec<&str> = findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
                .map(|finding| finding.key.as_str())
                .collect();
            match scenario.expected {
                Expected::Stored => assert!(errors.is_empty(), "{}: {findings:?}", scenario.id),
                Expected::Refused(keys) => {
                    assert!(errors.iter().any(|key| keys.contains(key)), "{}", scenario.id);
                    assert_eq!(errors.len(), 1, "{}: {errors:?}", scenario.id);
                }
            }
            // Only the scenario without disposal codes is stored with a warning.
            let warned = findings.iter().any(|f| f.severity == Severity::Warning);
            assert_eq!(warned, scenario.id == "R04", "{}: {findings:?}", scenario.id);
        }
    }

    #[test]
    fn the_movements_are_these() {
        let bodies: Vec<String> = SCENARIOS
            .iter()
            .map(|s| format!("{} {}", s.id, String::from_utf8_lossy(&s.body(&facts()))))
            .collect();
        insta::assert_snapshot!(bodies.join("\n"));
    }
}
