//! `approval`: the production approval scenarios, end to end, and the evidence of them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::api::{Body, Client, Exchange, Request, interpret};
use crate::approval::{
    Endpoint, Evidence, Facts, SCENARIOS, Scenario, Shown, Verdict, judge, of_answer, of_endpoint,
    pairs,
};
use crate::checks;
use crate::cli::command::token;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::{of_token, usage};
use crate::cli::session::{Service, TemporaryFolder};
use crate::cli::settings::{Settings, Target};
use crate::cli::signals;
use crate::clock::Clock;
use crate::finding::Severity;
use crate::json::parse;
use crate::private;
use crate::reference::Codes;
use crate::sandbox::API_CODES;
use crate::submission::{Method, Outcome, Reason};

/// How often one request is tried when it is known not to have been stored.
const TRIES: u32 = 5;

/// `approval`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts approval --environment sandbox\n  \
                        waste-receipts approval --environment test --out approval\n\n\
                        Fourteen movements with made-up names are sent, two of which must be \
                        refused. The service's own endpoint judges the others. What is left in \
                        the folder is the evidence, and the e-mail to send with it.")]
pub(in crate::cli) struct ApprovalArgs {
    /// Where to leave the evidence [default: a new folder here, named after the time; for a
    /// sandbox in this process a temporary one]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Print one JSON object instead of the table
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

pub(in crate::cli) async fn run(
    args: &ApprovalArgs,
    settings: &Settings,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let target = settings.target()?;
    if target.is_production() {
        return Err(usage(
            "the approval scenarios are made-up movements: they are for the test environment \
             (--environment test) or a sandbox, never for production",
        ));
    }
    let api_code = match (&settings.api_code, target) {
        (Some(code), _) => code.clone(),
        (None, Target::OwnSandbox) => API_CODES[0].to_owned(),
        (None, _) => {
            return Err(usage(
                "approval needs an API code of the environment: give --api-code, or api-code in \
                 the settings file",
            ));
        }
    };
    let service = Service::of(settings).await?;
    let stop = CancellationToken::new();
    let client = service.client(settings, Clock::system(), stop.clone())?;
    let begun_at = now();
    let trial = *target == Target::OwnSandbox;
    let folder = folder(args.out.as_deref(), trial, begun_at)?;
    // Before anything is sent: what cannot be had ends the command with nothing done.
    token::first(&client, settings, console).await?;
    // Yesterday, so that no clock puts the load into the future.
    let facts = Facts {
        received_at: begun_at.saturating_sub(24.hours()).unwrap_or(begun_at),
        stamp: begun_at.strftime("%Y%m%dT%H%M%S").to_string(),
        api_code,
    };
    let patience = Instant::now() + settings.give_up_after;
    let mut attempt = Attempt { client, patience, exit: Exit::Success };
    let work = async {
        let (shown, verdicts) = attempt.send_all(&facts, console).await;
        attempt.have_judged(shown, &verdicts, console).await
    };
    let worked = tokio::select! {
        biased;
        _ = signals::told() => None,
        worked = work => Some(worked),
    };
    console.done();
    let Some((scenarios, endpoint)) = worked else {
        console.warn("Interrupted: nothing was written. Run approval again from the beginning.");
        return Ok(Exit::Interrupted);
    };
    let passed = scenarios.iter().all(|shown| shown.passed);
    // What kept the scenarios from being shown at all says more than that they were not.
    let exit = match attempt.exit {
        Exit::Success if !passed => Exit::NeedsAPerson,
        exit => exit,
    };
    let evidence = Evidence {
        version: env!("CARGO_PKG_VERSION"),
        environment: service.binding.name.clone(),
        api_url: service.binding.api_url.clone(),
        api_code: facts.api_code,
        begun_at,
        ended_at: now(),
        passed,
        scenarios,
        endpoint,
    };
    write(&folder, &evidence)?;
    show(args, &evidence, &folder, console)?;
    if let Some(sandbox) = service.sandbox {
        sandbox.stop().await;
    }
    Ok(exit)
}

fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// The folder for the evidence, made before anything is sent. What an earlier attempt left is not
/// written over.
fn folder(out: Option<&Path>, trial: bool, at: Timestamp) -> anyhow::Result<PathBuf> {
    let folder = match out {
        Some(out) => std::path::absolute(out)?,
        None if trial => return Ok(TemporaryFolder::new()?.keep()),
        None => std::path::absolute(at.strftime("approval-%Y-%m-%d-%H%M%S").to_string())?,
    };
    if folder.join("evidence.json").exists() {
        return Err(usage(format!(
            "{} holds the evidence of an earlier attempt: name another folder with --out",
            folder.display()
        )));
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    Ok(folder)
}

/// One attempt at the approval.
struct Attempt {
    client: Client,
    /// Until when it waits for a service that cannot take anything at the moment.
    patience: Instant,
    /// What the exit code is for what went wrong, beside failed scenarios.
    exit: Exit,
}

impl Attempt {
    /// Sends every scenario's movement, until one shows that the others are in vain too.
    async fn send_all(
        &mut self,
        facts: &Facts,
        console: &mut Console,
    ) -> (Vec<Shown>, Vec<Verdict>) {
        let (mut all, mut verdicts) = (Vec::new(), Vec::new());
        let mut in_vain: Option<String> = None;
        for (number, scenario) in SCENARIOS.iter().enumerate() {
            let body = scenario.body(facts);
            let mut shown = Shown::new(scenario, &body, own_checks(&body));
            let verdict = if let Some(why) = &in_vain {
                Verdict::Fail(format!("not sent, since {why}"))
            } else {
                console.busy(format!("{} ({} of 14)", scenario.title, number + 1));
                let outcome = self.send(scenario, &mut shown, body).await;
                let verdict = of_answer(scenario, &outcome);
                if let (Outcome::Deferred { reason, .. }, Verdict::Fail(_)) = (&outcome, &verdict) {
                    self.exit = self.exit.or(of_reason(*reason));
                    in_vain = Some(format!("{} showed that {}", scenario.id, reason.explain()));
                }
                verdict
            };
            shown.judged(&verdict);
            console.done();
            console.detail(line(&shown));
            all.push(shown);
            verdicts.push(verdict);
        }
        (all, verdicts)
    }

    /// Sends one movement. What is known not to have been stored is sent again, and nothing else.
    async fn send(&mut self, scenario: &Scenario, shown: &mut Shown, body: Vec<u8>) -> Outcome {
        let mut tried = 0;
        loop {
            tried += 1;
            shown.sent_at = Some(now());
            let request =
                Request { method: Method::Post, waste_tracking_id: None, body: body.clone() };
            let exchange = self.client.exchange(request).await;
            let outcome = self.outcome(Method::Post, &exchange);
            if let Some(reply) = exchange.as_ref().ok().and_then(Exchange::reply) {
                shown.answered(reply.status, reply.request_id.clone(), bytes(&reply.body));
            }
            match self.again(&outcome, &exchange, tried) {
                Some(wait) => {
                    tracing::info!(scenario = scenario.id, tried, "the movement is sent again");
                    tokio::time::sleep(wait).await;
                }
                None => return outcome,
            }
        }
    }

    /// Has the endpoint judge what was stored.
    async fn have_judged(
        &mut self,
        mut shown: Vec<Shown>,
        verdicts: &[Verdict],
        console: &mut Console,
    ) -> (Vec<Shown>, Option<Endpoint>) {
        let asked = pairs(SCENARIOS.iter().map(|scenario| scenario.id).zip(verdicts));
        if asked.is_empty() {
            return (shown, None);
        }
        console.busy("the endpoint judges them".to_owned());
        let list = serde_json::to_vec(&asked).expect("texts only");
        let mut endpoint = Endpoint::new(now(), &list);
        let outcome = self.ask(&mut endpoint, &list).await;
        let judged = match &outcome {
            Outcome::Accepted { .. } => {
                let answer = endpoint.answer.as_ref().map_or("", |answer| answer.get());
                judge(answer, &asked)
            }
            other => Err(of_endpoint(other)),
        };
        let verdicts = match judged {
            Ok((submission_id, verdicts)) => {
                endpoint.submission_id = submission_id;
                verdicts
            }
            Err(trouble) => {
                let unjudged = Verdict::Fail(format!("it was stored, but {trouble}"));
                endpoint.trouble = Some(trouble);
                vec![unjudged; asked.len()]
            }
        };
        if let Outcome::Deferred { reason, .. } = outcome {
            self.exit = self.exit.or(of_reason(reason));
        }
        for (pair, verdict) in asked.iter().zip(&verdicts) {
            if let Some(shown) = shown.iter_mut().find(|s| s.scenario_id == pair.scenario_id) {
                shown.judged(verdict);
            }
        }
        (shown, Some(endpoint))
    }

    /// Asks the endpoint; it stores nothing, so that anything but an answer may be tried again.
    async fn ask(&mut self, endpoint: &mut Endpoint, list: &[u8]) -> Outcome {
        let mut tried = 0;
        loop {
            tried += 1;
            let exchange = self.client.production_approval_tests(list.to_vec()).await;
            let outcome = self.outcome(Method::Put, &exchange);
            if let Some(reply) = exchange.as_ref().ok().and_then(Exchange::reply) {
                endpoint.answered(reply.status, bytes(&reply.body));
            }
            match self.again(&outcome, &exchange, tried) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return outcome,
            }
        }
    }

    /// What came of an exchange. Without a token nothing left.
    fn outcome(
        &mut self,
        method: Method,
        exchange: &Result<Exchange, crate::api::Unsent>,
    ) -> Outcome {
        match exchange {
            Ok(exchange) => interpret(method, exchange, Timestamp::now()),
            Err(unsent) => {
                self.exit = self.exit.or(of_token(&unsent.0));
                Outcome::Deferred { reason: Reason::Unauthorised, retry_after: None }
            }
        }
    }

    /// How long to wait before the same is sent once more, if that is harmless and may help.
    fn again(
        &self,
        outcome: &Outcome,
        exchange: &Result<Exchange, crate::api::Unsent>,
        tried: u32,
    ) -> Option<Duration> {
        let Outcome::Deferred { reason, retry_after } = outcome else { return None };
        let exchange = exchange.as_ref().ok()?;
        if tried >= TRIES {
            return None;
        }
        match reason {
            Reason::Unauthorised => {
                self.client.tokens().refused(exchange.token_generation);
                Some(Duration::ZERO)
            }
            Reason::Unpaid | Reason::SetUp | Reason::ApiCodeUnknown => None,
            _ => {
                let wait = retry_after.unwrap_or(Duration::from_secs(1 << tried.min(4)));
                (Instant::now() + wait <= self.patience).then_some(wait)
            }
        }
    }
}

/// What this program's own checks say against a body.
fn own_checks(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let Ok(body) = parse(&text) else { return Vec::new() };
    let findings = checks::check(&body, Codes::embedded());
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| format!("{}: {}", finding.key, finding.message)).collect()
}

