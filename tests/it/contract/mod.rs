//! The contract of the store: what every engine must do, case by case.
//!
//! A case is a function over an empty store, one fact each, in the file of its area. `contract!` at
//! the top of a file names its cases and makes a test of each for each engine; a case that isn't
//! named there is dead code, which the linter refuses. A new engine is one line in `contract!` and
//! one function in [`engine`]. What is true of one engine alone stands in a file of its name.

/// Makes a test of every case for every engine. A macro, because a test is an item with a name.
macro_rules! contract {
    ($($case:ident,)+) => {
        crate::contract::on!(sqlite: $($case)+);
        crate::contract::on!(postgres: $($case)+);
        crate::contract::on!(partitioned: $($case)+);
    };
}

/// The same for cases that recall, and for databases that index the vectors they recall by.
macro_rules! recall_contract {
    ($($case:ident,)+) => {
        contract!($($case,)+);
        crate::contract::on!(near: $($case)+);
        crate::contract::on!(near_partitioned: $($case)+);
    };
}

/// Makes a test of every case for one engine.
macro_rules! on {
    ($engine:ident: $($case:ident)+) => {
        mod $engine {
            $(
                #[tokio::test]
                async fn $case() {
                    let Some(fresh) = crate::contract::engine::$engine() else { return };
                    super::$case(&fresh.store).await;
                }
            )+
        }
    };
}

use on;

mod activity;
mod agents;
mod authorship;
mod beginnings;
mod carry;
mod chain;
mod changes;
mod comments;
mod confirmations;
mod conflicts;
mod conflicts_with_nodes;
mod day;
mod decided;
mod engine;
mod erasures;
mod key_life;
mod keys;
mod lease_races;
mod leases;
mod links;
mod made;
mod members;
mod memories;
mod needs;
mod pieces;
mod postgres;
mod races;
mod recall;
mod retention;
mod retries;
mod scrub;
mod sessions;
mod setup;
mod sign_in;
mod sqlite;
mod team;
mod teams;
mod transfer;
mod units;
mod work;
