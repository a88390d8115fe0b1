//! Cells that hold a list of parts: references, components, disposal and recovery codes.
//!
//! A list with an entry that cannot be taken apart stays a text as a whole; a part that cannot be
//! read stays a text in its place. Must not know: rows, files.

use crate::finding::ErrorType;
use crate::json::{Object, Value};
use crate::movement::fields::{self, Field, Kind};
use crate::reader::cell::{Cell, Part};
use crate::reader::{spelling, trim};
use crate::reference::List;

/// `label = reference; ...`
pub(super) fn references<'r>(cell: &mut Cell<'_>, text: &'r str) -> Value<'r> {
    collect(cell, text, |cell, entry, _| {
        let (label, reference) = entry.split_once('=').map(|(l, r)| (trim(l), trim(r)))?;
        if label.is_empty() || reference.is_empty() {
            return None;
        }
        cell.is_damaged(reference);
        let mut object = Object::with_capacity(2);
        object.push("label", Value::text(label));
        object.push("reference", Value::text(reference));
        Some(object)
    })
}

/// `CODE = number; ...` or `Name = number; ...`, where `<` or `>` may stand before the number, and
/// nothing where the concentration is not known.
pub(super) fn components<'r>(cell: &mut Cell<'_>, text: &'r str) -> Value<'r> {
    let Some(named_by) = first_part(cell.field) else { return Value::text(text) };
    collect(cell, text, |cell, entry, index| {
        // The last sign: a component's name may hold one.
        let (name, number) = entry.rsplit_once('=').map(|(n, c)| (trim(n), trim(c)))?;
        if name.is_empty() {
            return None;
        }
        let mut object = Object::with_capacity(3);
        object.push(named_by.name(), cell.one(named_by.kind, name, Part::entry(index)));
        let operator = number.get(..1).filter(|sign| matches!(*sign, "<" | ">"));
        let number = operator.map_or(number, |sign| number[sign.len()..].trim_start());
        if let Some(sign) = operator {
            object.push("concentrationOperator", Value::text(sign));
        }
        if !number.is_empty() {
            let part = Part::member(index, "concentration");
            object.push("concentration", cell.number(number, part));
        }
        Some(object)
    })
}

/// `code = amount = unit = Estimate|Actual; ...`
pub(super) fn disposals<'r>(cell: &mut Cell<'_>, text: &'r str) -> Value<'r> {
    collect(cell, text, |cell, entry, index| {
        let mut parts = pieces(entry, |byte| byte == b'=');
        let (code, amount, unit, how) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || [code, amount, unit, how].contains(&"") {
            return None;
        }
        let mut weight = Object::with_capacity(3);
        let part = Part::member(index, "weight.metric");
        weight.push("metric", cell.listed(List::WeightMetrics, unit, part));
        weight.push("amount", cell.number(amount, Part::member(index, "weight.amount")));
        let estimate = spelling::estimate_or_actual(how);
        let part = Part::member(index, "weight.isEstimate");
        let estimate = cell.yes_or_no(estimate, "Estimate nor Actual", how, part);
        weight.push("isEstimate", estimate);
        let mut object = Object::with_capacity(2);
        let part = Part::member(index, "code");
        object.push("code", cell.listed(List::DisposalOrRecovery, code, part));
        object.push("weight", Value::Object(weight));
        Some(object)
    })
}

/// What stands between separators (which are ASCII), trimmed, where something stands there.
pub(super) fn entries(text: &str, separates: impl Fn(u8) -> bool) -> impl Iterator<Item = &str> {
    pieces(text, separates).filter(|entry| !entry.is_empty())
}

/// What stands between separators (which are ASCII), trimmed. By bytes: the standard library's
/// search for characters is made for longer texts.
fn pieces(text: &str, separates: impl Fn(u8) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let end = whole.bytes().position(&separates);
        rest = end.map(|end| &whole[end + 1..]);
        Some(trim(end.map_or(whole, |end| &whole[..end])))
    })
}

/// Reads each entry; one that gives nothing is noted, and then the cell stays a text.
fn collect<'r>(
    cell: &mut Cell<'_>,
    text: &'r str,
    mut read: impl FnMut(&mut Cell<'_>, &'r str, usize) -> Option<Object<'r>>,
) -> Value<'r> {
    let before = (cell.notes.findings.len(), cell.notes.repairs.len());
    let mut list = Vec::new();
    let mut broken = Vec::new();
    for (index, entry) in entries(text, |byte| matches!(byte, b';' | b'\n' | b'\r')).enumerate() {
        match read(cell, entry, index) {
            Some(object) => list.push(Value::Object(object)),
            None => broken.push(entry),
        }
    }
    if broken.is_empty() {
        return Value::List(list);
    }
    // Keys of parts lead nowhere in a list that is not there.
    cell.notes.findings.truncate(before.0);
    cell.notes.repairs.truncate(before.1);
    for entry in broken {
        let message = format!("`{entry}` cannot be read: write {}", shape(cell.field));
        cell.wrong(Part::WHOLE, ErrorType::InvalidFormat, message);
    }
    Value::text(text)
}

