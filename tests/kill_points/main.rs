//! The built binary dies: at every point that it has for that, at random instants, and twenty
//! times in one long night. After each death `retry` and `resolve` bring it to agreement with the
//! sandbox, which knows what it stored.
//!
//! `KILL_POINTS=long cargo test --test kill_points` runs more instants and the long night.

#[path = "../nightly/agreement.rs"]
#[allow(dead_code, reason = "shared with another test program, which uses all of it")]
mod agreement;
mod instants;
mod long;
mod points;
mod settle;
#[path = "../nightly/site.rs"]
#[allow(dead_code, reason = "shared with another test program, which uses all of it")]
mod site;

/// Whether what takes minutes is run too.
fn long() -> bool {
    std::env::var("KILL_POINTS").is_ok_and(|wanted| wanted == "long")
}
