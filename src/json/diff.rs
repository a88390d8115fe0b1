//! What differs between two values, path by path.

use super::{Value, write_value};

/// One place at which two values differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The dotted path with plain indexes, as the API writes its keys; empty for the whole value.
    pub key: String,
    /// What stood there, as JSON; none where nothing did.
    pub was: Option<String>,
    /// What stands there now; none where nothing does.
    pub is: Option<String>,
}

/// All places at which the second value differs from the first, in the order of the first.
pub fn differences(was: &Value<'_>, is: &Value<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(was), Some(is), &mut found);
    found
}

fn compare(
    key: &str,
    was: Option<&Value<'_>>,
    is: Option<&Value<'_>>,
    found: &mut Vec<Difference>,
) {
    let below = |step: &str| {
        if key.is_empty() { step.to_owned() } else { format!("{key}.{step}") }
    };
    match (was, is) {
        (Some(Value::Object(was)), Some(Value::Object(is))) => {
            for (name, value) in was.iter() {
                compare(&below(name.as_str()), Some(value), is.get(name.as_str()), found);
            }
            for (name, value) in is.iter().filter(|(name, _)| was.get(name.as_str()).is_none()) {
                compare(&below(name.as_str()), None, Some(value), found);
            }
        }
        (Some(Value::List(was)), Some(Value::List(is))) => {
            for index in 0..was.len().max(is.len()) {
                compare(&below(&index.to_string()), was.get(index), is.get(index), found);
            }
        }
        (was, is) if was != is => found.push(Difference {
            key: key.to_owned(),
            was: was.map(as_json),
            is: is.map(as_json),
        }),
        _ => {}
    }
}

fn as_json(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    write_value(&mut out, value);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn keys(was: &str, is: &str) -> Vec<String> {
        let (was, is) = (parse(was).expect("JSON"), parse(is).expect("JSON"));
        let tell = |d: Difference| {
            let shown = |side: Option<String>| side.unwrap_or_else(|| "nothing".to_owned());
            format!("{}: {} -> {}", d.key, shown(d.was), shown(d.is))
        };
        differences(&was, &is).into_iter().map(tell).collect()
    }

    #[test]
    fn only_what_differs_is_told() {
        let was = r#"{"a":1,"list":[{"x":"old"},{"x":"same"}],"gone":true}"#;
        let is = r#"{"a":1,"list":[{"x":"new"},{"x":"same"},{"x":"more"}],"come":null}"#;
        assert_eq!(
            keys(was, is),
            [
                r#"list.0.x: "old" -> "new""#,
                r#"list.2: nothing -> {"x":"more"}"#,
                "gone: true -> nothing",
                "come: nothing -> null",
            ]
        );
        assert!(keys(was, was).is_empty());
        assert_eq!(keys("1", "[]"), [": 1 -> []"]);
    }
}
