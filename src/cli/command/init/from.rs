//! `init --from`: looks at a weighbridge's file, and proposes a mapping profile for it.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;

use crate::cli::args::SettingArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::json::{Value, write_value};
use crate::movement::fields;
use crate::reader::profile::{Proposal, propose};
use crate::reader::{Defaults, Format, Profile, ReadError, Reader, Record};

/// So many rows are shown as they would be read.
const SHOWN: u64 = 3;

/// What `--from` takes.
#[derive(Debug, Args)]
pub(super) struct FromArgs {
    /// A file of your weighbridge: a mapping profile is proposed for it, and written with comments
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,
    /// Where to write the profile [default: profile.toml here]
    #[arg(long, value_name = "FILE", default_value = "profile.toml", requires = "from")]
    profile_out: PathBuf,
    /// What is the same for every load and stands in no column; may be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE", requires = "from")]
    constants: Vec<String>,
}

pub(super) fn run(
    from: &Path,
    args: &FromArgs,
    given: &SettingArgs,
    console: &Console,
) -> anyhow::Result<Exit> {
    let FromArgs { profile_out: out, constants, .. } = args;
    if out.exists() {
        return Err(usage(format!(
            "{} is there already: change it with an editor, or name another file with --profile-out",
            out.display()
        )));
    }
    let read_error = |problem| ReadError { file: from.display().to_string(), problem };
    let file = File::open(from).map_err(|error| read_error(error.into()))?;
    let mut proposal = propose(file).map_err(read_error)?;
    for constant in constants {
        fill(&mut proposal, constant)?;
    }
    console.out(shown(from, &proposal, given));
    std::fs::write(out, proposal.text())
        .with_context(|| format!("the profile {} cannot be written", out.display()))?;
    let missing = proposal.missing();
    if missing.is_empty() {
        console.out(format!("The profile is in {}", out.display()));
    } else {
        let mut text =
            format!("The profile is in {}. Fill in there, where it says so:", out.display());
        for field in &missing {
            let _ = write!(text, "\n  {:<38} {}", field.path, field.help);
        }
        console.out(text);
    }
    console.say(format!(
        "Look it through, then: waste-receipts check {} --profile {}",
        from.display(),
        out.display()
    ));
    Ok(Exit::Success)
}

/// `FIELD=VALUE`
fn fill(proposal: &mut Proposal, constant: &str) -> anyhow::Result<()> {
    let Some((path, value)) = constant.split_once('=') else {
        return Err(usage(format!("--set {constant}: write FIELD=VALUE")));
    };
    if proposal.fill(path.trim(), value.trim()) {
        return Ok(());
    }
    let near = fields::nearest_column(path.trim());
    let hint = near.map_or_else(String::new, |near| format!("; did you mean {}?", near.path));
    Err(usage(format!("--set {constant}: there is no field {}{hint}", path.trim())))
}

/// The first rows as the profile would have them read.
fn shown(file: &Path, proposal: &Proposal, given: &SettingArgs) -> String {
    if proposal.missing().iter().any(|field| field.path == "yourUniqueReference") {
        return format!(
            "{}: no column looks like the number of a load (a ticket number, say), by which each \
             is told from the others: name it in the profile as yourUniqueReference\n",
            file.display()
        );
    }
    let mut text = format!("{}, read by the proposed profile:\n", file.display());
    let read = |text: &mut String| -> anyhow::Result<()> {
        let profile = Profile::parse(&proposal.draft(), "the proposal")?;
        let api_code = given.api_code.clone();
        let defaults =
            Defaults { api_code, profile: Some(Arc::new(profile)), ..Defaults::default() };
        let mut reader = Reader::open(file, Some(Format::Csv), defaults)?;
        while reader.records() < SHOWN
            && let Some(record) = reader.next_record()?
        {
            describe(text, &record);
        }
        Ok(())
    };
    if let Err(error) = read(&mut text) {
        let _ = writeln!(text, "  it cannot be read yet: {error}");
    }
    text
}

fn describe(text: &mut String, record: &Record<'_>) {
    let _ = writeln!(text, "\nline {}", record.line);
    values(text, "", &record.movement.body);
    for finding in &record.findings {
        let _ = writeln!(text, "  ! {}: {}", finding.key, finding.message);
    }
}

/// Each value with its path, a line each.
fn values(text: &mut String, path: &str, value: &Value<'_>) {
    let below =
        |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, member)| values(text, &below(key.as_str()), member));
        }
        Value::List(list) if list.iter().any(|entry| entry.as_object().is_some()) => {
            list.iter()
                .enumerate()
                .for_each(|(at, entry)| values(text, &below(&at.to_string()), entry));
        }
        plain => {
            let mut json = Vec::new();
            write_value(&mut json, plain);
            let _ = writeln!(text, "  {path:<42} {}", String::from_utf8_lossy(&json));
        }
    }
}
