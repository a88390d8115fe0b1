//! A month of four sites in a ledger, made by the ledger's own interface: each working day a file
//! is read and sent, with everything that happens to movements. The same seed gives the same
//! ledger.

use std::collections::HashMap;
use std::path::Path;

use fastrand::Rng;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::channel;
use waste_receipts::clock::Clock;
use waste_receipts::finding::{ErrorType, Finding, Severity};
use waste_receipts::ledger::{
    Access, Admission, Answered, Binding, Claimed, Creation, FileFacts, Incoming, Ledger,
    LedgerError, Order, Run, RunFacts, Selector,
};
use waste_receipts::movement::{Key, comparable_site, lasting};
use waste_receipts::submission::{Decision, OnChange, Outcome, Reason};

const API_CODES: [&str; 2] =
    ["1f83215e-4b90-4785-9ab2-2614839aa2e9", "5f0f1c22-4ad4-4f53-9be7-0d2a5b7f4f11"];
const SITES: [&str; 4] = ["EPR/QV1001LM", "PPC/A/1044821", "WML 12/34 LN/12/34", "WML654321"];
const CODES: [&str; 9] =
    ["170101", "170204", "200301", "150106", "191212", "160601", "020304", "100101", "170504"];
const METRICS: [&str; 3] = ["Tonnes", "Kilograms", "Grams"];

pub(crate) fn binding() -> Binding {
    Binding {
        name: "month".to_owned(),
        api_url: "http://127.0.0.1:9".to_owned(),
        token_url: "http://127.0.0.1:9/oauth2/token".to_owned(),
    }
}

/// The moment for which the tests make their reports: a morning after the month.
pub(crate) fn morning() -> Timestamp {
    "2026-11-02T09:00:00Z".parse().expect("a time")
}

/// Writes the ledger of October 2026 with so many movements.
pub(crate) async fn write(path: &Path, movements: usize, seed: u64) {
    let mut month =
        Month { rng: Rng::with_seed(seed), made: 0, read: HashMap::new(), corrections: Vec::new() };
    let days = working_days();
    for (at, day) in days.iter().enumerate() {
        let share = movements * (at + 1) / days.len() - movements * at / days.len();
        month.night(path, *day, share).await;
    }
}

fn working_days() -> Vec<Date> {
    let first = date(2026, 10, 1);
    let all = first.series(1.day()).take_while(|day| day.month() == 10);
    all.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)).collect()
}

/// Opens the ledger to write in it. A program that another test starts at this moment has what was
/// open here, the lock of the night before among it, until it is another program.
async fn open(path: &Path, clock: Clock) -> Ledger {
    let access = Access::Write(Creation::WhereMissing);
    for _ in 0..100_000 {
        match Ledger::open(path, access, &binding(), clock.clone()).await {
            Err(LedgerError::InUse { .. }) => tokio::task::yield_now().await,
            opened => return opened.expect("a ledger"),
        }
    }
    panic!("the ledger stays in use");
}

struct Month {
    rng: Rng,
    made: usize,
    /// What was read, by reference.
    read: HashMap<String, Incoming>,
    /// What is read again the next night with other content.
    corrections: Vec<(Incoming, OnChange)>,
}

impl Month {
    async fn night(&mut self, path: &Path, day: Date, share: usize) {
        let evening =
            day.at(18, 30, 0, 0).to_zoned(TimeZone::get("Europe/London").expect("a zone"));
        let clock = Clock::manual(evening.expect("a time").timestamp());
        let ledger = open(path, clock).await;
        let user = if self.rng.bool() { "gatehouse" } else { "night.job" };
        let [command, host] = ["submit", "weighbridge-pc"].map(str::to_owned);
        let facts = RunFacts { command, user: user.to_owned(), host };
        let run = ledger.begin_run(&facts).await.expect("a run");
        ledger.recover(&run).await.expect("recovered");
        for (again, on_change) in std::mem::take(&mut self.corrections) {
            feed(&ledger, &run, "corrections.csv", vec![again], on_change).await;
        }
        let records: Vec<Incoming> = (0..share).map(|_| self.record(day)).collect();
        for record in &records {
            let reference = record.key.as_ref().map(|key| key.reference.clone());
            self.read.extend(reference.map(|reference| (reference, record.clone())));
        }
        let name = format!("C:\\weighbridge\\loads-{day}.csv");
        feed(&ledger, &run, &name, records, OnChange::Hold).await;
        self.send(&ledger, &run, evening_ms(&ledger)).await;
        self.decide(&ledger, &run).await;
        if day.day() != 14 {
            ledger.end_run(&run, 3, "{}").await.expect("ended");
        }
        ledger.close().await.expect("closed");
    }

