//! What several test programs share; none uses all of it.
#![allow(dead_code, reason = "each test program that has this module uses a part of it")]

pub(crate) mod program;
pub(crate) mod wire;
