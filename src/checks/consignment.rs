//! The consignment code and the reason for having none (section 5).
//!
//! "Hazardous" here is what the EWC codes say; `containsHazardous` plays no part.

use super::schema::Node;
use super::values::{is_js_whitespace, is_truthy};
use super::walk::{Path, Scope, Walk};
use super::{formats, say};
use crate::finding::ErrorType;
use crate::json::{Object, Value};
use crate::reference::{Codes, List};

const CODE: &str = "hazardousWasteConsignmentCode";
const REASON: &str = "reasonForNoConsignmentCode";

/// The service stumbles over something that is no text, or no item.
#[derive(Debug, PartialEq, Eq)]
struct Stumbles;

/// C1, C2, C6, C7: the code itself, and whether null will do.
pub(super) fn check_code(
    walk: &mut Walk<'_>,
    node: &Node,
    value: &Value<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let Ok(hazardous) = hazardous_code(scope.object, walk.codes) else {
        let message = say::unreadable_items();
        return walk.error(path, ErrorType::UnexpectedError, message);
    };
    let no_reason = !scope.object.get(REASON).is_some_and(is_truthy);
    if let (Some(code), Value::Null, true) = (hazardous, value, no_reason) {
        let message = say::consignment_missing(walk.codes, code);
        return walk.error(path, ErrorType::BusinessRuleViolation, message);
    }
    if !is_truthy(value) {
        return;
    }
    match spelt(value) {
        Ok(text) if formats::is_consignment_code(text) => {}
        Ok(_) => {
            let message = match value {
                Value::Text(text) => say::wrong_format(node, text.as_str()),
                other => say::wrong_type(&node.label, say::expected(node.value_kind()), other),
            };
            walk.error(path, ErrorType::InvalidFormat, message);
        }
        Err(Stumbles) => {
            let message = say::wrong_type(&node.label, say::expected(node.value_kind()), value);
            walk.error(path, ErrorType::UnexpectedError, message);
        }
    }
}

/// C3, C4: a rule on the whole body, which speaks only when nothing else is wrong.
pub(super) fn check_reason(walk: &mut Walk<'_>, body: &Object<'_>) {
    if body.get(CODE).is_some_and(is_truthy) {
        return;
    }
    let Ok(Some(code)) = hazardous_code(body, walk.codes) else { return };
    let path = Path::ROOT.key(REASON);
    let Some(reason) = body.get(REASON).filter(|reason| is_truthy(reason)) else {
        let message = say::consignment_missing(walk.codes, code);
        return walk.error(&path, ErrorType::BusinessRuleViolation, message);
    };
    let listed = reason
        .as_str()
        .is_some_and(|text| walk.codes.contains(List::ReasonsForNoConsignment, text));
    if !listed {
        let message = say::wrong_reason(walk.codes, reason);
        walk.error(&path, ErrorType::InvalidValue, message);
    }
}

/// The first hazardous EWC code of the body, as it was written. Reading stops there, so only what
/// stands before it can make the service stumble; a null item does in any case.
fn hazardous_code<'v>(body: &'v Object<'_>, codes: &Codes) -> Result<Option<&'v str>, Stumbles> {
    let Some(Value::List(items)) = body.get("wasteItems") else { return Ok(None) };
    if items.contains(&Value::Null) {
        return Err(Stumbles);
    }
    let lists = items.iter().filter_map(|item| item.as_object()?.get("ewcCodes")?.as_list());
    for entry in lists.flatten().filter(|entry| is_truthy(entry)) {
        let Value::Text(text) = entry else { return Err(Stumbles) };
        if is_hazardous(text.as_str(), codes) {
            return Ok(Some(text.as_str()));
        }
    }
    Ok(None)
}

/// Whether the list has a code as hazardous; blanks anywhere in it do not matter here.
fn is_hazardous(code: &str, codes: &Codes) -> bool {
    let listed = |code: &str| codes.ewc(code).is_some_and(crate::reference::EwcKind::is_hazardous);
    if code.contains(is_js_whitespace) {
        return listed(&code.replace(is_js_whitespace, ""));
    }
    listed(code)
}

/// What JavaScript's patterns see of a value that is not empty: a list of one is as its entry,
/// nothing else can look like a code. An object with a `toString` of its own cannot be spelt.
fn spelt<'v>(value: &'v Value<'_>) -> Result<&'v str, Stumbles> {
    match value {
        Value::Text(text) => Ok(text.as_str()),
        Value::List(list) => {
            let mut first = "";
            for entry in list {
                first = spelt(entry)?;
            }
            Ok(if list.len() == 1 { first } else { "" })
        }
        Value::Object(object) if object.get("toString").is_some() => Err(Stumbles),
        _ => Ok(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn hazardous(body: &str) -> Result<Option<String>, Stumbles> {
        let body = parse(body).expect("valid JSON");
        let body = body.as_object().expect("an object");
        hazardous_code(body, Codes::embedded()).map(|code| code.map(str::to_owned))
    }

    #[test]
    fn reading_stops_at_the_first_hazardous_code() {
        let hazardous = |codes: &str| {
            hazardous(&format!(r#"{{"wasteItems":[{{"ewcCodes":{codes}}},{{"ewcCodes":["x"]}}]}}"#))
        };
        assert_eq!(hazardous(r#"["160601",5]"#), Ok(Some("160601".into())));
        assert_eq!(hazardous(r#"[5,"160601"]"#), Err(Stumbles));
        assert_eq!(
            hazardous(r#"[0,false,"",null,"16 06\u00a001"]"#).map(|c| c.is_some()),
            Ok(true)
        );
        assert_eq!(hazardous(r#"[["160601"]]"#), Err(Stumbles));
        assert_eq!(hazardous(r#"["170201"]"#), Ok(None));
        assert_eq!(hazardous("5"), Ok(None));
    }

    #[test]
    fn only_a_null_item_makes_the_service_stumble() {
        assert_eq!(hazardous(r#"{"wasteItems":[{"ewcCodes":["160601"]},null]}"#), Err(Stumbles));
        assert_eq!(hazardous(r#"{"wasteItems":[1,"x",true,[null]]}"#), Ok(None));
        assert_eq!(hazardous(r#"{"wasteItems":{"0":null}}"#), Ok(None));
    }

    #[test]
    fn a_list_of_one_is_as_its_entry() {
        let spelt = |json: &str| {
            let value = parse(json).expect("valid JSON");
            spelt(&value).map(str::to_owned)
        };
        assert_eq!(spelt(r#"[["SA1234567"]]"#), Ok("SA1234567".into()));
        assert_eq!(spelt(r#"["SA1234567",null]"#), Ok(String::new()));
        assert_eq!(spelt(r#"[{"toString":1}]"#), Err(Stumbles));
        assert_eq!(spelt("[[],{}]"), Ok(String::new()));
    }
}
