//! A movement written as CSV rows and read again is the same movement.

use std::borrow::Cow;
use std::io::Cursor;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::json::{Number, Object, Value, write_value};
use crate::movement::Movement;
use crate::movement::fields::{self, Field, Kind, Level, Syntax};
use crate::reference::List;

/// A value and how it is written in a cell.
type Written = (Value<'static>, String);

/// The cells of a row, or of a part of one, by field.
type Cells = Vec<(&'static Field, Option<Written>)>;

fn texts() -> impl Strategy<Value = String> {
    let text = prop_oneof![r#"[a-z,;"é =<\n]{1,12}"#, r"\PC{1,12}", r"[0-9/:+.-]{1,8}"];
    text.prop_map(|text| text.trim().to_owned())
        .prop_filter("cells hold something", |text| !text.is_empty() && !number::is_damaged(text))
}

/// A text that can be a part of a list.
fn parts() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9é,.\" ]{1,10}"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("parts hold something", |text| !text.is_empty() && !number::is_damaged(text))
}

fn numbers() -> impl Strategy<Value = Written> {
    prop_oneof!["[1-9][0-9]{0,12}", r"(0|[1-9][0-9]{0,4})\.[0-9]{0,5}[1-9]"]
        .prop_map(|digits| (Value::Number(Number::from_spelling(digits.clone())), digits))
}

fn codes(list: List) -> impl Strategy<Value = Written> {
    let entries = Codes::embedded().entries(list);
    let codes: Vec<String> = entries.iter().map(|entry| entry.code.clone()).collect();
    select(codes).prop_map(|code| (Value::text(code.clone()), code))
}

fn flags(yes: &'static str, no: &'static str) -> impl Strategy<Value = Written> {
    any::<bool>().prop_map(move |flag| (Value::Bool(flag), if flag { yes } else { no }.to_owned()))
}

fn one(kind: Kind) -> BoxedStrategy<Written> {
    match kind {
        Kind::Count | Kind::Number => "(0|[1-9][0-9]{0,6})"
            .prop_map(|digits| (Value::Number(Number::from_spelling(digits.clone())), digits))
            .boxed(),
        Kind::Amount => numbers().boxed(),
        Kind::YesNo => flags("Yes", "n").boxed(),
        // What looks like a local time would be read as one.
        Kind::DateTime => "20[2-9][0-9]-0[1-9]-1[0-9]T0[0-9]:[0-5][0-9]:00(Z|\\+01:00)"
            .prop_map(|text| (Value::text(text.clone()), text))
            .boxed(),
        Kind::Choice(list) | Kind::Code(list) => codes(list).boxed(),
        _ => texts().prop_map(|text| (Value::text(text.clone()), text)).boxed(),
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

fn listed(
    entries: impl Strategy<Value = Written> + 'static,
    separator: &'static str,
) -> BoxedStrategy<Written> {
    vec(entries, 1..4)
        .prop_map(move |entries| {
            let (values, texts): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
            (Value::List(values), texts.join(separator))
        })
        .boxed()
}

fn components(path: &'static str) -> BoxedStrategy<Written> {
    let (key, name) = if path.contains("pops") {
        ("code", codes(List::PopNames).prop_map(|(_, code)| code).boxed())
    } else {
        ("name", parts().boxed())
    };
    let concentration = option::of((option::of(select(vec!["<", ">"])), numbers()));
    let entry = (name, concentration).prop_map(move |(name, concentration)| {
        let (sign, number) = concentration.clone().unzip();
        let sign = sign.flatten();
        let digits = number.as_ref().map_or("", |(_, digits)| digits.as_str());
        let text = format!("{name} = {} {digits}", sign.unwrap_or_default());
        let members = vec![
            (key, Some(Value::text(name))),
            ("concentrationOperator", sign.map(Value::text)),
            ("concentration", number.map(|(value, _)| value)),
        ];
        (object(members), text)
    });
    listed(entry, ";")
}

fn disposals() -> BoxedStrategy<Written> {
    let parts = (
        codes(List::DisposalOrRecovery),
        numbers(),
        codes(List::WeightMetrics),
        flags("Estimate", "Actual"),
    );
    let entry = parts.prop_map(|(code, amount, unit, how)| {
        let text = format!("{} = {} = {} = {}", code.1, amount.1, unit.1, how.1);
        let weight =
            vec![("metric", Some(unit.0)), ("amount", Some(amount.0)), ("isEstimate", Some(how.0))];
        (object(vec![("code", Some(code.0)), ("weight", Some(object(weight)))]), text)
    });
    listed(entry, "; ")
}

fn cell(field: &'static Field) -> BoxedStrategy<Written> {
    match (field.syntax, field.kind) {
        (Syntax::Several, Kind::Several { of, .. }) => listed(one(*of), ", "),
        (Syntax::References, _) => {
            let entry = (parts(), parts()).prop_map(|(label, reference)| {
                let text = format!("{label}={reference}");
                let members = vec![
                    ("label", Some(Value::text(label))),
                    ("reference", Some(Value::text(reference))),
                ];
                (object(members), text)
            });
            listed(entry, "\n")
        }
        (Syntax::Components, _) => components(field.path),
        (Syntax::Disposals, _) => disposals(),
        (_, kind) => one(kind),
    }
}

/// A cell, or none, for each column of a level.
fn cells(level: Level) -> BoxedStrategy<Cells> {
    let columns = fields::columns().filter(move |field| field.level == level);
    let mut all = Just(Vec::new()).boxed();
    for field in columns {
        let needed = matches!(field.path, "yourUniqueReference" | "wasteItems.ewcCodes");
        let next = if needed {
            cell(field).prop_map(Some).boxed()
        } else {
            option::of(cell(field)).boxed()
        };
        all = (all, next)
            .prop_map(move |(mut all, next)| {
                all.push((field, next));
                all
            })
            .boxed();
    }
    all
}

/// Sets the value at a path below an object, with the objects on the way.
fn set(value: &mut Value<'static>, path: &str, new: Value<'static>) {
    let Value::Object(object) = value else { return };
    let Some((step, rest)) = path.split_once('.') else {
        object.set(Cow::Owned(path.to_owned()), new);
        return;
    };
    if object.get(step).is_none() {
        object.set(Cow::Owned(step.to_owned()), Value::Object(Object::new()));
    }
    if let Some(below) = object.get_mut(step) {
        set(below, rest, new);
    }
}

fn body(movement: &Cells, items: &[Cells]) -> Value<'static> {
    let mut body = Value::Object(Object::new());
    for (field, written) in movement {
        if let Some((value, _)) = written {
            set(&mut body, field.path, value.clone());
        }
    }
    let reason = body.at("carrier.reasonForNoRegistrationNumber").is_some();
    if reason && body.at("carrier.registrationNumber").is_none() {
        set(&mut body, "carrier.registrationNumber", Value::Null);
    }
    let items = items.iter().map(|cells| {
        let mut item = Value::Object(Object::new());
        for (field, written) in cells {
            let path = field.path.strip_prefix("wasteItems.").expect("an item's field");
            if let Some((value, _)) = written {
                set(&mut item, path, value.clone());
            }
        }
        item
    });
    set(&mut body, "wasteItems", Value::List(items.collect()));
    Movement { body, waste_tracking_id: None }.canonical().body
}

fn file(movement: &Cells, items: &[Cells], repeat: bool, delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let titles = items[0].iter().chain(movement).map(|(field, _)| field.path);
    writer.write_record(titles).expect("memory");
    for (row, item) in items.iter().enumerate() {
        let item = item.iter().map(|(_, written)| written.as_ref());
        let movement = movement.iter().map(|(field, written)| {
            let wanted = repeat || row == 0 || field.path == "yourUniqueReference";
            written.as_ref().filter(|_| wanted)
        });
        let texts = item.chain(movement).map(|w| w.map_or("", |(_, text)| text.as_str()));
        writer.write_record(texts).expect("memory");
    }
    writer.into_inner().expect("memory")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_written_is_read(
        movement in cells(Level::Movement),
        items in vec(cells(Level::Item), 1..4),
        repeat in any::<bool>(),
        delimiter in select(vec![b',', b';', b'\t']),
    ) {
        let bytes = file(&movement, &items, repeat, delimiter);
        let mut reader = Reader::new(Cursor::new(bytes.clone()), Format::Csv, "file", Defaults::default())
            .expect("readable");
        let header = reader.header_bytes().to_vec();
        let record = reader.next_record().expect("readable").expect("one movement");
        prop_assert!(record.findings.is_empty(), "{:?}", record.findings);
        let mut json = (Vec::new(), Vec::new());
        write_value(&mut json.0, &record.movement.body);
        write_value(&mut json.1, &body(&movement, &items));
        prop_assert_eq!(String::from_utf8_lossy(&json.0), String::from_utf8_lossy(&json.1));
        prop_assert_eq!([header.as_slice(), record.raw()].concat(), bytes);
        prop_assert!(reader.next_record().expect("readable").is_none());
    }
}