/// How an entry of the field's list is written.
fn shape(field: &Field) -> String {
    use crate::movement::fields::Syntax;
    let shape = match field.syntax {
        Syntax::References => "label = reference",
        Syntax::Disposals => "code = amount = unit = Estimate (or Actual)",
        _ if matches!(first_part(field).map(|f| f.kind), Some(Kind::Code(_))) => "CODE = number",
        _ => "name = number",
    };
    format!("{shape}, and ; between several, for example `{}`", field.example)
}

/// The field by which an entry of a list of components is named.
fn first_part(list: &Field) -> Option<&'static Field> {
    ["code", "name"].iter().find_map(|name| fields::field(&format!("{}.{name}", list.path)))
}

#[cfg(test)]
mod tests {
    use crate::reader::cell::tests::{clean, read, wrong};

    const POPS: &str = "wasteItems.pops.components";
    const HAZARDOUS: &str = "wasteItems.hazardous.components";
    const DISPOSALS: &str = "wasteItems.disposalOrRecoveryCodes";
    const REFERENCES: &str = "otherReferencesForMovement";

    #[test]
    fn components_have_a_name_and_a_concentration() {
        assert_eq!(
            clean(POPS, "decabde = 1,200; PCB=3.50;"),
            r#"[{"code":"DECABDE","concentration":1200},{"code":"PCB","concentration":3.5}]"#
        );
        assert_eq!(
            clean(HAZARDOUS, "Acid, 20 % = >22\nLead  =  4.5"),
            r#"[{"name":"Acid, 20 %","concentrationOperator":">","concentration":22},{"name":"Lead","concentration":4.5}]"#
        );
        assert_eq!(
            clean(POPS, "PCB = < 0.1"),
            r#"[{"code":"PCB","concentrationOperator":"<","concentration":0.1}]"#
        );
        assert_eq!(clean(POPS, "PCB ="), r#"[{"code":"PCB"}]"#);
        assert_eq!(clean(POPS, " ; "), "[]");
    }

    #[test]
    fn a_component_that_cannot_be_read_is_named() {
        let (json, findings, _) = read(POPS, "PCB = 1; DDT 5; END = x");
        assert_eq!(json, "\"PCB = 1; DDT 5; END = x\"");
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("wasteItems.0.pops.components: `DDT 5` cannot be read"));
        let (json, findings, _) = read(POPS, "PCB = 1; END = x");
        assert_eq!(
            json,
            r#"[{"code":"PCB","concentration":1},{"code":"END","concentration":"x"}]"#
        );
        assert!(findings[0].starts_with("wasteItems.0.pops.components.1.concentration: `x`"));
        assert!(wrong(HAZARDOUS, "= 5")[0].contains("name = number"));
    }

    #[test]
    fn disposals_have_four_parts() {
        assert_eq!(
            clean(DISPOSALS, "R 03 = 1,250.5 = kgs = Est; d1 = 2 = t = Actual;"),
            r#"[{"code":"R3","weight":{"metric":"Kilograms","amount":1250.5,"isEstimate":true}},{"code":"D1","weight":{"metric":"Tonnes","amount":2,"isEstimate":false}}]"#
        );
        for broken in ["R3 = 5 = t", "R3 = 5 = t = Actual = x", "R3 = = t = Actual", "R3"] {
            assert!(wrong(DISPOSALS, broken)[0].contains("code = amount = unit"), "{broken}");
        }
        let parts = wrong(DISPOSALS, "R3 = 12,50 = t = weighed");
        assert!(
            parts[0].starts_with("wasteItems.0.disposalOrRecoveryCodes.0.weight.amount: `12,50`")
        );
        assert!(parts[1].starts_with("wasteItems.0.disposalOrRecoveryCodes.0.weight.isEstimate"));
    }

    #[test]
    fn references_have_a_label() {
        assert_eq!(
            clean(REFERENCES, "PO Number = PO-12345; Job=a=b"),
            r#"[{"label":"PO Number","reference":"PO-12345"},{"label":"Job","reference":"a=b"}]"#
        );
        assert!(wrong(REFERENCES, "PO-12345")[0].contains("label = reference"));
        assert!(wrong(REFERENCES, "PO =")[0].contains("label = reference"));
        assert!(wrong(REFERENCES, "Job = 3.14E+05")[0].contains("Excel"));
    }
}
