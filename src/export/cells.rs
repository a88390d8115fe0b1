//! A field's value as a cell of the template.
//!
//! Must not know: rows, sheets.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::AmbiguousOffset;

use crate::calendar;
use crate::json::{Object, Value};
use crate::movement::fields::{Field, Kind, Syntax};

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text(String),
    Number(f64),
    /// Day and time of clocks in London.
    Moment(DateTime),
}

/// The digits that a spreadsheet keeps of a number.
const DIGITS: usize = 15;

/// What a cell must hold to be read as this value; none where no cell can say it.
pub(super) fn content(field: &Field, value: &Value<'_>) -> Option<Content> {
    match (field.syntax, value) {
        (Syntax::None, _) | (_, Value::Null | Value::Object(_)) => None,
        (Syntax::One, Value::Text(text)) if field.kind == Kind::DateTime => {
            let text = text.as_str();
            Some(moment(text).map_or_else(|| Content::Text(text.to_owned()), Content::Moment))
        }
        (_, Value::Text(text)) => Some(Content::Text(text.as_str().to_owned())),
        (_, Value::Bool(_)) => scalar(value).map(Content::Text),
        (_, Value::Number(number)) => {
            let spelling = number.as_str();
            let is_plain = spelling.len() <= DIGITS && !spelling.contains(['e', 'E']);
            Some(match spelling.parse() {
                Ok(number) if is_plain => Content::Number(number),
                _ => Content::Text(spelling.to_owned()),
            })
        }
        (syntax, Value::List(list)) => {
            let entry = |value: &Value<'_>| match (syntax, value) {
                (Syntax::Several, value) => scalar(value),
                (Syntax::References, Value::Object(object)) => reference(object),
                (Syntax::Components, Value::Object(object)) => component(object),
                (Syntax::Disposals, Value::Object(object)) => disposal(object),
                _ => None,
            };
            let entries: Option<Vec<String>> = list.iter().map(entry).collect();
            // An empty list cannot be told from a cell in which nothing stands.
            entries.filter(|entries| !entries.is_empty()).map(|all| Content::Text(all.join("; ")))
        }
    }
}

/// What the clocks in London showed, where the reader makes the same text of it again.
fn moment(text: &str) -> Option<DateTime> {
    let at: Timestamp = text.parse().ok()?;
    let london = calendar::london();
    let local = at.to_zoned(london.clone()).datetime();
    let AmbiguousOffset::Unambiguous { offset } = london.to_ambiguous_timestamp(local).offset()
    else {
        return None;
    };
    let hours = offset.seconds() / 3_600;
    let written = format!("{}+{hours:02}:00", local.strftime("%Y-%m-%dT%H:%M:%S"));
    // A date cell at midnight looks like one without a time.
    (written == text && local.time() != Time::midnight()).then_some(local)
}

fn scalar(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.as_str().to_owned()),
        Value::Number(number) => Some(number.as_str().to_owned()),
        Value::Bool(flag) => Some(if *flag { "Yes" } else { "No" }.to_owned()),
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}

fn member(object: &Object<'_>, key: &str) -> Option<String> {
    scalar(object.get(key)?)
}

fn reference(object: &Object<'_>) -> Option<String> {
    Some(format!("{} = {}", member(object, "label")?, member(object, "reference")?))
}

fn component(object: &Object<'_>) -> Option<String> {
    let name = member(object, "code").or_else(|| member(object, "name"))?;
    let sign = member(object, "concentrationOperator").unwrap_or_default();
    let number = member(object, "concentration").unwrap_or_default();
    Some(format!("{name} = {sign}{number}").trim_end().to_owned())
}

fn disposal(object: &Object<'_>) -> Option<String> {
    let weight = object.get("weight")?.as_object()?;
    let how = match weight.get("isEstimate")? {
        Value::Bool(true) => "Estimate".to_owned(),
        Value::Bool(false) => "Actual".to_owned(),
        other => scalar(other)?,
    };
    let (code, unit) = (member(object, "code")?, member(weight, "metric")?);
    Some(format!("{code} = {} = {unit} = {how}", member(weight, "amount")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;
    use crate::movement::fields;

    fn shown(path: &str, json: &str) -> String {
        let field = fields::field(path).expect("a field");
        match content(field, &parse(json).expect("JSON")) {
            Some(Content::Text(text)) => text,
            Some(Content::Number(number)) => format!("number {number}"),
            Some(Content::Moment(at)) => format!("moment {at}"),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn values_are_written_as_people_write_them() {
        for (path, json, cell) in [
            ("wasteItems.ewcCodes", r#"["170201","150103"]"#, "170201; 150103"),
            ("wasteItems.ewcCodes", "[]", "nothing"),
            ("wasteItems.ewcCodes", r#""banana""#, "banana"),
            ("wasteItems.containsPops", "true", "Yes"),
            ("wasteItems.weight.amount", "3.46", "number 3.46"),
            ("wasteItems.weight.amount", "1e3", "1e3"),
            ("yourUniqueReference", r#""00042""#, "00042"),
            ("dateTimeReceived", r#""2026-10-05T09:20:00+01:00""#, "moment 2026-10-05T09:20:00"),
            ("dateTimeReceived", r#""2026-12-05T09:20:00+00:00""#, "moment 2026-12-05T09:20:00"),
            ("dateTimeReceived", r#""2026-10-05T08:20:00Z""#, "2026-10-05T08:20:00Z"),
            ("dateTimeReceived", r#""2026-10-25T01:30:00+00:00""#, "2026-10-25T01:30:00+00:00"),
            ("dateTimeReceived", r#""2026-10-05T00:00:00+01:00""#, "2026-10-05T00:00:00+01:00"),
            (
                "wasteItems.hazardous.components",
                r#"[{"name":"Acid, 20 %","concentrationOperator":">","concentration":22},{"name":"x"}]"#,
                "Acid, 20 % = >22; x =",
            ),
            (
                "wasteItems.disposalOrRecoveryCodes",
                r#"[{"code":"R3","weight":{"metric":"Tonnes","amount":3,"isEstimate":true}}]"#,
                "R3 = 3 = Tonnes = Estimate",
            ),
            ("wasteItems.disposalOrRecoveryCodes", r#"[{"code":"R3"}]"#, "nothing"),
        ] {
            assert_eq!(shown(path, json), cell, "{path} {json}");
        }
    }
}
