//! docs/settings.md, made from the definition of the settings; a test holds it to that.

use clap::CommandFactory as _;

use super::args::Cli;
use super::settings_file::KEYS;

const PAGE: &str = include_str!("../../docs/settings.md");
/// What the file may hold and no flag says: tables.
const FILE_ONLY: &[(&str, &str)] = &[
    (
        "nations",
        "The nation of each site, by its permit, where the permit does not tell it \
                 (`\"AB1234CD\" = \"scotland\"`); deadlines go by its bank holidays",
    ),
    (
        "operators",
        "The name of each operator's folder, by its API code (`\"1f83215e-...\" = \"Smith Skips\"`), \
                 where results and reports are split by API code; without one the folder is called \
                 after the first eight characters of the code",
    ),
];

/// The page as the code has it.
fn page() -> String {
    let mut page = String::from(
        "# Settings\n\nGenerated from the program's own definition; a test compares. Change the \
         code, then run\n`UPDATE_DOCS=1 cargo test --lib settings_doc`.\n\n\
         What is said where wins in this order: flags, variables, the settings file, defaults. The \
         settings file\nis the one that `--config` names, else `waste-receipts.toml` in the current \
         folder, else in your\nconfiguration folder. It is TOML; a key is the flag's name without \
         the dashes, in front of the first\ntable. Relative paths in it start from its folder. Times \
         are such as `90s`, `30m`, `1h30m`. A setting\nthat is not known is refused, with the \
         nearest name.\n\n\
         The client secret is no setting: it is in the file that `client-secret-file` names, in the \
         variable\n`WASTE_RECEIPTS_CLIENT_SECRET`, handed over by systemd \
         (`LoadCredential=client-secret:FILE`), or typed\nat a terminal; they are tried in this \
         order: the flag, the variable, the settings, systemd, a person.\n",
    );
    let command = Cli::command();
    let mut heading = None;
    for argument in command.get_arguments().filter(|argument| argument.is_global_set()) {
        let Some(flag) = argument.get_long() else { continue };
        if heading != argument.get_help_heading() {
            heading = argument.get_help_heading();
            page.extend([format!(
                "\n## {}\n\n| flag | variable | in the file | what |\n|---|---|---|---|\n",
                heading.unwrap_or("Settings")
            )]);
        }
        let env = argument.get_env().map(|name| format!("`{}`", name.to_string_lossy()));
        let key = KEYS.contains(&flag).then(|| format!("`{flag}`"));
        let help = said(argument).replace('|', "\\|");
        page.extend([format!(
            "| `{}` | {} | {} | {help} |\n",
            typed(argument, flag),
            env.unwrap_or_default(),
            key.unwrap_or_default(),
        )]);
    }
    of_commands(&command, &mut page);
    page.push_str("\n## In the file only\n\n| key | what |\n|---|---|\n");
    for (key, said) in FILE_ONLY {
        page.extend([format!("| `[{key}]` | {said} |\n")]);
    }
    page
}

/// A flag as it is typed.
fn typed(argument: &clap::Arg, flag: &str) -> String {
    let value = argument.get_value_names().filter(|_| argument.get_action().takes_values());
    let value = value.and_then(|names| names.first()).map(|name| format!(" {name}"));
    format!("--{flag}{}", value.unwrap_or_default())
}

/// What a flag does, and the words that it takes.
fn said(argument: &clap::Arg) -> String {
    let choices: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    match choices.as_slice() {
        [] => help,
        choices => format!("{help} One of {}.", choices.join(", ")),
    }
}

/// Flags of single commands that are settings too: those with a variable or a key.
fn of_commands(command: &clap::Command, page: &mut String) {
    page.push_str(
        "\n## Of single commands\n\n| flag | of | variable | in the file | what |\n|---|---|---|---|---|\n",
    );
    let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
    for command in command.get_subcommands() {
        for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
            let (Some(flag), Some(env)) = (argument.get_long(), argument.get_env()) else {
                continue;
            };
            let key = KEYS.iter().filter(|key| **key == flag).map(|key| format!("`{key}`"));
            let key: String = key.collect();
            let row = format!("| `{}` | {key} | {} |", env.to_string_lossy(), said(argument));
            let flag = format!("`{}`", typed(argument, flag));
            match rows.iter_mut().find(|(known, _)| known.starts_with(&format!("| {flag} "))) {
                Some((_, commands)) => commands.push(command.get_name()),
                None => rows.push((format!("| {flag} | {{}} {row}"), vec![command.get_name()])),
            }
        }
    }
    for (row, commands) in rows {
        let commands: Vec<String> = commands.iter().map(|name| format!("`{name}`")).collect();
        page.push_str(&row.replace("{}", &commands.join(", ")));
        page.push('\n');
    }
}

#[test]
fn every_key_stands_on_the_page() {
    for key in KEYS {
        let written = PAGE.contains(&format!("`{key}`")) || PAGE.contains(&format!("`[{key}]`"));
        assert!(written, "{key} is missing");
    }
}

#[test]
fn the_page_is_as_the_code() {
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
        std::fs::write(path, &page).expect("the page");
        return;
    }
    // Git may have given it other line ends.
    assert_eq!(PAGE.replace("\r\n", "\n"), page, "run UPDATE_DOCS=1 cargo test --lib settings_doc");
}
