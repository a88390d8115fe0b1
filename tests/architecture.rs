//! Who may import whom, and how long a file may be: the map in `src/lib.rs`, held by a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The longest that a file of ours may be, in lines.
const LONGEST: usize = 420;

/// What each room may use.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let leaves =
        ["calendar", "clock", "finding", "fold", "json", "killpoint", "private", "reference"];
    let with = |more: &[&'static str]| {
        leaves.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>()
    };
    BTreeMap::from([
        ("calendar", vec![]),
        ("clock", vec![]),
        ("finding", vec![]),
        ("fold", vec![]),
        ("json", vec!["fold"]),
        ("killpoint", vec![]),
        ("private", vec![]),
        ("reference", vec!["fold"]),
        ("movement", vec!["json", "reference"]),
        ("submission", vec!["finding"]),
        ("reader", with(&["movement"])),
        ("checks", with(&["movement"])),
        ("ledger", with(&["movement", "submission"])),
        ("approval", with(&["movement", "submission", "checks"])),
        ("api", with(&["submission"])),
        ("intake", with(&["movement", "submission", "reader", "checks", "ledger"])),
        ("drift", with(&["checks", "ledger"])),
        ("dispatcher", with(&["submission", "ledger", "api"])),
        ("drift", with(&["checks", "ledger"])),
        ("report", with(&["submission", "ledger"])),
        ("export", with(&["movement", "submission", "reader", "ledger"])),
        ("sandbox", vec!["movement", "reference", "checks", "json", "finding"]),
    ])
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            // What the fuzz targets were built to is nobody's source.
            if !path.ends_with("target") {
                rust_files(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join(folder), &mut files);
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
        let name = name.replace('\\', "/");
        let text = std::fs::read_to_string(&path).expect("a source file");
        (name, text)
    };
    files.into_iter().map(named).collect()
}

/// The room that a file is in.
fn room(name: &str) -> &str {
    let rest = name.strip_prefix("src/").unwrap_or(name);
    rest.split('/').next().unwrap_or(rest).trim_end_matches(".rs")
}

/// The rooms that a source names: `crate::room` and `use crate::{room, ...}`.
fn named_rooms(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for (_, after) in
        code.match_indices("crate::").map(|(at, found)| (at, &code[at + found.len()..]))
    {
        let names = match after.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![after],
        };
        for name in names {
            let name = name.trim();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            if !name[..end].is_empty() {
                rooms.insert(name[..end].to_owned());
            }
        }
    }
    rooms
}

#[test]
fn every_room_uses_only_what_it_may() {
    let allowed = allowed();
    let mut seen = BTreeSet::new();
    for (name, text) in sources("src") {
        let room = room(&name);
        seen.insert(room.to_owned());
        // Tests may use whatever makes their point.
        let is_test = name.contains("/tests/") || name.ends_with("tests.rs");
        if matches!(room, "lib" | "main" | "cli") || is_test {
            continue;
        }
        let may = allowed.get(room).unwrap_or_else(|| panic!("{room} is not on the map"));
        for used in named_rooms(&text) {
            assert!(used == room || may.contains(&used.as_str()), "{name} uses {used}");
        }
    }
    for room in allowed.keys() {
        assert!(seen.contains(*room), "{room} is on the map but not there");
    }
}

#[test]
fn nothing_uses_the_command_line_and_sql_stays_in_the_ledger() {
    for (name, text) in sources("src") {
        let (room, own) = (room(&name), named_rooms(&text));
        assert!(matches!(room, "cli" | "main") || !own.contains("cli"), "{name} uses cli");
        assert!(
            room == "ledger" || !(text.contains("sqlx::") || text.contains("rusqlite::")),
            "{name} uses SQL"
        );
        let shows = name == "src/cli/console.rs" || !text.contains("indicatif::");
        assert!(shows, "{name} uses indicatif");
    }
}

#[test]
fn files_are_short() {
    for folder in ["src", "tests"] {
        for (name, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= LONGEST, "{name} has {lines} lines");
        }
    }
}

#[test]
fn the_test_itself_sees_what_it_looks_for() {
    let text = "use crate::{api, ledger};\nuse crate::cli::exit;\n// crate::comment\n";
    let rooms: Vec<String> = named_rooms(text).into_iter().collect();
    assert_eq!(rooms, ["api", "cli", "ledger"]);
}
