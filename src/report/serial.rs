//! How single values stand in JSON.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::ser::Error as _;
use serde::{Serialize as _, Serializer};
use serde_json::value::RawValue;

use crate::submission::State;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn state<S: Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.as_str())
}

pub(super) fn time<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

/// A number with all its digits, which a double may not have.
pub(super) fn decimal<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(number.normalize().to_string())
        .map_err(S::Error::custom)?
        .serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde passes references")]
pub(super) fn optional_decimal<S: Serializer>(
    number: &Option<Decimal>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => decimal(number, serializer),
        None => serializer.serialize_none(),
    }
}
