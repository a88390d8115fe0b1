//! `init`: asks for what a run needs, writes a settings file, and shows that it works.

mod answers;
mod ask;
mod from;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use super::token;
use crate::api::known;
use crate::cli::args::{Command, SettingArgs};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::secrets;
use crate::cli::session::Service;
use crate::cli::settings::{SECRET_VARIABLE, Settings, Typed};
use crate::cli::settings_file::FILE_NAME;
use crate::clock::Clock;
use crate::ledger::{Access, Creation, Ledger};
use crate::private;
use crate::reference::SERVED;
use answers::{Answers, Keeping, Operator, listed};
use ask::Asker;

/// `init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waste-receipts init\n  waste-receipts init --environment test \
                        --client-id ID --client-secret-file client-secret.txt --api-code CODE\n\n\
                        On a terminal it asks for what no flag says; elsewhere the flags say all. \
                        It writes waste-receipts.toml here, or the file that --config names, and \
                        never over one that is there."
)]
pub(in crate::cli) struct InitArgs {
    #[command(flatten)]
    from: from::FromArgs,
    /// Ask nothing: flags and defaults say all
    #[arg(long)]
    pub(in crate::cli) no_questions: bool,
    /// Write the settings, and do not try them
    #[arg(long)]
    pub(in crate::cli) offline: bool,
}

pub(in crate::cli) async fn run(
    args: &InitArgs,
    given: &mut SettingArgs,
    command: &Command,
    console: &Console,
) -> anyhow::Result<Exit> {
    if let Some(file) = &args.from.from {
        return from::run(file, &args.from, given, console);
    }
    let path = given.config.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let path = std::path::absolute(path)?;
    if path.exists() {
        return Err(usage(format!(
            "there is a settings file {} already: change it with an editor, or name another one \
             with --config",
            path.display()
        )));
    }
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let answers = if terminal && !args.no_questions {
        let (mut typed, mut shown) = (std::io::stdin().lock(), std::io::stderr());
        Asker { typed: &mut typed, shown: &mut shown }.answers(given)?
    } else {
        without_asking(given)?
    };
    keep_secret(&answers.keeping, &folder, terminal && !args.no_questions)?;
    private::write(&path, answers.text().as_bytes())
        .with_context(|| format!("the settings file {} cannot be written", path.display()))?;
    console.say(format!("The settings are in {}", path.display()));
    given.config = Some(path);
    if args.offline {
        console.say("They have not been tried: waste-receipts doctor does that.");
        return Ok(Exit::Success);
    }
    let settings = Settings::resolve(given, command, Typed::default())?;
    if answers.keeping != Keeping::Variable || settings.secret_place().is_some() {
        prove(&settings, console).await?;
    } else {
        console.say(format!("Set {SECRET_VARIABLE}, and try it all with waste-receipts doctor."));
        return Ok(Exit::Success);
    }
    console.say("Next: waste-receipts check FILE, then waste-receipts submit FILE");
    Ok(Exit::Success)
}

/// Fetches a token and the code lists, and makes the ledger.
async fn prove(settings: &Settings, console: &Console) -> anyhow::Result<()> {
    let service = Service::of(settings).await.context("the settings are written, but")?;
    let client = service.client(settings, Clock::system(), CancellationToken::new())?;
    let hint =
        "the settings are written, but they do not work yet (waste-receipts doctor says more)";
    token::first(&client, settings, console).await.context(hint)?;
    console.out("An access token was given out: client ID and secret are right.");
    let mut lists = 0;
    for list in SERVED {
        client.reference_data(list.name()).await.context(hint)?;
        lists += 1;
    }
    console.out(format!("The API answers: it served its {lists} code lists."));
    if service.sandbox.is_none() {
        let path = settings.ledger_path()?;
        let access = Access::Write(Creation::WhereMissing);
        let there = path.exists();
        Ledger::open(&path, access, &service.binding, Clock::system()).await?.close().await?;
        let what = if there { "is there already" } else { "was made" };
        console.out(format!("The ledger {what}: {}", path.display()));
    }
    Ok(())
}

/// Has the secret where the settings will say it is.
fn keep_secret(keeping: &Keeping, folder: &Path, may_ask: bool) -> anyhow::Result<()> {
    let Keeping::File(path) = keeping else { return Ok(()) };
    let path = folder.join(path);
    if path.exists() {
        return Ok(());
    }
    if !may_ask {
        return Err(usage(format!(
            "there is no file {}: write the client secret into it, and nothing else, readable by \
             you alone, then run init again",
            path.display()
        )));
    }
    let secret = secrets::ask("Client secret (it is not shown): ")?;
    private::write(&path, format!("{}\n", secret.expose_secret()).as_bytes())
        .with_context(|| format!("the client secret file {} cannot be written", path.display()))
}

/// The answers that flags and variables give, where nobody can be asked.
fn without_asking(given: &SettingArgs) -> anyhow::Result<Answers> {
    let needed = |value: &Option<String>, flag: &str| {
        value.clone().filter(|value| !value.trim().is_empty()).ok_or_else(|| {
            usage(format!(
                "init asks on a terminal only; here it needs {flag} (and --environment, \
                 --client-id, --client-secret-file, --api-code as far as they apply)"
            ))
        })
    };
    let environment = needed(&given.environment, "--environment")?;
    let urls = match known(&environment).filter(|known| known.api_url.is_some()) {
        Some(_) => None,
        None => {
            Some((needed(&given.api_url, "--api-url")?, needed(&given.token_url, "--token-url")?))
        }
    };
    let set = std::env::var_os(SECRET_VARIABLE).is_some();
    let systemd = std::env::var_os("CREDENTIALS_DIRECTORY").is_some();
    let keeping = match &given.client_secret_file {
        Some(path) => Keeping::File(std::path::absolute(path)?),
        None if set => Keeping::Variable,
        None if systemd => Keeping::Systemd,
        None => {
            return Err(usage(format!(
                "init needs to know where the client secret is: give --client-secret-file, or set \
                 {SECRET_VARIABLE}"
            )));
        }
    };
    Ok(Answers {
        environment,
        urls,
        client_id: needed(&given.client_id, "--client-id")?,
        keeping,
        operators: listed(given.api_code.as_deref().unwrap_or_default())
            .map(|code| Operator { code, name: None })
            .collect(),
        sites: Vec::new(),
        ledger: match &given.ledger {
            Some(path) => std::path::absolute(path)?,
            None => PathBuf::from("waste-receipts.sqlite"),
        },
    })
}
