#![doc = include_str!("ARCHITECTURE.md")]

pub mod auth;
pub mod cli;
pub mod config;
pub mod core;
pub mod embed;
pub mod identity;
pub mod memory;
pub mod ops;
pub mod recall;
pub mod store;
pub mod surface;
pub mod transfer;
pub mod work;
