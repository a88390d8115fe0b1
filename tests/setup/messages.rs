//! The pages say what a person, or a program, can be told: every message of an error and of the
//! command line stands in the page about troubleshooting, every event of the log in the page about
//! operating, and no event there that the program does not log.

use std::collections::BTreeSet;
use std::path::Path;

const TROUBLESHOOTING: &str = include_str!("../../docs/troubleshooting.md");
const OPERATING: &str = include_str!("../../docs/operating.md");

/// All sources below a folder, each without its tests.
fn sources(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                found.push(code.replace("\r\n", "\n"));
            }
        }
    }
    found
}

/// A literal up to its closing quote, as the program prints it.
fn literal_of(source: &str) -> String {
    let mut out = String::new();
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('\n') => {
                    while letters.peek().is_some_and(|c| c.is_whitespace()) {
                        letters.next();
                    }
                }
                Some(escaped) => out.push(escaped),
                None => break,
            },
            letter => out.push(letter),
        }
    }
    out
}

/// The literals that stand right behind one of these, or in a `format!` there.
fn literals(sources: &[String], before: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (source, before) in sources.iter().flat_map(|s| before.iter().map(move |b| (s, b))) {
        for after in source.split(before).skip(1) {
            let after = after.trim_start();
            let after = after.strip_prefix("format!(").unwrap_or(after).trim_start();
            found.extend(after.strip_prefix('"').map(literal_of));
        }
    }
    found
}

/// What has no sentence of its own on the page about troubleshooting.
fn unexplained(messages: &[String]) -> Vec<String> {
    let page = TROUBLESHOOTING.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut missing = Vec::new();
    for message in messages {
        let pieces = message
            .split('{')
            .flat_map(|piece| piece.split_once('}').map_or(vec![piece], |(_, rest)| vec![rest]));
        let longest = pieces.map(str::trim).max_by_key(|piece| piece.len()).unwrap_or_default();
        // Less than this is no sentence, but a frame for another message.
        if longest.len() >= 15 && !page.contains(longest) {
            missing.push(longest.to_owned());
        }
    }
    missing
}

#[test]
fn every_message_of_an_error_is_explained() {
    let messages = literals(&sources("src"), &["#[error("]);
    assert!(messages.len() > 40, "only {} messages were found", messages.len());
    let missing = unexplained(&messages);
    assert!(missing.is_empty(), "docs/troubleshooting.md does not have: {missing:#?}");
}

#[test]
fn every_message_of_the_command_line_is_explained() {
    let before = ["usage(", ".warn(", ".context(", "context(||"];
    let messages = literals(&sources("src/cli"), &before);
    assert!(messages.len() > 80, "only {} messages were found", messages.len());
    let missing = unexplained(&messages);
    assert!(missing.is_empty(), "docs/troubleshooting.md does not have: {missing:#?}");
}

#[test]
fn the_events_of_the_log_are_those_of_its_page() {
    let logged: BTreeSet<String> =
        literals(&sources("src"), &["event = "]).into_iter().chain(["note".to_owned()]).collect();
    let rows = OPERATING.split("| event | level |").nth(1).expect("the table of events");
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with('|'));
    let names = |row: &str| -> Vec<String> {
        let cell = row.split('|').nth(1).unwrap_or_default().to_owned();
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let documented: BTreeSet<String> = rows.flat_map(names).collect();
    assert!(logged.len() > 15, "{logged:?}");
    assert_eq!(logged, documented, "docs/operating.md has other events than the program");
}
