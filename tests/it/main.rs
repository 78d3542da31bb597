//! Every integration test, in one binary: linked once, run by name.
//!
//! `support` starts the real router over a real database with a clock that tests set. `contract`
//! is what every store engine must do; `surface` is what callers see; `clients` and `conformance`
//! drive it with programs that are not ours.

mod answers;
mod architecture;
mod catalogue;
mod clients;
mod cluster;
mod conflicts;
mod conformance;
mod contract;
mod golden;
mod lengthy;
mod sources;
mod support;
mod surface;
