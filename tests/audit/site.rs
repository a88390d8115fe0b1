//! A place where the program runs against a service that answers as it is told.

use serde_json::Value;

use super::support::program::{Ended, Place, beside};
use super::support::wire::{Act, Wire, answer, token};

pub(crate) const SAMPLES: &str = include_str!("../../samples/movements.jsonl");

/// A place with a file of some movements, and a service that answers like this.
pub(crate) async fn place(movements: usize, api: Vec<Act>) -> (Place, Wire) {
    let wire = Wire::start([token("t", 3_600)], api).await;
    let place = Place::new();
    place.write("secret", "s");
    let some: Vec<&str> = SAMPLES.lines().take(movements).collect();
    place.write("some.jsonl", some.join("\n"));
    let url = wire.url();
    place.write(
        "waste-receipts.toml",
        format!(
            "api-url = \"{url}\"\ntoken-url = \"{url}\"\nclient-id = \"c\"\n\
             client-secret-file = \"secret\"\nledger = \"ledger.sqlite\"\ngive-up-after = \"0s\"\n\
             api-code = \"1f83215e-4b90-4785-9ab2-2614839aa2e9\"\nin-flight = 1\n"
        ),
    );
    (place, wire)
}

pub(crate) fn says(status: &str, body: &str) -> Act {
    Act::Say(answer(status, "content-type: application/json\r\n", body))
}

pub(crate) fn stored(id: &str) -> Act {
    says("201 Created", &format!("{{\"wasteTrackingId\":\"{id}\"}}"))
}

pub(crate) async fn run(place: &Place, arguments: &[&str]) -> Ended {
    let mut command = place.command();
    command.args(arguments);
    beside(command).await
}

pub(crate) async fn json(place: &Place, arguments: &[&str]) -> (Value, i32) {
    let ended = run(place, arguments).await;
    let last = ended.out.lines().last().unwrap_or_default().to_owned();
    (serde_json::from_str(&last).unwrap_or_else(|_| panic!("{ended:?}")), ended.code)
}

/// The bodies that the API was sent.
pub(crate) fn bodies(wire: &Wire) -> Vec<String> {
    let seen = wire.seen().into_iter();
    seen.filter(|seen| seen.line.contains("/movements")).map(|seen| seen.body).collect()
}
