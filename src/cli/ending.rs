//! What ends the sending before everything is sent: a signal, the system that goes down, a time
//! that was set.
//!
//! Told once, what is under way is finished and recorded. Told again, or by a system that leaves
//! only seconds (Windows, when its window is closed, the user logs off or the machine goes down),
//! what is under way is given up and recorded as uncertain, which it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::settings::Settings;
use super::signals::{self, Told};
use crate::api::{Client, Exchange, Failure, Request, Unsent};
use crate::clock::Clock;
use crate::dispatcher::{Service, Stop};

/// Windows ends the process 5 s after it closes its window: so long may requests go on, and what
/// remains is for the recording.
const LAST_CALL: Duration = Duration::from_secs(2);
/// What cannot be recorded in this time is not going to be.
const RECORDING: Duration = Duration::from_secs(2);

/// Watches for what ends the sending, until it is dropped.
pub(super) struct Ending {
    /// Cancelled when nothing more may be claimed.
    pub(super) drain: CancellationToken,
    /// Cancelled when what is under way may not go on either.
    hurry: CancellationToken,
    time_up: Arc<AtomicBool>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Ending {
    pub(super) fn watch(settings: &Settings, quiet: bool) -> Self {
        let (drain, hurry) = (CancellationToken::new(), CancellationToken::new());
        let time_up = Arc::new(AtomicBool::new(false));
        let signals = tokio::spawn(signals(drain.clone(), hurry.clone(), quiet));
        let now = jiff::Timestamp::now();
        let stop_at = settings.unattended.stop_at;
        let claiming = stop_at.map(|at| now + at.claiming(now, settings.timeout));
        let time = tokio::spawn(until(claiming, drain.clone(), Arc::clone(&time_up)));
        Ending { drain, hurry, time_up, tasks: [signals, time] }
    }

    /// A client whose requests end when there is no more time for them.
    pub(super) fn client(&self, client: Arc<Client>) -> Hurried<Client> {
        Hurried { service: client, hurry: self.hurry.clone() }
    }

    /// Why a run ended that was told to.
    pub(super) fn why(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Interrupted if self.time_up.load(Ordering::SeqCst) => Stop::TimeUp,
            other => other,
        }
    }

    /// Whether there is no time for anything but recording.
    pub(super) fn is_hurried(&self) -> bool {
        self.hurry.is_cancelled()
    }
}

/// Drains when a time has come by the wall clock, whatever becomes of that meanwhile.
async fn until(
    moment: Option<jiff::Timestamp>,
    drain: CancellationToken,
    time_up: Arc<AtomicBool>,
) {
    let Some(moment) = moment else { return };
    let clock = Clock::system();
    loop {
        let left = Duration::try_from(moment.duration_since(clock.wall())).unwrap_or_default();
        if left.is_zero() {
            break;
        }
        tokio::time::sleep(left.min(Duration::from_secs(10))).await;
    }
    // An interruption that came first is the reason.
    if !drain.is_cancelled() {
        time_up.store(true, Ordering::SeqCst);
        tracing::info!(
            event = "stop-at",
            "nothing more is claimed: the time that was set has come"
        );
        drain.cancel();
    }
}

async fn signals(drain: CancellationToken, hurry: CancellationToken, quiet: bool) {
    let told = signals::told().await;
    drain.cancel();
    if told == Told::Once {
        if !quiet {
            signals::tell(
                "Stopping: what is under way is finished and recorded. Once more to stop at once.",
            );
        }
        signals::told().await;
    } else {
        signals::tell("This system is going down, or its window was closed: stopping.");
        tokio::time::sleep(LAST_CALL).await;
    }
    tracing::warn!(event = "hurried", "what is under way is given up");
    hurry.cancel();
    tokio::select! {
        () = tokio::time::sleep(RECORDING) => {}
        _ = signals::told() => {}
    }
    signals::tell("Stopped at once: what was under way is uncertain; the next run says which.");
    signals::end_now();
}

/// A service whose requests can be given up.
#[derive(Debug)]
pub(super) struct Hurried<S> {
    service: Arc<S>,
    hurry: CancellationToken,
}

impl<S: Service> Service for Hurried<S> {
    async fn ready(&self) -> Result<(), Unsent> {
        self.service.ready().await
    }

    async fn exchange(&self, request: Request) -> Result<Exchange, Unsent> {
        tokio::select! {
            biased;
            exchange = self.service.exchange(request) => exchange,
            // It may have been stored: as if the connection had been lost.
            () = self.hurry.cancelled() => Ok(Exchange {
                result: Err(Failure::ConnectionLost("this program was told to end at once".into())),
                elapsed: Duration::ZERO,
                token_generation: 0,
            }),
        }
    }

    fn token_refused(&self, generation: u64) {
        self.service.token_refused(generation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::interpret;
    use crate::submission::{Method, Outcome};

    /// A service that never answers.
    struct Silent;

    impl Service for Silent {
        async fn ready(&self) -> Result<(), Unsent> {
            Ok(())
        }

        async fn exchange(&self, _: Request) -> Result<Exchange, Unsent> {
            std::future::pending().await
        }

        fn token_refused(&self, _: u64) {}
    }

    #[tokio::test]
    async fn a_request_that_is_given_up_may_have_been_stored() {
        let hurry = CancellationToken::new();
        let service = Hurried { service: Arc::new(Silent), hurry: hurry.clone() };
        hurry.cancel();
        for (method, uncertain) in [(Method::Post, true), (Method::Put, false)] {
            let request = Request { method, waste_tracking_id: None, body: Vec::new() };
            let exchange = service.exchange(request).await.expect("something was sent");
            let outcome = interpret(method, &exchange, jiff::Timestamp::now());
            assert_eq!(matches!(outcome, Outcome::Uncertain { .. }), uncertain, "{outcome:?}");
        }
    }

    #[test]
    fn windows_gets_its_record_in_time() {
        assert!(LAST_CALL + RECORDING <= Duration::from_secs(4));
    }
}
