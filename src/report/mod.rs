//! Reports: one audit model, read from the ledger alone, and a writer for each format.
//!
//! Every figure in every format comes from [`Audit`]. Must not know: the network, how a ledger is
//! written, terminals.

mod text;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::{self, Nation};
use crate::ledger::{Filter, Ledger, MovementRow, Result, RunRow};
use crate::submission::State;

pub use text::write as write_text;

/// What a report says.
#[derive(Debug)]
pub struct Audit {
    /// The environment's name.
    pub environment: String,
    /// Where the ledger is.
    pub ledger: String,
    /// When the report was made.
    pub made_at: Timestamp,
    /// Movements by state.
    pub states: BTreeMap<State, u64>,
    /// Movements by site.
    pub sites: BTreeMap<String, Standing>,
    /// Movements by day of receipt; none where it cannot be read.
    pub days: BTreeMap<Option<Date>, Standing>,
    /// The runs, oldest first.
    pub runs: Vec<RunRow>,
    /// The movements, in the order in which they were read.
    pub movements: Vec<MovementRow>,
}

/// How a group of movements stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Accepted by the service.
    pub accepted: u64,
    /// To be sent, now or later.
    pub waiting: u64,
    /// A person must correct or decide.
    pub needs_a_person: u64,
    /// Taken out by a person.
    pub withdrawn: u64,
    /// Of those that are not accepted, past their deadline.
    pub overdue: u64,
}

impl Audit {
    /// Reads a ledger.
    pub async fn of(ledger: &Ledger, environment: &str, made_at: Timestamp) -> Result<Self> {
        let mut audit = Audit {
            environment: environment.to_owned(),
            ledger: ledger.path().display().to_string(),
            made_at,
            states: BTreeMap::new(),
            sites: BTreeMap::new(),
            days: BTreeMap::new(),
            runs: ledger.runs().await?,
            movements: Vec::new(),
        };
        let today = calendar::london_day(made_at);
        let mut after = 0;
        loop {
            let page = ledger.list(&Filter::default(), after).await?;
            let Some(last) = page.last() else { break };
            after = last.movement;
            for row in page {
                audit.take(row, today);
            }
        }
        Ok(audit)
    }

    fn take(&mut self, row: MovementRow, today: Date) {
        *self.states.entry(row.state).or_default() += 1;
        let received: Option<Date> = row.received_on.as_deref().and_then(|day| day.parse().ok());
        let nation = Nation::of_permit(&row.site);
        let overdue = received.is_some_and(|day| calendar::deadline(day, nation) < today);
        let site =
            if row.site.is_empty() { "(no permit given)".to_owned() } else { row.site.clone() };
        self.sites.entry(site).or_default().take(&row, overdue);
        self.days.entry(received).or_default().take(&row, overdue);
        self.movements.push(row);
    }
}

impl Standing {
    fn take(&mut self, row: &MovementRow, overdue: bool) {
        let place = match row.state {
            State::Accepted => &mut self.accepted,
            State::Ready | State::Sending | State::Deferred => &mut self.waiting,
            State::Invalid | State::Rejected | State::Uncertain | State::Held => {
                &mut self.needs_a_person
            }
            State::Withdrawn | State::Superseded => &mut self.withdrawn,
        };
        *place += 1;
        let open = !matches!(row.state, State::Accepted | State::Withdrawn | State::Superseded);
        self.overdue += u64::from(open && overdue && row.waste_tracking_id.is_none());
    }
}
