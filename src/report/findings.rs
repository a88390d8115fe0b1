//! What was wrong, counted: why movements were refused, and which warnings are open.

use std::collections::{HashMap, HashSet};

use super::model::{Line, OpenWarning, Rejection};
use crate::ledger::FoundRow;
use crate::submission::State;

/// Findings of all lines, by kind.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rejections: Vec<Rejection>,
    warnings: Vec<OpenWarning>,
    rejected: HashMap<(bool, String, String), usize>,
    warned: HashMap<(String, String), usize>,
    /// Which movement was counted for which rejection, ever and now.
    counted: HashSet<(usize, i64, bool)>,
}

impl Findings {
    /// Counts a finding of a line; `accepted` is the newest attempt for it that was accepted.
    pub(super) fn take(&mut self, row: &FoundRow<'_>, line: &mut Line, accepted: i64) {
        if row.severity == "warning" {
            if row.attempt_id == Some(accepted) {
                line.warnings += 1;
                self.warning(row);
            }
            return;
        }
        let refused = matches!(line.state, State::Invalid | State::Rejected);
        let open = row.is_current && refused;
        line.errors += u32::from(open);
        self.rejection(row, open);
    }

    fn rejection(&mut self, row: &FoundRow<'_>, open: bool) {
        let (by_service, key) = (row.attempt_id.is_some(), without_indexes(row.key));
        let place = (by_service, key.clone(), row.error_type.to_owned());
        let index = *self.rejected.entry(place).or_insert(self.rejections.len());
        if index == self.rejections.len() {
            let (error_type, message) = (row.error_type.to_owned(), row.message.to_owned());
            let rejection =
                Rejection { by_service, key, error_type, message, movements: 0, open: 0 };
            self.rejections.push(rejection);
        }
        let Some(rejection) = self.rejections.get_mut(index) else { return };
        rejection.movements += u64::from(self.counted.insert((index, row.movement, false)));
        if open {
            rejection.open += u64::from(self.counted.insert((index, row.movement, true)));
        }
    }

    fn warning(&mut self, row: &FoundRow<'_>) {
        let key = without_indexes(row.key);
        let place = (key.clone(), row.error_type.to_owned());
        let index = *self.warned.entry(place).or_insert(self.warnings.len());
        if index == self.warnings.len() {
            let (error_type, message) = (row.error_type.to_owned(), row.message.to_owned());
            self.warnings.push(OpenWarning { key, error_type, message, movements: Vec::new() });
        }
        let Some(warning) = self.warnings.get_mut(index) else { return };
        // The findings of an answer stand together.
        if warning.movements.last() != Some(&row.movement) {
            warning.movements.push(row.movement);
        }
    }

    /// The most frequent first.
    pub(super) fn sorted(mut self) -> (Vec<Rejection>, Vec<OpenWarning>) {
        self.rejections.sort_by(|one, other| {
            let order = other.movements.cmp(&one.movements).then(other.open.cmp(&one.open));
            order.then_with(|| (&one.key, &one.error_type).cmp(&(&other.key, &other.error_type)))
        });
        for warning in &mut self.warnings {
            warning.movements.sort_unstable();
            warning.movements.dedup();
        }
        self.warnings.sort_by(|one, other| {
            let order = other.movements.len().cmp(&one.movements.len());
            order.then_with(|| one.key.cmp(&other.key))
        });
        (self.rejections, self.warnings)
    }
}

/// A key with `*` for its indexes. The service's keys for components may have several in a row.
fn without_indexes(key: &str) -> String {
    let mut plain: Vec<&str> = Vec::new();
    for step in key.split('.') {
        let index = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        let step = if index { "*" } else { step };
        if step != "*" || plain.last() != Some(&"*") {
            plain.push(step);
        }
    }
    plain.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_kind_are_one() {
        assert_eq!(without_indexes("wasteItems.12.ewcCodes.0"), "wasteItems.*.ewcCodes.*");
        let grown = "wasteItems.0.pops.components.2.1.0.concentration";
        assert_eq!(without_indexes(grown), "wasteItems.*.pops.components.*.concentration");
        assert_eq!(without_indexes("carrier"), "carrier");
    }
}
