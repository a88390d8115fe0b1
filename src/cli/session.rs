//! What every command that works on the ledger shares: opening it, a run, sending, the end.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use super::choices::InFlightArg;
use super::command;
use super::console::Console;
use super::ending::Ending;
use super::exit::Exit;
use super::failure::{of_token, usage};
use super::history;
use super::restored;
use super::settings::{Settings, Target};
use super::summary::Summary;
use super::{logging, waiting};
use crate::api::{Client, ClientOptions, Credentials, secure_url, token_endpoint};
use crate::clock::Clock;
use crate::dispatcher::{self, Event, Options, Stop};
use crate::drift::{self, Drift};
use crate::intake::Checks;
use crate::ledger::{
    Access, Binding, Creation, Head, Ledger, LedgerError, Run, RunFacts, RunTally,
};
use crate::reference::Codes;
use crate::sandbox::{self, Sandbox};

/// A service to send to, and the ledger's name for it.
pub(super) struct Service {
    pub(super) binding: Binding,
    credentials: Credentials,
    /// Lives as long as the service is used.
    pub(super) sandbox: Option<Sandbox>,
}

/// A run on an open ledger.
pub(super) struct Session {
    pub(super) ledger: Ledger,
    pub(super) run: Run,
    /// The newest attempt when the run began.
    before: i64,
    pub(super) service: Service,
    /// The command's name.
    pub(super) command: &'static str,
    begun: Instant,
    /// A ledger for a sandbox in this process is thrown away with it.
    temporary: Option<TemporaryFolder>,
}

/// How the sending ended.
pub(super) struct Sent {
    pub(super) stop: Stop,
    pub(super) exit: Exit,
    /// Whether the system leaves no time for anything but recording.
    pub(super) hurried: bool,
}

impl Ending {
    /// How the sending ended, given why it stopped.
    fn sent(&self, stop: Stop) -> Sent {
        let stop = self.why(stop);
        let exit = exit_of(&stop);
        Sent { stop, exit, hurried: self.is_hurried() }
    }
}

impl Service {
    /// The service that the settings name; a sandbox is started if that is meant.
    pub(super) async fn of(settings: &Settings) -> anyhow::Result<Self> {
        match settings.target()? {
            Target::OwnSandbox => {
                let api_codes = settings.api_code.iter().cloned().collect();
                Self::sandbox(sandbox::Options { api_codes, ..Default::default() }).await
            }
            target @ Target::Service { name, .. } => {
                let binding = target.binding().ok_or_else(|| {
                    usage(format!("the environment \"{name}\" has no API: give --api-url"))
                })?;
                // Asked for before anything is read or written: a run without them is no run.
                let credentials = settings.credentials()?;
                let service = Service { binding, credentials, sandbox: None };
                // And what is wrong with the certificates too.
                service.client(settings, Clock::system(), CancellationToken::new())?;
                Ok(service)
            }
        }
    }

    /// A sandbox in this process.
    pub(super) async fn sandbox(options: sandbox::Options) -> anyhow::Result<Self> {
        let sandbox = Sandbox::start(options).await?;
        let credentials = Credentials {
            client_id: sandbox.client_id().to_owned(),
            client_secret: sandbox.client_secret(),
            presentation: crate::api::Presentation::Both,
        };
        let binding = Binding {
            name: super::settings::SANDBOX.to_owned(),
            api_url: sandbox.api_url(),
            token_url: sandbox.token_url(),
        };
        Ok(Service { binding, credentials, sandbox: Some(sandbox) })
    }

    /// A client for it, which waits for nothing any more once `stop` is cancelled.
    pub(super) fn client(
        &self,
        settings: &Settings,
        clock: Clock,
        stop: CancellationToken,
    ) -> anyhow::Result<Client> {
        let options = ClientOptions {
            api_url: Some(secure_url(&self.binding.api_url)?),
            token_url: token_endpoint(&self.binding.token_url)?,
            credentials: self.credentials.clone(),
            timeout: settings.timeout,
            give_up_after: settings.give_up_after,
            stop,
            ca_file: settings.ca_file.clone(),
        };
        Ok(Client::new(options, clock)?)
    }
}

