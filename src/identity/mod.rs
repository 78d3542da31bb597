//! Who asks, and what they may do. Pure: no database, no network, no clock.
//!
//! The one idea: a credential becomes a [`Principal`](principal::Principal), a principal becomes a
//! [`Permit`](permit::Permit) for one operation or an error, and nothing touches a team's rows
//! without a permit. Open [`permit`] first.

pub mod actor;
pub mod chain;
pub mod event;
pub mod guard;
pub mod hash;
mod jws;
pub mod key;
pub mod member;
pub mod password;
pub mod permit;
pub mod principal;
pub mod role;
pub mod session;
