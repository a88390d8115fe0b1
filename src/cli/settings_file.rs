//! The settings file: TOML, every key checked, mistakes named with the nearest key.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::ValueEnum;
use toml::{Table, Value};

use super::args::{
    ChecksArg, CredentialsArg, InFlightArg, LogFormat, OnChangeArg, PipePeriodArg, SettingArgs,
    UnattendedArgs, UncertainArg, duration,
};
use super::failure::usage;
use super::filing::Filed;
use super::operators::Operators;
use super::unattended::size;
use crate::calendar::Nation;

/// The file's name where none is given.
pub(super) const FILE_NAME: &str = "waste-receipts.toml";

/// The settings that a file may hold; each is the flag of the same name.
pub(super) const KEYS: &[&str] = &[
    "environment",
    "api-url",
    "token-url",
    "credentials",
    "client-id",
    "client-secret-file",
    "api-code",
    "ledger",
    "rate",
    "in-flight",
    "timeout",
    "give-up-after",
    "max-invalid",
    "checks",
    "uncertain",
    "on-change",
    "holidays",
    "pipe-period",
    "nations",
    "profile",
    "repairs",
    "ca-file",
    "log-file",
    "log-format",
    "log-size",
    "log-keep",
    "wait",
    "stop-at",
    "expect-records",
    "strict",
    "results",
    "split-by",
    "operators",
    "archive",
    "settle",
    "heartbeat",
    "notify",
    "metrics",
];

/// What a settings file says beyond the flags.
#[derive(Debug, Default)]
pub(super) struct FromFile {
    /// Where it is; none where there is no settings file.
    pub(super) path: Option<PathBuf>,
    pub(super) on_change: Option<OnChangeArg>,
    /// The nations of sites, by their permits as they are written there.
    pub(super) nations: Vec<(String, Nation)>,
    /// What a run does with files.
    pub(super) filed: Filed,
    /// The names of operators' folders.
    pub(super) operators: Operators,
}

/// Fills in, from the settings file, what neither a flag nor a variable gave.
pub(super) fn fill_in(args: &mut SettingArgs) -> anyhow::Result<FromFile> {
    let Some(path) = find(args.config.as_deref())? else { return Ok(FromFile::default()) };
    let path = std::path::absolute(&path)?;
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("the settings file {} cannot be read", path.display()))
        .map_err(|error| usage(format!("{error:#}")))?;
    // Notepad's mark; not every version of the library skips it.
    let text = text.trim_start_matches('\u{feff}');
    let table: Table = text.parse().map_err(|error| not_toml(&path, text, &error))?;
    let file = Keys { path: &path, table: &table };
    file.check_names()?;
    file.fill(args)?;
    let on_change = file.choice("on-change")?;
    let nations = file.nations()?;
    let (filed, operators) = (file.filed()?, file.operators()?);
    Ok(FromFile { path: Some(path), on_change, nations, filed, operators })
}

/// Where the mistake is and what it is, but not the line: that may hold a secret.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    usage(format!("{}, line {line}: {}", path.display(), error.message()))
}

/// The file that was named, or the one that is where settings files are looked for.
fn find(named: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
    if let Some(named) = named {
        if named.is_file() {
            return Ok(Some(named.to_owned()));
        }
        return Err(usage(format!("there is no settings file {}", named.display())));
    }
    let here = Some(PathBuf::from(FILE_NAME));
    let users = dirs::config_dir().map(|folder| folder.join("waste-receipts").join(FILE_NAME));
    Ok(here.into_iter().chain(users).find(|path| path.is_file()))
}

struct Keys<'a> {
    path: &'a Path,
    table: &'a Table,
}

