//! What would become of a file, without writing anything.

use super::{Intake, IntakeError, Judge, Progress, Source, incoming};
use crate::finding::Finding;
use crate::ledger::{Foreseen, Ledger};

/// A record with what would become of it.
#[derive(Debug)]
pub struct Fate<'a> {
    /// Where it begins.
    pub line: u64,
    /// The sheet, in a workbook.
    pub sheet: Option<&'a str>,
    /// Its reference, where it has a usable one.
    pub reference: Option<&'a str>,
    /// What would become of it.
    pub foreseen: Foreseen,
    /// What was found in it.
    pub findings: &'a [Finding],
    /// The line of an earlier record with the same reference, which is not sent either.
    pub repeats: Option<u64>,
}

impl Intake {
    /// Asks a ledger, where there is one, what it would make of every record of a file. Returns
    /// why nothing of it would be admitted, if so.
    pub async fn foresee(
        &self,
        ledger: Option<&Ledger>,
        source: &Source,
        progress: &Progress,
        mut each: impl FnMut(Fate<'_>),
    ) -> Result<Option<String>, IntakeError> {
        let mut reader = source.open(self.defaults.clone())?.with_codes(self.policy.codes);
        let mut judge = Judge::new(self.policy);
        let mut invalid = 0;
        while let Some(record) = reader.next_record()? {
            let incoming = incoming(&record, judge.judge(&record), self.contacts, progress);
            invalid += u64::from(!incoming.is_valid());
            let foreseen = match ledger {
                Some(ledger) => ledger.foresee(&incoming, self.on_change).await?,
                None => Foreseen::of_new(&incoming),
            };
            each(Fate {
                line: incoming.line,
                sheet: record.sheet(),
                reference: incoming.key.as_ref().map(|key| key.reference.as_str()),
                foreseen,
                findings: &incoming.findings,
                repeats: incoming.repeats,
            });
        }
        progress.note(&reader);
        Ok(self.too_many(reader.records(), invalid))
    }
}
