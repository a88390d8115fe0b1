//! The program with a settings file, variables and flags of the test's choosing.

use assert_cmd::Command;

use super::support::program::{Ended, Place, beside};

/// A place whose settings name everything that a token needs, save where to ask.
pub(crate) fn place() -> Place {
    let place = Place::new();
    place.write("secret", "the-secret");
    place
}

/// A command that shows, by where it goes, which setting won.
pub(crate) fn token(place: &Place) -> Command {
    let mut command = place.command();
    command.args(["token", "--give-up-after", "0s"]);
    command
}

/// Ends with a usage mistake that says all of this.
pub(crate) async fn refused(command: Command, words: &[&str]) -> Ended {
    let ended = beside(command).await;
    assert_eq!(ended.code, 2, "{words:?}: {ended:?}");
    for word in words {
        assert!(ended.err.contains(word), "\"{word}\" is missing in: {}", ended.err);
    }
    assert_eq!(ended.out, "");
    ended
}
