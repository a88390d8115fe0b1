//! What was typed, set and configured becomes what it means, once.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::args::{Command, InFlightArg, OnChangeArg, SettingArgs, UncertainArg};
use super::code_lists::CodeLists;
use super::failure::usage;
use super::filing::Filing;
use super::secrets::Attended;
use super::settings_file::{FromFile, fill_in, nearest};
use super::unattended::Unattended;
use crate::api::{Credentials, Presentation, is_loopback, known, secure_url, token_endpoint};
use crate::calendar::Duty;
use crate::intake::{Checks, Contacts};
use crate::killpoint;
use crate::ledger::{BUSY_TIMEOUT_VARIABLE, Binding, Creation};
use crate::reader::{Defaults, Profile, Repairs};

/// The variable that may hold the client secret. It is no flag: flags are seen by everybody.
pub(super) const SECRET_VARIABLE: &str = "WASTE_RECEIPTS_CLIENT_SECRET";
const VARIABLE_PREFIX: &str = "WASTE_RECEIPTS_";
/// The environment that is made in the same process when no URL is given for it.
pub(super) const SANDBOX: &str = "sandbox";
/// The name of the government's test environment.
const TEST: &str = "test";
const PRODUCTION: &str = "production";
const LEDGER_NAME: &str = "waste-receipts.sqlite";

/// Which service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// One with URLs.
    Service { name: String, api_url: Option<Url>, token_url: Url },
    /// One to be started in this process.
    OwnSandbox,
}

/// What was typed on the command line, where that makes a difference.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Typed {
    /// It narrows what `resolve` finds.
    pub(super) api_code: bool,
    /// It wins over the variable that holds the secret itself.
    pub(super) client_secret_file: bool,
}

/// All settings, resolved.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) target: Option<Target>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret_file: Option<PathBuf>,
    pub(super) presentation: Presentation,
    pub(super) api_code: Option<String>,
    pub(super) typed: Typed,
    ledger: Option<PathBuf>,
    settings_file: Option<PathBuf>,
    pub(super) create_ledger: bool,
    /// What becomes of contacts that the API does not ask for.
    pub(super) contacts: Contacts,
    pub(super) rate: u32,
    pub(super) in_flight: InFlightArg,
    pub(super) timeout: Duration,
    pub(super) give_up_after: Duration,
    pub(super) max_invalid: u8,
    pub(super) checks: Checks,
    pub(super) resend_uncertain: bool,
    /// What is repaired while files are read.
    repairs: Repairs,
    /// What stands between other people's columns and ours.
    profile: Option<PathBuf>,
    pub(super) on_change: OnChangeArg,
    /// What deadlines are reckoned by.
    pub(super) duty: &'static Duty,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) unattended: Unattended,
    /// What a run does with files.
    pub(super) filing: Filing,
    /// Who sits there.
    pub(super) attended: Attended,
    /// Whether a person says that the ledger was restored from a backup.
    pub(super) after_restore: bool,
}

impl Settings {
    /// Resolves flags and variables (which came with them) over the settings file over defaults.
    pub(super) fn resolve(
        args: &mut SettingArgs,
        command: &Command,
        typed: Typed,
    ) -> anyhow::Result<Self> {
        check_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        let FromFile { path: settings_file, on_change, nations, filed, operators } = fill_in(args)?;
        let target = target(args)?;
        let on_change_typed = match command {
            Command::Submit(submit) => submit.on_change,
            _ => None,
        };
        let test = target.as_ref().is_some_and(|target| target.name() == TEST);
        let keep = !test || args.allow_personal_data.unwrap_or(false);
        let contacts = if keep { Contacts::Send } else { Contacts::LeaveOut };
        let settings = Settings {
            target,
            client_id: args.client_id.clone(),
            client_secret_file: args.client_secret_file.clone(),
            presentation: args.credentials.map_or(Presentation::Both, Presentation::from),
            api_code: args.api_code.clone().filter(|code| !code.trim().is_empty()),
            typed,
            ledger: args.ledger.clone(),
            settings_file,
            create_ledger: args.create_ledger,
            contacts,
            rate: args.rate.unwrap_or(100),
            in_flight: args.in_flight.unwrap_or(InFlightArg::Auto),
            timeout: args.timeout.unwrap_or(Duration::from_secs(90)),
            give_up_after: args.give_up_after.unwrap_or(Duration::from_mins(30)),
            max_invalid: args.max_invalid.unwrap_or(20),
            checks: args.checks.map(Checks::from).unwrap_or_default(),
            repairs: repairs(args)?,
            profile: args.profile.clone().filter(|path| !path.as_os_str().is_empty()),
            resend_uncertain: args.uncertain == Some(UncertainArg::Resend),
            on_change: on_change_typed.or(on_change).unwrap_or_default(),
            duty: super::duty::of(args, nations)?,
            ca_file: args.ca_file.clone(),
            unattended: Unattended::from(&args.unattended),
            filing: Filing::resolve(command, filed, operators),
            attended: Attended::now(args.quiet),
            after_restore: match command {
                Command::Submit(submit) => submit.after_restore,
                Command::Retry(retry) => retry.after_restore,
                _ => false,
            },
        };
        settings.check_rate()?;
        if settings.timeout.is_zero() {
            return Err(usage(
                "a --timeout of 0 would leave every movement uncertain; there is always one",
            ));
        }
        Ok(settings)
    }

