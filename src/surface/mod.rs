//! What the outside world talks to: HTTP with MCP and REST on it, and MCP over stdio.
//!
//! The one idea: a surface reads the catalogue and reaches data only through `ops::call`. It knows
//! no operation by name, and makes no decision of its own about who may do what. (`rest/memanto`
//! names those that it translates to.) Open [`http`] for the layers, then [`mcp`] for the handler.

mod answer;
mod docs;
mod drain;
pub mod http;
mod invitation;
mod limits;
mod listen;
pub mod mcp;
pub mod openapi;
mod origin;
mod peer;
mod rest;
mod schema_words;
mod sign_in;
mod streams;
