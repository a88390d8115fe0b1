//! Numbers as they are spelt.

use std::borrow::Cow;

/// A JSON number by its spelling (`1.50`, `-0`, `1e400`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number<'a>(Cow<'a, str>);

impl<'a> Number<'a> {
    /// A number by its JSON spelling. The caller vouches that it is one: readers pass what they
    /// have parsed as a decimal.
    pub(crate) fn from_spelling(spelling: impl Into<Cow<'a, str>>) -> Self {
        Number(spelling.into())
    }

    /// The spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as the service's JSON parser reads it: a double, infinite when it overflows.
    pub fn as_f64(&self) -> f64 {
        plain(&self.0).unwrap_or_else(|| self.0.parse().unwrap_or(f64::NAN))
    }

    pub(super) fn into_owned(self) -> Number<'static> {
        Number(Cow::Owned(self.0.into_owned()))
    }
}

/// The value of a few digits with at most one point among them, as most numbers are spelt. A double
/// holds the digits exactly, and the power of ten by which they are divided, so that it is rounded
/// once, as it should be.
fn plain(spelling: &str) -> Option<f64> {
    const MOST: usize = 9;
    const POWERS: [f64; MOST] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
    if spelling.is_empty() || spelling.len() > MOST {
        return None;
    }
    let (mut digits, mut point) = (0_u32, None);
    for (place, byte) in spelling.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits = digits * 10 + u32::from(byte - b'0'),
            b'.' if point.is_none() && place > 0 => point = Some(place + 1),
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |behind| spelling.len() - behind);
    Some(f64::from(digits) / POWERS[decimals])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_number_has_no_value() {
        assert!(Number::from_spelling("").as_f64().is_nan());
        assert!(Number::from_spelling("1e400").as_f64().is_infinite());
    }

    proptest! {
        #[test]
        fn a_plain_number_is_worth_what_the_long_way_says(
            spelling in "-?[0-9]{1,12}(\\.[0-9]{1,12})?(e-?[0-9]{1,2})?"
        ) {
            let long_way: f64 = spelling.parse().expect("a number");
            let ours = Number::from_spelling(&*spelling).as_f64();
            prop_assert_eq!(ours.to_bits(), long_way.to_bits());
        }
    }
}
