//! Rows of a file to movements.