fn bytes(body: &Body) -> &[u8] {
    match body {
        Body::Whole(bytes) | Body::CutOff(bytes) => bytes,
    }
}

fn of_reason(reason: Reason) -> Exit {
    match reason {
        Reason::Unpaid => Exit::Unpaid,
        Reason::SetUp | Reason::ApiCodeUnknown => Exit::Usage,
        Reason::Unauthorised => Exit::Unauthenticated,
        _ => Exit::RetryLater,
    }
}

/// Writes the evidence pack.
fn write(folder: &Path, evidence: &Evidence) -> anyhow::Result<()> {
    let letter = evidence.letter();
    let files = [
        ("evidence.json", Some(evidence.to_json()?)),
        ("evidence.html", Some(evidence.to_html()?)),
        ("email.txt", letter),
    ];
    for (name, text) in files {
        let Some(text) = text else { continue };
        let path = folder.join(name);
        private::write(&path, text.as_bytes())
            .with_context(|| format!("the evidence {} cannot be written", path.display()))?;
    }
    Ok(())
}

/// A scenario in a line.
fn line(shown: &Shown) -> String {
    let id = shown.waste_tracking_id.as_deref().unwrap_or("-");
    let verdict = if shown.passed { "pass" } else { "FAIL" };
    format!("{:<4} {id:<10} {verdict}  {}", shown.scenario_id, shown.title)
}

