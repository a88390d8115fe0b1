//! Being told to stop, by a person or by the system.

/// How the process was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// There is time to finish what is under way.
    Once,
    /// The system ends the process in a few seconds.
    #[cfg_attr(not(windows), expect(dead_code, reason = "only Windows leaves so little time"))]
    Hurried,
}

/// Comes back at Ctrl-C or when the system wants the process to end.
pub(super) async fn told() -> Told {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Told::Once,
        told = terminated() => told,
    }
}

#[cfg(unix)]
async fn terminated() -> Told {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
            Told::Once
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(windows)]
async fn terminated() -> Told {
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
    Told::Hurried
}

#[expect(clippy::print_stderr, reason = "the console belongs to the task that is being stopped")]
pub(super) fn tell(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::exit, reason = "told again means: now, whatever is under way")]
pub(super) fn end_now() {
    std::process::exit(i32::from(super::exit::Exit::Interrupted.code()));
}
