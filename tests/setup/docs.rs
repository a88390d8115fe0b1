//! What the documentation shows works: its settings are read, its commands parse, its units and its
//! task are well-formed.

use std::path::Path;
use std::process::Command;

use super::support::program::Place;

const NIGHTLY: &str = include_str!("../../docs/running-nightly.md");
const PAGES: [(&str, &str); 5] = [
    ("README.md", include_str!("../../README.md")),
    ("index.md", include_str!("../../docs/index.md")),
    ("running-nightly.md", NIGHTLY),
    ("operating.md", include_str!("../../docs/operating.md")),
    ("troubleshooting.md", include_str!("../../docs/troubleshooting.md")),
];

/// The blocks of a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let start = format!("```{language}\n");
    page.split(&start).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

/// What is called in a page: the words behind `waste-receipts`, up to what a shell takes.
fn calls(page: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    let spans = page.split('`').skip(1).step_by(2).filter(|span| !span.contains('\n'));
    let code = blocks(page, "sh").into_iter().flat_map(str::lines).chain(spans);
    for line in code {
        let Some((_, rest)) = line.split_once("waste-receipts ") else { continue };
        let words =
            rest.split_whitespace().take_while(|word| !["||", "&&", "|", ">", "#"].contains(word));
        calls.push(words.map(|word| word.trim_matches('"').to_owned()).collect());
    }
    calls
}

#[test]
fn every_call_in_the_pages_can_be_made() {
    let place = Place::new();
    let mut seen = 0;
    for (name, page) in PAGES {
        for call in calls(page) {
            let plain = |word: &String| {
                word.starts_with("--") || word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            };
            // Words for people to fill in, and prose in backquotes, are no arguments.
            let Some(command) = call.first().filter(|word| plain(word)) else { continue };
            if command.starts_with('-') || command.is_empty() {
                continue;
            }
            let mut arguments: Vec<&str> = vec![command];
            let flags = call.iter().filter(|word| word.starts_with("--"));
            let flags: Vec<&str> =
                flags.map(|flag| flag.split(['=', ',']).next().unwrap_or(flag)).collect();
            arguments.push("--help");
            let help = place.run(arguments);
            assert_eq!(help.code, 0, "{name}: {call:?}: {help:?}");
            for flag in flags {
                assert!(help.out.contains(flag), "{name}: {call:?}: there is no {flag}");
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} calls were found");
}

#[test]
fn the_settings_of_the_pages_are_settings() {
    for (name, page) in PAGES {
        for block in blocks(page, "toml") {
            let place = Place::new();
            let here = place.path().display().to_string().replace('\\', "/");
            place.write("waste-receipts.toml", block.replace("/var/lib/waste-receipts", &here));
            let ended = place.run(["status", "--environment", "test"]);
            // They are read; only the ledger is not there yet.
            assert!(ended.err.contains("there is no ledger"), "{name}: {block}\n{}", ended.err);
        }
    }
}

/// systemd checks its own units, where there is a systemd.
#[test]
fn the_units_are_units() {
    let units = blocks(NIGHTLY, "ini");
    assert_eq!(units.len(), 2);
    let (service, timer) = (units[0], units[1]);
    for (shown, packaged) in [
        (service, include_str!("../../data/packaging/systemd/waste-receipts.service")),
        (timer, include_str!("../../data/packaging/systemd/waste-receipts.timer")),
    ] {
        let packaged = packaged.replace("/usr/bin/", "/usr/local/bin/").replace("\r\n", "\n");
        assert_eq!(shown.trim_end(), packaged.trim_end(), "the package has another unit");
    }
    assert!(service.contains("[Service]") && timer.contains("[Timer]"));
    for line in service.lines().chain(timer.lines()) {
        let fine = line.is_empty() || line.starts_with(['#', '[']) || line.contains('=');
        assert!(fine, "{line}");
    }
    let call = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a call");
    let place = Place::new();
    let program = assert_cmd::cargo::cargo_bin!("waste-receipts");
    assert!(call.starts_with("/usr/local/bin/waste-receipts submit --quiet --config "), "{call}");
    let service = service.replace("/usr/local/bin/waste-receipts", &program.display().to_string());
    place.write("waste-receipts.service", service);
    place.write("waste-receipts.timer", timer);
    let verify = |unit: &str| {
        Command::new("systemd-analyze").arg("verify").arg(place.path().join(unit)).output()
    };
    for unit in ["waste-receipts.service", "waste-receipts.timer"] {
        // Other systems have no systemd: there the shape above is all that is looked at.
        let Ok(said) = verify(unit) else { return };
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        let ours: Vec<&str> = said.lines().filter(|line| line.contains("waste-receipts")).collect();
        // A manual page that is not installed here is no mistake in the unit.
        let ours: Vec<_> = ours.into_iter().filter(|line| !line.contains("man ")).collect();
        assert!(ours.is_empty(), "{unit}: {ours:?}");
    }
}

#[test]
fn the_task_of_windows_is_well_formed() {
    let task = blocks(NIGHTLY, "xml");
    assert_eq!(task.len(), 1);
    let mut open: Vec<&str> = Vec::new();
    for tag in task[0].split('<').skip(1).filter(|tag| !tag.starts_with('?')) {
        let name = tag.split(['>', ' ']).next().expect("a name");
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed)),
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for needed in ["<StartWhenAvailable>true", "<Command>", "<MultipleInstancesPolicy>IgnoreNew"] {
        assert!(task[0].contains(needed), "{needed}");
    }
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for entry in std::fs::read_dir(root.join("docs")).expect("a folder") {
        pages.push(entry.expect("an entry").path());
    }
    for path in pages.iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let page = std::fs::read_to_string(path).expect("a page");
        for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            let here = !file.is_empty() && !file.contains("://");
            let there = path.with_file_name(file).exists();
            assert!(!here || there, "{}: {link} leads nowhere", path.display());
        }
    }
}