impl Keys<'_> {
    fn check_names(&self) -> anyhow::Result<()> {
        for key in self.table.keys() {
            if key == "client-secret" {
                return Err(self.mistake(
                    key,
                    "the secret itself does not belong here: put it into a file of its own and \
                     name that with client-secret-file",
                ));
            }
            if !KEYS.contains(&key.as_str()) {
                let nearest = nearest(key, KEYS.iter().copied());
                let hint =
                    nearest.map_or_else(String::new, |near| format!("; did you mean {near}?"));
                return Err(self.mistake(key, &format!("there is no such setting{hint}")));
            }
        }
        Ok(())
    }

    fn fill(&self, args: &mut SettingArgs) -> anyhow::Result<()> {
        or(&mut args.environment, self.text("environment")?);
        or(&mut args.api_url, self.text("api-url")?);
        or(&mut args.token_url, self.text("token-url")?);
        or(&mut args.client_id, self.text("client-id")?);
        or(&mut args.api_code, self.text("api-code")?);
        or(&mut args.client_secret_file, self.path("client-secret-file")?);
        or(&mut args.ledger, self.path("ledger")?);
        or(&mut args.ca_file, self.path("ca-file")?);
        or(&mut args.holidays, self.path("holidays")?);
        or(&mut args.pipe_period, self.choice::<PipePeriodArg>("pipe-period")?);
        or(&mut args.profile, self.path("profile")?);
        or(&mut args.log_file, self.path("log-file")?);
        or(&mut args.rate, self.number("rate", 0..=u32::MAX.into())?);
        or(&mut args.in_flight, self.in_flight("in-flight")?);
        or(&mut args.max_invalid, self.number("max-invalid", 0..=100)?);
        or(&mut args.timeout, self.time("timeout")?);
        or(&mut args.give_up_after, self.time("give-up-after")?);
        or(&mut args.credentials, self.choice::<CredentialsArg>("credentials")?);
        or(&mut args.checks, self.choice::<ChecksArg>("checks")?);
        or(&mut args.uncertain, self.choice::<UncertainArg>("uncertain")?);
        or(&mut args.repairs, self.texts("repairs")?);
        or(&mut args.log_format, self.choice::<LogFormat>("log-format")?);
        self.fill_unattended(&mut args.unattended)
    }

    fn fill_unattended(&self, args: &mut UnattendedArgs) -> anyhow::Result<()> {
        or(&mut args.wait, self.time("wait")?);
        or(&mut args.stop_at, self.parsed("stop-at", str::parse)?);
        or(&mut args.expect_records, self.number("expect-records", 0..=i64::MAX)?);
        or(&mut args.heartbeat, self.text("heartbeat")?);
        or(&mut args.notify, self.text("notify")?);
        or(&mut args.metrics, self.path("metrics")?);
        or(&mut args.log_size, self.parsed("log-size", size)?);
        or(&mut args.log_keep, self.number("log-keep", 0..=u16::MAX.into())?);
        Ok(())
    }

    fn filed(&self) -> anyhow::Result<Filed> {
        Ok(Filed {
            results: self.path("results")?,
            split_by: self.choice("split-by")?,
            archive: self.path("archive")?,
            settle: self.time("settle")?,
            strict: self.yes_or_no("strict")?,
        })
    }

    /// `[operators]`: an API code and the operator's name a line.
    fn operators(&self) -> anyhow::Result<Operators> {
        let Some(operators) = self.table.get("operators") else { return Ok(Operators::default()) };
        let named =
            |(code, name): (&String, &Value)| Some((code.clone(), name.as_str()?.to_owned()));
        let names: Option<Vec<_>> =
            operators.as_table().and_then(|table| table.iter().map(named).collect());
        let names = names.ok_or_else(|| {
            let what = "a table was expected: [operators], and below it a line such as \"your API \
                        code\" = \"Smith Skips\"";
            self.mistake("operators", what)
        })?;
        Operators::new(names.into_iter()).map_err(|error| self.mistake("operators", &error))
    }

    /// `[nations]`: a permit and its nation a line.
    fn nations(&self) -> anyhow::Result<Vec<(String, Nation)>> {
        let Some(nations) = self.table.get("nations") else { return Ok(Vec::new()) };
        let wanted = Nation::ALL.map(Nation::as_str).join(", ");
        let Value::Table(nations) = nations else {
            let what = "a table was expected: [nations], and below it a line such as \"AB1234CD\" = \"scotland\"";
            return Err(self.mistake("nations", what));
        };
        let nation = |(permit, nation): (&String, &Value)| {
            let found = nation.as_str().and_then(Nation::parse);
            let what = format!("{nation} is none of {wanted}");
            let found = found.ok_or_else(|| self.mistake(&format!("nations: {permit}"), &what))?;
            Ok((permit.clone(), found))
        };
        nations.iter().map(nation).collect()
    }

    fn yes_or_no(&self, key: &str) -> anyhow::Result<Option<bool>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Boolean(yes)) => Ok(Some(*yes)),
            Some(_) => Err(self.mistake(key, "true or false was expected")),
        }
    }

    fn text(&self, key: &str) -> anyhow::Result<Option<String>> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.mistake(key, "a text in quotes was expected")),
        }
    }

    /// A list of texts, or one with commas.
    fn texts(&self, key: &str) -> anyhow::Result<Option<Vec<String>>> {
        let Some(Value::Array(list)) = self.table.get(key) else {
            let text = self.text(key)?;
            return Ok(text.map(|text| text.split(',').map(str::to_owned).collect()));
        };
        let texts = list.iter().map(|entry| entry.as_str().map(str::to_owned));
        let texts: Option<Vec<String>> = texts.collect();
        texts.map(Some).ok_or_else(|| self.mistake(key, "texts in quotes were expected"))
    }

    /// A path; a relative one starts from the settings file.
    fn path(&self, key: &str) -> anyhow::Result<Option<PathBuf>> {
        let base = self.path.parent().unwrap_or(Path::new(""));
        Ok(self.text(key)?.map(|text| base.join(text)))
    }

    fn number<N>(&self, key: &str, range: RangeInclusive<i64>) -> anyhow::Result<Option<N>>
    where
        N: TryFrom<i64>,
    {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => {
                let fits = N::try_from(*number).ok().filter(|_| range.contains(number));
                let (first, last) = (range.start(), range.end());
                let what = format!("{number} is not in the range from {first} to {last}");
                fits.map(Some).ok_or_else(|| self.mistake(key, &what))
            }
            Some(_) => Err(self.mistake(key, "a whole number was expected")),
        }
    }

    /// A number, or a word.
    fn in_flight(&self, key: &str) -> anyhow::Result<Option<InFlightArg>> {
        let text = match self.table.get(key) {
            None => return Ok(None),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => return Err(self.mistake(key, "auto or a whole number was expected")),
        };
        text.parse().map(Some).map_err(|error: String| self.mistake(key, &error))
    }

    fn parsed<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> anyhow::Result<Option<T>> {
        let parsed = |text: String| parse(&text).map_err(|error| self.mistake(key, &error));
        self.text(key)?.map(parsed).transpose()
    }

    fn time(&self, key: &str) -> anyhow::Result<Option<Duration>> {
        match self.table.get(key) {
            Some(Value::Integer(seconds)) => {
                duration(&seconds.to_string()).map(Some).map_err(|error| self.mistake(key, &error))
            }
            _ => self
                .text(key)?
                .map(|text| duration(&text).map_err(|error| self.mistake(key, &error)))
                .transpose(),
        }
    }

    fn choice<C: ValueEnum>(&self, key: &str) -> anyhow::Result<Option<C>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        C::from_str(&text, true).map(Some).map_err(|_| {
            let names: Vec<String> = C::value_variants()
                .iter()
                .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
                .collect();
            self.mistake(key, &format!("\"{text}\" is none of {}", names.join(", ")))
        })
    }

    fn mistake(&self, key: &str, what: &str) -> anyhow::Error {
        usage(format!("{}: {key}: {what}", self.path.display()))
    }
}

fn or<T>(place: &mut Option<T>, from_file: Option<T>) {
    if place.is_none() {
        *place = from_file;
    }
}

/// The name that is closest to what somebody wrote.
pub(super) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase().replace('_', "-");
    names
        .map(|name| (strsim::osa_distance(&written, &name.to_lowercase().replace('_', "-")), name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
