//! `codes`: which code lists hold, what is on them, and newer ones from the service.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::calendar;
use crate::cli::args::CodesArgs;
use crate::cli::code_lists::{self, CodeLists};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::session::Service;
use crate::cli::settings::{Settings, Target};
use crate::clock::Clock;
use crate::reference::{Codes, Entry, EwcKind, List, SERVED};

pub(in crate::cli) async fn run(
    args: &CodesArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let lists =
        if args.refresh { refresh(settings, console).await? } else { settings.code_lists()? };
    let wanted = args.list.map_or(List::ALL.to_vec(), |list| vec![list]);
    match (&args.search, args.list) {
        (None, None) => console.out(overview(&lists, args.json)?),
        (search, _) => {
            let wanted = wanted.as_slice();
            let found = show(wanted, search.as_deref(), lists.codes, args.json, console)?;
            if found == 0 {
                let hint = if lists.refreshed.is_none() {
                    " The built-in EWC codes are without descriptions; codes --refresh fetches \
                     those of the service."
                } else {
                    ""
                };
                console.say(format!("No code fits.{hint}"));
            }
        }
    }
    Ok(Exit::Success)
}

/// Fetches the five lists that the service serves.
async fn refresh(settings: &Settings, console: &Console) -> anyhow::Result<CodeLists> {
    if matches!(settings.target()?, Target::OwnSandbox) {
        return Err(usage(
            "a sandbox in this process has the built-in lists: name the environment whose lists \
             you want",
        ));
    }
    let service = Service::of(settings).await?;
    let client = service.client(settings, Clock::system(), CancellationToken::new())?;
    let before = settings.code_lists().map_or(Codes::embedded(), |lists| lists.codes);
    let mut answers = BTreeMap::new();
    for list in SERVED {
        let answer = client.reference_data(list.name()).await?;
        let answer = serde_json::from_slice(&answer).map_err(|error| {
            anyhow::anyhow!("{}: the service's answer is no JSON: {error}", list.name())
        })?;
        answers.insert(list.name().to_owned(), answer);
    }
    let lists = code_lists::keep(&service.binding.name, &service.binding.api_url, answers)?;
    for list in SERVED {
        let changes = changes(list, before, lists.codes);
        if !changes.is_empty() {
            console.say(format!("{}: {changes}", list.name()));
        }
    }
    Ok(lists)
}

/// What a list has now that it had not, and the other way round.
fn changes(list: List, before: &Codes, after: &Codes) -> String {
    let missing = |here: &Codes, there: &Codes| -> Vec<String> {
        let entries = here.entries(list).iter();
        entries.filter(|e| !there.contains(list, &e.code)).map(|e| e.code.clone()).collect()
    };
    let (new, gone) = (missing(after, before), missing(before, after));
    [("new", new), ("gone", gone)]
        .into_iter()
        .filter(|(_, codes)| !codes.is_empty())
        .map(|(what, codes)| format!("{what}: {}", codes.join(", ")))
        .collect::<Vec<_>>()
        .join("; ")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Overview<'a> {
    source: &'static str,
    since: Option<jiff::Timestamp>,
    api_url: Option<&'a str>,
    file: Option<String>,
    lists: Vec<Counted>,
}

#[derive(Serialize)]
struct Counted {
    list: &'static str,
    codes: usize,
    refreshed: bool,
}

fn overview(lists: &CodeLists, json: bool) -> anyhow::Result<String> {
    let counted = List::ALL.map(|list| Counted {
        list: list.name(),
        codes: lists.codes.entries(list).len(),
        refreshed: lists.refreshed.is_some() && SERVED.contains(&list),
    });
    let refreshed = lists.refreshed.as_ref();
    if json {
        return Ok(serde_json::to_string(&Overview {
            source: if refreshed.is_some() { "refreshed" } else { "built-in" },
            since: refreshed.map(|refreshed| refreshed.at),
            api_url: refreshed.map(|refreshed| refreshed.api_url.as_str()),
            file: refreshed.map(|refreshed| refreshed.path.display().to_string()),
            lists: counted.into(),
        })?);
    }
    let mut lines = vec![match refreshed {
        Some(refreshed) => format!(
            "The first five were fetched {} from {} ({}); the others are built in.",
            calendar::show(refreshed.at),
            refreshed.api_url,
            refreshed.path.display()
        ),
        None => format!(
            "All are built into this program (version {}); codes --refresh fetches newer ones.",
            env!("CARGO_PKG_VERSION")
        ),
    }];
    let rest = List::ALL.into_iter().filter(|list| !SERVED.contains(list));
    for list in SERVED.into_iter().chain(rest) {
        let count = lists.codes.entries(list).len();
        lines.push(format!("  {:<34} {count:>4}  {}", list.name(), list.explanation()));
    }
    lines.push("To see one: waste-receipts codes LIST. To find a code: codes --search TEXT".into());
    Ok(lines.join("\n"))
}

/// A code as `codes LIST --json` prints it.
#[derive(Serialize)]
struct Code<'a> {
    list: &'static str,
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    meaning: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hazardous: Option<bool>,
}

/// Shows the codes that fit; returns how many do.
fn show(
    wanted: &[List],
    search: Option<&str>,
    codes: &Codes,
    json: bool,
    console: &Console,
) -> anyhow::Result<usize> {
    let search = search.map(str::to_lowercase);
    let mut found = 0;
    for list in wanted {
        let kind = |entry: &Entry| codes.ewc(&entry.code).filter(|_| *list == List::Ewc);
        let fits = |entry: &&Entry| match &search {
            Some(search) => fits(entry, kind(entry), search),
            None => true,
        };
        for entry in codes.entries(*list).iter().filter(fits) {
            found += 1;
            let (code, meaning, kind) = (&entry.code, &entry.meaning, kind(entry));
            if json {
                let hazardous = kind.map(EwcKind::is_hazardous);
                let code = Code { list: list.name(), code, meaning, hazardous };
                console.out(serde_json::to_string(&code)?);
                continue;
            }
            let kind = kind.map_or_else(String::new, |kind| format!("[{}]  ", kind.words()));
            let of = if wanted.len() > 1 { format!("{:<27} ", list.name()) } else { String::new() };
            console.out(format!("{of}{code:<8} {kind}{meaning}").trim_end());
        }
    }
    Ok(found)
}

/// Whether code, meaning or kind hold what is looked for; blanks in a code do not count.
fn fits(entry: &Entry, kind: Option<EwcKind>, search: &str) -> bool {
    let bare: String = search.chars().filter(|c| !c.is_whitespace()).collect();
    (!bare.is_empty() && entry.code.to_lowercase().contains(&bare))
        || entry.meaning.to_lowercase().contains(search)
        || kind.is_some_and(|kind| kind.words() == search)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_number_or_meaning() {
        let entry = Entry { code: "170504".into(), meaning: "Soil and stones".into() };
        assert!(fits(&entry, None, "17 05") && fits(&entry, None, "stones"));
        assert!(!fits(&entry, None, "wood") && !fits(&entry, None, "1706"));
    }
}