    /// A load, received on the day or up to four days before.
    fn record(&mut self, day: Date) -> Incoming {
        self.made += 1;
        let late = self.rng.usize(..100);
        let back = if late < 80 { 0 } else { self.rng.i64(1..5) };
        let received_on = day - back.days();
        let received = received_on.at(self.rng.i8(6..18), self.rng.i8(0..60), 0, 0);
        let received = received.to_zoned(TimeZone::get("Europe/London").expect("a zone"));
        let site = SITES[self.rng.usize(..SITES.len())];
        let api_code = API_CODES[self.rng.usize(..2)];
        let reference = format!("WB-{:06}", self.made);
        let payload = self.payload(&reference, 1);
        let undated = self.rng.usize(..400) == 0;
        let mut findings = Vec::new();
        if undated || self.rng.usize(..40) == 0 {
            let key =
                ["wasteItems.0.ewcCodes.0", "carrier.registrationNumber"][self.rng.usize(..2)];
            findings.push(Finding::error(key, ErrorType::InvalidFormat, "it has another form"));
        }
        let received = received.expect("a time").timestamp();
        Incoming {
            key: Some(Key {
                api_code: api_code.to_owned(),
                site: comparable_site(site),
                reference,
            }),
            authorisation_number: site.to_owned(),
            line: self.made as u64 + 1,
            lasting_hash: lasting_hash(&payload),
            payload,
            received_at: (!undated).then(|| received.as_millisecond()),
            received_on: (!undated).then(|| received_on.to_string()),
            findings,
            ..empty()
        }
    }

    fn payload(&mut self, reference: &str, version: usize) -> Vec<u8> {
        let carrier = self.rng.usize(..12);
        let means = if self.rng.usize(..100) == 0 { "Piped" } else { "Road" };
        let items: Vec<String> = (0..self.rng.usize(1..3)).map(|_| self.item()).collect();
        format!(
            r#"{{"yourUniqueReference":"{reference}","specialHandlingRequirements":"reading {version}","wasteItems":[{}],"carrier":{{"registrationNumber":"CBDU{:05}","organisationName":"Carrier No. {carrier} <Example> & Sons","meansOfTransport":"{means}"}}}}"#,
            items.join(","),
            carrier + 100,
        )
        .into_bytes()
    }

