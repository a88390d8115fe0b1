//! What the tests share: a site with movements that wait, and the morning when all is well again.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use waste_receipts::sandbox::Options;

use crate::agreement;
use crate::site::{Ran, Site, movements_csv, text};

pub(crate) const IN_FLIGHT: usize = 8;
pub(crate) const PACE: [&str; 4] = ["--rate", "0", "--in-flight", "8"];

/// A site whose ledger has so many movements that wait, none sent.
pub(crate) fn waiting(movements: usize) -> Site {
    let site = Site::new(Options::default());
    let file = site.write("movements.csv", &movements_csv(1, movements));
    let mut command = site.command(&["submit", text(&file)]);
    command.env("WASTE_RECEIPTS_CLIENT_SECRET", "not-the-secret");
    let ran = Ran::from(command.output().expect("the program starts"));
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert_eq!(site.stored().requests, 0);
    site
}

/// The exit code, and all of these words.
pub(crate) fn assert_says(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    for word in words {
        let said = ran.err.contains(word) || ran.out.contains(word);
        assert!(said, "\"{word}\" is missing: {ran:?}");
    }
}

/// All is well again: a retry sends what is left, and the ledger agrees with the sandbox; only
/// what was under way may be uncertain.
pub(crate) fn all_is_well_again(site: Site, movements: usize) {
    let ran = site.run(&["retry", PACE[0], PACE[1], PACE[2], PACE[3]]);
    let states = agreement::states(&site);
    let of = |state: &str| states.get(state).copied().unwrap_or(0);
    assert_eq!(of("accepted") + of("uncertain"), movements, "{states:?} {ran:?}");
    assert!(of("uncertain") <= IN_FLIGHT, "{states:?}");
    site.close();
}

/// Another program's connection to the ledger.
pub(crate) fn connect(site: &Site) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(site.path("ledger.sqlite"));
    site.runtime.block_on(options.connect()).expect("a connection")
}

/// Does something to the ledger that the program would not do.
pub(crate) fn execute(site: &Site, connection: &mut SqliteConnection, sql: &str) {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned())).execute(connection);
    site.runtime.block_on(done).expect("it is done");
}
