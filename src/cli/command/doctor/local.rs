//! What is on this machine: settings, the secret, the ledger, the disk, who may read what.

use std::path::{Path, PathBuf};

use super::Check;
use crate::cli::secrets::Place;
use crate::cli::session::look;
use crate::cli::settings::{SECRET_VARIABLE, Settings, Target};
use crate::private;

/// A night's run needs less; below this a full disk is near.
const LITTLE_SPACE: u64 = 1_000_000_000;
const NO_SPACE: u64 = 50_000_000;

pub(super) fn settings(settings: &Settings) -> Vec<Check> {
    let from = match settings.settings_file() {
        Some(path) => path.display().to_string(),
        None => "no settings file; flags and variables alone".to_owned(),
    };
    let mut checks = vec![Check::ok("settings", from)];
    checks.push(match settings.target() {
        Err(error) => Check::failed("environment", error.to_string(), "say --environment test"),
        Ok(Target::OwnSandbox) => Check::warning(
            "environment",
            "a sandbox in this process",
            "nothing lasts there; name test or production",
        ),
        Ok(target @ Target::Service { name, api_url, .. }) => {
            let url = api_url.as_ref().map_or("no API", |url| url.as_str());
            let what = if target.is_production() { ", which is PRODUCTION" } else { "" };
            Check::ok("environment", format!("{name}: {url}{what}"))
        }
    });
    checks
}

/// A sandbox of this process's own has a secret of its own.
pub(super) fn secret(settings: &Settings) -> Option<Check> {
    (!matches!(settings.target(), Ok(Target::OwnSandbox))).then(|| secret_of(settings))
}

fn secret_of(settings: &Settings) -> Check {
    const NAME: &str = "secret";
    if let Some(warning) = settings.open_secret() {
        return Check::warning(NAME, warning, "a file that only its owner can read");
    }
    let place = settings.secret_place();
    if place == Some(Place::Prompt) {
        return Check::warning(
            NAME,
            "it is nowhere: you will be asked for it each time",
            "for runs that nobody watches, put it into a file and set client-secret-file",
        );
    }
    match (place, settings.secret()) {
        (Some(Place::Variable), Ok(_)) => Check::ok(NAME, format!("in {SECRET_VARIABLE}")),
        (Some(Place::File(path)), Ok(_)) => Check::ok(NAME, path.display().to_string()),
        (_, Ok(_)) => Check::ok(NAME, "there"),
        (_, Err(error)) => {
            Check::failed(NAME, error.to_string(), "the service gave it to you with the client ID")
        }
    }
}

pub(super) async fn ledger(settings: &Settings) -> Vec<Check> {
    const NAME: &str = "ledger";
    let path = match settings.ledger_path() {
        Ok(path) => path,
        Err(error) => return vec![Check::failed(NAME, error.to_string(), "give --ledger")],
    };
    if matches!(settings.target(), Ok(Target::OwnSandbox) | Err(_)) {
        return Vec::new();
    }
    if !path.exists() {
        let found = format!("there is none at {} yet", path.display());
        return vec![match settings.creation() {
            crate::ledger::Creation::WhereMissing => {
                Check::ok(NAME, format!("{found}; the first run makes it"))
            }
            crate::ledger::Creation::Never => Check::warning(
                NAME,
                found,
                "if this is the first run here, run submit once with --create-ledger; if not, the \
                 setting \"ledger\" points to the wrong place",
            ),
        }];
    }
    let looked = async {
        let ledger = look(settings).await?;
        let overview = ledger.overview().await?;
        ledger.close().await?;
        anyhow::Ok(overview)
    };
    vec![match looked.await {
        Ok(overview) => {
            let count: u64 = overview.states.values().sum();
            Check::ok(NAME, format!("{}, {count} movements", path.display()))
        }
        Err(error) => Check::failed(
            NAME,
            crate::cli::failure::in_words(&error),
            "nothing can be sent until the ledger can be used (docs/operating.md)",
        ),
    }]
}

pub(super) fn space(settings: &Settings) -> Vec<Check> {
    const NAME: &str = "disk space";
    let Ok(path) = settings.ledger_path() else { return Vec::new() };
    let Some(folder) = path.ancestors().skip(1).find(|folder| folder.is_dir()) else {
        return Vec::new();
    };
    let remedy = "a full disk stops a run: make room, or keep the ledger elsewhere";
    vec![match fs4::available_space(folder) {
        Err(error) => Check::warning(NAME, format!("{}: {error}", folder.display()), remedy),
        Ok(bytes) => {
            let found = format!("{} MB free in {}", bytes / 1_000_000, folder.display());
            match bytes {
                0..NO_SPACE => Check::failed(NAME, found, remedy),
                NO_SPACE..LITTLE_SPACE => Check::warning(NAME, found, remedy),
                _ => Check::ok(NAME, found),
            }
        }
    }]
}

/// Who else can read what is nobody else's business.
pub(super) fn permissions(settings: &Settings) -> Check {
    const NAME: &str = "permissions";
    let beside = |path: &Path, ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let ledger = settings.ledger_path().ok();
    let of_ledger = ledger.iter().flat_map(|path| ["", "-wal", "-shm"].map(|e| beside(path, e)));
    let files = of_ledger.chain(settings.settings_file().map(Path::to_owned));
    let open: Vec<PathBuf> =
        files.filter(|path| private::is_open_to_others(path) == Some(true)).collect();
    if !open.is_empty() {
        let names: Vec<String> = open.iter().map(|path| path.display().to_string()).collect();
        let names = names.join(" ");
        return Check::warning(
            NAME,
            format!("others can read {names}"),
            format!("chmod 600 {names}"),
        );
    }
    if cfg!(windows) {
        Check::ok(NAME, "Windows goes by the folder's access list: keep the files in your profile")
    } else {
        Check::ok(NAME, "settings and ledger are for their owner alone")
    }
}
