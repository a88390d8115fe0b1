//! What we say beside the API's own rules: what stops a record although the API would take it,
//! and what is worth a look.
//!
//! Only what can be seen in one record: deadlines in working days and the same content under two
//! references are told elsewhere. Values of a wrong type are passed over: [`super::check`] has
//! said so.

use rust_decimal::Decimal;

use super::dates::{Settled, Stored};
use super::schema::Substances;
use super::values::utf16_length;
use super::walk::Path;
use super::{dates, say};
use crate::finding::{ErrorType, Finding, Severity};
use crate::json::{Object, Value};
use crate::movement::trim;
use crate::reference::{Codes, EwcKind};

/// Longer texts are taken by the API but not foreseen by its documentation.
const MOST_UNITS: usize = 5_000;
/// The one text for which the API itself has a limit.
const LIMITED_BY_THE_API: &str = "specialHandlingRequirements";

/// Our own findings on a body: first what stops it, then what is worth a look, in the order of
/// the body. `now` is the time of the reading.
pub fn advise(body: &Value<'_>, codes: &Codes, now: jiff::Timestamp) -> Vec<Finding> {
    advise_of(body, usize::MAX, codes, now, dates::read_value)
}

/// The same, where no text is longer than so many bytes, and dates are read in some way of the
/// caller's.
pub(super) fn advise_of(
    body: &Value<'_>,
    longest: usize,
    codes: &Codes,
    now: jiff::Timestamp,
    read: impl FnOnce(&Value<'_>) -> Option<Stored>,
) -> Vec<Finding> {
    let mut advice = Advice { codes, findings: Vec::new() };
    let Value::Object(object) = body else { return advice.findings };
    advice.of_identity(object);
    if let Some((value, stored)) =
        object.get("dateTimeReceived").and_then(|value| Some((value, read(value)?)))
    {
        advice.of_date(value, stored, now);
    }
    let items = object.get("wasteItems").and_then(Value::as_list).unwrap_or_default();
    for (index, item) in items.iter().enumerate() {
        if let Value::Object(item) = item {
            advice.of_item(index, item);
        }
    }
    if longest > MOST_UNITS && holds_long_text(body) {
        advice.of_lengths(body, &Path::ROOT);
    }
    advice.findings
}

struct Advice<'c> {
    codes: &'c Codes,
    findings: Vec<Finding>,
}

