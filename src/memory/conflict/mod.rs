//! Whether two memories can hold together: by rules that explain themselves, without a model.
//!
//! The one idea: statements conflict where they speak of the same thing and differ in what can only
//! be one way. A text is cut into clauses (`token.rs`), a clause into what stands before its verb
//! and after it (`frame.rs`), two clauses into what they share and what each has alone
//! (`matching.rs`); `rules.rs` looks at the rest. A false alarm costs more than one that is
//! missed, so what isn't understood is no conflict. The word lists are English; numbers, dates and
//! identifiers are compared in every language.
//!
//! Open [`newcomer`] first.

mod change;
mod exclusive;
mod finding;
mod frame;
mod items;
mod lexicon;
mod matching;
pub mod newcomer;
mod number;
pub mod record;
mod rules;
mod sought;
mod token;
mod value;
mod verb;

pub use finding::{ConflictKind, Finding, Severity, Sign, Signal};
pub use newcomer::Newcomer;
pub use record::{Conflict, ConflictStatus, Existing, Resolution};
pub use sought::Sought;
