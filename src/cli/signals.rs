//! Being told to stop: the first time what is in flight is finished, the second time not.

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Watches for signals until it is dropped.
pub(super) struct Watch(JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The first signal cancels `drain`; a second one ends the process at once, and what was in flight
/// is uncertain from then on.
pub(super) fn watch(drain: CancellationToken, quiet: bool) -> Watch {
    Watch(tokio::spawn(async move {
        told().await;
        if !quiet {
            tell(
                "Stopping: what is under way is finished and recorded. Once more to stop at once.",
            );
        }
        drain.cancel();
        told().await;
        tell("Stopped at once: what was under way is uncertain; the next run says which.");
        end_now();
    }))
}

/// Comes back at Ctrl-C or when the system wants the process to end.
pub(super) async fn told() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(windows)]
async fn terminated() {
    use tokio::signal::windows;
    let (Ok(mut close), Ok(mut shutdown), Ok(mut logoff)) =
        (windows::ctrl_close(), windows::ctrl_shutdown(), windows::ctrl_logoff())
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = close.recv() => {}
        _ = shutdown.recv() => {}
        _ = logoff.recv() => {}
    }
}

#[expect(clippy::print_stderr, reason = "the console belongs to the task that is being stopped")]
fn tell(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::exit, reason = "a second signal means: now, whatever is under way")]
fn end_now() {
    std::process::exit(i32::from(super::exit::Exit::Interrupted.code()));
}
