//! Which code lists hold: the built-in ones, or those that `codes --refresh` fetched.
//!
//! Each environment has a file of its own in the user's data folder, with the service's answers as
//! they came: a sandbox told to differ must not change what is checked for production.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::usage;
use crate::reference::{Codes, SERVED};

/// Whose lists hold where no environment is named, as when files are checked offline.
const WITHOUT_ENVIRONMENT: [&str; 2] = ["production", "test"];

/// The lists that hold, and where they are from.
#[derive(Debug, Clone)]
pub(super) struct CodeLists {
    pub(super) codes: &'static Codes,
    /// None for the built-in ones.
    pub(super) refreshed: Option<Refreshed>,
}

/// When and whence lists were fetched.
#[derive(Debug, Clone)]
pub(super) struct Refreshed {
    pub(super) at: Timestamp,
    pub(super) api_url: String,
    pub(super) path: PathBuf,
}

/// The file's content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    fetched_at: Timestamp,
    api_url: String,
    /// The service's answers by the names of the lists.
    lists: BTreeMap<String, Value>,
}

impl CodeLists {
    /// What the program was built with.
    pub(super) fn built_in() -> Self {
        CodeLists { codes: Codes::embedded(), refreshed: None }
    }

    /// The lists for an environment, or, where none is named, those of production, else of test.
    pub(super) fn load(environment: Option<&str>) -> anyhow::Result<Self> {
        let Some(folder) = folder() else { return Ok(Self::built_in()) };
        let found = match environment {
            Some(name) => Some(file_of(&folder, name)).filter(|path| path.is_file()),
            None => WITHOUT_ENVIRONMENT
                .into_iter()
                .map(|name| file_of(&folder, name))
                .find(|path| path.is_file()),
        };
        found.map_or_else(|| Ok(Self::built_in()), |path| Self::read(&path))
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        Self::read_whole(path).map_err(|error| {
            usage(format!(
                "the code lists in {} cannot be used ({error:#}). Fetch them again with \
                 waste-receipts codes --refresh, or delete that file: then the built-in ones hold",
                path.display()
            ))
        })
    }

    fn read_whole(path: &Path) -> anyhow::Result<Self> {
        let kept: Kept = serde_json::from_slice(&std::fs::read(path)?)?;
        let codes = take_over(&kept.lists)?;
        let refreshed =
            Refreshed { at: kept.fetched_at, api_url: kept.api_url, path: path.to_owned() };
        // Loaded once, and used until the process ends.
        Ok(CodeLists { codes: Box::leak(Box::new(codes)), refreshed: Some(refreshed) })
    }
}

/// Keeps what an environment's service answered, all lists or none. They are looked at first.
pub(super) fn keep(
    environment: &str,
    api_url: &str,
    lists: BTreeMap<String, Value>,
) -> anyhow::Result<CodeLists> {
    let codes = take_over(&lists).context("nothing was changed, because the answer is odd")?;
    let folder = folder().context("this user has no data folder to keep code lists in")?;
    let path = file_of(&folder, environment);
    let kept = Kept { fetched_at: Timestamp::now(), api_url: api_url.to_owned(), lists };
    let written = || format!("the code lists cannot be written to {}", path.display());
    std::fs::create_dir_all(&folder).with_context(written)?;
    let half_written = path.with_extension(format!("json.{}", std::process::id()));
    std::fs::File::create(&half_written)
        .and_then(|mut file| {
            file.write_all(&serde_json::to_vec(&kept)?)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&half_written, &path))
        .with_context(written)?;
    let refreshed = Refreshed { at: kept.fetched_at, api_url: kept.api_url, path };
    Ok(CodeLists { codes: Box::leak(Box::new(codes)), refreshed: Some(refreshed) })
}

/// The built-in lists with all five that the service serves in place of ours.
fn take_over(lists: &BTreeMap<String, Value>) -> anyhow::Result<Codes> {
    let mut codes = Codes::embedded().clone();
    for list in SERVED {
        let served = lists.get(list.name()).unwrap_or(&Value::Null);
        codes = codes.with_served(list, served)?;
    }
    Ok(codes)
}

fn folder() -> Option<PathBuf> {
    Some(dirs::data_local_dir()?.join("waste-receipts").join("codes"))
}

/// An environment's name may hold anything; what no file name takes is escaped.
fn file_of(folder: &Path, environment: &str) -> PathBuf {
    let name: String = url::form_urlencoded::byte_serialize(environment.as_bytes()).collect();
    folder.join(format!("{name}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_environment_has_a_file_of_its_own() {
        let name = |environment| file_of(Path::new(""), environment).display().to_string();
        assert_eq!(name("test"), "test.json");
        assert_eq!(name("127.0.0.1:4010"), "127.0.0.1%3A4010.json");
        assert_eq!(name("../x"), "..%2Fx.json");
    }

    #[test]
    fn all_lists_must_be_there() {
        assert!(take_over(&BTreeMap::new()).is_err());
    }
}
