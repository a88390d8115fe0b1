//! `resolve`: a person decides about movements that wait for one.

use crate::cli::args::{DecisionArgs, ResolveArgs};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::history;
use crate::cli::restored;
use crate::cli::session::{host, user};
use crate::cli::settings::Settings;
use crate::cli::waiting;
use crate::ledger::{Creation, Order, RunFacts, Selector};
use crate::submission::{Decision, State};

pub(in crate::cli) async fn run(
    args: &ResolveArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let order = order(args)?;
    let selectors = selectors(args, settings)?;
    let binding = settings
        .target()?
        .binding()
        .ok_or_else(|| usage("resolve works on a ledger that lasts: name its environment"))?;
    let path = settings.ledger_path()?;
    let wait = settings.unattended.wait;
    let mut ledger = waiting::open(&path, Creation::Never, &binding, wait, console).await?;
    restored::check(&mut ledger, false, console).await?;
    history::adopted(&ledger, console);
    let facts = RunFacts { command: "resolve".to_owned(), user: user(), host: host() };
    let run = ledger.begin_run(&facts).await?;
    ledger.recover(&run).await?;
    let decided = ledger.decide(&run, &selectors, &order).await;
    let exit = if decided.is_ok() { Exit::Success } else { Exit::Usage };
    let head = ledger.end_run(&run, i64::from(exit.code()), "{}").await?;
    let decided = decided?;
    for (movement, state) in &decided {
        console.say(format!("movement {movement} is now {state}"));
    }
    if decided.iter().any(|(_, state)| *state == State::Ready) {
        console.say("Next: waste-receipts retry");
    }
    console.say(history::line(&head));
    ledger.close().await?;
    Ok(exit)
}

fn order(args: &ResolveArgs) -> anyhow::Result<Order> {
    let DecisionArgs { accepted, resend, withdraw, update, keep, .. } = &args.decision;
    let decision = if accepted.is_some() {
        Decision::Accepted
    } else if *resend {
        Decision::Resend
    } else if *withdraw {
        Decision::Withdraw
    } else if *update {
        Decision::Update
    } else if *keep {
        Decision::Keep
    } else {
        Decision::New
    };
    let waste_tracking_id = match accepted.as_deref().map(str::trim) {
        Some(id) if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) => {
            return Err(usage(format!(
                "\"{id}\" is no waste tracking ID; one looks like 26BHUT6U"
            )));
        }
        id => id.map(str::to_owned),
    };
    Ok(Order { decision, waste_tracking_id, note: args.note.clone(), user: user() })
}

fn selectors(args: &ResolveArgs, settings: &Settings) -> anyhow::Result<Vec<Selector>> {
    let api_code = settings.api_code.clone().filter(|_| settings.typed.api_code);
    let by_reference = args.references.iter().map(|reference| Selector::Reference {
        reference: reference.clone(),
        api_code: api_code.clone(),
        site: args.site.clone(),
    });
    let selectors: Vec<Selector> =
        args.movement.iter().copied().map(Selector::Movement).chain(by_reference).collect();
    if args.decision.accepted.is_some() && selectors.len() != 1 {
        return Err(usage(
            "--accepted takes one movement: each has a waste tracking ID of its own",
        ));
    }
    Ok(selectors)
}
