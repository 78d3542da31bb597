//! What callers see: who may do what, what is refused and how, over MCP and REST alike.
//!
//! `matrix` tries every operation for every kind of caller. `cases` holds arguments for each
//! operation, so that a new one can't be left out; `probe` sends requests that the typed callers
//! of `support` don't, and counts the database's rows.

mod answers;
mod beside;
pub mod cases;
mod completions;
mod desk;
mod eras;
mod isolation;
mod languages;
mod life;
mod limits;
mod listening;
mod listing;
mod lists;
mod matrix;
mod memanto;
mod names;
mod nearness;
mod probe;
mod processes;
mod prompts;
mod recall;
mod refusals;
mod replicas;
mod sessions;
mod times;
mod transfer;
mod writing;
