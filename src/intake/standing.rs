//! Where the movements of a file stand, which was read before: whether it is done with.

use super::{Intake, IntakeError, Source};
use crate::ledger::Ledger;
use crate::submission::State;

/// The movements of a file by what they wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// To be sent, by this program.
    pub waiting: u64,
    /// To be corrected by a person: invalid, rejected, or without a usable reference.
    pub to_correct: u64,
    /// To be decided by a person: uncertain or held.
    pub to_decide: u64,
}

impl Intake {
    /// Asks the ledger where every movement of a file stands now, whichever file it was read from
    /// last. A movement that the ledger does not know waits.
    pub async fn standing(
        &self,
        ledger: &Ledger,
        source: &Source,
    ) -> Result<Standing, IntakeError> {
        let mut standing = Standing::default();
        let mut reader = source.open(self.defaults.clone())?.with_codes(self.policy.codes);
        while let Some(record) = reader.next_record()? {
            let Some(key) = record.movement.key() else {
                standing.to_correct += 1;
                continue;
            };
            let states = ledger.states_of(&key).await?;
            if states.is_empty() {
                standing.waiting += 1;
            }
            for state in states {
                *match state {
                    State::Ready | State::Sending | State::Deferred => &mut standing.waiting,
                    State::Invalid | State::Rejected => &mut standing.to_correct,
                    State::Uncertain | State::Held => &mut standing.to_decide,
                    State::Accepted | State::Superseded | State::Withdrawn => continue,
                } += 1;
            }
        }
        Ok(standing)
    }
}
