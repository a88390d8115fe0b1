//! POPs and hazardous properties: what must go together (section 9, P2-P5, H2-H5, H10).

use super::say;
use super::schema::Substances;
use super::values::is_truthy;
use super::walk::{Path, Scope, Walk};
use crate::finding::ErrorType;
use crate::json::{Object, Value};

/// P4, P5: when there may be no components. A rule on the list: it speaks also when an entry is
/// at fault, as the list's length does.
pub(super) fn of_list(
    walk: &mut Walk<'_>,
    which: Substances,
    components: &[Value<'_>],
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let Some(item) = scope.above.map(|above| above.object) else { return };
    if components.is_empty() {
        return;
    }
    let source = scope.object.get("sourceOfComponents").and_then(Value::as_str);
    let message = match item.get(which.contains()) {
        Some(Value::Bool(false)) => say::components_of_nothing(which),
        Some(Value::Bool(true)) if source == Some("NOT_PROVIDED") => {
            say::components_without_source(which)
        }
        _ => return,
    };
    walk.error(path, ErrorType::BusinessRuleViolation, message);
}

/// H10, then P2 or P3: what must be there. A rule on the whole object: nothing in it is at fault.
pub(super) fn of_object(
    walk: &mut Walk<'_>,
    which: Substances,
    object: &Object<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let contains = scope.object.get(which.contains());
    let source = object.get("sourceOfComponents").and_then(Value::as_str);
    let no_codes = object.get("hazCodes").and_then(Value::as_list).is_none_or(<[_]>::is_empty);
    if which == Substances::Hazardous
        && contains.is_some_and(is_truthy)
        && source.is_some()
        && no_codes
    {
        walk.error(path, ErrorType::BusinessRuleViolation, say::haz_codes_missing());
    }
    if contains != Some(&Value::Bool(true)) {
        return;
    }
    let Some(source) = source else {
        let path = path.key("sourceOfComponents");
        let message = say::source_missing(walk.codes, which);
        return walk.error(&path, ErrorType::BusinessRuleViolation, message);
    };
    // Who determined the components must know them; who was given the waste may not.
    let determined = matches!(source, "GUIDANCE" | "OWN_TESTING");
    if determined && matches!(object.get("components"), None | Some(Value::Null)) {
        let path = path.key("components");
        let message = say::components_missing(which, source);
        walk.error(&path, ErrorType::BusinessRuleViolation, message);
    }
}
