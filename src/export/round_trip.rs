//! A movement written as the template and read again is the same movement, or what differs is told.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::Outgoing;
use super::workbook::{Exported, Template};
use crate::json::{Number, Object, Text, Value};
use crate::ledger::Origin;
use crate::movement::Movement;
use crate::movement::fields::{self, Field, Kind, Level, Syntax};
use crate::reference::{Codes, List};
use crate::submission::State;

fn outgoing(reference: &str, id: Option<&str>) -> Outgoing {
    Outgoing {
        revision: Some(1),
        api_code: "code".into(),
        reference: Some(reference.to_owned()),
        state: State::Invalid,
        waste_tracking_id: id.map(str::to_owned),
        site: String::new(),
        file: "week.csv".to_owned(),
        line: 2,
        nameless_body: None,
        findings: Vec::new(),
        origin: Origin::NotKept,
    }
}

fn export(bodies: &[(&str, &str)], api_code: Option<&str>) -> Exported {
    let mut template = Template::new(api_code).expect("sheets");
    for (reference, body) in bodies {
        let record = outgoing(reference, None);
        template.add(&record, body.as_bytes().to_vec()).expect("a row");
    }
    template.finish(Exported::default()).expect("a workbook")
}

/// A text that cells hold as it is, and that is no other spelling of anything.
fn texts() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9 .,&<>'\"\u{e9}\u{a3}_-]{0,12}[a-z0-9]"
}

fn parts() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9 .,]{0,8}[a-z]"
}

fn numbers() -> impl Strategy<Value = Value<'static>> {
    prop_oneof!["[1-9][0-9]{0,8}", r"[1-9][0-9]{0,5}\.[0-9]{0,3}[1-9]"]
        .prop_map(|text| Value::Number(Number::from_spelling(text)))
}

fn codes(list: List) -> impl Strategy<Value = Value<'static>> {
    let entries = Codes::embedded().entries(list);
    let codes: Vec<String> = entries.iter().map(|entry| entry.code.clone()).collect();
    select(codes).prop_map(Value::text)
}

fn instants() -> impl Strategy<Value = Value<'static>> {
    let zones = select(vec!["Z", "+01:00", "+00:00", "-05:00"]);
    (1_u8..13, 1_u8..29, 0_u8..24, 0_u8..60, zones).prop_map(|(month, day, hour, minute, zone)| {
        Value::text(format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00{zone}"))
    })
}

fn one(kind: Kind) -> BoxedStrategy<Value<'static>> {
    match kind {
        Kind::Count | Kind::Number | Kind::Amount => numbers().boxed(),
        Kind::YesNo => any::<bool>().prop_map(Value::Bool).boxed(),
        Kind::Choice(list) | Kind::Code(list) => codes(list).boxed(),
        Kind::ReasonForNoConsignment => codes(List::ReasonsForNoConsignment).boxed(),
        Kind::DateTime => instants().boxed(),
        _ => texts().prop_map(Value::text).boxed(),
    }
}

fn object(members: Vec<(&'static str, Option<Value<'static>>)>) -> Value<'static> {
    let mut object = Object::new();
    for (key, value) in members {
        if let Some(value) = value {
            object.push(key, value);
        }
    }
    Value::Object(object)
}

fn component(field: &Field) -> BoxedStrategy<Value<'static>> {
    let is_pops = field.path.contains(".pops.");
    let name =
        if is_pops { codes(List::PopNames).boxed() } else { parts().prop_map(Value::text).boxed() };
    let sign = option::of(codes(List::ConcentrationOperators));
    let amount = option::of((sign, numbers()));
    let entry = (name, amount).prop_map(move |(name, amount)| {
        let (sign, amount) = amount.unzip();
        object(vec![
            (if is_pops { "code" } else { "name" }, Some(name)),
            ("concentrationOperator", sign.flatten()),
            ("concentration", amount),
        ])
    });
    entry.boxed()
}

fn reference() -> BoxedStrategy<Value<'static>> {
    let text = |text: String| Some(Value::text(text));
    let members =
        move |(label, reference)| vec![("label", text(label)), ("reference", text(reference))];
    (parts(), parts()).prop_map(move |both| object(members(both))).boxed()
}

fn disposal() -> BoxedStrategy<Value<'static>> {
    let unit = codes(List::WeightMetrics);
    let parts = (codes(List::DisposalOrRecovery), unit, numbers(), any::<bool>());
    let entry = parts.prop_map(|(code, unit, amount, estimate)| {
        let weight = object(vec![
            ("metric", Some(unit)),
            ("amount", Some(amount)),
            ("isEstimate", Some(Value::Bool(estimate))),
        ]);
        object(vec![("code", Some(code)), ("weight", Some(weight))])
    });
    entry.boxed()
}

fn value(field: &Field) -> BoxedStrategy<Value<'static>> {
    let entry = match (field.syntax, field.kind) {
        (Syntax::Several, Kind::Several { of, .. }) => one(*of),
        (Syntax::References, _) => reference(),
        (Syntax::Components, _) => component(field),
        (Syntax::Disposals, _) => disposal(),
        (_, kind) => return one(kind),
    };
    vec(entry, 1..4).prop_map(Value::List).boxed()
}

fn text_of(key: &str) -> Text<'static> {
    Text::from(Cow::Owned(key.to_owned()))
}