    fn item(&mut self) -> String {
        let codes: Vec<&str> =
            (0..self.rng.usize(1..3)).map(|_| CODES[self.rng.usize(..CODES.len())]).collect();
        let codes = codes.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(",");
        let hazardous = self.rng.usize(..20) == 0;
        let metric = METRICS[self.rng.usize(..3)];
        // Whole grams, whatever the unit.
        let amount = match metric {
            "Tonnes" => format!("{}.{:03}", self.rng.u32(0..30), self.rng.u32(1..1000)),
            "Kilograms" => format!("{}.5", self.rng.u32(1..25_000)),
            _ => self.rng.u32(1..900_000).to_string(),
        };
        let estimated = self.rng.bool();
        let weight = if self.rng.usize(..50) == 0 {
            String::new()
        } else {
            format!(
                r#","weight":{{"metric":"{metric}","amount":{amount},"isEstimate":{estimated}}}"#
            )
        };
        format!(r#"{{"ewcCodes":[{codes}],"containsHazardous":{hazardous}{weight}}}"#)
    }

    async fn send(&mut self, ledger: &Ledger, run: &Run, from: i64) {
        let shares: Vec<(i64, usize)> = (1..=2).map(|operator| (operator, 400)).collect();
        let mut at = from;
        loop {
            let claimed = ledger.claim(run, &shares).await.expect("claimed");
            if claimed.is_empty() {
                return;
            }
            let answers: Vec<Answered> = claimed
                .iter()
                .map(|claimed| {
                    at += 20;
                    self.answer(claimed, at)
                })
                .collect();
            ledger.record(run, answers).await.expect("recorded");
        }
    }

    fn answer(&mut self, claimed: &Claimed, started_at: i64) -> Answered {
        let luck = self.rng.usize(..1000);
        let is_post = claimed.method.as_str() == "POST";
        let (status, outcome) = match luck {
            0..20 => (Some(400), refused(self.rng.usize(..4))),
            20..25 if is_post => (None, Outcome::Uncertain { reason: Reason::Timeout }),
            25..28 if is_post => (Some(500), Outcome::Uncertain { reason: Reason::ServerError }),
            28..36 => (Some(503), deferred(Reason::Unavailable)),
            36..40 => (None, deferred(Reason::NoConnection)),
            _ => (Some(if is_post { 201 } else { 200 }), self.stored(is_post)),
        };
        if matches!(outcome, Outcome::Accepted { .. }) && luck > 960 {
            self.correct(claimed);
        }
        let duration_ms =
            40 + self.rng.i64(0..60) + if luck < 60 { self.rng.i64(0..9_000) } else { 0 };
        Answered {
            claimed: claimed.clone(),
            started_at,
            duration_ms,
            status,
            outcome,
            request_id: Some(format!("req-{luck}")),
            service_charge_expiry: status.is_some().then(|| "2026-11-25".to_owned()),
            detail: (status == Some(500)).then(|| "<b>Internal Server Error</b>".to_owned()),
            // Tomorrow night.
            due_at: started_at + 43_200_000,
        }
    }

    fn stored(&mut self, is_post: bool) -> Outcome {
        let missing = self.rng.usize(..100);
        let mut warnings = Vec::new();
        if missing < 8 {
            let message = "Disposal or recovery code is recommended";
            warnings.push(warning("wasteItems.0.disposalOrRecoveryCodes", message));
        }
        if missing < 2 {
            let key = "wasteItems.0.pops.components.0.concentration";
            warnings.push(warning(key, "Concentration is recommended"));
        }
        let id = format!("26{:06X}", self.rng.u32(..0x00FF_FFFF));
        Outcome::Accepted { waste_tracking_id: is_post.then_some(id), warnings }
    }

    /// Reads it again the next night with other content: as an update, or to be decided.
    fn correct(&mut self, claimed: &Claimed) {
        let text = String::from_utf8_lossy(&claimed.payload).replace("reading 1", "reading 2");
        let Some(first) = self.read.get(&claimed.reference) else { return };
        if text.contains("reading 2") && self.corrections.len() < 25 {
            let on_change = if self.rng.bool() { OnChange::Update } else { OnChange::Hold };
            let payload = text.into_bytes();
            let lasting_hash = lasting_hash(&payload);
            let again = Incoming { payload, lasting_hash, ..first.clone() };
            self.corrections.push((again, on_change));
        }
    }

    /// A person looks at some of those that wait for one.
    async fn decide(&mut self, ledger: &Ledger, run: &Run) {
        let filter = waste_receipts::ledger::Filter::default();
        let waiting = ledger.list(&filter, 0).await.expect("a list");
        for row in waiting {
            let decision = match (row.state.as_str(), self.rng.usize(..6)) {
                ("uncertain", 0) => Decision::Accepted,
                ("uncertain", 1) => Decision::Resend,
                ("rejected" | "invalid", 0) => Decision::Withdraw,
                ("held", 0) => Decision::Keep,
                _ => continue,
            };
            let found = decision == Decision::Accepted;
            let order = Order {
                decision,
                waste_tracking_id: found.then(|| format!("26X{:05}", row.movement)),
                note: Some("asked the service desk".to_owned()),
                user: "compliance".to_owned(),
            };
            let one = [Selector::Movement(row.movement)];
            ledger.decide(run, &one, &order).await.expect("decided");
        }
    }
}

/// Writes a ledger with one movement that was received on a day and never sent.
pub(crate) async fn one_unsent(path: &Path, received_on: &str) {
    let access = Access::Write(Creation::WhereMissing);
    let ledger = Ledger::open(path, access, &binding(), Clock::system()).await.expect("a ledger");
    let [command, user, host] = ["submit", "gatehouse", "weighbridge-pc"].map(str::to_owned);
    let run = ledger.begin_run(&RunFacts { command, user, host }).await.expect("a run");
    let [api_code, site, reference] = [API_CODES[0], "QV1001LM", "WB-1"].map(str::to_owned);
    let record = Incoming {
        authorisation_number: site.clone(),
        key: Some(Key { api_code, site, reference }),
        payload: b"{}".to_vec(),
        lasting_hash: lasting_hash(b"{}"),
        received_at: Some(noon(received_on)),
        received_on: Some(received_on.to_owned()),
        ..empty()
    };
    feed(&ledger, &run, "loads.csv", vec![record], OnChange::Hold).await;
    ledger.end_run(&run, 4, "{}").await.expect("ended");
    ledger.close().await.expect("closed");
}

fn noon(day: &str) -> i64 {
    format!("{day}T12:00:00Z").parse::<jiff::Timestamp>().expect("a day").as_millisecond()
}

/// As intake computes it.
fn lasting_hash(payload: &[u8]) -> [u8; 32] {
    Sha256::digest(lasting(payload)).into()
}

fn evening_ms(ledger: &Ledger) -> i64 {
    ledger.clock().wall_ms() + 5_000
}

fn empty() -> Incoming {
    Incoming {
        key: None,
        key_is_sure: true,
        authorisation_number: String::new(),
        waste_tracking_id: None,
        line: 2,
        payload: Vec::new(),
        lasting_hash: [0; 32],
        rows: Vec::new(),
        received_at: None,
        received_on: None,
        by_pipe: false,
        findings: Vec::new(),
        repeats: None,
    }
}

fn refused(which: usize) -> Outcome {
    let (key, kind, message) = match which {
        0 => (
            "wasteItems.0.ewcCodes.0",
            ErrorType::InvalidValue,
            "\"wasteItems[0].ewcCodes[0]\" must be a valid EWC code",
        ),
        1 => (
            "wasteItems.1.weight.amount",
            ErrorType::OutOfRange,
            "\"amount\" must be greater than 0",
        ),
        2 => (
            "carrier.registrationNumber",
            ErrorType::InvalidFormat,
            "\"registrationNumber\" must be in a valid format",
        ),
        _ => (
            "hazardousWasteConsignmentCode",
            ErrorType::BusinessRuleViolation,
            "a code or a reason <is> needed",
        ),
    };
    let findings = vec![Finding::error(key, kind, message)];
    Outcome::Rejected { reason: Reason::Refused, findings }
}

fn warning(key: &str, message: &str) -> Finding {
    Finding::new(Severity::Warning, key.to_owned(), ErrorType::NotProvided, message.to_owned())
}

fn deferred(reason: Reason) -> Outcome {
    Outcome::Deferred { reason, retry_after: None }
}

async fn feed(ledger: &Ledger, run: &Run, path: &str, records: Vec<Incoming>, on_change: OnChange) {
    let (to_ledger, from_reader) = channel(2);
    to_ledger.send(Admission::Records(records)).await.expect("room");
    to_ledger.send(Admission::End).await.expect("room");
    drop(to_ledger);
    let facts = FileFacts {
        path: path.to_owned(),
        format: "csv".to_owned(),
        size: None,
        modified_at: None,
        layout: None,
    };
    ledger.admit(run, &facts, on_change, from_reader).await.expect("admitted");
}
