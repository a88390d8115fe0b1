//! The questions of `init`.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use super::answers::{Answers, Keeping, Operator, Site, listed};
use crate::api::{KNOWN, known};
use crate::calendar::Nation;
use crate::cli::args::SettingArgs;
use crate::cli::failure::usage;
use crate::cli::operators::Operators;
use crate::cli::settings::SECRET_VARIABLE;

/// Asks, line by line.
pub(super) struct Asker<'a> {
    pub(super) typed: &'a mut dyn BufRead,
    pub(super) shown: &'a mut dyn Write,
}

impl Asker<'_> {
    pub(super) fn answers(&mut self, given: &SettingArgs) -> anyhow::Result<Answers> {
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
        let operators = self.operators(given.api_code.as_deref())?;
        let sites = self.sites()?;
        let ledger = if let Some(path) = &given.ledger {
            std::path::absolute(path)?
        } else {
            self.say("The ledger remembers every movement: on a disk of this machine, backed up.")?;
            PathBuf::from(self.ask("Ledger", Some("waste-receipts.sqlite"))?)
        };
        Ok(Answers { environment, urls, client_id, keeping, operators, sites, ledger })
    }

    /// The operators: a vendor's software has many.
    fn operators(&mut self, given: Option<&str>) -> anyhow::Result<Vec<Operator>> {
        let codes: Vec<String> = if let Some(codes) = given {
            listed(codes).collect()
        } else {
            self.say(
                "API codes, with commas between them; none if every file has a column apiCode.",
            )?;
            listed(&self.ask("API codes", Some(""))?).collect()
        };
        if codes.len() < 2 {
            return Ok(codes.into_iter().map(|code| Operator { code, name: None }).collect());
        }
        self.say("Names of these operators, for the folders of their results; may be empty.")?;
        let mut operators: Vec<Operator> = Vec::new();
        for code in codes {
            let name = loop {
                let typed = self.ask(&format!("Name of {code}"), Some(""))?;
                let name = Some(typed).filter(|name| !name.is_empty());
                let this = name.clone().map(|name| (code.clone(), name));
                let named = |one: &Operator| Some((one.code.clone(), one.name.clone()?));
                match Operators::new(operators.iter().filter_map(named).chain(this)) {
                    Ok(_) => break name,
                    Err(wrong) => self.say(&format!("{wrong}."))?,
                }
            };
            operators.push(Operator { code, name });
        }
        Ok(operators)
    }

    /// The sites, and the nation of each: its bank holidays are no working days.
    fn sites(&mut self) -> anyhow::Result<Vec<Site>> {
        self.say(
            "Permits of your sites, with commas between them, as they stand in your files; may be \
             empty.",
        )?;
        let permits: Vec<String> = listed(&self.ask("Sites", Some(""))?).collect();
        if !permits.is_empty() {
            self.say(
                "Where they are, for bank holidays: England or Wales, Scotland, Northern Ireland.",
            )?;
        }
        let mut sites = Vec::new();
        for permit in permits {
            let likely = Nation::of_permit(&permit);
            let nation = loop {
                let typed = self.ask(&format!("Nation of {permit}"), Some(likely.as_str()))?;
                match nation(&typed) {
                    Some(nation) => break nation,
                    None => self.say(&format!(
                        "Please answer {}.",
                        Nation::ALL.map(Nation::as_str).join(", ")
                    ))?,
                }
            };
            sites.push(Site { permit, nation });
        }
        Ok(sites)
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

/// What people write for a nation.
fn nation(typed: &str) -> Option<Nation> {
    let letters = |c: char| c.is_ascii_alphabetic().then(|| c.to_ascii_lowercase());
    let typed: String = typed.chars().filter_map(letters).collect();
    match typed.as_str() {
        "england" | "wales" | "englandandwales" | "englandorwales" => Some(Nation::EnglandAndWales),
        "scotland" => Some(Nation::Scotland),
        "northernireland" | "nireland" | "ni" => Some(Nation::NorthernIreland),
        _ => None,
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
        assert_eq!(answers.operators, [Operator { code: "code-1".into(), name: None }]);
        assert!(shown.contains("Environment [test]: "), "{shown}");
        let typed = "mine\nhttps://a.example\nhttps://t.example\n\nid\n7\n2\na, b;c\nSmith\nsmith\nJones/1\nJones\n\n\
             EPR/X, Y\nWales\nParis\nN. Ireland\nl.db\n";
        let (answers, shown) = ask(typed, &SettingArgs::default());
        let answers = answers.expect("answered");
        assert_eq!(answers.urls, Some(("https://a.example".into(), "https://t.example".into())));
        assert!(shown.contains("This one is needed.") && shown.contains("answer 1, 2 or 3"));
        assert_eq!(answers.keeping, Keeping::Variable);
        let names: Vec<_> = answers.operators.iter().map(|one| one.name.as_deref()).collect();
        assert_eq!(names, [Some("Smith"), Some("Jones"), None], "{shown}");
        assert!(shown.contains("name of both") && shown.contains("cannot be the name"), "{shown}");
        let nations: Vec<_> = answers.sites.iter().map(|site| site.nation).collect();
        assert_eq!(nations, [Nation::EnglandAndWales, Nation::NorthernIreland], "{shown}");
        assert!(shown.contains("Please answer england-and-wales, scotland"), "{shown}");
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
        let (answers, _) =
            ask("\nm\"y\n3\na,b\nSmith & Sons\n\nEPR/X,PPC/A/1\n\n\n\n", &SettingArgs::default());
        let text = answers.expect("answered").text();
        let table: toml::Table = text.parse().expect("TOML");
        assert_eq!(table["client-id"].as_str(), Some("m\"y"));
        assert!(table.get("api-code").is_none(), "two operators have no one code");
        assert_eq!(table["operators"]["a"].as_str(), Some("Smith & Sons"));
        assert_eq!(table["nations"]["PPC/A/1"].as_str(), Some("scotland"));
        insta::assert_snapshot!(text);
    }
}
