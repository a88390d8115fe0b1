//! Each fault of the sandbox in turn at 20 %, 500 movements: what the ledger says agrees with what
//! the sandbox stored; what was not stored ends accepted; the rest is uncertain, and nothing is
//! left to send.

use waste_receipts::sandbox::Fault;

use crate::agreement;
use crate::site::{Site, movements_csv, text};

const MOVEMENTS: usize = 500;

/// What may be uncertain in the end.
#[derive(PartialEq, Eq)]
enum Ends {
    /// All accepted: the fault is of the not-stored kind.
    Accepted,
    /// Those that met the fault are uncertain.
    Uncertain,
    /// Those that met the fault are rejected.
    Rejected,
}

fn under(fault: Fault, options: &str, ends: &Ends) {
    let rate = format!("{}=20%{options}", fault.name());
    let site = Site::with_faults(&[&rate], 7);
    let file = site.write("movements.csv", &movements_csv(1, MOVEMENTS));
    let patience = ["--rate", "5000", "--timeout", "2s", "--give-up-after", "5s"];
    let mut submit = vec!["submit", "--json", text(&file)];
    submit.extend(patience);
    let (summary, ran) = site.json(&submit);
    assert_eq!(summary["read"], MOVEMENTS, "{ran:?}");
    let parts = [
        "skipped",
        "invalid",
        "held",
        "withdrawn",
        "ready",
        "accepted",
        "rejected",
        "deferred",
        "uncertain",
    ];
    let sum: u64 = parts.iter().map(|part| summary[part].as_u64().expect("a count")).sum();
    assert_eq!(summary["read"], sum, "{summary}");
    assert_eq!(summary["exitCode"], ran.code.expect("an exit code"), "{ran:?}");
    agreement::check(&site);
    // A run gives up when the service fails too often for too long; the next one finds it well.
    site.set_faults(&[]);
    let (_, ran) = site.json(&["retry", "--json", "--rate", "5000", "--give-up-after", "5m"]);
    let states = agreement::states(&site);
    let of = |state: &str| states.get(state).copied().unwrap_or(0);
    let settled = of("accepted") + of("uncertain") + of("rejected");
    assert_eq!(settled, MOVEMENTS, "{states:?} {ran:?}");
    let struck = site
        .stored()
        .references
        .iter()
        .filter(|reference| reference.outcomes.iter().any(|outcome| outcome.fault == Some(fault)))
        .count();
    assert!(struck > 0, "the fault never struck");
    let (uncertain, rejected) = match ends {
        Ends::Accepted => (0, 0),
        Ends::Uncertain => (struck, 0),
        Ends::Rejected => (0, struck),
    };
    assert_eq!((of("uncertain"), of("rejected")), (uncertain, rejected), "{states:?}");
    site.close();
}

macro_rules! faults {
    ($($name:ident: $fault:ident $options:literal => $ends:ident;)*) => {
        $(
            #[test]
            fn $name() {
                under(Fault::$fault, $options, &Ends::$ends);
            }
        )*

        #[test]
        fn no_fault_is_left_out() {
            // What `lenient` takes, the checks do not send.
            let tested = [$(Fault::$fault,)* Fault::Lenient];
            for fault in Fault::ALL {
                assert!(tested.contains(&fault) || fault.is_of_tokens(), "{}", fault.name());
            }
        }
    };
}

faults! {
    lose_response: LoseResponse "" => Uncertain;
    drop_request: DropRequest "" => Uncertain;
    cut_body: CutBody "" => Uncertain;
    status_500_stored: Status500Stored "" => Uncertain;
    status_500: Status500 "" => Uncertain;
    status_502: Status502 "" => Uncertain;
    status_503: Status503 "" => Accepted;
    status_429: Status429 ",delay=200ms" => Accepted;
    status_429_without_retry_after: Status429 ",retry-after=never,delay=200ms" => Accepted;
    empty_201: Empty201 "" => Uncertain;
    slow: Slow ",delay=200ms" => Accepted;
    hang: Hang "" => Uncertain;
    unknown_api_code: UnknownApiCode "" => Accepted;
    unpaid: Unpaid "" => Accepted;
    refuse: Refuse "" => Rejected;
    revoke_token: RevokeToken "" => Accepted;
}