    /// Which service is meant; commands that talk to one, or look at its movements, must know.
    pub(super) fn target(&self) -> anyhow::Result<&Target> {
        self.target.as_ref().ok_or_else(|| {
            usage(
                "which environment? Say --environment test or --environment production (or \
                 sandbox, to try things out); there is no default, so that nothing is sent to the \
                 wrong one",
            )
        })
    }

    /// How files are read.
    pub(super) fn defaults(&self) -> anyhow::Result<Defaults> {
        let profile = self.profile.as_deref().map(Profile::open).transpose();
        let profile = profile.map_err(|error| usage(error.to_string()))?.map(Arc::new);
        Ok(Defaults {
            api_code: self.api_code.clone(),
            repairs: self.repairs,
            profile,
            layout_ahead: true,
        })
    }

    /// The code lists to check against.
    pub(super) fn code_lists(&self) -> anyhow::Result<CodeLists> {
        match &self.target {
            Some(Target::OwnSandbox) => Ok(CodeLists::built_in()),
            Some(Target::Service { name, .. }) => CodeLists::load(Some(name)),
            None => CodeLists::load(None),
        }
    }

    /// Who we are, for a service that asks.
    pub(super) fn credentials(&self) -> anyhow::Result<Credentials> {
        let client_id = self.client_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let client_id = client_id.map(str::to_owned).ok_or_else(|| {
            usage("no client ID: give --client-id, or client-id in the settings file")
        })?;
        let client_secret = self.secret()?;
        Ok(Credentials { client_id, client_secret, presentation: self.presentation })
    }

    /// Where the ledger is: absolute, so that it does not depend on where the program is started.
    pub(super) fn ledger_path(&self) -> anyhow::Result<PathBuf> {
        let beside = || Some(self.settings_file.as_ref()?.parent()?.join(LEDGER_NAME));
        let of_user = || Some(dirs::data_local_dir()?.join("waste-receipts").join(LEDGER_NAME));
        let path = self
            .ledger
            .clone()
            .or_else(beside)
            .or_else(of_user)
            .ok_or_else(|| usage("no place for the ledger: give --ledger PATH"))?;
        Ok(std::path::absolute(path)?)
    }

    /// The settings file, if there is one.
    pub(super) fn settings_file(&self) -> Option<&Path> {
        self.settings_file.as_deref()
    }

    /// Whether a path for the ledger was given.
    pub(super) fn given_ledger(&self) -> Option<&Path> {
        self.ledger.as_deref()
    }

    /// Whether a missing ledger is made. An empty one in the wrong folder would send everything
    /// again, so production wants it said.
    pub(super) fn creation(&self) -> Creation {
        let production = self.target.as_ref().is_some_and(Target::is_production);
        if self.create_ledger || !production { Creation::WhereMissing } else { Creation::Never }
    }

    /// The demo works on a ledger and for an operator of its own, whatever is configured.
    pub(super) fn for_demo(&mut self, ledger: PathBuf, api_code: &str) {
        self.target = Some(Target::OwnSandbox);
        self.ledger = Some(ledger);
        self.api_code = Some(api_code.to_owned());
        self.unattended = Unattended::default();
        self.filing = Filing::default();
        self.profile = None;
    }

    /// No limit is for loopback only.
    fn check_rate(&self) -> anyhow::Result<()> {
        let remote = match &self.target {
            Some(Target::Service { api_url: Some(url), .. }) => !is_loopback(url),
            _ => false,
        };
        if self.rate == 0 && remote {
            return Err(usage("--rate 0 (no limit) is for a service on this machine only"));
        }
        Ok(())
    }
}

impl Target {
    /// What the environment is called.
    pub(super) fn name(&self) -> &str {
        match self {
            Target::Service { name, .. } => name,
            Target::OwnSandbox => SANDBOX,
        }
    }

    /// Whether it is the production service, whatever it is called.
    pub(super) fn is_production(&self) -> bool {
        let Target::Service { name, api_url, .. } = self else { return false };
        let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
        let published = known(PRODUCTION).and_then(|known| known.api_url);
        let published = published.and_then(|url| Url::parse(url).ok());
        let same_host = api_url.as_ref().zip(published).is_some_and(|(given, published)| {
            host(given).is_some() && host(given) == host(&published)
        });
        name == PRODUCTION || same_host
    }

