//! What a request body says that figures are made of. Bodies that failed their checks are read as
//! far as they can be.

use rust_decimal::Decimal;

use crate::json::{Number, Object, Value, parse};
use crate::reference::{Codes, EwcKind};

/// Means of transport that have no vehicle: the load has a period instead of a moment.
const PIPED: &str = "Piped";
/// Amounts finer than this lose digits in tonnes.
const FINEST: u32 = 22;

/// What a body says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The carrier's name.
    pub carrier: Option<String>,
    /// Its registration number.
    pub registration: Option<String>,
    /// Whether the waste came through a pipe.
    pub by_pipe: bool,
    /// The waste items.
    pub items: Vec<ItemFacts>,
}

/// What it says of one waste item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemFacts {
    /// Its EWC codes, the one that describes it best first.
    pub ewc_codes: Vec<String>,
    /// Whether one of these is hazardous, or it is said to contain hazardous properties.
    pub hazardous: bool,
    /// Its weight in tonnes, exactly; none where there is none, or none that can be read.
    pub tonnes: Option<Decimal>,
    /// Whether the weight is an estimate.
    pub estimated: bool,
}

impl Facts {
    /// Reads a body; nothing where it is no JSON object.
    pub fn of(payload: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(payload).ok()?;
        let body = parse(text).ok()?;
        let body = body.as_object()?;
        let carrier = body.get("carrier").and_then(Value::as_object);
        let of_carrier = |key| {
            let text = carrier?.get(key)?.as_str()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let items = body.get("wasteItems").and_then(Value::as_list).unwrap_or_default();
        Some(Facts {
            carrier: of_carrier("organisationName"),
            registration: of_carrier("registrationNumber").map(|number| number.to_uppercase()),
            by_pipe: of_carrier("meansOfTransport").as_deref() == Some(PIPED),
            items: items.iter().filter_map(Value::as_object).map(item).collect(),
        })
    }
}

fn item(item: &Object<'_>) -> ItemFacts {
    let codes = item.get("ewcCodes").and_then(Value::as_list).unwrap_or_default();
    let ewc_codes: Vec<String> =
        codes.iter().filter_map(Value::as_str).map(|code| code.trim().to_owned()).collect();
    let listed = |code: &String| Codes::embedded().ewc(code).is_some_and(EwcKind::is_hazardous);
    let said = item.get("containsHazardous") == Some(&Value::Bool(true));
    let weight = item.get("weight").and_then(Value::as_object);
    ItemFacts {
        hazardous: said || ewc_codes.iter().any(listed),
        ewc_codes,
        tonnes: weight.and_then(tonnes),
        estimated: weight.is_some_and(|w| w.get("isEstimate") == Some(&Value::Bool(true))),
    }
}

/// A weight in tonnes, exactly.
fn tonnes(weight: &Object<'_>) -> Option<Decimal> {
    let Some(Value::Number(amount)) = weight.get("amount") else { return None };
    let amount = decimal(amount).filter(|amount| amount.scale() <= FINEST)?;
    let unit = match weight.get("metric").and_then(Value::as_str)? {
        "Tonnes" => Decimal::ONE,
        "Kilograms" => Decimal::new(1, 3),
        "Grams" => Decimal::new(1, 6),
        _ => return None,
    };
    amount.checked_mul(unit).map(|tonnes| tonnes.normalize())
}

/// A number by its spelling; nothing where a decimal of 28 digits cannot hold it.
fn decimal(number: &Number<'_>) -> Option<Decimal> {
    let spelling = number.as_str();
    let plain = Decimal::from_str_exact(spelling).ok();
    plain.or_else(|| Decimal::from_scientific(spelling).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weigh(amount: &str, metric: &str) -> Option<String> {
        let text = format!(r#"{{"amount":{amount},"metric":"{metric}"}}"#);
        let value = parse(&text).expect("valid JSON");
        tonnes(value.as_object().expect("an object")).map(|tonnes| tonnes.to_string())
    }

    #[test]
    fn weights_become_tonnes_exactly() {
        assert_eq!(weigh("12.50", "Tonnes").as_deref(), Some("12.5"));
        assert_eq!(weigh("1250.1", "Kilograms").as_deref(), Some("1.2501"));
        assert_eq!(weigh("1", "Grams").as_deref(), Some("0.000001"));
        assert_eq!(weigh("1.5e3", "Kilograms").as_deref(), Some("1.5"));
        assert_eq!(weigh("1e400", "Tonnes"), None);
        assert_eq!(weigh("1", "Stones"), None);
    }

    #[test]
    fn a_body_says_what_figures_are_made_of() {
        let body = br#"{"carrier":{"organisationName":" A ","registrationNumber":"cbdu1",
            "meansOfTransport":"Piped"},"wasteItems":[
            {"ewcCodes":["170204","x"],"weight":{"amount":2,"metric":"Tonnes","isEstimate":true}},
            {"ewcCodes":["170201"],"containsHazardous":false},5]}"#;
        let facts = Facts::of(body).expect("facts");
        assert_eq!(facts.carrier.as_deref(), Some("A"));
        assert_eq!(facts.registration.as_deref(), Some("CBDU1"));
        assert!(facts.by_pipe);
        let [hazardous, harmless] = &facts.items[..] else { panic!("{:?}", facts.items) };
        assert!(hazardous.hazardous && hazardous.estimated && !harmless.hazardous);
        assert_eq!(hazardous.tonnes, Some(Decimal::TWO));
        assert_eq!(harmless.tonnes, None);
    }

    proptest! {
        #[test]
        fn grams_and_tonnes_agree(grams in 1u64..1_000_000_000_000) {
            let tonnes = Decimal::from(grams) / Decimal::from(1_000_000);
            let expected = tonnes.normalize().to_string();
            prop_assert_eq!(weigh(&grams.to_string(), "Grams"), Some(expected));
        }

        #[test]
        fn nothing_in_a_body_breaks_the_reading(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Facts::of(&bytes);
        }
    }
}
