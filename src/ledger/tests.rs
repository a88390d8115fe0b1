//! The ledger against its promises: admission, claims, answers, decisions.

mod admission;
mod adopting;
mod chain;
mod decisions;
mod looking;
mod opening;
mod plans;
mod purging;
mod reading;
mod rows;
mod sending;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::mpsc::channel;

use super::*;
use crate::finding::{ErrorType, Finding, Severity};
use crate::movement::Key;
use crate::submission::{Decision, Method, OnChange, Outcome, Reason, State};

impl Ledger {
    /// From now on no attempt can be written.
    pub(crate) async fn refuse_attempts(&self) {
        self.refuse("INSERT ON attempt").await;
    }

    /// As if the disk failed whenever something is written.
    async fn refuse(&self, what: &str) {
        let trigger = format!(
            "CREATE TRIGGER broken BEFORE {what} BEGIN SELECT RAISE (ABORT, 'the disk is broken'); END"
        );
        let trigger = sqlx::AssertSqlSafe(trigger);
        sqlx::query(trigger).execute(&mut *self.connection().await).await.expect("a trigger");
    }
}

/// A ledger in a folder of its own, and a run that writes it.
struct World {
    folder: TempDir,
    clock: Clock,
    ledger: Ledger,
    run: Run,
}

fn binding() -> Binding {
    let [name, api_url, token_url] =
        ["test", "https://api.test/", "https://token.test/"].map(str::to_owned);
    Binding { name, api_url, token_url }
}

async fn open(path: &Path, clock: &Clock) -> Result<Ledger> {
    let access = Access::Write(Creation::WhereMissing);
    Ledger::open(path, access, &binding(), clock.clone()).await
}

fn run_facts() -> RunFacts {
    RunFacts { command: "submit".into(), user: "somebody".into(), host: "here".into() }
}

fn layout() -> Layout {
    Layout {
        format: "csv".into(),
        encoding: "UTF-8".into(),
        delimiter: ",".into(),
        header: b"by Jane Roe\na,b\n".to_vec(),
        titles_at: 12,
    }
}

fn file_facts() -> FileFacts {
    FileFacts {
        path: "/loads.csv".into(),
        format: "csv".into(),
        size: Some(9),
        modified_at: Some(7),
        layout: Some(layout()),
    }
}

impl Incoming {
    /// A valid record.
    pub(crate) fn example(api_code: &str, reference: &str, payload: Vec<u8>) -> Self {
        let [api_code, site, reference] = [api_code, "S", reference].map(str::to_owned);
        Incoming {
            authorisation_number: site.clone(),
            key: Some(Key { api_code, site, reference }),
            key_is_sure: true,
            waste_tracking_id: None,
            line: 2,
            lasting_hash: super::chain::lasting_hash(&payload),
            rows: [&payload[..], b"\r\n"].concat(),
            payload,
            received_at: Some(1),
            received_on: Some("2026-10-05".to_owned()),
            by_pipe: false,
            findings: Vec::new(),
            repeats: None,
        }
    }
}

/// A valid record of operator `a`.
fn record(reference: &str, content: &str) -> Incoming {
    Incoming::example("a", reference, format!("{reference} {content}").into_bytes())
}

fn invalid(reference: &str, content: &str) -> Incoming {
    let finding = Finding::error("carrier", ErrorType::NotProvided, "it is missing");
    Incoming { findings: vec![finding], ..record(reference, content) }
}

fn of_operator(api_code: &str, incoming: Incoming) -> Incoming {
    let key = incoming.key.map(|key| Key { api_code: api_code.to_owned(), ..key });
    Incoming { key, ..incoming }
}

fn stored(id: &str) -> Outcome {
    Outcome::Accepted { waste_tracking_id: Some(id.to_owned()), warnings: Vec::new() }
}

fn updated() -> Outcome {
    Outcome::Accepted { waste_tracking_id: None, warnings: Vec::new() }
}

fn deferred(reason: Reason) -> Outcome {
    Outcome::Deferred { reason, retry_after: None }
}

fn uncertain() -> Outcome {
    Outcome::Uncertain { reason: Reason::Timeout }
}

fn rejected() -> Outcome {
    let findings = vec![Finding::error("carrier", ErrorType::InvalidValue, "the API says no")];
    Outcome::Rejected { reason: Reason::Refused, findings }
}

fn order(decision: Decision) -> Order {
    Order {
        decision,
        waste_tracking_id: None,
        note: Some("because".to_owned()),
        user: "somebody".to_owned(),
    }
}