    /// What the ledger binds the environment's name to.
    pub(super) fn binding(&self) -> Option<Binding> {
        match self {
            Target::Service { name, api_url: Some(api_url), token_url } => Some(Binding {
                name: name.clone(),
                api_url: api_url.as_str().trim_end_matches('/').to_owned(),
                token_url: token_url.to_string(),
            }),
            _ => None,
        }
    }
}

/// Which service the settings name, if they do.
fn target(args: &SettingArgs) -> anyhow::Result<Option<Target>> {
    let api_url = args.api_url.as_deref().map(secure_url).transpose()?;
    let token_url = args.token_url.as_deref().map(token_endpoint).transpose()?;
    let name = args.environment.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let published = name.and_then(known);
    if name == Some(SANDBOX) && api_url.is_none() && token_url.is_none() {
        return Ok(Some(Target::OwnSandbox));
    }
    let api_url = match (api_url, published.and_then(|known| known.api_url)) {
        (None, Some(url)) => Some(secure_url(url)?),
        (given, _) => given,
    };
    let token_url = match (token_url, published) {
        (None, Some(known)) => Some(token_endpoint(known.token_url)?),
        (given, _) => given,
    };
    let name = match (name, &api_url) {
        (Some(name), _) => name.to_owned(),
        (None, Some(url)) => host_and_port(url),
        (None, None) if token_url.is_some() => "given URLs".to_owned(),
        (None, None) => return Ok(None),
    };
    let Some(token_url) = token_url else {
        let names: Vec<&str> = crate::api::KNOWN.iter().map(|known| known.name).collect();
        let hint = nearest(&name, names.iter().copied().chain([SANDBOX]))
            .map_or_else(String::new, |near| format!(" Did you mean {near}?"));
        return Err(usage(format!(
            "the environment \"{name}\" has no token URL: give --token-url (and --api-url), or \
             name one of {}, {SANDBOX}.{hint}",
            names.join(", ")
        )));
    };
    Ok(Some(Target::Service { name, api_url, token_url }))
}

/// Which repairs the settings name.
fn repairs(args: &SettingArgs) -> anyhow::Result<Repairs> {
    let words = args.repairs.iter().flatten().map(String::as_str);
    Repairs::choose(words).map_err(|error| usage(format!("repairs: {error}")))
}

fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A variable with our prefix that is no setting is a misspelt one.
fn check_variables(names: impl Iterator<Item = String>) -> anyhow::Result<()> {
    use clap::CommandFactory as _;
    let command = super::args::Cli::command();
    let of_commands = command.get_subcommands().flat_map(clap::Command::get_arguments);
    let for_tests = killpoint::COMPILED_IN.then_some([killpoint::VARIABLE, BUSY_TIMEOUT_VARIABLE]);
    let known: Vec<String> = command
        .get_arguments()
        .chain(of_commands)
        .filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()))
        .chain([SECRET_VARIABLE.to_owned()])
        .chain(for_tests.into_iter().flatten().map(str::to_owned))
        .collect();
    for name in names.filter(|name| name.starts_with(VARIABLE_PREFIX)) {
        if !known.contains(&name) {
            let hint = nearest(&name, known.iter().map(String::as_str))
                .map_or_else(String::new, |near| format!("; did you mean {near}?"));
            return Err(usage(format!("the variable {name} is no setting{hint}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: impl Fn(&mut SettingArgs)) -> anyhow::Result<Option<Target>> {
        let mut args = SettingArgs::default();
        set(&mut args);
        target(&args)
    }

    #[test]
    fn there_is_no_default_environment() {
        assert_eq!(with(|_| {}).expect("no mistake"), None);
    }

    #[test]
    fn urls_without_a_name_are_named_by_host_and_port() {
        let made = with(|args| {
            args.api_url = Some("http://127.0.0.1:4010/".into());
            args.token_url = Some("http://127.0.0.1:4010".into());
        });
        let binding = made.expect("no mistake").and_then(|target| target.binding());
        let binding = binding.expect("a service");
        assert_eq!(binding.name, "127.0.0.1:4010");
        assert_eq!(binding.api_url, "http://127.0.0.1:4010");
        assert_eq!(binding.token_url, "http://127.0.0.1:4010/oauth2/token");
    }

    #[test]
    fn a_misspelt_environment_or_variable_is_recognised() {
        let error = with(|args| args.environment = Some("producton".into())).expect_err("unknown");
        assert!(error.to_string().contains("Did you mean production?"), "{error}");
        let error = check_variables(["WASTE_RECEIPTS_API_CDOE".to_owned()].into_iter());
        let error = error.expect_err("unknown");
        assert!(error.to_string().contains("WASTE_RECEIPTS_API_CODE"), "{error}");
        assert!(check_variables(["WASTE_RECEIPTS_RATE".to_owned()].into_iter()).is_ok());
    }
}
