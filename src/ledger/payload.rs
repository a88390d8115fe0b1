//! Payloads as they are kept: request bodies in a third of their bytes.
//!
//! All bodies have the same keys and many of the same words, so each is packed by itself against a
//! dictionary of these. Hashes cover what was packed, not how. Must not know: what a body means.

use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};

use super::{LedgerError, Result};

/// What was packed is never longer: a damaged ledger must not take all memory.
const LONGEST: usize = 64 * 1024 * 1024;

/// The first byte says how the rest is kept. A body begins with neither of these, and is kept as it
/// is where packing would not make it shorter; ledgers from before have nothing else.
const PLAIN: u8 = 0;
const AGAINST_KEYS: u8 = 1;

/// Ledgers are packed against exactly these bytes: another dictionary needs another first byte.
const DICTIONARY: &[u8] = br#""brokerOrDealer":{"organisationName":"","registrationNumber":"CBDU","address":{"fullAddress":"","postcode":""},"hazardousWasteConsignmentCode":"","reasonForNoConsignmentCode":"","specialHandlingRequirements":"","otherReferencesForMovement":[{"label":"","reference":""}],"containsPops":true,"pops":{"sourceOfComponents":"CARRIER_PROVIDED","components":[{"code":"","concentration":"containsHazardous":true,"hazardous":{"sourceOfComponents":"GUIDANCE","hazCodes":["HP_4","HP_14"],"components":[{"name":"","concentration":"reasonForNoRegistrationNumber":"","meansOfTransport":"Rail","regulatoryPositionStatements":[{"apiCode":"","dateTimeReceived":"2026-","yourUniqueReference":"","wasteItems":[{"ewcCodes":["200301"],"wasteDescription":"Mixed municipal waste","physicalForm":"Solid","numberOfContainers":1,"typeOfContainers":"SKI","weight":{"metric":"Tonnes","amount":1.6,"isEstimate":false},"containsPops":false,"containsHazardous":false,"disposalOrRecoveryCodes":[{"code":"R13","weight":{"metric":"Tonnes","amount":1.6,"isEstimate":false}}]}],"carrier":{"registrationNumber":"CBDU","organisationName":"","address":{"fullAddress":"","postcode":""},"emailAddress":"","phoneNumber":"0","meansOfTransport":"Road","vehicleRegistration":""},"receiver":{"siteName":"","emailAddress":"","phoneNumber":"0","authorisationNumber":"EPR/"},"receipt":{"address":{"fullAddress":"","postcode":""}}}"#;

/// A body in fewer bytes, if that takes fewer.
pub(super) fn pack(body: &[u8]) -> Vec<u8> {
    let block = compress_prepend_size_with_dict(body, DICTIONARY);
    let (kind, bytes) = match body.first() {
        _ if block.len() < body.len() => (Some(AGAINST_KEYS), &block[..]),
        Some(&(PLAIN | AGAINST_KEYS)) => (Some(PLAIN), body),
        _ => (None, body),
    };
    let mut kept = Vec::with_capacity(1 + bytes.len());
    kept.extend(kind);
    kept.extend_from_slice(bytes);
    kept
}

/// The body again.
pub(super) fn unpack(kept: &[u8]) -> Result<Vec<u8>> {
    let damaged = LedgerError::Damaged("a payload cannot be unpacked");
    match kept.split_first() {
        Some((&PLAIN, body)) => Ok(body.to_vec()),
        Some((&AGAINST_KEYS, block)) => {
            let length = block.first_chunk().map(|length| u32::from_le_bytes(*length) as usize);
            let Some(length) = length.filter(|length| *length <= LONGEST) else {
                return Err(damaged);
            };
            let body = decompress_size_prepended_with_dict(block, DICTIONARY);
            body.ok().filter(|body| body.len() == length).ok_or(damaged)
        }
        _ => Ok(kept.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_takes_a_third_of_its_bytes() {
        let bodies = include_str!("../../samples/movements.jsonl");
        let (mut before, mut after) = (0, 0);
        for body in bodies.lines() {
            let kept = pack(body.as_bytes());
            assert_eq!(unpack(&kept).expect("whole"), body.as_bytes());
            before += body.len();
            after += kept.len();
        }
        assert!(after * 5 < before * 2, "{after} of {before} bytes");
    }

    #[test]
    fn what_was_kept_before_is_as_it_was_and_damage_is_an_error() {
        assert_eq!(unpack(b"{\"a\":1}").expect("plain"), b"{\"a\":1}");
        let huge = [&[AGAINST_KEYS][..], &u32::MAX.to_le_bytes(), b"x"].concat();
        for kept in [&[AGAINST_KEYS][..], &[AGAINST_KEYS, 9, 0, 0, 0, 1], &huge] {
            assert!(unpack(kept).is_err(), "{kept:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_packed_comes_back(body in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(unpack(&pack(&body)).expect("whole"), body);
        }
    }
}
