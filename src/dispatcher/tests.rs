//! The dispatcher over a scripted service, on a clock that the test turns.
