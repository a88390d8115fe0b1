//! What `init` was told, and the settings file that it makes of that.

use std::path::PathBuf;

use toml::Value;

use crate::calendar::Nation;
use crate::cli::settings::SECRET_VARIABLE;

/// Where the secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keeping {
    File(PathBuf),
    Variable,
    Systemd,
}

/// What the settings file is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) environment: String,
    pub(super) urls: Option<(String, String)>,
    pub(super) client_id: String,
    pub(super) keeping: Keeping,
    pub(super) operators: Vec<Operator>,
    pub(super) sites: Vec<Site>,
    pub(super) ledger: PathBuf,
}

/// An operator whose loads are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) code: String,
    /// What its folder is called; after its code if nothing.
    pub(super) name: Option<String>,
}

/// A site that receives waste.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) permit: String,
    /// Whose bank holidays its deadlines go by.
    pub(super) nation: Nation,
}

/// What stands between commas.
pub(super) fn listed(text: &str) -> impl Iterator<Item = String> {
    text.split([',', ';']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned)
}

impl Answers {
    /// The settings file.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![
            "# Settings of waste-receipts. Relative paths start from this file's folder."
                .to_owned(),
            "# All of them stand in docs/settings.md, and in waste-receipts --help.".to_owned(),
        ];
        let mut set = |comment: &str, key: &str, value: String| {
            let value = Value::String(value);
            lines.push(format!("\n# {comment}\n{key} = {value}"));
        };
        set("Which service: production or test.", "environment", self.environment.clone());
        if let Some((api, token)) = &self.urls {
            set("Where its API is.", "api-url", api.clone());
            set("Where its tokens come from.", "token-url", token.clone());
        }
        set("Issued for this environment.", "client-id", self.client_id.clone());
        if let Keeping::File(path) = &self.keeping {
            let comment = "Holds the client secret and nothing else; for your eyes only.";
            set(comment, "client-secret-file", path.display().to_string());
        }
        if let [operator] = self.operators.as_slice() {
            set("For files without a column apiCode.", "api-code", operator.code.clone());
        }
        let comment = "Remembers every movement: back it up, never delete it, never keep two.";
        set(comment, "ledger", self.ledger.display().to_string());
        lines.push(String::new());
        self.remark(&mut lines);
        self.tables(&mut lines);
        lines.join("\n")
    }

    /// What no setting says.
    fn remark(&self, lines: &mut Vec<String>) {
        match self.keeping {
            Keeping::File(_) => {}
            Keeping::Variable => {
                lines.push(format!("# The client secret is in the variable {SECRET_VARIABLE}."));
            }
            Keeping::Systemd => lines.push(
                "# The client secret comes from systemd: LoadCredential=client-secret:FILE.".into(),
            ),
        }
        lines.push(
            "# For runs at night (docs/running-nightly.md):\n\
             # log-file = \"waste-receipts.log\"\n# wait = \"30m\"\n# stop-at = \"05:30\"\n\
             # expect-records = 1\n# results = \"results\"\n# archive = \"done\"\n# notify = \"a command that tells you\"\n"
                .into(),
        );
    }

    /// Tables stand at the end: what is written below one belongs to it.
    fn tables(&self, lines: &mut Vec<String>) {
        let pair = |key: &str, value: &str| {
            format!("{} = {}", Value::String(key.to_owned()), Value::String(value.to_owned()))
        };
        if self.operators.len() > 1 {
            lines.push(
                "# Several operators: every file needs the column apiCode. A name here is that of\n\
                 # the operator's folder (--split-by api-code).\n[operators]"
                    .into(),
            );
            for Operator { code, name } in &self.operators {
                lines.push(match name {
                    Some(name) => pair(code, name),
                    None => format!("# {}", pair(code, "its name")),
                });
            }
            lines.push(String::new());
        }
        if !self.sites.is_empty() {
            lines.push(
                "# Your sites, and whose bank holidays their deadlines go by.\n[nations]".into(),
            );
            let nation = |site: &Site| pair(&site.permit, site.nation.as_str());
            lines.extend(self.sites.iter().map(nation));
            lines.push(String::new());
        }
    }
}
