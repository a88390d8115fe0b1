//! `retry`: what could not be sent before.

use super::submit::{How, Job};
use crate::cli::args::RetryArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::inputs::Inputs;
use crate::cli::results::Results;
use crate::cli::session::{Service, Session, user};
use crate::cli::settings::Settings;

pub(in crate::cli) async fn run(
    args: &RetryArgs,
    settings: &Settings,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let how = How {
        codes: settings.code_lists()?.codes,
        strict: false,
        json: args.json,
        expect_records: None,
    };
    let results = Results::of(settings)?;
    let service = Service::of(settings).await?;
    let session = Session::begin(settings, "retry", service, console).await?;
    if args.resend_uncertain {
        let note = args.note.as_deref().unwrap_or("retry --resend-uncertain");
        resend(&session, console, note).await?;
    }
    let job = Job { inputs: &Inputs::default(), how, results, archive: None };
    super::submit::finish(session, job, settings, console).await
}

/// At the beginning of a run, uncertain ones are sent again if the settings say so.
pub(in crate::cli) async fn apply_policy(
    session: &Session,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<()> {
    if settings.resend_uncertain {
        let note = "the setting uncertain = \"resend\"";
        let count = session.ledger.resend_by_policy(&session.run, &user(), note).await?;
        say(count, console);
    }
    Ok(())
}

async fn resend(session: &Session, console: &Console, note: &str) -> anyhow::Result<()> {
    let count = session.ledger.resend_uncertain(&session.run, &user(), note).await?;
    say(count, console);
    Ok(())
}

fn say(count: u64, console: &Console) {
    if count > 0 {
        console.say(format!(
            "{count} uncertain movements will be sent again, each no sooner than 90 s after its \
             last attempt."
        ));
    }
}