impl Advice<'_> {
    fn note(&mut self, key: String, kind: ErrorType, message: String) {
        self.findings.push(Finding::new(Severity::Advice, key, kind, message));
    }

    fn block(&mut self, key: &'static str, message: &'static str) {
        let finding = Finding::new(Severity::Blocking, key, ErrorType::NotProvided, message);
        self.findings.push(finding);
    }

    /// N1, and the reference without which nothing can be traced or matched later.
    fn of_identity(&mut self, body: &Object<'_>) {
        let reference = body.get("yourUniqueReference").and_then(Value::as_str);
        if reference.is_none_or(|text| trim(text).is_empty()) {
            self.block("yourUniqueReference", say::reference_missing());
        }
        if body.get("carrier").is_none() {
            self.block("carrier", say::carrier_missing());
        }
    }

    fn of_date(&mut self, value: &Value<'_>, stored: Stored, now: jiff::Timestamp) {
        let Stored { millisecond, settled } = stored;
        let stored = jiff::Timestamp::from_millisecond(millisecond).ok();
        let shown =
            || stored.map_or_else(|| "a date of another age".to_owned(), |at| at.to_string());
        let key = || "dateTimeReceived".to_owned();
        if settled != Settled::Nothing {
            self.note(key(), ErrorType::InvalidValue, say::date_settled(settled, value, &shown()));
        }
        if millisecond > now.as_millisecond() {
            self.note(key(), ErrorType::OutOfRange, say::date_in_future(&shown()));
        }
    }

    fn of_item(&mut self, index: usize, item: &Object<'_>) {
        self.of_codes(index, item);
        self.of_hazardous_properties(index, item);
        self.of_weights(index, item);
    }

    /// EWC codes against what the item says of itself.
    fn of_codes(&mut self, index: usize, item: &Object<'_>) {
        let list = item.get("ewcCodes").and_then(Value::as_list).unwrap_or_default();
        let codes = self.codes;
        let hazardous = kinds(list, codes).find(|(_, _, kind)| kind.is_hazardous());
        let flag = || format!("wasteItems.{index}.containsHazardous");
        let all_known = || !list.is_empty() && kinds(list, codes).count() == list.len();
        match (item.get("containsHazardous"), hazardous) {
            (Some(Value::Bool(false)), Some((_, code, kind))) => {
                let message = say::code_is_hazardous(code, kind);
                self.note(flag(), ErrorType::BusinessRuleViolation, message);
            }
            (Some(Value::Bool(true)), None) if all_known() => {
                let twin = kinds(list, codes).find_map(|(_, code, _)| codes.twin(code));
                let message = say::no_code_is_hazardous(twin);
                self.note(flag(), ErrorType::BusinessRuleViolation, message);
            }
            // Details of hazardous properties, given although there are none, show that the
            // hazardous twin was considered.
            (Some(Value::Bool(false)), None) if item.get("hazardous").is_none() => {
                let is_mirror = |kind| kind == EwcKind::MirrorNonHazardous;
                let mirror = kinds(list, codes).find(|(_, _, kind)| is_mirror(*kind));
                let Some((at, code, _)) = mirror else { return };
                let message = say::mirror_entry(code, codes.twin(code));
                let key = format!("wasteItems.{index}.ewcCodes.{at}");
                self.note(key, ErrorType::BusinessRuleViolation, message);
            }
            _ => {}
        }
    }

    /// `HP_POP` says that there are POPs.
    fn of_hazardous_properties(&mut self, index: usize, item: &Object<'_>) {
        let codes = item.get(Substances::Hazardous.key()).and_then(|object| object.get("hazCodes"));
        let codes = codes.and_then(Value::as_list).unwrap_or_default();
        let place = codes.iter().position(|code| code.as_str() == Some("HP_POP"));
        let Some(at) = place else { return };
        if item.get(Substances::Pops.contains()) == Some(&Value::Bool(false)) {
            let key = format!("wasteItems.{index}.hazardous.hazCodes.{at}");
            self.note(key, ErrorType::BusinessRuleViolation, say::pops_denied().to_owned());
        }
    }

    /// The weights that are treated against the weight of the item, exactly.
    fn of_weights(&mut self, index: usize, item: &Object<'_>) {
        let treated = item.get("disposalOrRecoveryCodes").and_then(Value::as_list);
        let treated = treated.unwrap_or_default();
        let Some(weight) = item.get("weight").filter(|_| !treated.is_empty()) else { return };
        // Nearly all that is treated is treated in one way, and weighed once.
        if let [one] = treated
            && one.get("weight").is_some_and(|treated| is_spelt_alike(treated, weight))
        {
            return;
        }
        let Some(whole) = grams(weight) else { return };
        let mut weights = treated.iter().map(|entry| entry.get("weight").and_then(grams));
        let sum = weights.try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(weight?));
        if let Some(sum) = sum.filter(|sum| *sum != whole) {
            let key = format!("wasteItems.{index}.disposalOrRecoveryCodes");
            let message = say::weights_differ(sum, whole);
            self.note(key, ErrorType::BusinessRuleViolation, message);
        }
    }

    /// Texts that are longer than anybody expects, wherever they stand.
    fn of_lengths(&mut self, value: &Value<'_>, path: &Path<'_>) {
        match value {
            Value::Text(text) if text.as_str().len() > MOST_UNITS => {
                let units = utf16_length(text.as_str());
                let key = path.to_string();
                if units > MOST_UNITS && key != LIMITED_BY_THE_API {
                    self.note(key, ErrorType::OutOfRange, say::long_text(units, MOST_UNITS));
                }
            }
            Value::Object(object) => {
                for (key, member) in object.iter() {
                    self.of_lengths(member, &path.key(key.as_str()));
                }
            }
            Value::List(list) => {
                for (index, entry) in list.iter().enumerate() {
                    self.of_lengths(entry, &path.index(index));
                }
            }
            _ => {}
        }
    }
}

/// Whether any text may be too long: nearly no body has one, and then no key need be written out.
fn holds_long_text(value: &Value<'_>) -> bool {
    // Texts first: there are so many that a call for each would count.
    let holds = |value: &Value<'_>| match value {
        Value::Text(text) => text.as_str().len() > MOST_UNITS,
        Value::Object(_) | Value::List(_) => holds_long_text(value),
        _ => false,
    };
    match value {
        Value::Object(object) => object.iter().any(|(_, member)| holds(member)),
        Value::List(list) => list.iter().any(holds),
        value => holds(value),
    }
}

/// The codes of a list that are known, with their places and kinds.
fn kinds<'v>(
    list: &'v [Value<'v>],
    codes: &Codes,
) -> impl Iterator<Item = (usize, &'v str, EwcKind)> {
    list.iter().enumerate().filter_map(|(at, entry)| {
        let code = entry.as_str()?;
        Some((at, code, codes.ewc(code)?))
    })
}

/// Whether two weights are spelt with the same amount and unit.
fn is_spelt_alike(one: &Value<'_>, other: &Value<'_>) -> bool {
    ["amount", "metric"].iter().all(|key| one.get(key) == other.get(key))
}

/// A weight in grams, exactly; none where it is incomplete, or beyond what a decimal holds.
fn grams(weight: &Value<'_>) -> Option<Decimal> {
    let factor = match weight.get("metric")?.as_str()? {
        "Grams" => Decimal::ONE,
        "Kilograms" => Decimal::ONE_THOUSAND,
        "Tonnes" => Decimal::from(1_000_000),
        _ => return None,
    };
    let Value::Number(amount) = weight.get("amount")? else { return None };
    let amount = amount.as_str();
    let amount = Decimal::from_str_exact(amount).or_else(|_| Decimal::from_scientific(amount));
    amount.ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests;
