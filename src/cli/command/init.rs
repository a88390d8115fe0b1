//! `init`: asks for what a run needs, writes a settings file, and shows that it works.

use std::io::{BufRead, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use super::token;
use crate::api::{KNOWN, known};
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
    /// Ask nothing: flags and defaults say all
    #[arg(long)]
    pub(in crate::cli) no_questions: bool,
    /// Write the settings, and do not try them
    #[arg(long)]
    pub(in crate::cli) offline: bool,
}

/// Where the secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Keeping {
    File(PathBuf),
    Variable,
    Systemd,
}

/// What the settings file is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answers {
    environment: String,
    urls: Option<(String, String)>,
    client_id: String,
    keeping: Keeping,
    api_codes: Vec<String>,
    sites: Vec<String>,
    ledger: PathBuf,
}

pub(in crate::cli) async fn run(
    args: &InitArgs,
    given: &mut SettingArgs,
    command: &Command,
    console: &Console,
) -> anyhow::Result<Exit> {
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
        api_codes: listed(given.api_code.as_deref().unwrap_or_default()),
        sites: Vec::new(),
        ledger: match &given.ledger {
            Some(path) => std::path::absolute(path)?,
            None => PathBuf::from("waste-receipts.sqlite"),
        },
    })
}

/// Asks, line by line.
struct Asker<'a> {
    typed: &'a mut dyn BufRead,
    shown: &'a mut dyn Write,
}

impl Asker<'_> {
    fn answers(&mut self, given: &SettingArgs) -> anyhow::Result<Answers> {
        self.say("A few questions; Enter takes what stands in brackets.\n")?;
        let environment = if let Some(name) = &given.environment {
            name.clone()
        } else {
            self.say("Which service? test (made-up data only), production, or your own name.")?;
            self.ask("Environment", Some("test"))?
        };
        let urls = if known(&environment).is_some_and(|known| known.api_url.is_some()) {
            None
        } else {
            let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
            self.say(&format!("It is none of {}: where is it?", names.join(", ")))?;
            let api = self.given_or("API URL", given.api_url.as_ref())?;
            Some((api, self.given_or("Token URL", given.token_url.as_ref())?))
        };
        let client_id = self.given_or("Client ID", given.client_id.as_ref())?;
        let keeping = match &given.client_secret_file {
            Some(path) => Keeping::File(std::path::absolute(path)?),
            None => self.keeping()?,
        };
        let api_codes = if let Some(codes) = &given.api_code {
            listed(codes)
        } else {
            self.say(
                "API codes, with commas between them; none if every file has a column apiCode.",
            )?;
            listed(&self.ask("API codes", Some(""))?)
        };
        self.say(
            "Permits of your sites, with commas between them, for your own record; may be empty.",
        )?;
        let sites = listed(&self.ask("Sites", Some(""))?);
        let ledger = if let Some(path) = &given.ledger {
            std::path::absolute(path)?
        } else {
            self.say("The ledger remembers every movement: on a disk of this machine, backed up.")?;
            PathBuf::from(self.ask("Ledger", Some("waste-receipts.sqlite"))?)
        };
        Ok(Answers { environment, urls, client_id, keeping, api_codes, sites, ledger })
    }

    fn keeping(&mut self) -> anyhow::Result<Keeping> {
        self.say(&format!(
            "Where is the client secret kept?\n  1  in a file that only you can read\n  2  in the \
             variable {SECRET_VARIABLE}\n  3  systemd hands it over (LoadCredential=client-secret:FILE)"
        ))?;
        loop {
            match self.ask("1, 2 or 3", Some("1"))?.as_str() {
                "1" => break,
                "2" => return Ok(Keeping::Variable),
                "3" => return Ok(Keeping::Systemd),
                _ => self.say("Please answer 1, 2 or 3.")?,
            }
        }
        Ok(Keeping::File(PathBuf::from(self.ask("File", Some("client-secret.txt"))?)))
    }

    fn given_or(&mut self, what: &str, given: Option<&String>) -> anyhow::Result<String> {
        given.map_or_else(|| self.ask(what, None), |given| Ok(given.clone()))
    }

    /// One answer; asked again until there is one.
    fn ask(&mut self, what: &str, default: Option<&str>) -> anyhow::Result<String> {
        loop {
            match default.filter(|default| !default.is_empty()) {
                Some(default) => write!(self.shown, "{what} [{default}]: ")?,
                None => write!(self.shown, "{what}: ")?,
            }
            self.shown.flush()?;
            let mut line = String::new();
            if self.typed.read_line(&mut line)? == 0 {
                return Err(usage("the questions were not answered: nothing was written"));
            }
            match (line.trim(), default) {
                ("", Some(default)) => return Ok(default.to_owned()),
                ("", None) => self.say("This one is needed.")?,
                (answer, _) => return Ok(answer.to_owned()),
            }
        }
    }

    fn say(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.shown, "{text}")?;
        Ok(())
    }
}

