//! The ledger against its promises: admission, claims, answers, decisions.