impl Session {
    /// Opens the ledger for writing, and begins a run in it.
    pub(super) async fn begin(
        settings: &Settings,
        command: &'static str,
        service: Service,
        console: &Console,
    ) -> anyhow::Result<Self> {
        let (path, creation, temporary) = if service.sandbox.is_some() {
            let (path, temporary) = ledger_of_sandbox(settings)?;
            (path, Creation::WhereMissing, temporary)
        } else {
            (settings.ledger_path()?, settings.creation(), None)
        };
        let wait = settings.unattended.wait;
        let mut ledger = waiting::open(&path, creation, &service.binding, wait, console).await?;
        if service.sandbox.is_none() {
            restored::check(&mut ledger, settings.after_restore, console).await?;
        }
        history::adopted(&ledger, console);
        let facts = RunFacts { command: command.to_owned(), user: user(), host: host() };
        let run = ledger.begin_run(&facts).await?;
        logging::begin_run(&run.uuid);
        let environment = service.binding.name.as_str();
        tracing::info!(event = "run-begun", command, environment, "a run begins");
        let left_over = ledger.recover(&run).await?;
        if left_over > 0 {
            console.warn(format!(
                "An earlier run was stopped while {left_over} movements were being sent: whether \
                 the service stored them is not known."
            ));
        }
        let before = ledger.last_attempt().await?;
        let begun = Instant::now();
        Ok(Session { ledger, run, before, service, command, begun, temporary })
    }

    /// Sends everything that is due, showing how far it is.
    pub(super) async fn send(
        &self,
        settings: &Settings,
        console: &mut Console,
    ) -> anyhow::Result<Sent> {
        if !self.ledger.is_any_waiting().await? {
            return Ok(Sent { stop: Stop::Done, exit: Exit::Success, hurried: false });
        }
        let ending = Ending::watch(settings, console.is_quiet());
        let drain = ending.drain.clone();
        let clock = self.ledger.clock().clone();
        let client = Arc::new(self.service.client(settings, clock, drain.clone())?);
        let first = tokio::select! {
            biased;
            () = drain.cancelled() => {
                return Ok(ending.sent(Stop::Interrupted));
            }
            token = command::token::first(&client, settings, console) => token.map(drop),
        };
        if let Err(error) = first {
            return Ok(ending.sent(Stop::Token(error)));
        }
        let (in_flight, adapts) = match settings.in_flight {
            InFlightArg::Auto => (dispatcher::MOST_IN_FLIGHT, true),
            InFlightArg::Most(most) => (usize::from(most), false),
        };
        let options = Options {
            rate: settings.rate,
            in_flight,
            adapts,
            give_up_after: settings.give_up_after,
        };
        let (to_show, mut events) = unbounded_channel::<Event>();
        let mut sending = console.sending();
        let show = async {
            let mut tick = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    event = events.recv() => match event {
                        Some(event) => {
                            logging::event(&event);
                            sending.take(console, &event);
                        }
                        None => return,
                    },
                    _ = tick.tick() => sending.tick(console),
                }
            }
        };
        let client = Arc::new(ending.client(client));
        let dispatched =
            dispatcher::dispatch(&self.ledger, &self.run, client, options, drain, to_show);
        let (stop, ()) = tokio::join!(dispatched, show);
        console.done();
        Ok(ending.sent(stop?))
    }

    /// What became of the run's movements, and the exit code for it.
    pub(super) async fn tally(&self, sent: &Sent) -> Result<(RunTally, Exit), LedgerError> {
        let tally = self.ledger.tally(&self.run).await?;
        Ok((tally, sent.exit.or(of_tally(&tally))))
    }

    /// Where the service judged otherwise than our checks foresaw.
    pub(super) async fn drift(
        &self,
        codes: &Codes,
        checks: Checks,
    ) -> Result<Vec<Drift>, LedgerError> {
        let foreseen = checks == Checks::Block;
        drift::of_run(&self.ledger, &self.run, self.before, codes, foreseen).await
    }

    /// Notes the end of the run; returns where the history ends with it.
    pub(super) async fn close_run(&self, exit: Exit, summary: &Summary) -> anyhow::Result<Head> {
        let json = serde_json::to_string(summary)?;
        Ok(self.ledger.end_run(&self.run, i64::from(exit.code()), &json).await?)
    }

    /// Closes the ledger.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        self.ledger.close().await?;
        if let Some(sandbox) = self.service.sandbox {
            sandbox.stop().await;
        }
        Ok(())
    }

    /// Whether the ledger goes when the session ends.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// How long the run has taken.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// The exit code for the end of the sending, whatever became of the movements.