fn listed(text: &str) -> Vec<String> {
    text.split([',', ';']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

impl Answers {
    /// The settings file.
    fn text(&self) -> String {
        let mut lines = vec![
            "# Settings of waste-receipts. Relative paths start from this file's folder."
                .to_owned(),
            "# All of them stand in docs/settings.md, and in waste-receipts --help.".to_owned(),
        ];
        let mut set = |comment: &str, key: &str, value: String| {
            let value = toml::Value::String(value);
            lines.push(format!("\n# {comment}\n{key} = {value}"));
        };
        set("Which service: production or test.", "environment", self.environment.clone());
        if let Some((api, token)) = &self.urls {
            set("Where its API is.", "api-url", api.clone());
            set("Where its tokens come from.", "token-url", token.clone());
        }
        set("Issued for this environment.", "client-id", self.client_id.clone());
        if let Keeping::File(path) = &self.keeping {
            let comment = "Holds the client secret and nothing else; for your eyes only.";
            set(comment, "client-secret-file", path.display().to_string());
        }
        if let [code] = self.api_codes.as_slice() {
            set("For files without a column apiCode.", "api-code", code.clone());
        }
        let comment = "Remembers every movement: back it up, never delete it, never keep two.";
        set(comment, "ledger", self.ledger.display().to_string());
        lines.push(String::new());
        self.remark(&mut lines);
        lines.join("\n")
    }

    /// What no setting says.
    fn remark(&self, lines: &mut Vec<String>) {
        match self.keeping {
            Keeping::File(_) => {}
            Keeping::Variable => {
                lines.push(format!("# The client secret is in the variable {SECRET_VARIABLE}."));
            }
            Keeping::Systemd => lines.push(
                "# The client secret comes from systemd: LoadCredential=client-secret:FILE.".into(),
            ),
        }
        if self.api_codes.len() > 1 {
            lines
                .push("# Several operators: every file needs the column apiCode. They are:".into());
            lines.extend(self.api_codes.iter().map(|code| format!("#   {code}")));
        }
        if !self.sites.is_empty() {
            lines.push(format!("# Sites: {}", self.sites.join(", ")));
        }
        lines.push(
            "# For runs at night (docs/running-nightly.md):\n\
             # log-file = \"waste-receipts.log\"\n# wait = \"30m\"\n# stop-at = \"05:30\"\n\
             # expect-records = 1\n# notify = \"a command that tells you\"\n"
                .into(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(typed: &str, given: &SettingArgs) -> (anyhow::Result<Answers>, String) {
        let mut shown = Vec::new();
        let answers = Asker { typed: &mut typed.as_bytes(), shown: &mut shown }.answers(given);
        (answers, String::from_utf8(shown).expect("UTF-8"))
    }

    #[test]
    fn questions_are_answered_and_defaults_taken() {
        let (answers, shown) = ask("\nmy-id\n\n\ncode-1\n\n\n", &SettingArgs::default());
        let answers = answers.expect("answered");
        assert_eq!((answers.environment.as_str(), answers.client_id.as_str()), ("test", "my-id"));
        assert_eq!(answers.keeping, Keeping::File("client-secret.txt".into()));
        assert_eq!(answers.api_codes, ["code-1"]);
        assert!(shown.contains("Environment [test]: "), "{shown}");
        let typed =
            "mine\nhttps://a.example\nhttps://t.example\n\nid\n7\n2\na, b;c\nEPR/X, Y\nl.db\n";
        let (answers, shown) = ask(typed, &SettingArgs::default());
        let answers = answers.expect("answered");
        assert_eq!(answers.urls, Some(("https://a.example".into(), "https://t.example".into())));
        assert!(shown.contains("This one is needed.") && shown.contains("answer 1, 2 or 3"));
        assert_eq!(answers.keeping, Keeping::Variable);
        assert_eq!((answers.api_codes.len(), answers.sites.len()), (3, 2));
        let (unanswered, _) = ask("test\n", &SettingArgs::default());
        assert!(unanswered.expect_err("no answers").to_string().contains("nothing was written"));
    }

    #[test]
    fn what_a_flag_says_is_not_asked() {
        let given = SettingArgs {
            environment: Some("production".into()),
            client_id: Some("id".into()),
            client_secret_file: Some("/secret".into()),
            api_code: Some("code".into()),
            ledger: Some("/ledger".into()),
            ..SettingArgs::default()
        };
        let (answers, shown) = ask("\n", &given);
        assert!(answers.is_ok() && !shown.contains("Client ID"), "{shown}");
    }

    #[test]
    fn the_file_is_toml_with_a_comment_for_each_setting() {
        let (answers, _) = ask("\nm\"y\n3\na,b\nEPR/X\n\n", &SettingArgs::default());
        let text = answers.expect("answered").text();
        let table: toml::Table = text.parse().expect("TOML");
        assert_eq!(table["client-id"].as_str(), Some("m\"y"));
        assert!(table.get("api-code").is_none(), "two operators have no one code");
        insta::assert_snapshot!(text);
    }
}
