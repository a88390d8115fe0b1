//! The README says what is so: its console blocks are run, its settings file is read.

use assert_cmd::Command;

const README: &str = include_str!("../README.md");

#[test]
fn its_console_blocks_print_what_it_says() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path().to_str().expect("UTF-8");
    trycmd::TestCases::new()
        .register_bin("waste-receipts", assert_cmd::cargo::cargo_bin!("waste-receipts").to_owned())
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("APPDATA", home)
        .case("README.md");
}

/// The first block of a language.
fn block(language: &str) -> &str {
    let after = README.split(&format!("```{language}\n")).nth(1).expect("a block");
    after.split("```").next().expect("its end")
}

#[test]
fn its_settings_file_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("waste-receipts.toml"), block("toml")).expect("a file");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("waste-receipts"));
    let output = command.arg("status").current_dir(folder.path()).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    // The settings are right; only the ledger is not there yet.
    assert!(said.contains("there is no ledger at"), "{said}");
    assert!(said.contains(folder.path().to_str().expect("UTF-8")), "{said}");
}

#[test]
fn its_exit_codes_are_those_of_the_help() {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("waste-receipts"));
    let help = command.arg("--help").output().expect("it starts");
    let help = String::from_utf8_lossy(&help.stdout).replace('\n', " ");
    let rows = README.lines().filter(|line| line.starts_with("| ") && line.contains(" | "));
    let codes: Vec<&str> = rows
        .filter_map(|row| row.trim_start_matches("| ").split(' ').next())
        .filter(|code| code.parse::<u8>().is_ok())
        .collect();
    assert_eq!(codes.len(), 12, "{codes:?}");
    for code in codes {
        assert!(help.contains(&format!(" {code} ")), "{code} is not in --help");
    }
}