fn exit_of(stop: &Stop) -> Exit {
    match stop {
        // What was not sent says so itself.
        Stop::Done | Stop::TimeUp => Exit::Success,
        Stop::Interrupted => Exit::Interrupted,
        Stop::GaveUp(_) => Exit::RetryLater,
        Stop::SetUp { .. } => Exit::Usage,
        Stop::Unauthorised => Exit::Unauthenticated,
        Stop::Token(error) => of_token(error),
        Stop::Ledger => Exit::Failure,
    }
}

/// The exit code for what became of the movements that the run read or worked on.
fn of_tally(tally: &RunTally) -> Exit {
    let any =
        |count: fn(&crate::ledger::Tally) -> u64| count(&tally.read) + count(&tally.resumed) > 0;
    let mut exit = Exit::Success;
    for (applies, code) in [
        (tally.unpaid > 0, Exit::Unpaid),
        (any(|t| t.uncertain), Exit::Uncertain),
        (any(|t| t.invalid + t.rejected + t.held), Exit::NeedsAPerson),
        (any(|t| t.deferred + t.ready), Exit::RetryLater),
    ] {
        if applies {
            exit = exit.or(code);
        }
    }
    exit
}

/// Opens the ledger to look at it.
pub(super) async fn look(settings: &Settings) -> anyhow::Result<Ledger> {
    let target = settings.target()?;
    let binding = match target {
        Target::OwnSandbox => {
            return Err(usage(
                "a sandbox in this process keeps nothing: its ledger ends with the command. Name \
                 the environment that you want to look at",
            ));
        }
        Target::Service { name, token_url, .. } => target.binding().unwrap_or_else(|| Binding {
            name: name.clone(),
            api_url: String::new(),
            token_url: token_url.to_string(),
        }),
    };
    let path = settings.ledger_path()?;
    Ok(Ledger::open(&path, Access::Read, &binding, Clock::system()).await?)
}

/// The ledger for a sandbox in this process: a new one, since the sandbox remembers nothing.
fn ledger_of_sandbox(
    settings: &Settings,
) -> anyhow::Result<(std::path::PathBuf, Option<TemporaryFolder>)> {
    if let Some(given) = settings.given_ledger() {
        if given.exists() {
            return Err(usage(format!(
                "a sandbox in this process starts empty, so it needs a new ledger; {} is there \
                 already. Leave out --ledger, or name a file that does not exist",
                given.display()
            )));
        }
        return Ok((std::path::absolute(given)?, None));
    }
    let folder = TemporaryFolder::new()?;
    Ok((folder.path().join("sandbox.sqlite"), Some(folder)))
}

/// A folder that goes with its value.
pub(super) struct TemporaryFolder(std::path::PathBuf);

impl TemporaryFolder {
    pub(super) fn new() -> std::io::Result<Self> {
        let name = format!("waste-receipts-{}", uuid::Uuid::now_v7());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(TemporaryFolder(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps the folder.
    pub(super) fn keep(mut self) -> std::path::PathBuf {
        std::mem::take(&mut self.0)
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // What cannot be removed from a temporary folder does no harm there.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Who runs this, as the system knows them.
pub(super) fn user() -> String {
    whoami::username().unwrap_or_else(|_| "unknown".to_owned())
}

pub(super) fn host() -> String {
    whoami::hostname().unwrap_or_else(|_| "unknown".to_owned())
}
