//! How a person or a system asks the command to end.

/// Waits for Ctrl-C; also for SIGTERM and SIGHUP, which mean the same. A signal that cannot be heard
/// does what it does to any process.
#[cfg(unix)]
pub(crate) async fn asked_to_end() {
    use tokio::signal::unix::SignalKind;
    tokio::select! {
        () = heard(SignalKind::interrupt()) => {}
        () = heard(SignalKind::terminate()) => {}
        // `nohup` lets a command go on without its terminal.
        () = heard(SignalKind::hangup()), if !hangups_are_ignored() => {}
    }
}

#[cfg(unix)]
async fn heard(kind: tokio::signal::unix::SignalKind) {
    match tokio::signal::unix::signal(kind) {
        Ok(mut signal) => signal.recv().await.unwrap_or_default(),
        Err(_) => std::future::pending().await,
    }
}

/// Whether this process was started with SIGHUP ignored; Linux tells.
#[cfg(unix)]
fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is signal 1, the lowest bit.
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
