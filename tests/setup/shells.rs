//! Completions, the manual, help: made from the program's own definition.

use super::support::program::Place;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// The commands that `--help` lists.
fn commands(place: &Place) -> Vec<String> {
    let help = place.run(["--help"]).out;
    let listed = help.split("Commands:\n").nth(1).expect("commands");
    let listed = listed.split("\n\n").next().expect("an end");
    let names = listed.lines().filter_map(|line| line.strip_prefix("  "));
    let names = names.filter(|line| !line.starts_with(' '));
    names.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn every_shell_knows_every_command() {
    let place = Place::new();
    let commands = commands(&place);
    assert!(commands.len() > 15, "{commands:?}");
    for shell in SHELLS {
        let ended = place.run(["completions", shell]);
        assert_eq!(ended.code, 0, "{ended:?}");
        for command in &commands {
            assert!(ended.out.contains(command.as_str()), "{shell} does not know {command}");
        }
    }
    assert_eq!(place.run(["completions", "dos"]).code, 2);
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let place = Place::new();
    let page = place.run(["man"]);
    assert!(page.out.contains(".TH waste-receipts 1"), "{}", page.out);
    assert_eq!(place.run(["man", "--out", "pages"]).code, 0);
    for command in commands(&place) {
        let path = place.path().join("pages").join(format!("waste-receipts-{command}.1"));
        assert!(command == "help" || path.exists(), "{} is missing", path.display());
    }
}

#[test]
fn every_command_has_an_example() {
    let place = Place::new();
    for command in commands(&place).into_iter().filter(|command| command != "help") {
        let help = place.run([command.as_str(), "--help"]).out;
        assert!(help.contains("Example"), "{command} --help has no example");
        assert!(help.contains(&format!("waste-receipts {command}")), "{command}: {help}");
    }
}

#[test]
fn a_misspelt_command_or_flag_is_recognised() {
    let place = Place::new();
    let command = place.run(["sumbit", "x.csv"]);
    assert_eq!(command.code, 2);
    assert!(command.err.contains("submit"), "{}", command.err);
    let flag = place.run(["submit", "x.csv", "--enviroment", "test"]);
    assert!(flag.err.contains("--environment"), "{}", flag.err);
}