fn by_reference(reference: &str) -> Selector {
    Selector::Reference { reference: reference.to_owned(), api_code: None, site: None }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::manual(Timestamp::from_second(1_790_000_000).expect("a time"));
        let ledger = open(&folder.path().join("ledger.sqlite"), &clock).await.expect("a ledger");
        let run = ledger.begin_run(&run_facts()).await.expect("a run");
        World { folder, clock, ledger, run }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite")
    }

    /// The process ends; another one begins.
    async fn next_process(self) -> Self {
        let World { folder, clock, ledger, .. } = self;
        ledger.close().await.expect("closed");
        let ledger = open(&folder.path().join("ledger.sqlite"), &clock).await.expect("a ledger");
        let run = ledger.begin_run(&run_facts()).await.expect("a run");
        World { folder, clock, ledger, run }
    }

    /// Turns the clock.
    async fn pass(&self, seconds: u64) {
        let mut sleep =
            std::pin::pin!(self.clock.sleep_until(self.clock.now() + Duration::from_secs(seconds)));
        loop {
            tokio::select! { biased; () = &mut sleep => return, () = async {} => {} }
            self.clock.turn();
        }
    }

    async fn feed(&self, batches: Vec<Admission>, on_change: OnChange) -> Result<Admitted> {
        let (to_ledger, from_reader) = channel(batches.len().max(1));
        for batch in batches {
            to_ledger.send(batch).await.expect("room");
        }
        drop(to_ledger);
        self.ledger.admit(&self.run, &file_facts(), on_change, from_reader).await
    }

    async fn read(&self, records: Vec<Incoming>) -> Admitted {
        self.read_as(records, OnChange::Hold).await
    }

    async fn read_as(&self, records: Vec<Incoming>, on_change: OnChange) -> Admitted {
        let batches = vec![Admission::Records(records), Admission::End];
        self.feed(batches, on_change).await.expect("admitted")
    }

    /// Claims whatever is due.
    async fn claim(&self) -> Vec<Claimed> {
        // For each operator that there can be, whether it has a supply or not.
        let shares: Vec<(i64, usize)> = (1..=9).map(|operator| (operator, 100)).collect();
        self.ledger.claim(&self.run, &shares).await.expect("claimed")
    }

    async fn answer(&self, claimed: &Claimed, outcome: Outcome) -> Result<()> {
        let answered = self.answered(claimed, outcome);
        self.ledger.record(&self.run, vec![answered]).await.map(drop)
    }

    fn answered(&self, claimed: &Claimed, outcome: Outcome) -> Answered {
        let now = self.clock.wall_ms();
        Answered {
            claimed: claimed.clone(),
            started_at: now,
            duration_ms: 70,
            status: Some(201),
            outcome,
            request_id: Some("r".to_owned()),
            service_charge_expiry: None,
            detail: None,
            due_at: now,
        }
    }

    /// Sends the one movement that is due.
    async fn send(&self, outcome: Outcome) -> Claimed {
        let mut claimed = self.claim().await;
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        let claimed = claimed.remove(0);
        self.answer(&claimed, outcome).await.expect("recorded");
        claimed
    }

    async fn decide(&self, reference: &str, decision: Decision) -> Result<Vec<(i64, State)>> {
        self.ledger.decide(&self.run, &[by_reference(reference)], &order(decision)).await
    }

    async fn accept(&self, reference: &str, id: &str) -> Result<Vec<(i64, State)>> {
        let order = Order { waste_tracking_id: Some(id.to_owned()), ..order(Decision::Accepted) };
        self.ledger.decide(&self.run, &[by_reference(reference)], &order).await
    }

    async fn rows(&self) -> Vec<MovementRow> {
        let filter = Filter { states: State::ALL.to_vec(), ..Filter::default() };
        let rows = self.ledger.list(&filter, 0).await.expect("a list");
        // Whatever happened, the counts are those of the movements.
        let mut states = std::collections::HashMap::new();
        for row in rows.iter().filter(|row| row.state != State::Superseded) {
            *states.entry(row.state).or_insert(0) += 1;
        }
        assert_eq!(self.ledger.overview().await.expect("an overview").states, states);
        rows
    }

    /// All revisions, in words: `A1 one: POST accepted (read)`.
    async fn all(&self) -> Vec<String> {
        let mut all = Vec::new();
        for row in self.rows().await {
            for revision in self.ledger.revisions(row.movement).await.expect("revisions") {
                let payload = revision.payload.unwrap_or_default();
                let what = String::from_utf8_lossy(&payload);
                let (method, state, why) = (revision.method, revision.state, revision.why);
                all.push(format!("{what}: {method} {state} ({why})"));
            }
        }
        all
    }

    async fn tally(&self) -> RunTally {
        self.ledger.tally(&self.run).await.expect("a tally")
    }
}