fn show(
    args: &ApprovalArgs,
    evidence: &Evidence,
    folder: &Path,
    console: &Console,
) -> anyhow::Result<()> {
    if args.json {
        console.out(serde_json::to_string(&json!({
            "passed": evidence.passed,
            "submissionId": evidence.submission_id(),
            "folder": folder,
            "scenarios": evidence.scenarios.iter().map(|shown| json!({
                "scenarioId": shown.scenario_id,
                "wasteTrackingId": shown.waste_tracking_id,
                "passed": shown.passed,
                "why": shown.why,
            })).collect::<Vec<_>>(),
        }))?);
        return Ok(());
    }
    let mut lines = Vec::new();
    for shown in &evidence.scenarios {
        lines.push(line(shown));
        lines.extend(shown.why.iter().filter(|_| !shown.passed).map(|why| format!("     {why}")));
    }
    let (count, all) = (evidence.count_passed(), evidence.scenarios.len());
    lines.push(format!("{count} of {all} passed."));
    let path = |name: &str| folder.join(name).display().to_string();
    lines.push(format!("\nThe evidence  {}", path("evidence.html")));
    if evidence.passed {
        lines.push(format!("The e-mail    {}", path("email.txt")));
    }
    console.out(lines.join("\n"));
    Ok(())
}