/// Puts a value at a path.
fn put(object: &mut Object<'static>, path: &str, value: Value<'static>) {
    let Some((key, rest)) = path.split_once('.') else {
        object.set(text_of(path), value);
        return;
    };
    if object.get(key).is_none() {
        object.set(text_of(key), Value::Object(Object::new()));
    }
    if let Some(Value::Object(below)) = object.get_mut(key) {
        put(below, rest, value);
    }
}

type Given = Vec<(&'static str, Option<Value<'static>>)>;

fn given(level: Level) -> BoxedStrategy<Given> {
    let start: BoxedStrategy<Given> = Just(Vec::new()).boxed();
    fields::columns().filter(|field| field.level == level).fold(start, |so_far, field| {
        let more = (so_far, option::of(value(field))).prop_map(move |(mut all, value)| {
            all.push((field.path, value));
            all
        });
        more.boxed()
    })
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    (given(Level::Movement), vec(given(Level::Item), 1..3)).prop_map(|(movement, items)| {
        let mut body = Object::new();
        put(&mut body, "apiCode", Value::text("1f83215e-4b90-4785-9ab2-2614839aa2e9"));
        for (path, value) in movement {
            if let Some(value) = value {
                put(&mut body, path, value);
            }
        }
        let items = items.into_iter().map(|given| {
            let mut item = Object::new();
            put(&mut item, "wasteDescription", Value::text("Wood"));
            for (path, value) in given {
                let path = path.trim_start_matches("wasteItems.");
                if let Some(value) = value {
                    put(&mut item, path, value);
                }
            }
            Value::Object(item)
        });
        put(&mut body, "wasteItems", Value::List(items.collect()));
        put(&mut body, "yourUniqueReference", Value::text("A1"));
        // A reason is written beside a number that is null.
        if let Some(Value::Object(carrier)) = body.get_mut("carrier")
            && carrier.get("reasonForNoRegistrationNumber").is_some()
            && carrier.get("registrationNumber").is_none()
        {
            put(carrier, "registrationNumber", Value::Null);
        }
        let movement = Movement { body: Value::Object(body), waste_tracking_id: None };
        movement.canonical().to_json()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_is_read_again(body in bodies(), id in option::of(Just("26BHUT6U"))) {
        let mut template = Template::new(None).expect("sheets");
        template.add(&outgoing("A1", id), body.clone()).expect("a row");
        let exported = template.finish(Exported::default()).expect("a workbook");
        let none: Vec<(String, String)> = Vec::new();
        prop_assert_eq!(exported.lost, none, "{}", String::from_utf8_lossy(&body));
    }

    #[test]
    fn no_body_makes_it_panic(text in "\\PC{0,20}", key in "[a-zA-Z]{1,8}", deep in any::<bool>()) {
        let mut object = Object::new();
        put(&mut object, "yourUniqueReference", Value::text("A1"));
        let path = if deep { format!("wasteItems.{key}") } else { key };
        put(&mut object, &path, Value::text(text));
        let movement = Movement { body: Value::Object(object), waste_tracking_id: None };
        let body = String::from_utf8(movement.to_json()).expect("JSON");
        let exported = export(&[("A1", &body)], None);
        prop_assert!(!exported.lost.is_empty(), "the template has no such field");
    }
}

const ITEM: &str = r#""wasteItems":[{"wasteDescription":"Wood"}]"#;

#[test]
fn what_the_template_cannot_hold_is_told() {
    let lost = |more: &str| {
        let body = format!(r#"{{"apiCode":"x","yourUniqueReference":"A1",{ITEM}{more}}}"#);
        let exported = export(&[("A1", &body)], Some("x"));
        exported.lost.into_iter().map(|(_, key)| key).collect::<Vec<_>>()
    };
    assert_eq!(lost(""), Vec::<String>::new());
    assert_eq!(lost(r#","colour":"red""#), ["colour"]);
    assert_eq!(lost(r#","otherReferencesForMovement":[]"#), ["otherReferencesForMovement"]);
    assert_eq!(lost(r#","specialHandlingRequirements":" x ""#), ["specialHandlingRequirements"]);
    let long = format!(r#","specialHandlingRequirements":"{}""#, "x".repeat(40_000));
    assert_eq!(lost(&long), ["specialHandlingRequirements"]);
    let whole = export(&[("A1", "[]")], None);
    assert_eq!(whole.lost, [("A1".to_owned(), String::new())]);
}

#[test]
fn what_the_template_has_no_column_for_gets_one() {
    let body = |reference: &str, more: &str| {
        format!(r#"{{"apiCode":"x","yourUniqueReference":"{reference}",{ITEM}{more}}}"#)
    };
    let plain = export(&[("A1", &body("A1", ""))], Some("x"));
    assert!(plain.own_columns.is_empty() && plain.lost.is_empty());
    let more = r#","carrier":{"otherMeansOfTransport":"Narrowboat"}"#;
    let own = export(&[("A1", &body("A1", "")), ("A2", &body("A2", more))], Some("y"));
    assert_eq!(own.own_columns, ["apiCode", "carrier.otherMeansOfTransport"]);
    assert!(own.lost.is_empty(), "{:?}", own.lost);
}

#[test]
fn no_two_movements_share_a_reference() {
    let mut template = Template::new(None).expect("sheets");
    let body = format!(r#"{{"apiCode":"x","yourUniqueReference":"A1",{ITEM}}}"#).into_bytes();
    assert!(template.add(&outgoing("A1", None), body.clone()).expect("a row"));
    assert!(!template.add(&outgoing("A1", None), body).expect("no row"));
}
